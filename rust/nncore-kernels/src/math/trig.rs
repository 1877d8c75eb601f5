//! Circular functions and their inverses.
use super::{pick, pick2, poly, ROUND};
use crate::num::Float;
use std::f32::consts::{FRAC_2_PI, FRAC_PI_2, PI};

/// What pi / 2 rounds off in float32.
const FRAC_PI_2_LOW: f32 = -4.371_139e-8;
/// Beyond this, pi / 2 in three parts is not enough.
const LIMIT: f32 = 131_072.0;

/// Are `sin`, `cos` and `tan` of this float32 left to their slow forms?
#[inline(always)]
pub fn trig_is_rare<T: Float>(x: T) -> bool {
    x.abs() > T::of(LIMIT as f64)
}

/// Sine, within 1 ULP, unless [`trig_is_rare`].
#[inline(always)]
pub fn sin<T: Float>(x: T) -> T {
    pick(|x| sin_quarter(x, 0), f64::sin, x)
}
/// Sine of any number: float32 is computed in float64.
pub fn sin_slow<T: Float>(x: T) -> T {
    T::of(x.f64().sin())
}

/// Cosine, within 1 ULP, unless [`trig_is_rare`].
#[inline(always)]
pub fn cos<T: Float>(x: T) -> T {
    pick(|x| sin_quarter(x, 1), f64::cos, x)
}
/// Cosine of any number.
pub fn cos_slow<T: Float>(x: T) -> T {
    T::of(x.f64().cos())
}

/// Tangent, within 3 ULP, unless [`trig_is_rare`].
#[inline(always)]
pub fn tan<T: Float>(x: T) -> T {
    pick(tan32, f64::tan, x)
}
/// Tangent of any number.
pub fn tan_slow<T: Float>(x: T) -> T {
    T::of(x.f64().tan())
}

/// Arc sine, within 2.1 ULP. NaN outside [-1, 1].
#[inline(always)]
pub fn asin<T: Float>(x: T) -> T {
    pick(asin32, f64::asin, x)
}

/// Arc cosine, within 2 ULP. NaN outside [-1, 1].
#[inline(always)]
pub fn acos<T: Float>(x: T) -> T {
    pick(acos32, f64::acos, x)
}

/// Arc tangent, within 2 ULP.
#[inline(always)]
pub fn atan<T: Float>(x: T) -> T {
    pick(atan32, f64::atan, x)
}

/// The angle of the point (x, y), in [-pi, pi], within 3 ULP.
#[inline(always)]
pub fn atan2<T: Float>(y: T, x: T) -> T {
    pick2(atan2_32, f64::atan2, y, x)
}

/// `x = n pi / 2 + r + low` with |r| <= pi / 4: sine and cosine of `r + low`, and n modulo 4 in the low bits.
#[inline(always)]
fn sin_cos(x: f32) -> (f32, f32, u32) {
    let t = x.mul_add(FRAC_2_PI, ROUND);
    let n = t - ROUND;
    // The first step is exact. The second is not: what its product and its difference round off is kept.
    let first = n.mul_add(-FRAC_PI_2, x);
    let p = n * FRAC_PI_2_LOW;
    let r = first - p;
    let back = r - first;
    let lost = (first - (r - back)) - (p + back);
    let low = n.mul_add(1.715_124_5e-15, lost - n.mul_add(FRAC_PI_2_LOW, -p));
    let z = r * r;
    let s = poly(z, [-1.951_828_5e-4, 8.332_189e-3, -0.166_666_55]);
    let s = r + (s * z).mul_add(r, low);
    let c = poly(z, [2.443_256_4e-5, -1.388_731_1e-3, 0.041_666_646]);
    let head = z.mul_add(-0.5, 1.0);
    let lost = z.mul_add(-0.5, 1.0 - head);
    let c = head + (c * z).mul_add(z, r.mul_add(-low, lost));
    (s, c, t.to_bits())
}

