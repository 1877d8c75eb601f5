use crate::op::*;
use crate::{dispatch, Result, Tensor};
use nncore_kernels::num::Float;
use smallvec::smallvec;

op! {
    /// `input` where positive, else `negative_slope * input`, elementwise. Integers become float32.
    ///
    /// Shape: any; the result has the same. The gradient at 0 is `negative_slope`.
    pub LeakyRelu = "leaky_relu"(input: One + float @ Any) -> (output; 1) { negative_slope: f64 = 0.01 }
}
impl Pointwise for LeakyRelu {
    #[inline(always)]
    fn eval<T: Float>(&self, [x, ..]: [T; 3]) -> T {
        // Computed before the choice: a product behind it would be a branch in the loop.
        let scaled = x * T::of(self.negative_slope);
        if x > T::ZERO {
            x
        } else {
            scaled
        }
    }
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::inputs(1)
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let op = LeakyReluGrad { negative_slope: self.negative_slope };
        Ok(smallvec![Some(cx.emit(&op, &[cx.dy(0), &cx.input(0)?])?)])
    }
    fn sample_ops() -> Vec<LeakyRelu> {
        [0.01, -0.5].map(|negative_slope| LeakyRelu { negative_slope }).into()
    }
}

op! {
    /// Gradient of `leaky_relu`: `grad` where `input` is positive, else `negative_slope * grad`.
    LeakyReluGrad = "leaky_relu_grad"(grad: One @ Any, input: One @ Any) -> (grad_input; 1) { negative_slope: f64 }
}
impl Pointwise for LeakyReluGrad {
    const BROADCASTS: bool = false;
    #[inline(always)]
    fn eval<T: Float>(&self, [dy, x, _]: [T; 3]) -> T {
        let scaled = dy * T::of(self.negative_slope);
        if x > T::ZERO {
            dy
        } else {
            scaled
        }
    }
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::inputs(0b10)
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        Ok(smallvec![cx.needs(0).then(|| cx.emit(self, &[cx.dy(0), &cx.input(1)?])).transpose()?, None])
    }
    fn sample_ops() -> Vec<LeakyReluGrad> {
        vec![LeakyReluGrad { negative_slope: 0.25 }]
    }
}

/// `x` or `slope x`.
pub fn leaky_relu(x: &Tensor, negative_slope: f64) -> Result<Tensor> {
    dispatch::one(&LeakyRelu { negative_slope }, &[x])
}
