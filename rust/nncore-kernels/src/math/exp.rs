//! Exponentials and what is made of them.
use super::{ln_1p, pick, poly, pow2, ROUND};
use crate::num::Float;

/// `e^x`, within 1 ULP.
#[inline(always)]
pub fn exp<T: Float>(x: T) -> T {
    pick(exp32, f64::exp, x)
}

/// `2^x`, within 1 ULP; exact for integers.
#[inline(always)]
pub fn exp2<T: Float>(x: T) -> T {
    pick(exp2_32, f64::exp2, x)
}

/// `e^x - 1`, accurate near zero, within 4 ULP.
#[inline(always)]
pub fn expm1<T: Float>(x: T) -> T {
    pick(expm1_32, f64::exp_m1, x)
}

/// Hyperbolic tangent, within [-1, 1] and 4 ULP.
#[inline(always)]
pub fn tanh<T: Float>(x: T) -> T {
    pick(tanh32, f64::tanh, x)
}

/// Hyperbolic sine, within 3 ULP.
#[inline(always)]
pub fn sinh<T: Float>(x: T) -> T {
    pick(sinh32, f64::sinh, x)
}

/// Hyperbolic cosine, within 2 ULP.
#[inline(always)]
pub fn cosh<T: Float>(x: T) -> T {
    pick(cosh32, f64::cosh, x)
}

/// `1 / (1 + e^-x)`, within [0, 1] and 4 ULP.
#[inline(always)]
pub fn sigmoid<T: Float>(x: T) -> T {
    pick(sigmoid32, sigmoid64, x)
}

fn sigmoid64(x: f64) -> f64 {
    // e^-|x| never overflows, so both tails keep their digits.
    let e = (-x.abs()).exp();
    let s = 1.0 / (1.0 + e);
    if x < 0.0 {
        e * s
    } else {
        s
    }
}

#[inline(always)]
fn sigmoid32(x: f32) -> f32 {
    let a = -x.abs();
    let e = exp_raised(if a < -104.0 { -208.0 } else { a + a }, 0.0);
    let s = 1.0 / e.mul_add(LOWER, 1.0);
    if x < 0.0 {
        e * s * LOWER
    } else {
        s
    }
}

/// `ln(1 + e^x)`, without overflow.
#[inline(always)]
pub fn softplus<T: Float>(x: T) -> T {
    let tail = ln_1p(exp(-x.abs()));
    if x > T::ZERO {
        x + tail
    } else {
        // NaN comes back from the exponential.
        tail
    }
}

/// `x = n ln 2 + r`, `|r| <= ln 2 / 2`: n, r and `e^r - 1 - r`.
#[inline(always)]
fn exp_parts(x: f32) -> (i32, f32, f32) {
    let t = x.mul_add(std::f32::consts::LOG2_E, ROUND);
    let n = t - ROUND;
    // n times the first 15 bits of ln 2 is exact, and so is the difference; only the second step rounds.
    let r = n.mul_add(-1.428_606_8e-6, n.mul_add(-0.693_145_75, x));
    let mut p = 1.381_454e-3f32;
    p = p.mul_add(r, 8.368_745e-3);
    p = p.mul_add(r, 0.041_668_39);
    p = p.mul_add(r, 0.166_665_21);
    p = p.mul_add(r, 0.499_999_94);
    ((t.to_bits() as i32).wrapping_sub(ROUND.to_bits() as i32), r, p * (r * r))
}

/// What `exp_raised` is to be multiplied by.
pub(super) const LOWER: f32 = 1.0 / (1u128 << 64) as f32;

