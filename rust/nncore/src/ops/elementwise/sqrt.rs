use crate::ops::{div::div, mul::mul, scale::scale};
use crate::op::*;
use crate::{dispatch, Result, Tensor};
use nncore_kernels::num::Float;
use smallvec::smallvec;

op! {
    /// The square root, elementwise. Integers become float32.
    ///
    /// Shape: any; the result has the same. A negative number gives NaN; the gradient at 0 is infinite.
    pub Sqrt = "sqrt"(input: One + float @ Any) -> (output; 1) {}
}
impl Pointwise for Sqrt {
    #[inline(always)]
    fn eval<T: Float>(&self, [x, ..]: [T; 3]) -> T {
        x.sqrt()
    }
    const COST: usize = 4;
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::outputs(1)
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        Ok(smallvec![Some(cx.emit(&SqrtGrad {}, &[cx.dy(0), &cx.output(0)?])?)])
    }
    fn sample_ops() -> Vec<Sqrt> {
        vec![Sqrt {}]
    }
    const SAMPLES: (f64, f64) = (0.25, 4.0);
}

op! {
    /// Gradient of `sqrt`: `grad / (2 output)`.
    SqrtGrad = "sqrt_grad"(grad: One @ Any, output: One @ Any) -> (grad_input; 1) {}
}
impl Pointwise for SqrtGrad {
    const BROADCASTS: bool = false;
    #[inline(always)]
    fn eval<T: Float>(&self, [dy, y, _]: [T; 3]) -> T {
        dy / (y + y)
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
                // d/dy dy / (2 y) = -dy / (2 y y)
                let g = mul(g, &cx.input(0)?)?;
                Some(scale(&div(&div(&g, &y)?, &y)?, -0.5)?)
            }
            false => None,
        };
        Ok(smallvec![left, right])
    }
    fn sample_ops() -> Vec<SqrtGrad> {
        vec![SqrtGrad {}]
    }
    const SAMPLES: (f64, f64) = (0.25, 4.0);
}

/// The square root of `x`.
pub fn sqrt(x: &Tensor) -> Result<Tensor> {
    dispatch::one(&Sqrt {}, &[x])
}
