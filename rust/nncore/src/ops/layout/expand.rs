use crate::ops::sum::sum_to;
use crate::op::*;
use crate::shape::{Dim, Dims};
use crate::{dispatch, err, Kind, Result, Tensor};
use smallvec::smallvec;

op! {
    /// Repeats without copying: dimensions of size 1, and new leading ones, take the size asked for; -1 keeps a size. A view.
    ///
    /// Raises `ShapeError` where the shape does not broadcast to the one asked for.
    pub Expand = "expand"(input: One @ Any) -> (output; 1) { shape: Ints }
}
impl Op for Expand {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        let wrong = || err(Kind::Shape, format!("{:?} does not expand to {:?}", x[0].dims(), &self.shape[..]));
        let lead = self.shape.len().checked_sub(x[0].rank()).ok_or_else(wrong)?;
        let mut shape = self.shape.clone();
        for (i, d) in shape.iter_mut().enumerate() {
            if *d == -1 && i >= lead {
                *d = x[0].d(i - lead) as i64
            }
        }
        crate::Spec::checked(x[0].dtype, &shape)?;
        let dims: Dims = shape.iter().map(|&d| d as Dim).collect();
        out.view(0, x[0].broadcast_to(&dims).ok_or_else(wrong)?, 0)
    }
    fn cpu(&self, _cx: &Cpu) -> Result<()> {
        unreachable!("a view has no kernel")
    }
    const DIFFERENTIABLE: bool = true;
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        Ok(smallvec![Some(sum_to(cx.dy(0), cx.spec(0).dims())?)])
    }
    fn samples() -> Samples<Expand> {
        vec![
            (Expand { shape: smallvec![2, 3, 4] }, vec![Some(crate::ops::sample(1, &[3, 1]))]),
            (Expand { shape: smallvec![5, -1] }, vec![Some(crate::ops::sample(1, &[1, 3]))]),
        ]
    }
    fn refusals() -> Refusals<Expand> {
        let op = |shape: &[i64]| Expand { shape: shape.into() };
        vec![
            (op(&[2, 4]), given::floats(&[&[3]]), Kind::Shape, "[3] does not expand to [2, 4]"),
            (op(&[1; 9]), given::floats(&[&[1]]), Kind::Shape, "at most 8 dimensions, got 9"),
            (op(&[-1, 3]), given::floats(&[&[3]]), Kind::Shape, "must not be negative, got -1"),
            (op(&[1 << 40, 3]), given::floats(&[&[3]]), Kind::Shape, "a tensor holds at most"),
        ]
    }
}

/// `x` repeated to `shape`, as a view.
pub fn expand(x: &Tensor, shape: &[i64]) -> Result<Tensor> {
    dispatch::one(&Expand { shape: shape.into() }, &[x])
}
