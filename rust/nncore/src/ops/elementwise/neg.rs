use crate::op::*;
use crate::{dispatch, Result, Tensor};
use nncore_kernels::num::Float;
use smallvec::smallvec;

op! {
    /// Elementwise negation, `-input`. Unsigned integers wrap, as in NumPy.
    ///
    /// Shape: any; the result has the same.
    pub Neg = "neg"(input: One @ Any) -> (output; 1) {}
}
impl Pointwise for Neg {
    #[inline(always)]
    fn eval<T: Float>(&self, [x, ..]: [T; 3]) -> T {
        -x
    }
    const INTEGERS: bool = true;
    fn eval_int(&self, [x, ..]: [i64; 3]) -> i64 {
        x.wrapping_neg()
    }
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::NONE
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        Ok(smallvec![Some(cx.emit(&Neg {}, &[cx.dy(0)])?)])
    }
    fn sample_ops() -> Vec<Neg> {
        vec![Neg {}]
    }
}

/// `-x`.
pub fn neg(x: &Tensor) -> Result<Tensor> {
    dispatch::one(&Neg {}, &[x])
}
