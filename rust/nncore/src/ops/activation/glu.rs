use crate::ops::{copy, mul::mul, sigmoid::sigmoid, slice::narrow};
use crate::op::*;
use crate::shape::{Dim, Dims, Spec};
use crate::{err, Kind, Result, Tensor};
use nncore_kernels::pointwise;
use smallvec::smallvec;

op! {
    /// Gated linear unit: the first half of `input` along `dim`, times the sigmoid of the second half.
    ///
    /// Shape: the result is half as large along `dim`. Integers become float32. Raises `ShapeError` where the size along
    /// `dim` is odd, or there is no such dimension. Source: Dauphin et al., 2016 (arXiv 1612.08083).
    pub Glu = "glu"(input: One + float @ Dense) -> (output; 1) { dim: i64 = -1 }
}
op! {
    /// Gradient of `glu`: both halves in one pass.
    GluGrad = "glu_grad"(grad: One @ Dense, input: One @ Dense) -> (grad_input; 1) { dim: i64 }
}

/// What `glu` makes of `x`: half the size along `dim`, in the same order of memory.
fn halved(x: &Spec, dim: i64) -> Result<Spec> {
    if !x.dtype.is_float() {
        return Err(err(Kind::DType, format!("float32 or float64 expected, got {}", x.dtype)));
    }
    if x.rank() == 0 {
        return Err(err(Kind::Shape, "at least one dimension expected, got a 0-d tensor"));
    }
    let axis = x.axis(dim)?;
    let size = x.d(axis);
    if !size.is_multiple_of(2) {
        return Err(err(Kind::Shape, format!("an even size along dim {dim} expected, got {size}")));
    }
    let mut dims: Dims = x.dims().into();
    dims[axis] = (size / 2) as Dim;
    let half = Spec::new(x.dtype, &dims);
    Ok(if x.is_contiguous() { half } else { half.channels_last() })
}
/// Elements of a half that lie together.
fn inner(x: &Spec, dim: i64) -> Result<usize> {
    let axis = x.axis(dim)?;
    Ok(x.d(axis) / 2 * x.s(axis) as usize)
}

impl Op for Glu {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        out.fresh(halved(&x[0], self.dim)?)
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        let inner = inner(cx.spec(0), self.dim)?;
        floats!(cx.spec(0).dtype, T => pointwise::glu::<T>(cx.get(0), inner, cx.out(0)));
        Ok(())
    }
    const DIFFERENTIABLE: bool = true;
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::inputs(1)
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        if cx.create_graph {
            return cx.through(&[0], |ins| {
                let x = ins[0].as_ref().expect("input");
                let axis = x.spec.axis(self.dim)?;
                let (axis, size) = (axis as i64, x.spec.d(axis) as i64);
                mul(&narrow(x, axis, 0, size / 2)?, &sigmoid(&narrow(x, axis, size / 2, size)?)?)
            });
        }
        let (dy, x) = (cx.dy(0), cx.input(0)?);
        let half = halved(&x.spec, self.dim)?;
        let dy = if dy.spec.same_walk(&half) { dy.clone() } else { copy::like(dy, &half)? };
        Ok(smallvec![Some(cx.emit(&GluGrad { dim: self.dim }, &[&dy, &x])?)])
    }
    fn cost(&self, x: Specs, outs: &Outs) -> Cost {
        Cost { flops: 5 * outs.numel() as u64, bytes: (x.bytes() + outs.bytes()) as u64 }
    }
    fn samples() -> Samples<Glu> {
        let s = |d: &[u32]| crate::ops::sample_in(1, d, -3.0, 3.0);
        let last = |d: &[u32]| copy::to_layout(&s(d), Layout::ChannelsLast).expect("a copy");
        let case = |dim, x: Tensor| (Glu { dim }, vec![Some(x)]);
        vec![
            case(-1, s(&[3, 4])),
            case(0, s(&[4, 3])),
            case(1, s(&[2, 4, 3, 2])),
            case(1, last(&[2, 4, 3, 2])),
            case(2, last(&[2, 3, 4, 2])),
            case(-1, s(&[2, 0])),
            case(-2, s(&[0, 2, 3])),
        ]
    }
    fn refusals() -> Refusals<Glu> {
        let s = |d: &[u32]| vec![Some(crate::ops::sample(1, d))];
        vec![
            (Glu { dim: -1 }, s(&[2, 3]), Kind::Shape, "an even size along dim -1 expected, got 3"),
            (Glu { dim: 0 }, s(&[]), Kind::Shape, "got a 0-d tensor"),
        ]
    }
}
impl Op for GluGrad {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        if !x[0].same_walk(&halved(&x[1], self.dim)?) {
            return Err(err(Kind::Layout, "a gradient laid out as the result expected"));
        }
        out.fresh(x[1])
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        let inner = inner(cx.spec(1), self.dim)?;
        floats!(cx.spec(1).dtype, T => pointwise::glu_gradient::<T>(cx.get(1), cx.get(0), inner, cx.out(0)));
        Ok(())
    }
    fn cost(&self, x: Specs, outs: &Outs) -> Cost {
        Cost { flops: 8 * x[0].numel() as u64, bytes: (x.bytes() + outs.bytes()) as u64 }
    }
    fn samples() -> Samples<GluGrad> {
        let s = |seed, d: &[u32]| Some(crate::ops::sample_in(seed, d, -3.0, 3.0));
        vec![(GluGrad { dim: 1 }, vec![s(1, &[2, 2, 3]), s(2, &[2, 4, 3])])]
    }
    fn refusals() -> Refusals<GluGrad> {
        vec![
            (GluGrad { dim: 1 }, given::floats(&[&[2, 4], &[2, 4]]), Kind::Layout, "laid out as the result"),
        ]
    }
}
