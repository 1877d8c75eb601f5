//! Elementary functions that vectorise: branch-free, and the same bits on every path.
//!
//! float32 uses polynomials (fitted by Remez's exchange; fused multiply-adds throughout), float64 the standard library.
//! Measured over all float32 inputs: exp and ln within 1 ULP, expm1, tanh and sigmoid within 4.
use crate::num::Float;

/// 1.5 * 2^23: adding it to a small float rounds that to an integer, which then stands in the low bits.
const ROUND: f32 = 12_582_912.0;
const LN2_LOW: f32 = -1.904_654_3e-9;

/// The float32 or the float64 form, by T. The choice vanishes when compiled.
#[inline(always)]
fn pick<T: Float>(single: impl FnOnce(f32) -> f32, double: impl FnOnce(f64) -> f64, x: T) -> T {
    if T::IS_F32 {
        T::from_f32(single(x.to_f32()))
    } else {
        T::of(double(x.f64()))
    }
}

/// `e^x`.
#[inline(always)]
pub fn exp<T: Float>(x: T) -> T {
    pick(exp32, f64::exp, x)
}

/// `e^x - 1`, accurate near zero.
#[inline(always)]
pub fn expm1<T: Float>(x: T) -> T {
    pick(expm1_32, f64::exp_m1, x)
}

/// Natural logarithm. Zero gives minus infinity, a negative number NaN.
#[inline(always)]
pub fn ln<T: Float>(x: T) -> T {
    pick(ln32, f64::ln, x)
}

/// Hyperbolic tangent, within [-1, 1].
#[inline(always)]
pub fn tanh<T: Float>(x: T) -> T {
    pick(tanh32, f64::tanh, x)
}

/// `1 / (1 + e^-x)`, within [0, 1].
#[inline(always)]
pub fn sigmoid<T: Float>(x: T) -> T {
    // e^-|x| never overflows, so both tails keep their digits.
    let e = exp(-x.abs());
    let s = T::ONE / (T::ONE + e);
    if x < T::ZERO {
        e * s
    } else {
        s
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

/// `2^n` for -126 <= n <= 127.
#[inline(always)]
fn pow2(n: i32) -> f32 {
    f32::from_bits((n.wrapping_add(127) as u32) << 23)
}

#[inline(always)]
fn exp32(x: f32) -> f32 {
    // Beyond these the result is 0 or infinity; comparisons written so that NaN passes.
    let x = if x > 89.0 { 89.0 } else { x };
    let x = if x < -104.0 { -104.0 } else { x };
    let (n, r, tail) = exp_parts(x);
    // What 1 + r rounds off comes back with the tail.
    let s = 1.0 + r;
    let y = s + (tail + (r - (s - 1.0)));
    // In two factors, since 2^n itself may overflow or be subnormal.
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
fn ln32(x: f32) -> f32 {
    let tiny = x < f32::MIN_POSITIVE;
    let bits = (if tiny { x * 8_388_608.0 } else { x }).to_bits() as i32;
    // x = m 2^e with m in [sqrt(1/2), sqrt(2)).
    let e = bits.wrapping_sub(0x3f35_04f3) >> 23;
    let f = f32::from_bits(bits.wrapping_sub(e << 23) as u32) - 1.0;
    let e = e as f32 - if tiny { 23.0 } else { 0.0 };
    let mut p = 0.067_466_415f32;
    p = p.mul_add(f, -0.116_756_52);
    p = p.mul_add(f, 0.118_881_62);
    p = p.mul_add(f, -0.124_055_89);
    p = p.mul_add(f, 0.142_195_52);
    p = p.mul_add(f, -0.166_679_96);
    p = p.mul_add(f, 0.200_021_19);
    p = p.mul_add(f, -0.250_000_1);
    p = p.mul_add(f, 0.333_333_13);
    let square = f * f;
    let tail = square.mul_add(-0.5, (p * f) * square);
    // e ln 2 and f are large next to the tail: add the larger two first, and what that rounds off back in.
    let head = e.mul_add(std::f32::consts::LN_2, f);
    let lost = f - e.mul_add(-std::f32::consts::LN_2, head);
    let y = head + (e.mul_add(LN2_LOW, tail) + lost);
    let y = if x == f32::INFINITY { x } else { y };
    let y = if x == 0.0 { f32::NEG_INFINITY } else { y };
    if x < 0.0 || x.is_nan() {
        f32::NAN
    } else {
        y
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

/// Sine and cosine of `x` whole turns (of `2 pi x`), for 0 <= x <= 1. Absolute error below 2e-7 for float32.
#[inline(always)]
pub fn sin_cos_turns<T: Float>(x: T) -> (T, T) {
    if T::IS_F32 {
        let (s, c) = sin_cos_turns32(x.to_f32());
        (T::from_f32(s), T::from_f32(c))
    } else {
        let (s, c) = (x.f64() * std::f64::consts::TAU).sin_cos();
        (T::of(s), T::of(c))
    }
}

#[inline(always)]
fn sin_cos_turns32(x: f32) -> (f32, f32) {
    let t = x.mul_add(4.0, ROUND);
    let quarter = t.to_bits();
    // Exact: at most an eighth of a turn is left.
    let r = (t - ROUND).mul_add(-0.25, x) * std::f32::consts::TAU;
    let z = r * r;
    // Taylor's series: the first term left out is below 3e-7 of the last place's size times ten.
    let s = z.mul_add(-1.0 / 5040.0, 1.0 / 120.0).mul_add(z, -1.0 / 6.0).mul_add(z * r, r);
    let c = z.mul_add(1.0 / 40320.0, -1.0 / 720.0).mul_add(z, 1.0 / 24.0).mul_add(z, -0.5).mul_add(z, 1.0);
    let (a, b) = if quarter & 1 == 1 { (c, s) } else { (s, c) };
    let sign = |v: f32, q: u32| f32::from_bits(v.to_bits() ^ (q & 2) << 30);
    (sign(a, quarter), sign(b, quarter.wrapping_add(1)))
}
