use crate::ops::div::div;
use crate::op::*;
use crate::{dispatch, Result, Tensor};
use nncore_kernels::{math, num::Float};
use smallvec::smallvec;

op! {
    /// The natural logarithm, elementwise. Integers become float32.
    ///
    /// Shape: any; the result has the same. Zero gives minus infinity, a negative number NaN.
    pub Log = "log"(input: One + float @ Any) -> (output; 1) {}
}
impl Pointwise for Log {
    #[inline(always)]
    fn eval<T: Float>(&self, [x, ..]: [T; 3]) -> T {
        math::ln(x)
    }
    const COST: usize = 10;
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::inputs(1)
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        Ok(smallvec![Some(div(cx.dy(0), &cx.input(0)?)?)])
    }
    fn sample_ops() -> Vec<Log> {
        vec![Log {}]
    }
    const SAMPLES: (f64, f64) = (0.25, 4.0);
}

/// The natural logarithm of `x`.
pub fn log(x: &Tensor) -> Result<Tensor> {
    dispatch::one(&Log {}, &[x])
}
