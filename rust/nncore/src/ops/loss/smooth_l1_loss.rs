use crate::ops::cross_entropy::Reduction;
use crate::ops::pair_loss::{named, pair_cases, pair_loss, PairKind};
use crate::op::*;
use crate::{err, Kind, Result, Tensor};

op! {
    /// Absolute error with a curve around 0: `d ** 2 / (2 beta)` where d = |input - target| is below `beta`, else
    /// `d - beta / 2`. A `beta` of 0 gives `l1_loss`.
    ///
    /// Shapes: any two that broadcast. `reduction`: "mean" of all elements, "sum", or "none" for each.
    /// Raises `ValueError` for a negative `beta`. Source: Girshick, 2015 (Fast R-CNN).
    pub SmoothL1Loss = "smooth_l1_loss"(input: One + float @ Any, target: One + float @ Any) -> (loss; 1) {
        reduction: Reduction = Reduction::Mean, beta: f64 = 1.0,
    }
}
impl Function for SmoothL1Loss {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        if self.beta.is_nan() || self.beta < 0.0 {
            return Err(err(Kind::Value, format!("beta is not negative, got {}", self.beta)));
        }
        named::<Self>(ins, pair_loss(PairKind::SmoothL1, self.beta, self.reduction, ins))
    }
    fn cases() -> Vec<Case> {
        pair_cases(|reduction| SmoothL1Loss { reduction, beta: 0.4 })
    }
    fn refusals() -> Vec<Refusal> {
        let s = |d: &[u32]| Some(crate::ops::sample_in(1, d, 0.1, 0.9));
        let op = |beta| SmoothL1Loss { reduction: Reduction::Mean, beta };
        refusals(vec![
            (op(-1.0), vec![s(&[3]), s(&[3])], Kind::Value, "beta is not negative, got -1"),
            (op(1.0), vec![s(&[3]), s(&[2])], Kind::Shape, "broadcast expected, got [3] and [2]"),
        ])
    }
}
