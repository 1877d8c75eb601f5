use crate::ops::cross_entropy::Reduction;
use crate::ops::pair_loss::{beyond, named, number, pair_cases, pair_loss, pair_refusals, reduced, PairKind};
use crate::ops::{add::add, cast::cast, log::log, mul::mul, scale::scale, sub::sub, where_::where_};
use crate::op::*;
use crate::{Result, Tensor};

op! {
    /// Negative log-likelihood of counts under Poisson's distribution: `exp(input) - target * input`, or without `log_input`,
    /// of the rate itself, `input - target * log(input + eps)`. `full` adds Stirling's approximation of log(target!) where
    /// the target is above 1.
    ///
    /// Shapes: any two that broadcast. `reduction`: "mean" of all elements, "sum", or "none" for each.
    pub PoissonNllLoss = "poisson_nll_loss"(input: One + float @ Any, target: One + float @ Any) -> (loss; 1) {
        log_input: bool = true, full: bool = false, eps: f64 = 1e-8, reduction: Reduction = Reduction::Mean,
    }
}
impl Function for PoissonNllLoss {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        let kind = if self.log_input { PairKind::PoissonLog } else { PairKind::Poisson };
        let run = || {
            if !self.full {
                return pair_loss(kind, self.eps, self.reduction, ins);
            }
            let y = pair_loss(kind, self.eps, Reduction::None, ins)?;
            reduced(&add(&y, &log_factorial(&cast(ins[1].expect("target"), y.spec.dtype)?)?)?, self.reduction)
        };
        named::<Self>(ins, run())
    }
    fn cases() -> Vec<Case> {
        let mut cases = pair_cases(|reduction| PoissonNllLoss { log_input: true, full: false, eps: 1e-8, reduction });
        cases.truncate(3);
        cases.extend(pair_cases(|reduction| PoissonNllLoss { log_input: false, full: true, eps: 1e-3, reduction }));
        for case in &mut cases[3..5] {
            let dims = case.inputs[1].as_ref().expect("a target").spec;
            case.inputs[1] = Some(crate::ops::sample_in(3, dims.dims(), 0.2, 5.0));
        }
        cases
    }
    fn refusals() -> Vec<Refusal> {
        refusals(pair_refusals(PoissonNllLoss { log_input: true, full: false, eps: 1e-8, reduction: Reduction::Mean }))
    }
}
/// `t log(t) - t + log(2 pi t) / 2` above 1, else 0.
fn log_factorial(t: &Tensor) -> Result<Tensor> {
    let large = beyond(t, 1.0, false)?;
    let safe = where_(&large, t, &number(1.0, t)?)?;
    let last = scale(&log(&scale(&safe, std::f64::consts::TAU)?)?, 0.5)?;
    let y = add(&sub(&mul(&safe, &log(&safe)?)?, &safe)?, &last)?;
    where_(&large, &y, &number(0.0, t)?)
}
