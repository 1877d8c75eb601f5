//! The elementwise passes, with one set of coefficients for each channel.
use crate::num::Float;
use crate::split::{side_by_side, split, Parts};
use std::ops::Range;

/// Channels at a time.
const WIDTH: usize = 256;
/// Columns whose coefficients fit into registers.
const BAND: usize = 64;
/// From this many elements on threads share the rows.
const GRAIN: usize = 1 << 16;

/// `N` coefficients for each column of a wide row.
type Coefficients<T, const N: usize> = [[T; WIDTH]; N];

/// Calls `f(first element, distance of rows, rows, columns, coefficients)` for matrices that make up the operand: few
/// channels are repeated side by side into wide rows, many are taken a stretch at a time.
fn matrices<T: Float, const N: usize>(
    rows: Range<usize>,
    c: usize,
    of: &dyn Fn(usize) -> [T; N],
    mut f: impl FnMut(usize, usize, usize, usize, &Coefficients<T, N>),
) {
    for channel in (0..c).step_by(WIDTH) {
        let width = WIDTH.min(c - channel);
        let most = if BAND.is_multiple_of(width) { BAND } else { WIDTH };
        let side = if width == c { side_by_side(width, most).min(rows.len()) } else { 1 };
        let mut k = [[T::ZERO; WIDTH]; N];
        for i in 0..width {
            let v = of(channel + i);
            for s in 0..side {
                for j in 0..N {
                    k[j][s * width + i] = v[j];
                }
            }
        }
        let high = rows.len() / side;
        f(rows.start * c + channel, c * side, high, width * side, &k);
        let done = rows.start + high * side;
        f(done * c + channel, c, rows.end - done, width, &k);
    }
}

pub(super) fn forward<T: Float>(x: &[T], y: &mut [T], rows: usize, c: usize, of: &(dyn Fn(usize) -> [T; 3] + Sync)) {
    if x.is_empty() {
        return;
    }
    let out = Parts::new(y);
    split(rows, 16, (GRAIN / c).max(2), &|r| {
        // Disjoint rows.
        let (base, y) = (r.start * c, unsafe { out.part(r.start * c..r.end * c) });
        matrices(r, c, of, |at, stride, n, width, k| affine(x, y, base, at, stride, n, width, k))
    })
}

pub(super) fn backward<T: Float>(
    x: &[T],
    dy: &[T],
    dx: &mut [T],
    rows: usize,
    c: usize,
    of: &(dyn Fn(usize) -> [T; 4] + Sync),
) {
    if x.is_empty() {
        return;
    }
    let out = Parts::new(dx);
    split(rows, 16, (GRAIN / c).max(2), &|r| {
        // Disjoint rows.
        let (base, dx) = (r.start * c, unsafe { out.part(r.start * c..r.end * c) });
        matrices(r, c, of, |at, stride, n, width, k| combine(x, dy, dx, base, at, stride, n, width, k))
    })
}

#[inline(always)]
fn band<T: Float>(k: &[T; WIDTH]) -> [T; BAND] {
    k[..BAND].try_into().unwrap()
}

simd! {
    fn affine<T: Float>(x: &[T], y: &mut [T], base: usize, at: usize, stride: usize, rows: usize, width: usize, k: &Coefficients<T, 3>) {
        let [mean, scale, bias] = k;
        // Rows of four vectors that follow each other: coefficients stay in registers.
        if width == BAND && stride == BAND {
            let n = rows * BAND;
            let (mean, scale, bias) = (band(mean), band(scale), band(bias));
            for (x, y) in x[at..at + n].chunks_exact(BAND).zip(y[at - base..at - base + n].chunks_exact_mut(BAND)) {
                for i in 0..BAND { y[i] = (x[i] - mean[i]).mul_add(scale[i], bias[i]) }
            }
            return;
        }
        for r in 0..rows {
            let at = at + r * stride;
            let (x, y) = (&x[at..at + width], &mut y[at - base..at - base + width]);
            let (mean, scale, bias) = (&mean[..width], &scale[..width], &bias[..width]);
            for i in 0..width { y[i] = (x[i] - mean[i]).mul_add(scale[i], bias[i]) }
        }
    }

    fn combine<T: Float>(x: &[T], dy: &[T], dx: &mut [T], base: usize, at: usize, stride: usize, rows: usize, width: usize, k: &Coefficients<T, 4>) {
        let [mean, scale, shift, slope] = k;
        if width == BAND && stride == BAND {
            let n = rows * BAND;
            let (mean, scale, shift, slope) = (band(mean), band(scale), band(shift), band(slope));
            let ins = x[at..at + n].chunks_exact(BAND).zip(dy[at..at + n].chunks_exact(BAND));
            for ((x, dy), dx) in ins.zip(dx[at - base..at - base + n].chunks_exact_mut(BAND)) {
                for i in 0..BAND { dx[i] = dy[i].mul_add(scale[i], (x[i] - mean[i]).mul_add(slope[i], shift[i])) }
            }
            return;
        }
        for r in 0..rows {
            let at = at + r * stride;
            let (x, dy, dx) = (&x[at..at + width], &dy[at..at + width], &mut dx[at - base..at - base + width]);
            let (mean, scale, shift, slope) = (&mean[..width], &scale[..width], &shift[..width], &slope[..width]);
            for i in 0..width { dx[i] = dy[i].mul_add(scale[i], (x[i] - mean[i]).mul_add(slope[i], shift[i])) }
        }
    }
}
