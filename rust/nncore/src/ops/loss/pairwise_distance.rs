use crate::ops::pair_loss::{absolute, named, number, promoted};
use crate::ops::{add::add, exp::exp, extreme, log::log, mul::mul, scale::scale, sqrt::sqrt, sub::sub, sum::Sum, where_::where_};
use crate::op::*;
use crate::{dispatch, Kind, Result, Tensor};
use smallvec::smallvec;

op! {
    /// Distance of vectors: the `p`-norm of `x1 - x2 + eps` over the last dimension.
    ///
    /// Shapes: (*, D) and (*, D) that broadcast; the result lacks the last size, or has 1 there with `keepdim`. `p` may be
    /// infinite.
    pub PairwiseDistance = "pairwise_distance"(x1: One + float @ Any, x2: One + float @ Any) -> (output; 1) {
        p: f64 = 2.0, eps: f64 = 1e-6, keepdim: bool = false,
    }
}
impl Function for PairwiseDistance {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        let run = || pairwise_distance(ins[0].expect("x1"), ins[1].expect("x2"), self.p, self.eps, self.keepdim);
        named::<Self>(ins, run())
    }
    fn cases() -> Vec<Case> {
        let case = |p, keepdim, a: &[u32], b: &[u32]| Case {
            attrs: PairwiseDistance { p, eps: 1e-6, keepdim }.attrs(),
            inputs: vec![Some(crate::ops::sample(1, a)), Some(crate::ops::sample(2, b))],
        };
        vec![
            case(2.0, false, &[3, 4], &[3, 4]),
            case(1.0, true, &[2, 3], &[3]),
            case(3.0, false, &[5], &[5]),
            case(f64::INFINITY, false, &[3, 4], &[3, 4]),
        ]
    }
    fn refusals() -> Vec<Refusal> {
        let op = || PairwiseDistance { p: 2.0, eps: 1e-6, keepdim: false };
        refusals(vec![
            (op(), given::floats(&[&[2, 3], &[4]]), Kind::Shape, "shapes do not broadcast: [2, 3] with [4]"),
        ])
    }
}
/// The `p`-norm of `a - b + eps` over the last dimension.
pub fn pairwise_distance(a: &Tensor, b: &Tensor, p: f64, eps: f64, keepdim: bool) -> Result<Tensor> {
    let ins = promoted(&[Some(a), Some(b)])?;
    let d = sub(ins[0].as_ref().expect("x1"), ins[1].as_ref().expect("x2"))?;
    norm_along(&add(&d, &number(eps, &d)?)?, p, -1, keepdim)
}
/// `x ** p` of numbers that are not negative; 0 gives 0 and has no slope.
fn power(x: &Tensor, p: f64) -> Result<Tensor> {
    let zero = dispatch::one(&crate::ops::comparison::Le {}, &[x, &number(0.0, x)?])?;
    let safe = where_(&zero, &number(1.0, x)?, x)?;
    let y = if p == 0.5 { sqrt(&safe)? } else { exp(&scale(&log(&safe)?, p)?)? };
    where_(&zero, &number(0.0, x)?, &y)
}
/// The `p`-norm along `dim`; where it is 0, its slope is 0.
pub fn norm_along(x: &Tensor, p: f64, dim: i64, keepdim: bool) -> Result<Tensor> {
    let over: Ints = smallvec![dim];
    let sum = |x: &Tensor| dispatch::one(&Sum { dim: Some(over.clone()), keepdim }, &[x]);
    match p {
        2.0 => power(&sum(&mul(x, x)?)?, 0.5),
        1.0 => sum(&absolute(x)?),
        0.0 => {
            let zero = number(0.0, x)?;
            sum(&where_(&crate::ops::comparison::eq(x, &zero)?, &zero, &number(1.0, x)?)?)
        }
        f64::INFINITY => dispatch::one(&extreme::Amax { dim: Some(over), keepdim }, &[&absolute(x)?]),
        f64::NEG_INFINITY => dispatch::one(&extreme::Amin { dim: Some(over), keepdim }, &[&absolute(x)?]),
        p => power(&sum(&power(&absolute(x)?, p)?)?, 1.0 / p),
    }
}
