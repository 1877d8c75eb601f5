//! Elementary functions that vectorise: branch-free, and the same bits on every path.
//!
//! float32 uses polynomials (fitted by Remez's exchange; fused multiply-adds throughout), float64 the standard library.
//! Each function's documentation says how far float32 is from the true value at most, in units in the last place (ULP);
//! `tests/math.rs` measures it.
//!
//! A few functions leave rare arguments (sines of large numbers) to a second, slow function, since a branch inside a loop
//! keeps it from vectorising: the driver asks `is_rare` and mends those elements afterwards.
mod erf;
mod exp;
mod log;
mod pow;
mod rem;
mod trig;
pub use erf::{erf, erfc, gelu, normal};
pub use exp::{cosh, exp, exp2, expm1, sigmoid, sinh, softplus, tanh};
pub use log::{ln, ln_1p, log10, log2};
pub use pow::pow;
pub use rem::{floor_div, floor_div_slow, fmod, fmod_slow, rem_is_rare, remainder, remainder_slow};
pub use trig::{acos, asin, atan, atan2, cos, cos_slow, sin, sin_cos_turns, sin_slow, tan, tan_slow, trig_is_rare};

use crate::num::Float;

/// 1.5 * 2^23: adding it to a small float rounds that to an integer, which then stands in the low bits.
const ROUND: f32 = 12_582_912.0;

/// The float32 or the float64 form, by T. The choice vanishes when compiled.
#[inline(always)]
fn pick<T: Float>(single: impl FnOnce(f32) -> f32, double: impl FnOnce(f64) -> f64, x: T) -> T {
    if T::IS_F32 {
        T::from_f32(single(x.to_f32()))
    } else {
        T::of(double(x.f64()))
    }
}
/// The same for two arguments.
#[inline(always)]
fn pick2<T: Float>(single: impl FnOnce(f32, f32) -> f32, double: impl FnOnce(f64, f64) -> f64, x: T, y: T) -> T {
    if T::IS_F32 {
        T::from_f32(single(x.to_f32(), y.to_f32()))
    } else {
        T::of(double(x.f64(), y.f64()))
    }
}
/// A polynomial, the highest power's coefficient first.
#[inline(always)]
fn poly<const N: usize>(x: f32, c: [f32; N]) -> f32 {
    let mut p = c[0];
    for k in 1..N {
        p = p.mul_add(x, c[k]);
    }
    p
}
/// `2^n` for -126 <= n <= 127.
#[inline(always)]
fn pow2(n: i32) -> f32 {
    f32::from_bits((n.wrapping_add(127) as u32) << 23)
}
