use crate::ops::sum::sum_to;
use crate::op::*;
use crate::{dispatch, Result, Tensor};
use nncore_kernels::num::Float;
use smallvec::smallvec;

op! {
    /// Elementwise product, `input * other`, with broadcasting and promotion.
    ///
    /// Shapes: any two that broadcast; the result has the broadcast shape. Of two bools it is whether both are true.
    pub Mul = "mul"(input: One + promote @ Any, other: One + promote @ Any) -> (output; 1) {}
}
impl Pointwise for Mul {
    #[inline(always)]
    fn eval<T: Float>(&self, [a, b, _]: [T; 3]) -> T {
        a * b
    }
    const INTEGERS: bool = true;
    const BOOLS: bool = true;
    fn eval_int(&self, [a, b, _]: [i64; 3]) -> i64 {
        a.wrapping_mul(b)
    }
    fn keeps(&self, needs: u32) -> Keep {
        Keep::crossed(needs)
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let to = |i: usize| -> Result<Option<Tensor>> {
            if !cx.needs(i) {
                return Ok(None);
            }
            let g = cx.emit(&Mul {}, &[cx.dy(0), &cx.input(1 - i)?])?;
            Ok(Some(sum_to(&g, cx.spec(i).dims())?))
        };
        Ok(smallvec![to(0)?, to(1)?])
    }
    fn sample_ops() -> Vec<Mul> {
        vec![Mul {}]
    }
}

/// `a * b`.
pub fn mul(a: &Tensor, b: &Tensor) -> Result<Tensor> {
    dispatch::one(&Mul {}, &[a, b])
}
