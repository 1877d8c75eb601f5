//! Sums over contiguous elements: in lanes of T for a block, then in float64, always in the same order.
use crate::num::Float;

/// A vector of float32 on AVX-512, and four of them: one addition waits for the one before it.
const V: usize = 16;
const L: usize = 4 * V;
/// Elements that are added up in T.
const BLOCK: usize = 16 * L;

/// Joins the lanes in a fixed order; loops of constant length, or they run lane by lane.
#[inline(always)]
fn join<T: Float>(v: &[T; L]) -> f64 {
    let mut w = [T::ZERO; V];
    for l in 0..V {
        w[l] = (v[l] + v[l + 2 * V]) + (v[l + V] + v[l + 3 * V]);
    }
    for l in 0..8 {
        w[l] += w[l + 8];
    }
    for l in 0..4 {
        w[l] += w[l + 4];
    }
    ((w[0] + w[2]) + (w[1] + w[3])).f64()
}

/// `N` elements from `at` on.
#[inline(always)]
fn load<T: Float, const N: usize>(x: &[T], at: usize) -> [T; N] {
    x[at..at + N].try_into().unwrap()
}
/// The last elements, fewer than a vector, and zeros.
#[inline(always)]
fn last<T: Float>(x: &[T], at: usize) -> [T; V] {
    let mut v = [T::ZERO; V];
    for (v, x) in v.iter_mut().zip(&x[at..]) {
        *v = *x;
    }
    v
}

/// Adds up `$k` terms of the slices' elements. `$body` adds to `$s`, the lanes of all sums, those of the elements with
/// number `$l`: the slices' names stand for vectors in it. Lanes are only reached by constants, or they would live in memory.
macro_rules! sums {
    ([$($x:ident),*], $k:literal, |$l:ident, $s:ident| $body:expr) => {{
        let n = [$($x.len()),*][0];
        $(let $x = &$x[..n];)*
        let mut totals = [0.0f64; $k];
        for start in (0..n).step_by(BLOCK) {
            let end = n.min(start + BLOCK);
            let mut $s = [[T::ZERO; L]; $k];
            let mut at = start;
            while at + L <= end {
                $(let $x: [T; L] = load($x, at);)*
                for $l in 0..L {
                    $body
                }
                at += L;
            }
            while at + V <= end {
                $(let $x: [T; V] = load($x, at);)*
                for $l in 0..V {
                    $body
                }
                at += V;
            }
            if at < end {
                let rest = end - at;
                $(let $x: [T; V] = last($x, at);)*
                let before = $s;
                for $l in 0..V {
                    $body
                }
                for k in 0..$k {
                    for l in 0..V {
                        $s[k][l] = if l < rest { $s[k][l] } else { before[k][l] };
                    }
                }
            }
            for k in 0..$k {
                totals[k] += join(&$s[k]);
            }
        }
        totals
    }};
}

/// Sum of the squared differences from `m`, and of the differences.
#[inline(always)]
pub(super) fn squares<T: Float>(x: &[T], m: T) -> [f64; 2] {
    sums!([x], 2, |l, s| {
        let d = x[l] - m;
        s[0][l] = d.mul_add(d, s[0][l]);
        s[1][l] += d;
    })
}

/// Mean and biased variance, in one pass about the first element where that lies within two standard deviations of the
/// mean, and in another one about the mean where it does not. What the centre misses of the true mean is taken off.
#[inline(always)]
pub(super) fn moments<T: Float>(x: &[T]) -> (f64, f64) {
    let k = 1.0 / x.len() as f64;
    let about = |m: T| {
        let [squares, rest] = squares(x, m);
        let miss = rest * k;
        (m.f64() + miss, squares * k - miss * miss, miss * miss)
    };
    let (mean, var, far) = about(x[0]);
    if far <= 4.0 * var || far == 0.0 {
        return (mean, var);
    }
    let (mean, var, _) = about(T::of(mean));
    (mean, var.max(0.0))
}

/// Sum of `dy`, and of `dy (x - m)`.
#[inline(always)]
pub(super) fn products<T: Float>(x: &[T], dy: &[T], m: T) -> [f64; 2] {
    sums!([x, dy], 2, |l, s| {
        s[0][l] += dy[l];
        s[1][l] = dy[l].mul_add(x[l] - m, s[1][l]);
    })
}

/// Sum of `dy w`, and of `dy w (x - m)`.
#[inline(always)]
pub(super) fn weighted<T: Float>(x: &[T], dy: &[T], w: &[T], m: T) -> [f64; 2] {
    sums!([x, dy, w], 2, |l, s| {
        let g = dy[l] * w[l];
        s[0][l] += g;
        s[1][l] = g.mul_add(x[l] - m, s[1][l]);
    })
}
