//! The error function and the normal distribution.
use super::exp::{exp32, exp_raised, LOWER};
use super::{pick, poly};
use crate::num::Float;

// The standard library has no error function, but links a C library that does.
unsafe extern "C" {
    #[link_name = "erf"]
    safe fn erf64(x: f64) -> f64;
    #[link_name = "erfc"]
    safe fn erfc64(x: f64) -> f64;
}

/// The error function, within 2 ULP.
#[inline(always)]
pub fn erf<T: Float>(x: T) -> T {
    pick(erf32, |x| erf64(x), x)
}

/// `1 - erf(x)`, accurate far right, within 6 ULP.
#[inline(always)]
pub fn erfc<T: Float>(x: T) -> T {
    pick(erfc32, |x| erfc64(x), x)
}

/// The standard normal distribution's function and density at `x`, both accurate far left, within 6 ULP.
#[inline(always)]
pub fn normal<T: Float>(x: T) -> (T, T) {
    if T::IS_F32 {
        let (p, d) = normal32(x.to_f32());
        (T::from_f32(p), T::from_f32(d))
    } else {
        let x = x.f64();
        let density = (-0.5 * x * x).exp() * 0.398_942_280_401_432_7;
        (T::of(0.5 * erfc64(-x * std::f64::consts::FRAC_1_SQRT_2)), T::of(density))
    }
}

/// `x` times the normal distribution's function at `x`, within 8 ULP.
#[inline(always)]
pub fn gelu<T: Float>(x: T) -> T {
    pick(gelu32, |x| x * normal(x).0, x)
}

#[inline(always)]
fn erf32(x: f32) -> f32 {
    let a = x.abs();
    let p = poly(a * a, [-6.003_794e-4, 4.995_853e-3, -0.026_768_58, 0.112_818_77, -0.376_125, 0.128_379_15]);
    let small = p.mul_add(a, a);
    // -ln erfc(a), up to where the result rounds to 1.
    let b = if a > 3.95 { 3.95 } else { a };
    let q = poly(
        b,
        [
            6.261_169e-7,
            1.285_195e-5,
            -3.879_706_8e-4,
            4.024_283e-3,
            -0.024_835_583,
            0.107_935_615,
            0.633_603_3,
            1.129_407_9,
            -1.554_701_9e-4,
        ],
    );
    let large = 1.0 - exp32(-q);
    if a < 0.92 { small } else { large }.copysign(x)
}

/// `e^(a^2) erfc(a)` for 0 <= a <= 10.5.
#[inline(always)]
fn erfcx(a: f32) -> f32 {
    let q = (a - 4.0) / (a + 4.0);
    let p = poly(
        q,
        [
            8.627_361_4e-4,
            7.000_476_6e-3,
            -0.015_873_175,
            0.036_423_523,
            -0.066_672_96,
            0.093_809_54,
            -0.100_980_12,
            0.068_095_54,
            0.015_376_292,
            -0.139_621_12,
            1.232_995_2,
        ],
    );
    p / a.mul_add(2.0, 1.0)
}

/// `e^-(a b)` for a product whose rounding would show in the result.
#[inline(always)]
fn exp_of_product(a: f32, b: f32) -> f32 {
    let s = a * b;
    let lost = a.mul_add(b, -s);
    let e = exp32(-s);
    e.mul_add(-lost, e)
}

#[inline(always)]
fn erfc32(x: f32) -> f32 {
    let a = x.abs();
    let a = if a > 10.2 { 10.2 } else { a };
    let tail = exp_of_product(a, a) * erfcx(a);
    if x < 0.0 {
        2.0 - tail
    } else {
        tail
    }
}

/// For 0 <= a <= 14.4: `e^(-a^2 / 2)`, raised as [`exp_raised`] says, and the share of the normal distribution beyond `a`
/// divided by it.
#[inline(always)]
fn tail(a: f32) -> (f32, f32) {
    let s = a * a;
    // And what the product's rounding took.
    let e = exp_raised(-s, -a.mul_add(a, -s));
    let u = 1.0 / a.mul_add(0.35, 1.0);
    let q = poly(
        u,
        [
            -0.029_156_38,
            0.144_023_4,
            -0.255_823_05,
            0.159_300_91,
            -0.023_198_996,
            0.105_546_646,
            0.119_822_83,
            0.139_863_3,
            0.139_621_32,
        ],
    );
    (e, q * u)
}

#[inline(always)]
fn bounded(x: f32) -> f32 {
    let a = x.abs();
    if a > 14.4 {
        14.4
    } else {
        a
    }
}

#[inline(always)]
fn normal32(x: f32) -> (f32, f32) {
    let (e, q) = tail(bounded(x));
    let tail = e * q * LOWER;
    (if x < 0.0 { tail } else { 1.0 - tail }, e * (LOWER * 0.398_942_3))
}

#[inline(always)]
fn gelu32(x: f32) -> f32 {
    let a = bounded(x);
    let (e, q) = tail(a);
    // x less what the tail takes; left of zero all but the tail, and NaN at minus infinity, where it is 0 times that.
    let whole = if x < 0.0 { x * 0.0 } else { x };
    (a * (e * q)).mul_add(-LOWER, whole)
}
