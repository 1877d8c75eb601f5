use crate::ops::cross_entropy::Reduction;
use crate::ops::mul::mul;
use crate::ops::pair_loss::{named, pair_cases, pair_loss, reduced, same_shape, PairKind};
use crate::op::*;
use crate::{Kind, Result, Tensor};

op! {
    /// Cross-entropy of probabilities: `-(target * log(input) + (1 - target) * log(1 - input))`. Logarithms are at least -100,
    /// so that the loss is finite.
    ///
    /// Shapes: `input` and `target` are alike; `weight` broadcasts to them. `reduction`: "mean" of all elements, "sum", or
    /// "none" for each. Raises `InvalidValueError` for an input outside [0, 1], before anything is written.
    pub BinaryCrossEntropy = "binary_cross_entropy"(input: One + float @ Any, target: One + float @ Any,
        weight: Optional + float @ Any) -> (loss; 1) { reduction: Reduction = Reduction::Mean }
}
impl Function for BinaryCrossEntropy {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        let run = || {
            same_shape("target", ins[0].expect("input"), ins[1].expect("target"))?;
            let Some(weight) = ins[2] else { return pair_loss(PairKind::Bce, 0.0, self.reduction, ins) };
            reduced(&mul(&pair_loss(PairKind::Bce, 0.0, Reduction::None, ins)?, weight)?, self.reduction)
        };
        named::<Self>(ins, run())
    }
    fn cases() -> Vec<Case> {
        let mut cases = pair_cases(|reduction| BinaryCrossEntropy { reduction });
        cases[0].inputs[2] = Some(crate::ops::sample_in(3, &[4], 0.5, 2.0));
        cases
    }
    fn refusals() -> Vec<Refusal> {
        let s = |d: &[u32]| Some(crate::ops::sample_in(1, d, 0.1, 0.9));
        let op = || BinaryCrossEntropy { reduction: Reduction::Mean };
        let beyond = Some(Tensor::from_slice(&[0.5, 1.5], &[2]).expect("numbers"));
        refusals(vec![
            (op(), vec![beyond, s(&[2]), None], Kind::Value, "probabilities in [0, 1] expected, got 1.5"),
            (op(), vec![s(&[2]), s(&[2]), s(&[3])], Kind::Shape, "do not broadcast: [2] with [3]"),
            (op(), vec![s(&[2]), s(&[3]), None], Kind::Shape, "target of the input's shape [2] expected, got [3]"),
        ])
    }
}
