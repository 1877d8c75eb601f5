use crate::op::*;
use crate::{dispatch, Result, Tensor};
use nncore_kernels::num::Float;
use smallvec::smallvec;

op! {
    /// `factor * input`, for constants inside other ops' gradients; the factor is rounded to the input's dtype.
    Scale = "scale"(input: One @ Any) -> (output; 1) { factor: f64 }
}
impl Pointwise for Scale {
    #[inline(always)]
    fn eval<T: Float>(&self, [x, ..]: [T; 3]) -> T {
        x * T::of(self.factor)
    }
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::NONE
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        Ok(smallvec![Some(cx.emit(self, &[cx.dy(0)])?)])
    }
    fn sample_ops() -> Vec<Scale> {
        vec![Scale { factor: -2.5 }]
    }
}

/// `factor * x`.
pub fn scale(x: &Tensor, factor: f64) -> Result<Tensor> {
    dispatch::one(&Scale { factor }, &[x])
}
