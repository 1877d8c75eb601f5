use crate::ops::cross_entropy::Reduction;
use crate::ops::pair_loss::{named, pair_cases, pair_loss, pair_refusals, PairKind};
use crate::op::*;
use crate::{Result, Tensor};

op! {
    /// Of distances and labels: `input` where the target is 1, `max(0, margin - input)` where it is -1.
    ///
    /// Shapes: any two that broadcast. `reduction`: "mean" of all elements, "sum", or "none" for each. The target is a constant.
    /// Source: PyTorch, after Hadsell, Chopra and LeCun, 2006.
    pub HingeEmbeddingLoss = "hinge_embedding_loss"(input: One + float @ Any, target: One + float + constant @ Any) -> (loss; 1) {
        margin: f64 = 1.0, reduction: Reduction = Reduction::Mean,
    }
}
impl Function for HingeEmbeddingLoss {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        named::<Self>(ins, pair_loss(PairKind::HingeEmbedding, self.margin, self.reduction, ins))
    }
    fn cases() -> Vec<Case> {
        let mut cases = pair_cases(|reduction| HingeEmbeddingLoss { margin: 0.7, reduction });
        for case in &mut cases {
            let t = case.inputs[1].as_ref().expect("a target");
            let signs: Vec<f64> = (0..t.spec.numel()).map(|i| if i % 3 == 0 { -1.0 } else { 1.0 }).collect();
            case.inputs[1] = Some(Tensor::from_slice(&signs, t.spec.dims()).expect("labels"));
        }
        cases
    }
    fn refusals() -> Vec<Refusal> {
        refusals(pair_refusals(HingeEmbeddingLoss { margin: 1.0, reduction: Reduction::Mean }))
    }
}
