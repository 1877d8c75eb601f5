//! Logarithms.
use super::{pick, poly};
use crate::num::Float;

const LN2_LOW: f32 = -1.904_654_3e-9;

/// Natural logarithm, within 1 ULP. Zero gives minus infinity, a negative number NaN.
#[inline(always)]
pub fn ln<T: Float>(x: T) -> T {
    pick(ln32, f64::ln, x)
}

/// `ln(1 + x)`, accurate near zero, within 1 ULP. -1 gives minus infinity, what is below NaN.
#[inline(always)]
pub fn ln_1p<T: Float>(x: T) -> T {
    pick(ln_1p32, f64::ln_1p, x)
}

/// Logarithm to base 2, within 1.4 ULP; exact for powers of 2.
#[inline(always)]
pub fn log2<T: Float>(x: T) -> T {
    pick(log2_32, f64::log2, x)
}

/// Logarithm to base 10, within 1.4 ULP.
#[inline(always)]
pub fn log10<T: Float>(x: T) -> T {
    pick(log10_32, f64::log10, x)
}

/// `x = m 2^e` with m in [sqrt(1/2), sqrt(2)), for a positive finite x: e and m.
#[inline(always)]
pub(super) fn split(x: f32) -> (f32, f32) {
    let tiny = x < f32::MIN_POSITIVE;
    let bits = (if tiny { x * 8_388_608.0 } else { x }).to_bits() as i32;
    let e = bits.wrapping_sub(0x3f35_04f3) >> 23;
    let m = f32::from_bits(bits.wrapping_sub(e << 23) as u32);
    (e as f32 - if tiny { 23.0 } else { 0.0 }, m)
}

/// `ln(1 + f) - f` for a mantissa of `split`.
#[inline(always)]
fn ln_tail(f: f32) -> f32 {
    let p = poly(
        f,
        [
            0.067_466_415,
            -0.116_756_52,
            0.118_881_62,
            -0.124_055_89,
            0.142_195_52,
            -0.166_679_96,
            0.200_021_19,
            -0.250_000_1,
            0.333_333_13,
        ],
    );
    let square = f * f;
    square.mul_add(-0.5, (p * f) * square)
}

/// `e ln 2 + f + tail + low`. The first two are large next to the rest: what their sum rounds off comes back in.
#[inline(always)]
fn ln_sum(e: f32, f: f32, low: f32) -> f32 {
    let head = e.mul_add(std::f32::consts::LN_2, f);
    let lost = f - e.mul_add(-std::f32::consts::LN_2, head);
    head + (e.mul_add(LN2_LOW, ln_tail(f) + low) + lost)
}

/// The ends of a logarithm of `x` that is `y` in between.
#[inline(always)]
fn ends(x: f32, y: f32) -> f32 {
    let y = if x == f32::INFINITY { x } else { y };
    let y = if x == 0.0 { f32::NEG_INFINITY } else { y };
    if x < 0.0 || x.is_nan() {
        f32::NAN
    } else {
        y
    }
}

#[inline(always)]
fn ln32(x: f32) -> f32 {
    let (e, m) = split(x);
    ends(x, ln_sum(e, m - 1.0, 0.0))
}

#[inline(always)]
fn ln_1p32(x: f32) -> f32 {
    let u = 1.0 + x;
    // What the sum rounded off, exactly: the smaller of its parts less what arrived of it.
    let lost = if x > 1.0 { 1.0 - (u - x) } else { x - (u - 1.0) };
    let (e, m) = split(u);
    let y = ends(u, ln_sum(e, m - 1.0, lost / u));
    // The sign of zero stays.
    if x == 0.0 {
        x
    } else {
        y
    }
}

#[inline(always)]
fn log2_32(x: f32) -> f32 {
    const LOG2_E: f32 = std::f32::consts::LOG2_E;
    const LOW: f32 = 1.925_963e-8;
    let (e, m) = split(x);
    let f = m - 1.0;
    let head = f.mul_add(LOG2_E, e);
    let lost = f.mul_add(LOG2_E, e - head);
    ends(x, head + (lost + f.mul_add(LOW, ln_tail(f) * LOG2_E)))
}

#[inline(always)]
fn log10_32(x: f32) -> f32 {
    const LOG10_E: f32 = std::f32::consts::LOG10_E;
    const LOW: f32 = -1.010_305e-8;
    let (e, m) = split(x);
    let f = m - 1.0;
    // log10(2) to 16 bits, so that e times it is exact, and the rest.
    let whole = e * 0.301_025_4;
    let head = f.mul_add(LOG10_E, whole);
    let lost = f.mul_add(LOG10_E, whole - head);
    let low = e.mul_add(4.605_039e-6, f.mul_add(LOW, ln_tail(f) * LOG10_E));
    ends(x, head + (lost + low))
}
