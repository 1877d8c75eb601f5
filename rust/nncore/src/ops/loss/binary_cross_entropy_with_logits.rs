use crate::ops::cross_entropy::Reduction;
use crate::ops::pair_loss::{named, number, pair_cases, pair_loss, promoted, reduced, same_shape, PairKind};
use crate::ops::{add::add, mul::mul, sub::sub};
use crate::op::*;
use crate::{Kind, Result, Tensor};

op! {
    /// Cross-entropy of logits, `log(1 + exp(input)) - target * input`: `binary_cross_entropy` of their sigmoid, without
    /// its loss of digits.
    ///
    /// Shapes: `input` and `target` are alike; `weight` and `pos_weight` broadcast to them. `pos_weight` multiplies the part of
    /// the loss that the target counts as positive. `reduction`: "mean" of all elements, "sum", or "none" for each.
    pub BinaryCrossEntropyWithLogits = "binary_cross_entropy_with_logits"(input: One + float @ Any, target: One + float @ Any,
        weight: Optional + float @ Any, pos_weight: Optional + float @ Any) -> (loss; 1) {
        reduction: Reduction = Reduction::Mean,
    } [input, target, weight, reduction, pos_weight]
}
impl Function for BinaryCrossEntropyWithLogits {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        named::<Self>(ins, self.run(ins))
    }
    fn cases() -> Vec<Case> {
        let mut cases = pair_cases(|reduction| BinaryCrossEntropyWithLogits { reduction });
        cases[0].inputs[2] = Some(crate::ops::sample_in(3, &[4], 0.5, 2.0));
        cases[0].inputs[3] = Some(crate::ops::sample_in(4, &[4], 0.5, 2.0));
        cases[1].inputs[3] = Some(crate::ops::sample_in(4, &[3, 1, 1], 0.5, 2.0));
        cases
    }
    fn refusals() -> Vec<Refusal> {
        let s = |d: &[u32]| Some(crate::ops::sample_in(1, d, 0.1, 0.9));
        let op = BinaryCrossEntropyWithLogits { reduction: Reduction::Mean };
        let ins = vec![s(&[2]), s(&[3]), None, None];
        let weighted = vec![s(&[2]), s(&[2]), s(&[3]), None];
        refusals(vec![
            (op.clone(), ins, Kind::Shape, "target of the input's shape [2] expected, got [3]"),
            (op, weighted, Kind::Shape, "do not broadcast: [2] with [3]"),
        ])
    }
}
impl BinaryCrossEntropyWithLogits {
    fn run(&self, ins: &[Option<&Tensor>]) -> Result<Tensor> {
        let own = promoted(ins)?;
        let (x, t) = (own[0].as_ref().expect("input"), own[1].as_ref().expect("target"));
        same_shape("target", x, t)?;
        if ins[2].is_none() && ins[3].is_none() {
            return pair_loss(PairKind::BceLogits, 0.0, self.reduction, &[Some(x), Some(t)]);
        }
        let loss = |t: &Tensor| pair_loss(PairKind::BceLogits, 0.0, Reduction::None, &[Some(x), Some(t)]);
        let mut y = match &own[3] {
            None => loss(t)?,
            // The two halves, each as the loss of a sure target.
            Some(w) => {
                let no = mul(&sub(&number(1.0, t)?, t)?, &loss(&number(0.0, t)?)?)?;
                add(&no, &mul(&mul(w, t)?, &loss(&number(1.0, t)?)?)?)?
            }
        };
        if let Some(w) = &own[2] {
            y = mul(&y, w)?;
        }
        reduced(&y, self.reduction)
    }
}
