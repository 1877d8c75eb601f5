use crate::ops::cross_entropy::Reduction;
use crate::ops::pair_loss::{named, pair_cases, pair_loss, PairKind};
use crate::op::*;
use crate::{err, Kind, Result, Tensor};

op! {
    /// Squared error near 0, absolute error far off: `d ** 2 / 2` where d = |input - target| is at most `delta`, else
    /// `delta * (d - delta / 2)`.
    ///
    /// Shapes: any two that broadcast. `reduction`: "mean" of all elements, "sum", or "none" for each.
    /// Raises `ValueError` unless `delta` is positive. Source: Huber, 1964.
    pub HuberLoss = "huber_loss"(input: One + float @ Any, target: One + float @ Any) -> (loss; 1) {
        reduction: Reduction = Reduction::Mean, delta: f64 = 1.0,
    }
}
impl Function for HuberLoss {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        if self.delta.is_nan() || self.delta <= 0.0 {
            return Err(err(Kind::Value, format!("delta is positive, got {}", self.delta)));
        }
        named::<Self>(ins, pair_loss(PairKind::Huber, self.delta, self.reduction, ins))
    }
    fn cases() -> Vec<Case> {
        pair_cases(|reduction| HuberLoss { reduction, delta: 0.4 })
    }
    fn refusals() -> Vec<Refusal> {
        let s = |d: &[u32]| Some(crate::ops::sample_in(1, d, 0.1, 0.9));
        let op = |delta| HuberLoss { reduction: Reduction::Mean, delta };
        refusals(vec![
            (op(0.0), vec![s(&[3]), s(&[3])], Kind::Value, "delta is positive, got 0"),
            (op(1.0), vec![s(&[3]), s(&[2])], Kind::Shape, "broadcast expected, got [3] and [2]"),
        ])
    }
}
