use crate::ops::pass::pass_larger;
use crate::ops::sum::sum_to;
use crate::op::*;
use crate::{dispatch, Result, Tensor};
use nncore_kernels::num::Float;
use smallvec::smallvec;

op! {
    /// The larger of two numbers, elementwise, with broadcasting and promotion. NaN in either gives NaN.
    ///
    /// Shapes: any two that broadcast; the result has the broadcast shape. Where both are equal, each gets half of the
    /// gradient.
    pub Maximum = "maximum"(input: One + promote @ Any, other: One + promote @ Any) -> (output; 1) {}
}
impl Pointwise for Maximum {
    #[inline(always)]
    fn eval<T: Float>(&self, [a, b, _]: [T; 3]) -> T {
        if a > b || a.is_nan() {
            a
        } else {
            b
        }
    }
    const INTEGERS: bool = true;
    const BOOLS: bool = true;
    fn eval_int(&self, [a, b, _]: [i64; 3]) -> i64 {
        a.max(b)
    }
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::inputs(0b11)
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let (a, b) = (cx.input(0)?, cx.input(1)?);
        let left = || sum_to(&pass_larger(cx.dy(0), &a, &b)?, cx.spec(0).dims());
        let right = || sum_to(&pass_larger(cx.dy(0), &b, &a)?, cx.spec(1).dims());
        Ok(smallvec![cx.needs(0).then(left).transpose()?, cx.needs(1).then(right).transpose()?])
    }
}

op! {
    /// The smaller of two numbers, elementwise, with broadcasting and promotion. NaN in either gives NaN.
    ///
    /// Shapes: any two that broadcast; the result has the broadcast shape. Where both are equal, each gets half of the
    /// gradient.
    pub Minimum = "minimum"(input: One + promote @ Any, other: One + promote @ Any) -> (output; 1) {}
}
impl Pointwise for Minimum {
    #[inline(always)]
    fn eval<T: Float>(&self, [a, b, _]: [T; 3]) -> T {
        if a < b || a.is_nan() {
            a
        } else {
            b
        }
    }
    const INTEGERS: bool = true;
    const BOOLS: bool = true;
    fn eval_int(&self, [a, b, _]: [i64; 3]) -> i64 {
        a.min(b)
    }
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::inputs(0b11)
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let (a, b) = (cx.input(0)?, cx.input(1)?);
        // An input passes where the other one is larger.
        let left = || sum_to(&pass_larger(cx.dy(0), &b, &a)?, cx.spec(0).dims());
        let right = || sum_to(&pass_larger(cx.dy(0), &a, &b)?, cx.spec(1).dims());
        Ok(smallvec![cx.needs(0).then(left).transpose()?, cx.needs(1).then(right).transpose()?])
    }
}

/// The larger one.
pub fn maximum(a: &Tensor, b: &Tensor) -> Result<Tensor> {
    dispatch::one(&Maximum {}, &[a, b])
}
/// The smaller one.
pub fn minimum(a: &Tensor, b: &Tensor) -> Result<Tensor> {
    dispatch::one(&Minimum {}, &[a, b])
}
