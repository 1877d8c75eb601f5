use crate::ops::full::zeros_like;
use crate::ops::mul::mul;
use crate::op::*;
use crate::{dispatch, Result, Tensor};
use nncore_kernels::num::Float;
use smallvec::smallvec;

op! {
    /// The absolute value, elementwise; the gradient at 0 is 0. The least integer has none and stays.
    ///
    /// Shape: any; the result has the same.
    pub Abs = "abs"(input: One @ Any) -> (output; 1) {}
}
impl Pointwise for Abs {
    #[inline(always)]
    fn eval<T: Float>(&self, [x, ..]: [T; 3]) -> T {
        x.abs()
    }
    const INTEGERS: bool = true;
    fn eval_int(&self, [x, ..]: [i64; 3]) -> i64 {
        x.wrapping_abs()
    }
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::inputs(1)
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        Ok(smallvec![Some(mul(cx.dy(0), &sign(&cx.input(0)?)?)?)])
    }
}

op! {
    /// -1, 0 or 1, elementwise, as the sign says; 0 for NaN. The gradient is 0.
    ///
    /// Shape: any; the result has the same.
    pub Sign = "sign"(input: One @ Any) -> (output; 1) {}
}
impl Pointwise for Sign {
    #[inline(always)]
    fn eval<T: Float>(&self, [x, ..]: [T; 3]) -> T {
        let positive = if x > T::ZERO { T::ONE } else { T::ZERO };
        if x < T::ZERO {
            -T::ONE
        } else {
            positive
        }
    }
    const INTEGERS: bool = true;
    const BOOLS: bool = true;
    fn eval_int(&self, [x, ..]: [i64; 3]) -> i64 {
        x.signum()
    }
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::NONE
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        Ok(smallvec![Some(zeros_like(cx.dy(0))?)])
    }
}

/// The absolute value of `x`.
pub fn abs(x: &Tensor) -> Result<Tensor> {
    dispatch::one(&Abs {}, &[x])
}
/// The sign of `x`.
pub fn sign(x: &Tensor) -> Result<Tensor> {
    dispatch::one(&Sign {}, &[x])
}
