//! Sums over contiguous elements: in lanes of T for a block, then in float64, always in the same order.
use crate::num::Float;

/// Four vectors of float32 on AVX-512.
const L: usize = 64;
/// Elements that are added up in T.
const BLOCK: usize = 16 * L;

/// Joins the lanes in a fixed order.
#[inline(always)]
fn join<T: Float>(mut v: [T; L]) -> f64 {
    let mut w = L / 2;
    while w > 0 {
        for l in 0..w {
            v[l] += v[l + w];
        }
        w /= 2;
    }
    v[0].f64()
}

/// Runs `$body` for each element of each block, with `$s` the lanes of its sums: `$l` is the lane, `$i` the place.
macro_rules! sums {
    ($n:expr, $k:literal, |$i:ident, $l:ident, $s:ident| $body:expr) => {{
        let n = $n;
        let mut totals = [0.0f64; $k];
        for start in (0..n).step_by(BLOCK) {
            let end = n.min(start + BLOCK);
            let mut $s = [[T::ZERO; L]; $k];
            let whole = start + (end - start) / L * L;
            for at in (start..whole).step_by(L) {
                for $l in 0..L {
                    let $i = at + $l;
                    $body
                }
            }
            for $i in whole..end {
                let $l = $i - whole;
                $body
            }
            for k in 0..$k {
                totals[k] += join($s[k]);
            }
        }
        totals
    }};
}

/// Sum of the squared differences from `m`, and of the differences.
#[inline(always)]
pub(super) fn squares<T: Float>(x: &[T], m: T) -> [f64; 2] {
    sums!(x.len(), 2, |i, l, s| {
        let d = x[i] - m;
        s[0][l] = d.mul_add(d, s[0][l]);
        s[1][l] += d;
    })
}

/// Mean and biased variance. What the rounded mean misses of the true one comes back with the sum of the differences.
#[inline(always)]
pub(super) fn moments<T: Float>(x: &[T]) -> (f64, f64) {
    let n = x.len() as f64;
    let [sum] = sums!(x.len(), 1, |i, l, s| s[0][l] += x[i]);
    let m = T::of(sum / n);
    let [squares, rest] = squares(x, m);
    let miss = rest / n;
    (m.f64() + miss, (squares / n - miss * miss).max(0.0))
}

/// Sum of `dy`, and of `dy (x - m)`.
#[inline(always)]
pub(super) fn products<T: Float>(x: &[T], dy: &[T], m: T) -> [f64; 2] {
    let dy = &dy[..x.len()];
    sums!(x.len(), 2, |i, l, s| {
        s[0][l] += dy[i];
        s[1][l] = dy[i].mul_add(x[i] - m, s[1][l]);
    })
}

/// Sum of `dy w`, and of `dy w (x - m)`.
#[inline(always)]
pub(super) fn weighted<T: Float>(x: &[T], dy: &[T], w: &[T], m: T) -> [f64; 2] {
    let (dy, w) = (&dy[..x.len()], &w[..x.len()]);
    sums!(x.len(), 2, |i, l, s| {
        let g = dy[i] * w[i];
        s[0][l] += g;
        s[1][l] = g.mul_add(x[i] - m, s[1][l]);
    })
}
