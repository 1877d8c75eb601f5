use crate::ops::comparison::Lt;
use crate::ops::pair_loss::{named, number, promoted};
use crate::ops::pairwise_distance::norm_along;
use crate::ops::{add::add, div::div, expand::expand, mul::mul, sub::sub, sum::Sum, where_::where_};
use crate::op::*;
use crate::shape::broadcast;
use crate::{dispatch, err, Kind, Result, Tensor};
use smallvec::smallvec;

op! {
    /// Cosine of the angle between vectors along `dim`: `x1 x2 / (max(|x1|, eps) max(|x2|, eps))`.
    ///
    /// Shapes: any two that broadcast; the result lacks `dim`. The gradient takes a norm below `eps` for one that moves with its
    /// vector, as PyTorch does. Raises `ShapeError` for a `dim` that is out of range,
    /// `ValueError` where `eps` is negative.
    pub CosineSimilarity = "cosine_similarity"(x1: One + float @ Any, x2: One + float @ Any) -> (output; 1) {
        dim: i64 = 1, eps: f64 = 1e-8,
    }
}
impl Function for CosineSimilarity {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        named::<Self>(ins, self.run(ins))
    }
    fn cases() -> Vec<Case> {
        let case = |dim, a: &[u32], b: &[u32]| Case {
            attrs: CosineSimilarity { dim, eps: 1e-8 }.attrs(),
            inputs: vec![Some(crate::ops::sample(1, a)), Some(crate::ops::sample(2, b))],
        };
        vec![case(1, &[3, 4], &[3, 4]), case(0, &[5], &[5]), case(-2, &[2, 3, 4], &[3, 1])]
    }
    fn refusals() -> Vec<Refusal> {
        refusals(vec![
            (CosineSimilarity { dim: 1, eps: 1e-8 }, given::floats(&[&[2, 3], &[2, 4]]), Kind::Shape, "shapes that broadcast expected, got [2, 3] and [2, 4]"),
            (CosineSimilarity { dim: 1, eps: -1.0 }, given::floats(&[&[2, 3], &[2, 3]]), Kind::Value, "eps >= 0 expected, got -1"),
        ])
    }
}
impl CosineSimilarity {
    fn run(&self, ins: &[Option<&Tensor>]) -> Result<Tensor> {
        if self.eps < 0.0 {
            return Err(err(Kind::Value, format!("eps >= 0 expected, got {}", self.eps)));
        }
        let ins = promoted(ins)?;
        let (a, b) = (ins[0].as_ref().expect("x1"), ins[1].as_ref().expect("x2"));
        let shape: Ints = broadcast(a.spec.dims(), b.spec.dims())
            .ok_or_else(|| err(Kind::Shape, format!("shapes that broadcast expected, got {:?} and {:?}", a.spec.dims(), b.spec.dims())))?
            .iter()
            .map(|&d| d as i64)
            .collect();
        // A norm runs over the broadcast vector.
        let (a, b) = (expand(a, &shape)?, expand(b, &shape)?);
        let unit = |x: &Tensor| div(x, &raised(&norm_along(x, 2.0, self.dim, true)?, self.eps)?);
        dispatch::one(&Sum { dim: Some(smallvec![self.dim]), keepdim: false }, &[&mul(&unit(&a)?, &unit(&b)?)?])
    }
}
/// At least `low`; the gradient passes through as if it were the norm itself.
fn raised(norm: &Tensor, low: f64) -> Result<Tensor> {
    let (plain, low) = (norm.detach(), number(low, norm)?);
    let short = dispatch::one(&Lt {}, &[&plain, &low])?;
    add(norm, &where_(&short, &sub(&low, &plain)?, &number(0.0, norm)?)?)
}
