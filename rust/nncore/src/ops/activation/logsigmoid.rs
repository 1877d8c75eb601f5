use crate::ops::{full::scalar, mul::mul, neg::neg, sigmoid::sigmoid, sub::sub};
use crate::op::*;
use crate::{dispatch, Result, Tensor};
use nncore_kernels::{math, num::Float};
use smallvec::smallvec;

op! {
    /// `ln(sigmoid(input))`, elementwise, without overflow. Integers become float32.
    ///
    /// Shape: any; the result has the same.
    pub Logsigmoid = "logsigmoid"(input: One + float @ Any) -> (output; 1) {}
}
impl Pointwise for Logsigmoid {
    #[inline(always)]
    fn eval<T: Float>(&self, [x, ..]: [T; 3]) -> T {
        -math::softplus(-x)
    }
    const COST: usize = 20;
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::inputs(1)
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        Ok(smallvec![Some(cx.emit(&LogsigmoidGrad {}, &[cx.dy(0), &cx.input(0)?])?)])
    }
    const SAMPLES: (f64, f64) = (-4.0, 4.0);
}

op! {
    /// Gradient of `logsigmoid`: `grad * sigmoid(-input)`.
    LogsigmoidGrad = "logsigmoid_grad"(grad: One @ Any, input: One @ Any) -> (grad_input; 1) {}
}
impl Pointwise for LogsigmoidGrad {
    const BROADCASTS: bool = false;
    #[inline(always)]
    fn eval<T: Float>(&self, [dy, x, _]: [T; 3]) -> T {
        dy * math::sigmoid(-x)
    }
    const COST: usize = 12;
    fn keeps(&self, needs: u32) -> Keep {
        Keep::inputs(0b10 | (needs >> 1 & 1))
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let (g, x) = (cx.dy(0), cx.input(1)?);
        let left = cx.needs(0).then(|| cx.emit(self, &[g, &x])).transpose()?;
        let right = || {
            let s = sigmoid(&x)?;
            let bell = mul(&s, &sub(&scalar(1.0, x.spec.dtype)?, &s)?)?;
            neg(&mul(&mul(g, &cx.input(0)?)?, &bell)?)
        };
        Ok(smallvec![left, cx.needs(1).then(right).transpose()?])
    }
}

/// `ln(sigmoid(x))`.
pub fn logsigmoid(x: &Tensor) -> Result<Tensor> {
    dispatch::one(&Logsigmoid {}, &[x])
}
