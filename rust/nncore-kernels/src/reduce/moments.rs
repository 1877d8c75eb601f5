//! Mean and sum of squared deviations in one pass over memory: a block that fits the first cache is read twice, first for its
//! mean, then for the deviations from it, and blocks are joined by the formula of Chan, Golub and LeVeque (1979).
use super::fold::{halves, Accumulate, Fold, LANES, ROUNDS};
use crate::num::Float;

#[derive(Clone, Copy)]
pub(super) struct Moments;
#[derive(Clone, Copy)]
pub(super) struct Total {
    count: f64,
    mean: f64,
    squares: f64,
}
/// A block from what its elements' deviations from `centre` and their squares add up to; None where these overflow, or where
/// something is not finite.
#[inline(always)]
fn block(count: f64, centre: f64, deviations: f64, squares: f64) -> Option<Total> {
    if !squares.is_finite() {
        return None;
    }
    let shift = deviations / count;
    Some(Total { count, mean: centre + shift, squares: squares - deviations * shift })
}
/// Moments of elements one by one in float64, for what [`block`] can not say.
#[cold]
#[inline(never)]
unsafe fn careful<T: Float>(x: *const T, stride: isize, n: usize) -> Total {
    let each = || (0..n as isize).map(|i| unsafe { (*x.offset(i * stride)).f64() });
    if each().any(|v| !v.is_finite()) {
        return Total { count: n as f64, mean: each().filter(|v| !v.is_finite()).sum(), squares: f64::NAN };
    }
    let single = |v: f64| Total { count: 1.0, mean: v, squares: 0.0 };
    each().fold(Total { count: 0.0, mean: 0.0, squares: 0.0 }, |total, v| joined(total, single(v)))
}
#[inline(always)]
fn joined(a: Total, b: Total) -> Total {
    let count = a.count + b.count;
    let (delta, part) = (b.mean - a.mean, b.count / count.max(1.0));
    if !(a.mean.is_finite() && b.mean.is_finite()) {
        // What is infinite or NaN stays so, as in a sum; nothing is as far from it as from itself.
        return Total { count, mean: a.mean + b.mean, squares: f64::NAN };
    }
    Total { count, mean: a.mean + delta * part, squares: a.squares + b.squares + delta * delta * a.count * part }
}

impl<T: Accumulate + Float> Fold<T> for Moments {
    type Lane = T;
    type Total = Total;
    /// Mean, and sum of squared deviations from it.
    type Out = [f64; 2];
    const ROWS: usize = 64;
    #[inline(always)]
    fn lane(&self) -> T {
        T::ZERO
    }
    #[inline(always)]
    fn start(&self) -> Total {
        Total { count: 0.0, mean: 0.0, squares: 0.0 }
    }
    #[inline(always)]
    fn push(&self, lane: T, x: T) -> T {
        lane + x
    }
    #[inline(always)]
    fn pair(&self, a: T, b: T) -> T {
        a + b
    }
    #[inline(always)]
    fn join(&self, total: Total, lane: T) -> Total {
        joined(total, Total { count: 1.0, mean: lane.f64(), squares: 0.0 })
    }
    #[inline(always)]
    fn merge(&self, a: Total, b: Total) -> Total {
        joined(a, b)
    }
    #[inline(always)]
    fn end(&self, total: Total, count: usize) -> [f64; 2] {
        [if count == 0 { f64::NAN } else { total.mean }, total.squares]
    }
    #[inline(always)]
    unsafe fn run(&self, mut total: Total, x: *const T, n: usize) -> Total {
        let mut i = 0;
        while i < n {
            let m = (n - i).min(LANES * ROUNDS);
            total = joined(total, stretch(x.add(i), m));
            i += m;
        }
        total
    }
    #[inline(always)]
    unsafe fn run_strided(&self, mut total: Total, x: *const T, stride: isize, n: usize) -> Total {
        let mut i = 0;
        while i < n {
            let m = (n - i).min(256);
            let mut near = [T::ZERO; 256];
            for (l, near) in near[..m].iter_mut().enumerate() {
                *near = *x.offset((i + l) as isize * stride);
            }
            total = joined(total, stretch(near.as_ptr(), m));
            i += m;
        }
        total
    }
    #[inline(always)]
    unsafe fn band<const L: usize>(&self, totals: &mut [Total], x: *const T, stride: isize, rows: usize) {
        let (mut sums, n) = ([T::ZERO; L], rows as f64);
        for r in 0..rows as isize {
            for l in 0..L {
                sums[l] += *x.offset(r * stride).add(l);
            }
        }
        let mut centres = [T::ZERO; L];
        for l in 0..L {
            centres[l] = sums[l] * T::of(1.0 / n);
        }
        let (mut deviations, mut squares) = ([T::ZERO; L], [T::ZERO; L]);
        for r in 0..rows as isize {
            for l in 0..L {
                let d = *x.offset(r * stride).add(l) - centres[l];
                deviations[l] += d;
                squares[l] = d.mul_add(d, squares[l]);
            }
        }
        for l in 0..L {
            let part = block(n, centres[l].f64(), deviations[l].f64(), squares[l].f64());
            totals[l] = joined(totals[l], part.unwrap_or_else(|| careful(x.add(l), stride, rows)));
        }
    }
}
/// Moments of at most a block of contiguous elements.
#[inline(always)]
unsafe fn stretch<T: Accumulate + Float>(x: *const T, n: usize) -> Total {
    let whole = n / LANES * LANES;
    let mut lanes = [T::ZERO; LANES];
    for i in (0..whole).step_by(LANES) {
        for l in 0..LANES {
            lanes[l] += *x.add(i + l);
        }
    }
    let mut sum = halves(&lanes);
    for i in whole..n {
        sum += *x.add(i);
    }
    let centre = sum * T::of(1.0 / n as f64);
    let (mut lanes, mut squared) = ([T::ZERO; LANES], [T::ZERO; LANES]);
    for i in (0..whole).step_by(LANES) {
        for l in 0..LANES {
            let d = *x.add(i + l) - centre;
            lanes[l] += d;
            squared[l] = d.mul_add(d, squared[l]);
        }
    }
    let (mut deviations, mut squares) = (halves(&lanes), halves(&squared));
    for i in whole..n {
        let d = *x.add(i) - centre;
        deviations += d;
        squares = d.mul_add(d, squares);
    }
    block(n as f64, centre.f64(), deviations.f64(), squares.f64()).unwrap_or_else(|| careful(x, 1, n))
}
