use crate::ops::{mul::mul, scale::scale, sub::sub};
use crate::op::*;
use crate::{dispatch, Result, Tensor};
use nncore_kernels::{math, num::Float};
use smallvec::smallvec;

op! {
    /// The logistic function, `1 / (1 + e^-input)`, elementwise, within [0, 1]. Integers become float32.
    ///
    /// Shape: any; the result has the same. Neither tail overflows: far left it is `e^input` to the last digit.
    pub Sigmoid = "sigmoid"(input: One + float @ Any) -> (output; 1) {}
}
impl Pointwise for Sigmoid {
    #[inline(always)]
    fn eval<T: Float>(&self, [x, ..]: [T; 3]) -> T {
        math::sigmoid(x)
    }
    const COST: usize = 12;
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::outputs(1)
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        Ok(smallvec![Some(cx.emit(&SigmoidGrad {}, &[cx.dy(0), &cx.output(0)?])?)])
    }
    fn sample_ops() -> Vec<Sigmoid> {
        vec![Sigmoid {}]
    }
}

op! {
    /// Gradient of `sigmoid`: `grad * output * (1 - output)`.
    SigmoidGrad = "sigmoid_grad"(grad: One @ Any, output: One @ Any) -> (grad_input; 1) {}
}
impl Pointwise for SigmoidGrad {
    const BROADCASTS: bool = false;
    #[inline(always)]
    fn eval<T: Float>(&self, [dy, y, _]: [T; 3]) -> T {
        dy * (y * (T::ONE - y))
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
                // d/dy dy (y - y y) = dy (1 - 2 y)
                let g = mul(g, &cx.input(0)?)?;
                Some(sub(&g, &scale(&mul(&g, &y)?, 2.0)?)?)
            }
            false => None,
        };
        Ok(smallvec![left, right])
    }
    fn sample_ops() -> Vec<SigmoidGrad> {
        vec![SigmoidGrad {}]
    }
}

/// The logistic function of `x`.
pub fn sigmoid(x: &Tensor) -> Result<Tensor> {
    dispatch::one(&Sigmoid {}, &[x])
}