/// The sine of `x` and `quarters` right angles.
#[inline(always)]
fn sin_quarter(x: f32, quarters: u32) -> f32 {
    let (s, c, n) = sin_cos(x);
    let n = n.wrapping_add(quarters);
    let y = if n & 1 == 1 { c } else { s };
    let y = f32::from_bits(y.to_bits() ^ (n & 2) << 30);
    // The sign of zero stays.
    if quarters == 0 && x == 0.0 {
        x
    } else {
        y
    }
}

#[inline(always)]
fn tan32(x: f32) -> f32 {
    let (s, c, n) = sin_cos(x);
    let odd = n & 1 == 1;
    let y = if odd { -c } else { s } / if odd { s } else { c };
    if x == 0.0 {
        x
    } else {
        y
    }
}

/// `asin(y) - y` where z is the square of y, at most 1/4.
#[inline(always)]
fn asin_tail(y: f32, z: f32) -> f32 {
    poly(z, [0.042_158_306, 0.024_184_778, 0.045_469_15, 0.074_953_094, 0.166_667_52]) * z * y
}

#[inline(always)]
fn asin32(x: f32) -> f32 {
    let a = x.abs();
    // asin(x) = pi / 2 - 2 asin(sqrt((1 - x) / 2))
    let large = a > 0.5;
    let z = if large { 0.5f32.mul_add(-a, 0.5) } else { a * a };
    let y = if large { z.sqrt() } else { a };
    let tail = asin_tail(y, z);
    let folded = (y + y).mul_add(-1.0, FRAC_PI_2) + (FRAC_PI_2_LOW - (tail + tail));
    if large { folded } else { y + tail }.copysign(x)
}

#[inline(always)]
fn acos32(x: f32) -> f32 {
    let a = x.abs();
    let large = a > 0.5;
    let z = if large { 0.5f32.mul_add(-a, 0.5) } else { a * a };
    let y = if large { z.sqrt() } else { x };
    let tail = asin_tail(y, z);
    let twice = y + y;
    let near = twice + (tail + tail);
    let far = (PI - twice) + (2.0 * FRAC_PI_2_LOW - (tail + tail));
    let middle = (FRAC_PI_2 - y) + (FRAC_PI_2_LOW - tail);
    if !large {
        middle
    } else if x > 0.0 {
        near
    } else {
        far
    }
}

/// Arc tangent of a number in [0, 1].
#[inline(always)]
fn atan_unit(y: f32) -> f32 {
    let z = y * y;
    let p = poly(
        z,
        [
            2.919_722_8e-3,
            -0.016_364_133,
            0.043_205_857,
            -0.075_517_24,
            0.106_657_855,
            -0.142_110_03,
            0.199_937_67,
            -0.333_331_53,
        ],
    );
    (p * z).mul_add(y, y)
}

#[inline(always)]
fn atan32(x: f32) -> f32 {
    let a = x.abs();
    let large = a > 1.0;
    let p = atan_unit(if large { 1.0 / a } else { a });
    if large { FRAC_PI_2 - (p - FRAC_PI_2_LOW) } else { p }.copysign(x)
}

#[inline(always)]
fn atan2_32(y: f32, x: f32) -> f32 {
    let (a, b) = (y.abs(), x.abs());
    let steep = a > b;
    let (small, large) = if steep { (b, a) } else { (a, b) };
    // Equal infinities are a diagonal, two zeros lie on the axis.
    let ratio = if small == large { 1.0 } else { small / large };
    let ratio = if large == 0.0 { 0.0 } else { ratio };
    let p = atan_unit(ratio);
    let p = if steep { FRAC_PI_2 - (p - FRAC_PI_2_LOW) } else { p };
    let p = if x.is_sign_negative() { PI - (p - 2.0 * FRAC_PI_2_LOW) } else { p };
    if x.is_nan() || y.is_nan() {
        f32::NAN
    } else {
        p.copysign(y)
    }
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
