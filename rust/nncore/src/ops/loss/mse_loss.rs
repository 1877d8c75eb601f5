use crate::ops::cross_entropy::Reduction;
use crate::ops::pair_loss::{named, pair_cases, pair_loss, pair_refusals, PairKind};
use crate::op::*;
use crate::{Result, Tensor};

op! {
    /// Squared error, `(input - target) ** 2`.
    ///
    /// Shapes: any two that broadcast. `reduction`: "mean" of all elements, "sum", or "none" for each.
    pub MseLoss = "mse_loss"(input: One + float @ Any, target: One + float @ Any) -> (loss; 1) {
        reduction: Reduction = Reduction::Mean,
    }
}
impl Function for MseLoss {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        named::<Self>(ins, pair_loss(PairKind::Square, 0.0, self.reduction, ins))
    }
    fn cases() -> Vec<Case> {
        pair_cases(|reduction| MseLoss { reduction })
    }
    fn refusals() -> Vec<Refusal> {
        refusals(pair_refusals(MseLoss { reduction: Reduction::Mean }))
    }
}

/// The mean squared error.
pub fn mse_loss(x: &Tensor, target: &Tensor) -> Result<Tensor> {
    pair_loss(PairKind::Square, 0.0, Reduction::Mean, &[Some(x), Some(target)])
}
