use crate::ops::mul::mul;
use crate::op::*;
use crate::{dispatch, Result, Tensor};
use nncore_kernels::{math, num::Float};
use smallvec::smallvec;

op! {
    /// The exponential, `e^input`, elementwise. Integers become float32.
    ///
    /// Shape: any; the result has the same. In float32 it overflows to infinity above 88.72.
    pub Exp = "exp"(input: One + float @ Any) -> (output; 1) {}
}
impl Pointwise for Exp {
    #[inline(always)]
    fn eval<T: Float>(&self, [x, ..]: [T; 3]) -> T {
        math::exp(x)
    }
    const COST: usize = 8;
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::outputs(1)
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        Ok(smallvec![Some(mul(cx.dy(0), &cx.output(0)?)?)])
    }
    fn sample_ops() -> Vec<Exp> {
        vec![Exp {}]
    }
}

/// `e^x`.
pub fn exp(x: &Tensor) -> Result<Tensor> {
    dispatch::one(&Exp {}, &[x])
}