/// `e^((x + rest) / 2) 2^64` for -210 <= x <= 0 and a small rest, within 2 ULP. In one factor, since nothing is subnormal: what
/// it is multiplied by comes first, so that the result rounds once where it is. Twice the exponent saves the callers a halving.
#[inline(always)]
pub(super) fn exp_raised(x: f32, rest: f32) -> f32 {
    let t = x.mul_add(0.5 * std::f32::consts::LOG2_E, ROUND);
    let n = t - ROUND;
    let r = n.mul_add(-2.0 * 1.428_606_8e-6, n.mul_add(-2.0 * 0.693_145_75, x)) + rest;
    let e = poly(r, [2.597_624_6e-4, 2.618_205e-3, 0.020_833_9, 0.124_998_06, 0.5, 1.0]);
    // The low bits of t are n, and those of ROUND that are left of them are zeros.
    e * f32::from_bits((t.to_bits() << 23).wrapping_add((127 + 64) << 23))
}

#[inline(always)]
pub(super) fn exp32(x: f32) -> f32 {
    // Beyond these the result is 0 or infinity; comparisons written so that NaN passes.
    let x = if x > 89.0 { 89.0 } else { x };
    let x = if x < -104.0 { -104.0 } else { x };
    exp_times(x, 0)
}

/// `e^x 2^shift` for -104 <= x <= 90 and a small shift.
#[inline(always)]
fn exp_times(x: f32, shift: i32) -> f32 {
    let (n, r, tail) = exp_parts(x);
    // What 1 + r rounds off comes back with the tail.
    let s = 1.0 + r;
    let y = s + (tail + (r - (s - 1.0)));
    // In two factors, since 2^n itself may overflow or be subnormal.
    let n = n.wrapping_add(shift);
    let half = n >> 1;
    y * pow2(half) * pow2(n.wrapping_sub(half))
}

#[inline(always)]
fn exp2_32(x: f32) -> f32 {
    let x = if x > 129.0 { 129.0 } else { x };
    let x = if x < -151.0 { -151.0 } else { x };
    let t = x + ROUND;
    let n = (t.to_bits() as i32).wrapping_sub(ROUND.to_bits() as i32);
    let r = x - (t - ROUND);
    let p =
        poly(r, [1.532_926_4e-4, 1.339_096_9e-3, 9.618_499e-3, 0.055_503_596, 0.240_226_48, std::f32::consts::LN_2]);
    let y = p.mul_add(r, 1.0);
    let half = n >> 1;
    y * pow2(half) * pow2(n.wrapping_sub(half))
}

#[inline(always)]
fn expm1_32(x: f32) -> f32 {
    let y = if x > 89.0 { 89.0 } else { x };
    let y = if y < -20.0 { -20.0 } else { y };
    let (n, r, tail) = exp_parts(y);
    let p = r + tail;
    // 2^n p + 2^n - 1, with half of 2^n so that n = 128 does not overflow early.
    let s = pow2(n.wrapping_sub(1));
    let r = p.mul_add(s, s - 0.5);
    if x == 0.0 {
        x
    } else {
        r + r
    }
}

#[inline(always)]
fn tanh32(x: f32) -> f32 {
    // tanh rounds to 1 from 9.02 on.
    let a = x.abs();
    let a = if a > 10.0 { 10.0 } else { a };
    let e = expm1_32(a + a);
    (e / (e + 2.0)).copysign(x)
}

#[inline(always)]
fn sinh32(x: f32) -> f32 {
    let a = x.abs();
    let b = if a > 90.0 { 90.0 } else { a };
    // Half of e^a, which does not overflow before the result does.
    let half = exp_times(b, -1);
    let large = half - 0.25 / half;
    // Taylor's series below 1.
    let z = a * a;
    let p = poly(z, [2.505_210_8e-8, 2.755_732e-6, 1.984_127e-4, 8.333_334e-3, 0.166_666_67]);
    let small = (p * z).mul_add(a, a);
    if a < 1.0 { small } else { large }.copysign(x)
}

#[inline(always)]
fn cosh32(x: f32) -> f32 {
    let a = x.abs();
    let half = exp_times(if a > 90.0 { 90.0 } else { a }, -1);
    half + 0.25 / half
}
