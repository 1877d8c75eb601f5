use crate::op::*;
use crate::shape::Spec;
use crate::{dispatch, err, Kind, Result, Tensor};
use nncore_kernels::softmax as kernels;
use smallvec::smallvec;

op! {
    /// `exp(input) / sum(exp(input))` along `dim`; what is computed is shifted by the maximum, so that nothing overflows.
    ///
    /// Shape: any; the result has the same, and sums to 1 along `dim`. Raises `ShapeError` for a `dim` that is out of range.
    pub Softmax = "softmax"(input: One + float) -> (output; 1) { dim: i64 }
}
op! {
    /// `log(softmax(input, dim))`, computed as `input - max - log(sum(exp(input - max)))`.
    ///
    /// Shape: any; the result has the same. Raises `ShapeError` for a `dim` that is out of range.
    pub LogSoftmax = "log_softmax"(input: One + float) -> (output; 1) { dim: i64 }
}
op! {
    /// Gradient of `softmax` from its output.
    SoftmaxGrad = "softmax_grad"(grad: One, output: One) -> (grad_input; 1) { dim: i64 }
}
op! {
    /// Gradient of `log_softmax` from its output.
    LogSoftmaxGrad = "log_softmax_grad"(grad: One, output: One) -> (grad_input; 1) { dim: i64 }
}
fn infer(x: Specs, dim: i64, out: &mut Outs) -> Result<()> {
    if x.iter().any(|s| !s.dtype.is_float() || s.dtype != x[0].dtype) {
        return Err(err(Kind::DType, format!("floats of one dtype expected, got {}", x[0].dtype)));
    }
    if let Some(other) = x.iter().find(|s| s.dims() != x[0].dims()) {
        return Err(err(Kind::Shape, format!("one shape expected, got {:?} and {:?}", x[0].dims(), other.dims())));
    }
    x[0].axis(dim)?;
    out.fresh(x[0].contiguous())
}
/// Elements along `dim`, and elements between two of them.
fn columns(s: &Spec, dim: i64) -> Result<(usize, usize)> {
    if s.rank() == 0 {
        return Ok((1, 1));
    }
    let at = s.axis(dim)?;
    Ok((s.d(at), (at + 1..s.rank()).map(|i| s.d(i)).product()))
}
impl Op for Softmax {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        infer(x, self.dim, out)
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        let (cols, inner) = columns(cx.spec(0), self.dim)?;
        floats!(cx.out_spec(0).dtype, T => kernels::softmax::<T>(cx.get(0), cx.out(0), cols, inner));
        Ok(())
    }
    const AUTOCAST: Autocast = Autocast::High;
    const DIFFERENTIABLE: bool = true;
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::outputs(1)
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        Ok(smallvec![Some(cx.emit(&SoftmaxGrad { dim: self.dim }, &[cx.dy(0), &cx.output(0)?])?)])
    }
    fn samples() -> Samples<Softmax> {
        let case = |dim, d: &[u32]| (Softmax { dim }, vec![Some(crate::ops::sample(1, d))]);
        vec![case(-1, &[3, 4]), case(0, &[3, 4]), case(1, &[2, 3, 2, 2]), case(0, &[])]
    }
}
impl Op for LogSoftmax {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        infer(x, self.dim, out)
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        let (cols, inner) = columns(cx.spec(0), self.dim)?;
        floats!(cx.out_spec(0).dtype, T => kernels::log_softmax::<T>(cx.get(0), cx.out(0), cols, inner));
        Ok(())
    }
    const AUTOCAST: Autocast = Autocast::High;
    const DIFFERENTIABLE: bool = true;
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::outputs(1)
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        Ok(smallvec![Some(cx.emit(&LogSoftmaxGrad { dim: self.dim }, &[cx.dy(0), &cx.output(0)?])?)])
    }
    fn samples() -> Samples<LogSoftmax> {
        let case = |dim, d: &[u32]| (LogSoftmax { dim }, vec![Some(crate::ops::sample(1, d))]);
        vec![case(-1, &[3, 4]), case(0, &[3, 4]), case(1, &[2, 3, 2])]
    }
}
impl Op for SoftmaxGrad {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        infer(x, self.dim, out)
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        let (cols, inner) = columns(cx.spec(0), self.dim)?;
        floats!(cx.out_spec(0).dtype, T => kernels::softmax_grad::<T>(cx.get(1), cx.get(0), cx.out(0), cols, inner));
        Ok(())
    }
    const DIFFERENTIABLE: bool = true;
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::inputs(0b11)
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        // f = y (g - sum(g y)); with h the gradient of f: df/dg is the same map of h, df/dy = h (g - s) - g sum(h y).
        let (h, g, y) = (cx.dy(0), cx.input(0)?, cx.input(1)?);
        let along = crate::ops::sum::Sum { dim: Some(smallvec![self.dim]), keepdim: true };
        let total = |a: &Tensor, b: &Tensor| cx.emit(&along, &[&crate::ops::mul::mul(a, b)?]);
        let to_g = cx.needs(0).then(|| cx.emit(self, &[h, &y])).transpose()?;
        let to_y = match cx.needs(1) {
            true => {
                let left = crate::ops::mul::mul(h, &crate::ops::sub::sub(&g, &total(&g, &y)?)?)?;
                Some(crate::ops::sub::sub(&left, &crate::ops::mul::mul(&g, &total(h, &y)?)?)?)
            }
            false => None,
        };
        Ok(smallvec![to_g, to_y])
    }
    fn samples() -> Samples<SoftmaxGrad> {
        let inputs = || vec![Some(crate::ops::sample(1, &[3, 4])), Some(crate::ops::sample_in(2, &[3, 4], 0.1, 0.4))];
        vec![(SoftmaxGrad { dim: 1 }, inputs()), (SoftmaxGrad { dim: 0 }, inputs())]
    }
    fn refusals() -> Refusals<SoftmaxGrad> {
        vec![
            (SoftmaxGrad { dim: 0 }, given::floats(&[&[2, 3], &[3, 2]]), Kind::Shape, "one shape expected, got [2, 3] and [3, 2]"),
        ]
    }
}
impl Op for LogSoftmaxGrad {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        infer(x, self.dim, out)
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        let (cols, inner) = columns(cx.spec(0), self.dim)?;
        floats!(cx.out_spec(0).dtype, T => kernels::log_softmax_grad::<T>(cx.get(1), cx.get(0), cx.out(0), cols, inner));
        Ok(())
    }
    const DIFFERENTIABLE: bool = true;
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::inputs(0b11)
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        // f = g - e^y sum(g); with h the gradient of f: df/dg = h - sum(h e^y), df/dy = -h e^y sum(g).
        let (h, g, y) = (cx.dy(0), cx.input(0)?, cx.input(1)?);
        let along = crate::ops::sum::Sum { dim: Some(smallvec![self.dim]), keepdim: true };
        let weighted = crate::ops::mul::mul(h, &cx.emit(&crate::ops::exp::Exp {}, &[&y])?)?;
        let to_g = cx.needs(0).then(|| crate::ops::sub::sub(h, &cx.emit(&along, &[&weighted])?)).transpose()?;
        let to_y = match cx.needs(1) {
            true => Some(cx.emit(&crate::ops::neg::Neg {}, &[&crate::ops::mul::mul(&weighted, &cx.emit(&along, &[&g])?)?])?),
            false => None,
        };
        Ok(smallvec![to_g, to_y])
    }
    fn samples() -> Samples<LogSoftmaxGrad> {
        let inputs = || vec![Some(crate::ops::sample(1, &[3, 4])), Some(crate::ops::sample_in(2, &[3, 4], -2.0, -0.5))];
        vec![(LogSoftmaxGrad { dim: 1 }, inputs())]
    }
    fn refusals() -> Refusals<LogSoftmaxGrad> {
        vec![
            (LogSoftmaxGrad { dim: 0 }, given::floats(&[&[2, 3], &[3, 2]]), Kind::Shape, "one shape expected, got [2, 3] and [3, 2]"),
        ]
    }
}

/// `log(softmax(x))` along `dim`.
pub fn log_softmax(x: &Tensor, dim: i64) -> Result<Tensor> {
    dispatch::one(&LogSoftmax { dim }, &[x])
}
