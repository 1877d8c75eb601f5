use crate::ops::abs::{abs, sign};
use crate::ops::{add::add, div::div, full::scalar, mul::mul, scale::scale};
use crate::op::*;
use crate::{dispatch, Result, Tensor};
use nncore_kernels::num::Float;
use smallvec::smallvec;

op! {
    /// `input / (1 + |input|)`, elementwise, within (-1, 1). Integers become float32.
    ///
    /// Shape: any; the result has the same. Source: Bergstra et al., 2009.
    pub Softsign = "softsign"(input: One + float @ Any) -> (output; 1) {}
}
impl Pointwise for Softsign {
    #[inline(always)]
    fn eval<T: Float>(&self, [x, ..]: [T; 3]) -> T {
        x / (T::ONE + x.abs())
    }
    const COST: usize = 3;
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::inputs(1)
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        Ok(smallvec![Some(cx.emit(&SoftsignGrad {}, &[cx.dy(0), &cx.input(0)?])?)])
    }
}

op! {
    /// Gradient of `softsign`: `grad / (1 + |input|) ** 2`.
    SoftsignGrad = "softsign_grad"(grad: One @ Any, input: One @ Any) -> (grad_input; 1) {}
}
impl Pointwise for SoftsignGrad {
    const BROADCASTS: bool = false;
    #[inline(always)]
    fn eval<T: Float>(&self, [dy, x, _]: [T; 3]) -> T {
        let d = T::ONE + x.abs();
        dy / (d * d)
    }
    const COST: usize = 3;
    fn keeps(&self, needs: u32) -> Keep {
        Keep::inputs(0b10 | (needs >> 1 & 1))
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let (g, x) = (cx.dy(0), cx.input(1)?);
        let left = cx.needs(0).then(|| cx.emit(self, &[g, &x])).transpose()?;
        // -2 sign(x) / (1 + |x|)^3
        let right = || {
            let g = cx.emit(self, &[&mul(g, &cx.input(0)?)?, &x])?;
            let d = add(&abs(&x)?, &scalar(1.0, x.spec.dtype)?)?;
            scale(&div(&mul(&g, &sign(&x)?)?, &d)?, -2.0)
        };
        Ok(smallvec![left, cx.needs(1).then(right).transpose()?])
    }
}

/// `x / (1 + |x|)`.
pub fn softsign(x: &Tensor) -> Result<Tensor> {
    dispatch::one(&Softsign {}, &[x])
}
