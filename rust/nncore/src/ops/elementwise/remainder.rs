use crate::ops::full::zeros_like;
use crate::ops::{div::div, floor::trunc, mul::mul, neg::neg, sum::sum_to};
use crate::op::*;
use crate::{dispatch, err, Kind, Result, Tensor};
use nncore_kernels::{math, num::Float};
use smallvec::smallvec;

/// Integers have no quotient by zero.
fn refuse_zeros(cx: &Cpu) -> Result<()> {
    let y = cx.spec(1);
    if y.dtype.is_float() {
        return Ok(());
    }
    let mut zeros = 0usize;
    crate::elements!(y.dtype, T => {
        let p: *const T = cx.ptr(1);
        walk(y, &[], &mut |_, at, run, _, step| {
            // Within the tensor, by its own sizes and strides.
            zeros += (0..run as isize).filter(|i| unsafe { *p.offset(at + i * step) } == T::default()).count();
        });
    });
    match zeros {
        0 => Ok(()),
        n => Err(err(Kind::Value, format!("integers can not be divided by zero, got {n} of them; divide floats"))),
    }
}
/// The gradients of `x - y whole(x / y)`: the quotient is flat between its jumps.
fn by_zero<S>(op: S) -> Refusals<S> {
    vec![(op, vec![given::int64(&[4, 5]), given::int64(&[0, 2])], Kind::Value, "by zero, got 1 of them")]
}
fn grads(cx: &GradCx, quotient: fn(&Tensor, &Tensor) -> Result<Tensor>) -> Result<Grads> {
    let dy = cx.dy(0);
    let left = cx.needs(0).then(|| sum_to(dy, cx.spec(0).dims())).transpose()?;
    let right = || {
        let whole = quotient(&cx.input(0)?, &cx.input(1)?)?;
        neg(&sum_to(&mul(dy, &whole)?, cx.spec(1).dims())?)
    };
    Ok(smallvec![left, cx.needs(1).then(right).transpose()?])
}

op! {
    /// What the division cut off towards zero leaves, elementwise, with the sign of `input`: C's `fmod`. Exact.
    ///
    /// Shapes: any two that broadcast; the result has the broadcast shape. Dtypes promote. A float divided by zero leaves
    /// NaN; integers raise `ValueError`.
    pub Fmod = "fmod"(input: One + promote @ Any, other: One + promote @ Any) -> (output; 1) {}
}
impl Pointwise for Fmod {
    #[inline(always)]
    fn eval<T: Float>(&self, [x, y, _]: [T; 3]) -> T {
        math::fmod(x, y)
    }
    const RARE: bool = true;
    #[inline(always)]
    fn rare<T: Float>(&self, [x, y, _]: [T; 3]) -> bool {
        math::rem_is_rare(x, y)
    }
    fn slow<T: Float>(&self, [x, y, _]: [T; 3]) -> T {
        math::fmod_slow(x, y)
    }
    const COST: usize = 8;
    const INTEGERS: bool = true;
    fn eval_int(&self, [x, y, _]: [i64; 3]) -> i64 {
        x.wrapping_rem(y)
    }
    const CHECKS: u32 = 0b10;
    fn check(&self, cx: &Cpu) -> Result<()> {
        refuse_zeros(cx)
    }
    fn keeps(&self, needs: u32) -> Keep {
        Keep::inputs(if needs & 0b10 != 0 { 0b11 } else { 0 })
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        grads(cx, |x, y| trunc(&div(x, y)?))
    }
    const SAMPLES: (f64, f64) = (0.5, 4.0);
    fn refusals() -> Refusals<Fmod> {
        by_zero(Fmod {})
    }
}

op! {
    /// What the division rounded down leaves, elementwise, with the sign of `other`: Python's `%`. Exact, but where a sign
    /// changes.
    ///
    /// Shapes: any two that broadcast; the result has the broadcast shape. Dtypes promote. A float divided by zero leaves
    /// NaN; integers raise `ValueError`.
    pub Remainder = "remainder"(input: One + promote @ Any, other: One + promote @ Any) -> (output; 1) {}
}
impl Pointwise for Remainder {
    #[inline(always)]
    fn eval<T: Float>(&self, [x, y, _]: [T; 3]) -> T {
        math::remainder(x, y)
    }
    const RARE: bool = true;
    #[inline(always)]
    fn rare<T: Float>(&self, [x, y, _]: [T; 3]) -> bool {
        math::rem_is_rare(x, y)
    }
    fn slow<T: Float>(&self, [x, y, _]: [T; 3]) -> T {
        math::remainder_slow(x, y)
    }
    const COST: usize = 8;
    const INTEGERS: bool = true;
    fn eval_int(&self, [x, y, _]: [i64; 3]) -> i64 {
        let m = x.wrapping_rem(y);
        if m != 0 && (m < 0) != (y < 0) {
            m + y
        } else {
            m
        }
    }
    const CHECKS: u32 = 0b10;
    fn check(&self, cx: &Cpu) -> Result<()> {
        refuse_zeros(cx)
    }
    fn keeps(&self, needs: u32) -> Keep {
        Keep::inputs(if needs & 0b10 != 0 { 0b11 } else { 0 })
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        grads(cx, floor_divide)
    }
    const SAMPLES: (f64, f64) = (0.5, 4.0);
    fn refusals() -> Refusals<Remainder> {
        by_zero(Remainder {})
    }
}

op! {
    /// The quotient rounded down, elementwise: Python's `//`. The gradient is 0.
    ///
    /// Shapes: any two that broadcast; the result has the broadcast shape. Dtypes promote. A float divided by zero gives an
    /// infinity or NaN; integers raise `ValueError`.
    pub FloorDivide = "floor_divide"(input: One + promote @ Any, other: One + promote @ Any) -> (output; 1) {}
}
impl Pointwise for FloorDivide {
    #[inline(always)]
    fn eval<T: Float>(&self, [x, y, _]: [T; 3]) -> T {
        math::floor_div(x, y)
    }
    const RARE: bool = true;
    #[inline(always)]
    fn rare<T: Float>(&self, [x, y, _]: [T; 3]) -> bool {
        math::rem_is_rare(x, y)
    }
    fn slow<T: Float>(&self, [x, y, _]: [T; 3]) -> T {
        math::floor_div_slow(x, y)
    }
    const COST: usize = 10;
    const INTEGERS: bool = true;
    fn eval_int(&self, [x, y, _]: [i64; 3]) -> i64 {
        let q = x.wrapping_div(y);
        if x.wrapping_rem(y) != 0 && (x < 0) != (y < 0) {
            q - 1
        } else {
            q
        }
    }
    const CHECKS: u32 = 0b10;
    fn check(&self, cx: &Cpu) -> Result<()> {
        refuse_zeros(cx)
    }
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::NONE
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let flat = |i: usize| sum_to(&zeros_like(cx.dy(0))?, cx.spec(i).dims());
        Ok(smallvec![
            cx.needs(0).then(|| flat(0)).transpose()?,
            cx.needs(1).then(|| flat(1)).transpose()?
        ])
    }
    const SAMPLES: (f64, f64) = (0.5, 4.0);
    fn refusals() -> Refusals<FloorDivide> {
        by_zero(FloorDivide {})
    }
}

/// `floor(x / y)`.
pub fn floor_divide(x: &Tensor, y: &Tensor) -> Result<Tensor> {
    dispatch::one(&FloorDivide {}, &[x, y])
}
