use crate::ops::div::div;
use crate::ops::pair_loss::{at_least, named, promoted};
use crate::ops::pairwise_distance::norm_along;
use crate::op::*;
use crate::{Result, Tensor};

op! {
    /// Vectors along `dim` at length 1: `input / max(p-norm, eps)`.
    ///
    /// Shape: any; the result has the same. `p` may be infinite. Raises `ShapeError` for a `dim` that is out of range.
    pub Normalize = "normalize"(input: One + float @ Any) -> (output; 1) { p: f64 = 2.0, dim: i64 = 1, eps: f64 = 1e-12 }
}
impl Function for Normalize {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        let run = || {
            let own = promoted(ins)?;
            let x = own[0].as_ref().expect("input");
            div(x, &at_least(&norm_along(x, self.p, self.dim, true)?, self.eps)?)
        };
        named::<Self>(ins, run())
    }
    fn cases() -> Vec<Case> {
        let case = |p, dim, d: &[u32]| Case {
            attrs: Normalize { p, dim, eps: 1e-12 }.attrs(),
            inputs: vec![Some(crate::ops::sample(1, d))],
        };
        vec![case(2.0, 1, &[3, 4]), case(1.0, -2, &[2, 3, 4]), case(3.0, 0, &[5]), case(f64::INFINITY, 1, &[3, 4])]
    }
}
