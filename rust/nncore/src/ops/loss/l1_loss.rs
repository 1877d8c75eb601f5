use crate::ops::cross_entropy::Reduction;
use crate::ops::pair_loss::{named, pair_cases, pair_loss, pair_refusals, PairKind};
use crate::op::*;
use crate::{Result, Tensor};

op! {
    /// Absolute error, `|input - target|`; the gradient where both are equal is 0.
    ///
    /// Shapes: any two that broadcast. `reduction`: "mean" of all elements, "sum", or "none" for each.
    pub L1Loss = "l1_loss"(input: One + float @ Any, target: One + float @ Any) -> (loss; 1) {
        reduction: Reduction = Reduction::Mean,
    }
}
impl Function for L1Loss {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        named::<Self>(ins, pair_loss(PairKind::Absolute, 0.0, self.reduction, ins))
    }
    fn cases() -> Vec<Case> {
        pair_cases(|reduction| L1Loss { reduction })
    }
    fn refusals() -> Vec<Refusal> {
        refusals(pair_refusals(L1Loss { reduction: Reduction::Mean }))
    }
}
