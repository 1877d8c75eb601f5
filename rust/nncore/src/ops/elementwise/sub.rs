use crate::ops::neg::Neg;
use crate::ops::sum::sum_to;
use crate::op::*;
use crate::{dispatch, Result, Tensor};
use nncore_kernels::num::Float;
use smallvec::smallvec;

op! {
    /// Elementwise difference, `input - other`, with broadcasting and promotion.
    ///
    /// Shapes: any two that broadcast; the result has the broadcast shape.
    pub Sub = "sub"(input: One + promote @ Any, other: One + promote @ Any) -> (output; 1) {}
}
impl Pointwise for Sub {
    #[inline(always)]
    fn eval<T: Float>(&self, [a, b, _]: [T; 3]) -> T {
        a - b
    }
    const INTEGERS: bool = true;
    fn eval_int(&self, [a, b, _]: [i64; 3]) -> i64 {
        a.wrapping_sub(b)
    }
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::NONE
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let left = cx.needs(0).then(|| sum_to(cx.dy(0), cx.spec(0).dims())).transpose()?;
        let right = cx.needs(1).then(|| cx.emit(&Neg {}, &[&sum_to(cx.dy(0), cx.spec(1).dims())?])).transpose()?;
        Ok(smallvec![left, right])
    }
    fn sample_ops() -> Vec<Sub> {
        vec![Sub {}]
    }
}

/// `a - b`.
pub fn sub(a: &Tensor, b: &Tensor) -> Result<Tensor> {
    dispatch::one(&Sub {}, &[a, b])
}
