use crate::ops::cross_entropy::Reduction;
use crate::ops::pair_loss::{named, pair_cases, pair_loss, pair_refusals, PairKind};
use crate::op::*;
use crate::{Result, Tensor};

op! {
    /// Logistic loss of labels -1 and 1: `log(1 + exp(-target * input))`; nothing overflows.
    ///
    /// Shapes: any two that broadcast. `reduction`: "mean" of all elements, "sum", or "none" for each.
    pub SoftMarginLoss = "soft_margin_loss"(input: One + float @ Any, target: One + float @ Any) -> (loss; 1) {
        reduction: Reduction = Reduction::Mean,
    }
}
impl Function for SoftMarginLoss {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        named::<Self>(ins, pair_loss(PairKind::SoftMargin, 0.0, self.reduction, ins))
    }
    fn cases() -> Vec<Case> {
        pair_cases(|reduction| SoftMarginLoss { reduction })
    }
    fn refusals() -> Vec<Refusal> {
        refusals(pair_refusals(SoftMarginLoss { reduction: Reduction::Mean }))
    }
}
