//! What divisions leave.
use crate::num::Float;

/// Are the remainders of these float32 left to their slow forms: large quotients, zeros, infinities, NaN?
#[inline(always)]
pub fn rem_is_rare<T: Float>(x: T, y: T) -> bool {
    !((x / y).abs() < T::of(4_194_304.0) && y.abs() < T::INFINITY)
}

/// `x - y trunc(x / y)`, exact, with the sign of x, unless [`rem_is_rare`].
#[inline(always)]
pub fn fmod<T: Float>(x: T, y: T) -> T {
    if !T::IS_F32 {
        return x.rem(y);
    }
    let q = (x / y).trunc();
    // Exact for so small a quotient. Where the quotient was rounded up to an integer the result is on the wrong side of 0.
    let r = (-q).mul_add(y, x);
    let wrong = if x < T::ZERO { r > T::ZERO } else { r < T::ZERO };
    let r = if wrong { r + y.copysign(x) } else { r };
    r.abs().copysign(x)
}
/// The same for all numbers.
pub fn fmod_slow<T: Float>(x: T, y: T) -> T {
    x.rem(y)
}

#[inline(always)]
fn to_sign_of<T: Float>(m: T, y: T) -> T {
    if m != T::ZERO && (y < T::ZERO) != (m < T::ZERO) {
        m + y
    } else {
        m
    }
}
/// `x - y floor(x / y)`, with the sign of y, as Python's `%`, unless [`rem_is_rare`].
#[inline(always)]
pub fn remainder<T: Float>(x: T, y: T) -> T {
    to_sign_of(fmod(x, y), y)
}
/// The same for all numbers.
pub fn remainder_slow<T: Float>(x: T, y: T) -> T {
    to_sign_of(x.rem(y), y)
}

/// `floor(x / y)` without the error of a quotient that rounds up to an integer, given what `fmod` leaves.
#[inline(always)]
fn quotient<T: Float>(x: T, y: T, m: T) -> T {
    let q = (x - m) / y;
    let q = if m != T::ZERO && (y < T::ZERO) != (m < T::ZERO) { q - T::ONE } else { q };
    let f = q.floor();
    let f = if q - f > T::of(0.5) { f + T::ONE } else { f };
    let f = if q == T::ZERO { T::ZERO.copysign(x / y) } else { f };
    if y == T::ZERO {
        x / y
    } else {
        f
    }
}
/// `floor(x / y)` as Python's `//`, unless [`rem_is_rare`].
#[inline(always)]
pub fn floor_div<T: Float>(x: T, y: T) -> T {
    quotient(x, y, fmod(x, y))
}
/// The same for all numbers; a division by zero gives an infinity or NaN.
pub fn floor_div_slow<T: Float>(x: T, y: T) -> T {
    quotient(x, y, x.rem(y))
}
