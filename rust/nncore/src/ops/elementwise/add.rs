use crate::ops::sum::sum_to;
use crate::op::*;
use crate::{dispatch, Result, Tensor};
use nncore_kernels::num::Float;
use smallvec::smallvec;

op! {
    /// Elementwise sum, `input + other`, with broadcasting and promotion.
    ///
    /// Shapes: any two that broadcast; the result has the broadcast shape. Of two bools it is whether either is true.
    pub Add = "add"(input: One + promote @ Any, other: One + promote @ Any) -> (output; 1) {}
}
impl Pointwise for Add {
    #[inline(always)]
    fn eval<T: Float>(&self, [a, b, _]: [T; 3]) -> T {
        a + b
    }
    const INTEGERS: bool = true;
    const BOOLS: bool = true;
    fn eval_int(&self, [a, b, _]: [i64; 3]) -> i64 {
        a.wrapping_add(b)
    }
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::NONE
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let to = |i: usize| cx.needs(i).then(|| sum_to(cx.dy(0), cx.spec(i).dims())).transpose();
        Ok(smallvec![to(0)?, to(1)?])
    }
    fn sample_ops() -> Vec<Add> {
        vec![Add {}]
    }
}

/// `a + b`.
pub fn add(a: &Tensor, b: &Tensor) -> Result<Tensor> {
    dispatch::one(&Add {}, &[a, b])
}
