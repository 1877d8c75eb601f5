//! Powers.
use super::{log::split, pick2};
use crate::num::Float;

/// 1.5 * 2^52, as [`super::ROUND`] for float64.
const ROUND: f64 = 6_755_399_441_055_744.0;

/// `x^y` with IEEE's special cases, within 0.51 ULP: float32 is computed in float64.
#[inline(always)]
pub fn pow<T: Float>(x: T, y: T) -> T {
    pick2(pow32, f64::powf, x, y)
}

#[inline(always)]
fn poly<const N: usize>(x: f64, c: [f64; N]) -> f64 {
    let mut p = c[0];
    for k in 1..N {
        p = p.mul_add(x, c[k]);
    }
    p
}

/// `log2(a)` for a positive finite a, to 37 bits.
#[inline(always)]
fn log2(a: f32) -> f64 {
    let (e, m) = split(a);
    let m = m as f64;
    // log2(m) = 2 / ln 2 * atanh(t), an odd series.
    let t = (m - 1.0) / (m + 1.0);
    let p = poly(
        t * t,
        [
            0.340_737_089_145_994_65,
            0.411_672_358_955_694_54,
            0.577_083_590_651_015_3,
            0.961_796_673_313_835_9,
            2.885_390_081_790_107,
        ],
    );
    t.mul_add(p, e as f64)
}

/// `2^w` for |w| <= 200, to 34 bits.
#[inline(always)]
fn exp2(w: f64) -> f64 {
    let t = w + ROUND;
    let r = w - (t - ROUND);
    let p = poly(
        r,
        [
            1.520_191_841_489_311_1e-5,
            1.546_929_109_962_272_4e-4,
            1.333_392_257_479_031_7e-3,
            9.618_027_253_779_289e-3,
            0.055_504_103_534_374_835,
            0.240_226_511_981_570_88,
            0.693_147_180_728_450_3,
            0.999_999_999_961_682,
        ],
    );
    p * f64::from_bits(t.to_bits().wrapping_sub(ROUND.to_bits()).wrapping_add(1023) << 52)
}

#[inline(always)]
fn pow32(x: f32, y: f32) -> f32 {
    let a = x.abs();
    let l = log2(a);
    let l = if a == 0.0 { f64::NEG_INFINITY } else { l };
    // Infinity and NaN stay.
    let l = if a < f32::INFINITY { l } else { a as f64 };
    let w = y as f64 * l;
    let w = if w > 200.0 { 200.0 } else { w };
    let w = if w < -200.0 { -200.0 } else { w };
    // float64 holds what float32 overflows or underflows to; the conversion rounds once.
    let size = exp2(w) as f32;
    let whole = y == y.trunc();
    let odd = whole && (0.5 * y) != (0.5 * y).trunc();
    let signed = if odd { size.copysign(x) } else { size };
    let signed = if x < 0.0 && !whole && a != f32::INFINITY { f32::NAN } else { signed };
    // What IEEE defines even for NaN and infinities.
    if y == 0.0 || x == 1.0 || x == -1.0 && y.abs() == f32::INFINITY {
        1.0
    } else {
        signed
    }
}
