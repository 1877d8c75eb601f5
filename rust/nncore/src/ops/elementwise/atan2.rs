use crate::ops::square::{reciprocal, square};
use crate::ops::{add::add, comparison::eq, full::scalar, mul::mul, neg::neg, sum::sum_to, where_::where_};
use crate::op::*;
use crate::{dispatch, Result, Tensor};
use nncore_kernels::{math, num::Float};
use smallvec::smallvec;

op! {
    /// The angle of the point (`other`, `input`) against the first axis, elementwise, in [-pi, pi]. Integers become float32.
    ///
    /// Shapes: any two that broadcast; the result has the broadcast shape. The signs of zeros tell the side, as in C.
    pub Atan2 = "atan2"(input: One + float @ Any, other: One + float @ Any) -> (output; 1) {}
}
impl Pointwise for Atan2 {
    #[inline(always)]
    fn eval<T: Float>(&self, [y, x, _]: [T; 3]) -> T {
        math::atan2(y, x)
    }
    const COST: usize = 14;
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::inputs(0b11)
    }
    /// `d/dy = x / (x^2 + y^2)`, `d/dx = -y / (x^2 + y^2)`.
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let (y, x) = (cx.input(0)?, cx.input(1)?);
        // The origin has no angle, and no gradient.
        let (distance, zero) = (add(&square(&x)?, &square(&y)?)?, scalar(0.0, x.spec.dtype)?);
        let g = mul(cx.dy(0), &where_(&eq(&distance, &zero)?, &zero, &reciprocal(&distance)?)?)?;
        let left = cx.needs(0).then(|| sum_to(&mul(&g, &x)?, cx.spec(0).dims())).transpose()?;
        let right = cx.needs(1).then(|| neg(&sum_to(&mul(&g, &y)?, cx.spec(1).dims())?)).transpose()?;
        Ok(smallvec![left, right])
    }
    const SAMPLES: (f64, f64) = (0.25, 2.0);
}

/// The angle of (x, y).
pub fn atan2(y: &Tensor, x: &Tensor) -> Result<Tensor> {
    dispatch::one(&Atan2 {}, &[y, x])
}
