use crate::ops::square::square;
use crate::ops::{add::add, full::scalar, mul::mul, scale::scale, sigmoid::sigmoid, softplus::softplus, sub::sub, tanh::tanh};
use crate::op::*;
use crate::{dispatch, Result, Tensor};
use nncore_kernels::{math, num::Float};
use smallvec::smallvec;

op! {
    /// `input * tanh(softplus(input))`, elementwise. Integers become float32.
    ///
    /// Shape: any; the result has the same. Source: Misra, 2019 (arXiv 1908.08681).
    pub Mish = "mish"(input: One + float @ Any) -> (output; 1) {}
}
/// `tanh(ln(1 + e^x))` is rational in `e^x`, and 1 from 20 on; and the exponential itself.
#[inline(always)]
fn gate<T: Float>(x: T) -> (T, T) {
    let e = math::exp(if x > T::of(20.0) { T::of(20.0) } else { x });
    let n = e * (e + T::of(2.0));
    (n / (n + T::of(2.0)), e)
}
impl Pointwise for Mish {
    #[inline(always)]
    fn eval<T: Float>(&self, [x, ..]: [T; 3]) -> T {
        x * gate(x).0
    }
    const COST: usize = 12;
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::inputs(1)
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        Ok(smallvec![Some(cx.emit(&MishGrad {}, &[cx.dy(0), &cx.input(0)?])?)])
    }
    const SAMPLES: (f64, f64) = (-4.0, 4.0);
}

op! {
    /// Gradient of `mish`: `grad * (t + input * (1 - t ** 2) * sigmoid(input))` with `t = tanh(softplus(input))`.
    MishGrad = "mish_grad"(grad: One @ Any, input: One @ Any) -> (grad_input; 1) {}
}
impl Pointwise for MishGrad {
    const BROADCASTS: bool = false;
    #[inline(always)]
    fn eval<T: Float>(&self, [dy, x, _]: [T; 3]) -> T {
        let (t, e) = gate(x);
        let s = e / (T::ONE + e);
        dy * (t + x * (s * (T::ONE - t * t)))
    }
    const COST: usize = 16;
    fn keeps(&self, needs: u32) -> Keep {
        Keep::inputs(0b10 | (needs >> 1 & 1))
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let (g, x) = (cx.dy(0), cx.input(1)?);
        let left = cx.needs(0).then(|| cx.emit(self, &[g, &x])).transpose()?;
        // (1 - t^2) s (2 + x (1 - s - 2 t s))
        let right = || {
            let constant = |v: f64| scalar(v, x.spec.dtype);
            let (s, t) = (sigmoid(&x)?, tanh(&softplus(&x, 1.0, 20.0)?)?);
            let bell = mul(&s, &sub(&constant(1.0)?, &square(&t)?)?)?;
            let inner = sub(&sub(&constant(1.0)?, &s)?, &scale(&mul(&t, &s)?, 2.0)?)?;
            let bend = add(&mul(&x, &inner)?, &constant(2.0)?)?;
            mul(&mul(g, &cx.input(0)?)?, &mul(&bell, &bend)?)
        };
        Ok(smallvec![left, cx.needs(1).then(right).transpose()?])
    }
}

/// `x tanh(softplus(x))`.
pub fn mish(x: &Tensor) -> Result<Tensor> {
    dispatch::one(&Mish {}, &[x])
}
