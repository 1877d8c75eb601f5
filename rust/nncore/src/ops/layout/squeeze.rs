use crate::ops::reshape::reshape;
use crate::ops::sum::{listed, reduced};
use crate::op::*;
use crate::shape::{Dims, Spec, MAX_NDIM};
use crate::{dispatch, err, Kind, Result, Tensor};
use smallvec::{smallvec, SmallVec};

op! {
    /// Drops dimensions of size 1: all of them, or those in `dim` that have that size. A view.
    ///
    /// Shape: the input's without these. Raises `ShapeError` for a dimension that is out of range or named twice.
    pub Squeeze = "squeeze"(input: One @ Any) -> (output; 1) { dim: Option<Ints> = None }
}
impl Op for Squeeze {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        let (mut dims, mut strides) = (Dims::new(), SmallVec::<[i32; MAX_NDIM]>::new());
        let mask = match &self.dim {
            Some(dim) => listed(&x[0], dim)?,
            None => reduced(&x[0], &None)?,
        };
        for i in (0..x[0].rank()).filter(|&i| mask >> i & 1 == 0 || x[0].d(i) != 1) {
            dims.push(x[0].dims()[i]);
            strides.push(x[0].strides()[i]);
        }
        out.view(0, Spec::strided(x[0].dtype, &dims, &strides), 0)
    }
    fn cpu(&self, _cx: &Cpu) -> Result<()> {
        unreachable!("a view has no kernel")
    }
    const DIFFERENTIABLE: bool = true;
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        Ok(smallvec![Some(reshape(cx.dy(0), &cx.spec(0).shape())?)])
    }
    fn cost(&self, _x: Specs, _outs: &Outs) -> Cost {
        Cost::default()
    }
    fn samples() -> Samples<Squeeze> {
        vec![
            (Squeeze { dim: None }, vec![Some(crate::ops::sample(1, &[1, 3, 1, 2]))]),
            (Squeeze { dim: Some(smallvec![0, -1]) }, vec![Some(crate::ops::sample(1, &[1, 3, 1, 2]))]),
            (Squeeze { dim: None }, vec![Some(crate::ops::sample(1, &[]))]),
        ]
    }
}

op! {
    /// Puts a dimension of size 1 before dimension `dim` of the result. A view.
    ///
    /// Shape: the input's with a 1 at `dim`, which counts from the end of the result's shape when negative.
    /// Raises `ShapeError` where `dim` is out of range.
    pub Unsqueeze = "unsqueeze"(input: One @ Any) -> (output; 1) { dim: i64 }
}
impl Op for Unsqueeze {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        let n = x[0].rank() as i64 + 1;
        if self.dim < -n || self.dim >= n {
            return Err(err(Kind::Shape, format!("dim {} is out of range for {n} dimensions", self.dim)));
        }
        if n > MAX_NDIM as i64 {
            return Err(err(Kind::Shape, format!("at most {MAX_NDIM} dimensions, got {n}")));
        }
        let at = self.dim.rem_euclid(n) as usize;
        let (mut dims, mut strides): (Dims, SmallVec<[i32; MAX_NDIM]>) = (x[0].dims().into(), x[0].strides().into());
        dims.insert(at, 1);
        strides.insert(at, 1);
        out.view(0, Spec::strided(x[0].dtype, &dims, &strides), 0)
    }
    fn cpu(&self, _cx: &Cpu) -> Result<()> {
        unreachable!("a view has no kernel")
    }
    const DIFFERENTIABLE: bool = true;
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        Ok(smallvec![Some(cx.emit(&Squeeze { dim: Some(smallvec![self.dim]) }, &[cx.dy(0)])?)])
    }
    fn cost(&self, _x: Specs, _outs: &Outs) -> Cost {
        Cost::default()
    }
    fn samples() -> Samples<Unsqueeze> {
        vec![
            (Unsqueeze { dim: 1 }, vec![Some(crate::ops::sample(1, &[3, 2]))]),
            (Unsqueeze { dim: -1 }, vec![Some(crate::ops::sample(1, &[3, 1, 2]))]),
            (Unsqueeze { dim: 0 }, vec![Some(crate::ops::sample(1, &[]))]),
        ]
    }
    fn refusals() -> Refusals<Unsqueeze> {
        vec![
            (Unsqueeze { dim: 3 }, given::floats(&[&[2, 3]]), Kind::Shape, "dim 3 is out of range for 3 dimensions"),
            (Unsqueeze { dim: 0 }, given::floats(&[&[1; 8]]), Kind::Shape, "at most 8 dimensions, got 9"),
        ]
    }
}

/// `x` with a dimension of size 1 at `dim`, as a view.
pub fn unsqueeze(x: &Tensor, dim: i64) -> Result<Tensor> {
    dispatch::one(&Unsqueeze { dim }, &[x])
}
