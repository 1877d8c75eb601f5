use crate::ops::{mul::mul, scale::scale};
use crate::op::*;
use crate::{dispatch, Result, Tensor};
use nncore_kernels::{math, num::Float};
use smallvec::smallvec;

op! {
    /// The hyperbolic tangent, elementwise, within [-1, 1]. Integers become float32.
    ///
    /// Shape: any; the result has the same.
    pub Tanh = "tanh"(input: One + float @ Any) -> (output; 1) {}
}
impl Pointwise for Tanh {
    #[inline(always)]
    fn eval<T: Float>(&self, [x, ..]: [T; 3]) -> T {
        math::tanh(x)
    }
    const COST: usize = 14;
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::outputs(1)
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        Ok(smallvec![Some(cx.emit(&TanhGrad {}, &[cx.dy(0), &cx.output(0)?])?)])
    }
    fn sample_ops() -> Vec<Tanh> {
        vec![Tanh {}]
    }
}

op! {
    /// Gradient of `tanh`: `grad * (1 - output^2)`.
    TanhGrad = "tanh_grad"(grad: One @ Any, output: One @ Any) -> (grad_input; 1) {}
}
impl Pointwise for TanhGrad {
    const BROADCASTS: bool = false;
    #[inline(always)]
    fn eval<T: Float>(&self, [dy, y, _]: [T; 3]) -> T {
        dy * (T::ONE - y * y)
    }
    const COST: usize = 3;
    fn keeps(&self, needs: u32) -> Keep {
        // The derivative by y reads the gradient as well.
        Keep::inputs(0b10 | (needs >> 1 & 1))
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let (g, y) = (cx.dy(0), cx.input(1)?);
        let left = cx.needs(0).then(|| cx.emit(self, &[g, &y])).transpose()?;
        let right = match cx.needs(1) {
            true => {
                let g = mul(g, &cx.input(0)?)?;
                Some(scale(&mul(&g, &y)?, -2.0)?)
            }
            false => None,
        };
        Ok(smallvec![left, right])
    }
    fn sample_ops() -> Vec<TanhGrad> {
        vec![TanhGrad {}]
    }
}

/// The hyperbolic tangent of `x`.
pub fn tanh(x: &Tensor) -> Result<Tensor> {
    dispatch::one(&Tanh {}, &[x])
}
