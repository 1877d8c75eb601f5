use crate::op::*;
use crate::{dispatch, Result, Tensor};
use nncore_kernels::num::Float;
use smallvec::smallvec;

op! {
    /// Rectified linear unit, `max(input, 0)`, elementwise. NaN stays NaN; the gradient at 0 is 0.
    ///
    /// Shape: any; the result has the same. Source: Nair and Hinton, 2010.
    pub Relu = "relu"(input: One + float @ Any) -> (output; 1) {}
}
impl Pointwise for Relu {
    #[inline(always)]
    fn eval<T: Float>(&self, [x, ..]: [T; 3]) -> T {
        if x < T::ZERO {
            T::ZERO
        } else {
            x
        }
    }
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::outputs(1)
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        Ok(smallvec![Some(cx.emit(&ReluGrad {}, &[cx.dy(0), &cx.output(0)?])?)])
    }
    fn sample_ops() -> Vec<Relu> {
        vec![Relu {}]
    }
}

op! {
    /// Gradient of `relu`: 0 where `output <= 0`, else `grad`: that of NaN too.
    ReluGrad = "relu_grad"(grad: One @ Any, output: One @ Any) -> (grad_input; 1) {}
}
impl Pointwise for ReluGrad {
    const BROADCASTS: bool = false;
    #[inline(always)]
    fn eval<T: Float>(&self, [dy, y, _]: [T; 3]) -> T {
        if y <= T::ZERO {
            T::ZERO
        } else {
            dy
        }
    }
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::inputs(0b10)
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        // Linear in the gradient, flat in the output.
        let dy = cx.needs(0).then(|| cx.emit(&ReluGrad {}, &[cx.dy(0), &cx.input(1)?])).transpose()?;
        Ok(smallvec![dy, None])
    }
    fn sample_ops() -> Vec<ReluGrad> {
        vec![ReluGrad {}]
    }
}

/// `max(x, 0)`.
pub fn relu(x: &Tensor) -> Result<Tensor> {
    dispatch::one(&Relu {}, &[x])
}
