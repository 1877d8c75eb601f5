use crate::ops::{mul::mul, sub::sub, sum::sum_to};
use crate::op::*;
use crate::{dispatch, Result, Tensor};
use nncore_kernels::num::Float;
use smallvec::smallvec;

op! {
    /// From `input` towards `end` by the part `weight`, elementwise: `input + weight * (end - input)`, exact at both ends.
    ///
    /// Shapes: any three that broadcast; the result has the broadcast shape. `weight` is a number or a tensor. Integers become
    /// float32.
    pub Lerp = "lerp"(input: One + float @ Any, end: One + float @ Any, weight: One + float @ Any) -> (output; 1) {}
}
impl Pointwise for Lerp {
    #[inline(always)]
    fn eval<T: Float>(&self, [a, b, w]: [T; 3]) -> T {
        let way = b - a;
        if w.abs() < T::of(0.5) {
            a + w * way
        } else {
            b - way * (T::ONE - w)
        }
    }
    const COST: usize = 2;
    const FLOPS: u64 = 3;
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::inputs(0b111)
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let (dy, w) = (cx.dy(0), cx.input(2)?);
        let start = || sum_to(&sub(dy, &mul(dy, &w)?)?, cx.spec(0).dims());
        let end = || sum_to(&mul(dy, &w)?, cx.spec(1).dims());
        let weight = || sum_to(&mul(dy, &sub(&cx.input(1)?, &cx.input(0)?)?)?, cx.spec(2).dims());
        Ok(smallvec![
            cx.needs(0).then(start).transpose()?,
            cx.needs(1).then(end).transpose()?,
            cx.needs(2).then(weight).transpose()?
        ])
    }
}

/// `a + w (b - a)`.
pub fn lerp(a: &Tensor, b: &Tensor, w: &Tensor) -> Result<Tensor> {
    dispatch::one(&Lerp {}, &[a, b, w])
}
