use crate::ops::comparison::Le;
use crate::ops::{full::scalar, mul::mul, scale::scale, sigmoid::sigmoid, sub::sub, where_::where_};
use crate::op::*;
use crate::{dispatch, Result, Tensor};
use nncore_kernels::{math, num::Float};
use smallvec::smallvec;

op! {
    /// `ln(1 + e^(beta * input)) / beta`, elementwise: a smooth ReLU. Above `beta * input = threshold` it is the input itself.
    /// Integers become float32.
    ///
    /// Shape: any; the result has the same.
    pub Softplus = "softplus"(input: One + float @ Any) -> (output; 1) { beta: f64 = 1.0, threshold: f64 = 20.0 }
}
impl Pointwise for Softplus {
    #[inline(always)]
    fn eval<T: Float>(&self, [x, ..]: [T; 3]) -> T {
        let u = x * T::of(self.beta);
        let y = math::softplus(u) / T::of(self.beta);
        if u > T::of(self.threshold) {
            x
        } else {
            y
        }
    }
    const COST: usize = 20;
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::inputs(1)
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let op = SoftplusGrad { beta: self.beta, threshold: self.threshold };
        Ok(smallvec![Some(cx.emit(&op, &[cx.dy(0), &cx.input(0)?])?)])
    }
    fn sample_ops() -> Vec<Softplus> {
        vec![Softplus { beta: 1.0, threshold: 20.0 }, Softplus { beta: 2.0, threshold: 1.5 }]
    }
}

op! {
    /// Gradient of `softplus`: `grad * sigmoid(beta * input)`, or `grad` above the threshold.
    SoftplusGrad = "softplus_grad"(grad: One @ Any, input: One @ Any) -> (grad_input; 1) { beta: f64, threshold: f64 }
}
impl Pointwise for SoftplusGrad {
    const BROADCASTS: bool = false;
    #[inline(always)]
    fn eval<T: Float>(&self, [dy, x, _]: [T; 3]) -> T {
        let u = x * T::of(self.beta);
        let g = dy * math::sigmoid(u);
        if u > T::of(self.threshold) {
            dy
        } else {
            g
        }
    }
    const COST: usize = 14;
    fn keeps(&self, needs: u32) -> Keep {
        Keep::inputs(0b10 | (needs >> 1 & 1))
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let (g, x) = (cx.dy(0), cx.input(1)?);
        let left = cx.needs(0).then(|| cx.emit(self, &[g, &x])).transpose()?;
        let right = || {
            let constant = |v: f64| scalar(v, x.spec.dtype);
            let u = scale(&x, self.beta)?;
            let s = sigmoid(&u)?;
            let bell = scale(&mul(&s, &sub(&constant(1.0)?, &s)?)?, self.beta)?;
            let below = cx.emit(&Le {}, &[&u, &constant(self.threshold)?])?;
            where_(&below, &mul(&mul(g, &cx.input(0)?)?, &bell)?, &constant(0.0)?)
        };
        Ok(smallvec![left, cx.needs(1).then(right).transpose()?])
    }
    fn sample_ops() -> Vec<SoftplusGrad> {
        vec![SoftplusGrad { beta: 1.0, threshold: 20.0 }, SoftplusGrad { beta: 2.0, threshold: 1.5 }]
    }
}

/// `ln(1 + e^(beta x)) / beta`.
pub fn softplus(x: &Tensor, beta: f64, threshold: f64) -> Result<Tensor> {
    dispatch::one(&Softplus { beta, threshold }, &[x])
}
