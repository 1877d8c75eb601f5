use crate::ops::{add::add, full::scalar, mul::mul, scale::scale, sigmoid::sigmoid, sub::sub};
use crate::op::*;
use crate::{dispatch, Result, Tensor};
use nncore_kernels::{math, num::Float};
use smallvec::smallvec;

op! {
    /// `input * sigmoid(input)`, elementwise; also called swish. Integers become float32.
    ///
    /// Shape: any; the result has the same. Source: Elfwing et al., 2017 (arXiv 1702.03118).
    pub Silu = "silu"(input: One + float @ Any) -> (output; 1) {}
}
impl Pointwise for Silu {
    #[inline(always)]
    fn eval<T: Float>(&self, [x, ..]: [T; 3]) -> T {
        x * math::sigmoid(x)
    }
    const COST: usize = 12;
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::inputs(1)
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        Ok(smallvec![Some(cx.emit(&SiluGrad {}, &[cx.dy(0), &cx.input(0)?])?)])
    }
    const SAMPLES: (f64, f64) = (-4.0, 4.0);
}

op! {
    /// Gradient of `silu`: `grad * s * (1 + input * (1 - s))` with `s = sigmoid(input)`.
    SiluGrad = "silu_grad"(grad: One @ Any, input: One @ Any) -> (grad_input; 1) {}
}
impl Pointwise for SiluGrad {
    const BROADCASTS: bool = false;
    #[inline(always)]
    fn eval<T: Float>(&self, [dy, x, _]: [T; 3]) -> T {
        let s = math::sigmoid(x);
        dy * s * (T::ONE + x * (T::ONE - s))
    }
    const COST: usize = 14;
    fn keeps(&self, needs: u32) -> Keep {
        Keep::inputs(0b10 | (needs >> 1 & 1))
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let (g, x) = (cx.dy(0), cx.input(1)?);
        let left = cx.needs(0).then(|| cx.emit(self, &[g, &x])).transpose()?;
        // s (1 - s) (2 + x (1 - 2 s))
        let right = || {
            let constant = |v: f64| scalar(v, x.spec.dtype);
            let s = sigmoid(&x)?;
            let bell = mul(&s, &sub(&constant(1.0)?, &s)?)?;
            let bend = add(&mul(&x, &sub(&constant(1.0)?, &scale(&s, 2.0)?)?)?, &constant(2.0)?)?;
            mul(&mul(g, &cx.input(0)?)?, &mul(&bell, &bend)?)
        };
        Ok(smallvec![left, cx.needs(1).then(right).transpose()?])
    }
}

/// `x sigmoid(x)`.
pub fn silu(x: &Tensor) -> Result<Tensor> {
    dispatch::one(&Silu {}, &[x])
}
