//! Layer and RMS normalization: every row by its own statistics, with a weight and a bias for each place in a row.
use super::lanes;
use crate::num::Float;
use crate::pool;
use crate::split::{split, Parts};

/// From this many elements on threads share the rows.
const GRAIN: usize = 1 << 14;
/// Parts that the sums over all rows are cut into, at most, and rows that a part has at least.
const PARTS: usize = 16;
const PART_ROWS: usize = 32;
/// Rows whose gradients are added up in T before they join the float64 totals.
const BLOCK: usize = 64;

/// Normalizes every row: `y = (x - mean) * rstd * weight + bias`. Without `mean` the root mean square divides alone
/// (`y = x * rstd * weight + bias`). `rstd` is `1 / sqrt(variance + eps)`.
///
/// # Panics
/// When `x` is not `rstd.len()` rows, or other lengths do not fit.
pub fn rows<T: Float>(
    x: &[T],
    weight: Option<&[T]>,
    bias: Option<&[T]>,
    eps: f64,
    y: &mut [T],
    mean: Option<&mut [T]>,
    rstd: &mut [T],
) {
    let count = rstd.len();
    let n = row_length(x.len(), count);
    assert!(y.len() == x.len() && mean.as_ref().is_none_or(|m| m.len() == count));
    assert!(count == 0 || weight.is_none_or(|w| w.len() == n) && bias.is_none_or(|b| b.len() == n));
    let (y, r, m) = (Parts::new(y), Parts::new(rstd), mean.map(Parts::new));
    split(count, 1, (GRAIN / n.max(1)).max(2), &|s| {
        // Disjoint rows.
        let (y, r) = unsafe { (y.part(s.start * n..s.end * n), r.part(s.clone())) };
        let x = &x[s.start * n..s.end * n];
        match &m {
            Some(m) => forward::<T, 1>(x, weight, bias, eps, y, unsafe { m.part(s) }, r),
            None => forward::<T, 0>(x, weight, bias, eps, y, &mut [], r),
        }
    });
}

/// How many float64 numbers [`rows_gradient`] takes as scratch where it is to give the gradients by weight and bias.
pub fn rows_scratch(count: usize, n: usize) -> usize {
    // Totals of float64, and as many sums of T beside them.
    4 * n * parts(count)
}

/// Gradients of [`rows`], whose `mean` and `rstd` it takes: by the input into `dx`; by weight and bias into `affine`,
/// which comes with its scratch of [`rows_scratch`].
///
/// # Panics
/// When lengths do not fit.
pub fn rows_gradient<T: Float>(
    x: &[T],
    dy: &[T],
    mean: Option<&[T]>,
    rstd: &[T],
    weight: Option<&[T]>,
    dx: &mut [T],
    affine: Option<(&mut [T], &mut [T], &mut [f64])>,
) {
    let count = rstd.len();
    let n = row_length(x.len(), count);
    assert!(dy.len() == x.len() && dx.len() == x.len() && mean.is_none_or(|m| m.len() == count));
    assert!(weight.is_none_or(|w| w.len() == n));
    let out = Parts::new(dx);
    let Some((dw, db, scratch)) = affine else {
        return split(count, 1, (GRAIN / n.max(1)).max(2), &|s| {
            // Disjoint rows.
            let dx = unsafe { out.part(s.start * n..s.end * n) };
            part(x, dy, mean, rstd, weight, s, n, dx, None)
        });
    };
    assert!(dw.len() == n && db.len() == n && scratch.len() >= rows_scratch(count, n));
    let parts = parts(count);
    let scratch = &mut scratch[..4 * n * parts];
    scratch.fill(0.0);
    let shared = Parts::new(scratch);
    let one = |p: usize| {
        let s = pool::share(count, parts, p);
        // Disjoint rows, and totals of this part alone.
        let (dx, totals) = unsafe { (out.part(s.start * n..s.end * n), shared.part(4 * n * p..4 * n * (p + 1))) };
        part(x, dy, mean, rstd, weight, s, n, dx, Some(totals))
    };
    match x.len() < GRAIN {
        true => (0..parts).for_each(one),
        false => pool::run(parts, &one),
    }
    for i in 0..n {
        let total = |k: usize| T::of((0..parts).map(|p| scratch[4 * n * p + k * n + i]).sum());
        (dw[i], db[i]) = (total(0), total(1));
    }
}

fn row_length(len: usize, count: usize) -> usize {
    assert!(count > 0 && len.is_multiple_of(count) || len == 0, "whole rows");
    len.checked_div(count).unwrap_or(0)
}
/// A function of the number of rows alone: bits must not depend on threads.
fn parts(count: usize) -> usize {
    (count / PART_ROWS).clamp(1, PARTS)
}

/// Rows `s`, whose gradients by weight and bias are added up in `totals`: two rows of float64, then two that serve as
/// sums of T.
fn part<T: Float>(
    x: &[T],
    dy: &[T],
    mean: Option<&[T]>,
    rstd: &[T],
    weight: Option<&[T]>,
    s: std::ops::Range<usize>,
    n: usize,
    dx: &mut [T],
    totals: Option<&mut [f64]>,
) {
    let mut none: [f64; 0] = [];
    let (totals, step) = match totals {
        Some(t) => (t, BLOCK),
        None => (&mut none[..], s.len().max(1)),
    };
    let (sums, few) = totals.split_at_mut(totals.len() / 2);
    // Memory of float64 holds as many elements of T, and is aligned for them.
    let few: &mut [T] = unsafe { std::slice::from_raw_parts_mut(few.as_mut_ptr().cast(), few.len()) };
    let first = s.start;
    for start in s.clone().step_by(step) {
        let rows = start..(start + step).min(s.end);
        let at = rows.start * n..rows.end * n;
        let dx = &mut dx[at.start - first * n..at.end - first * n];
        few.fill(T::ZERO);
        let (x, dy, r) = (&x[at.clone()], &dy[at], &rstd[rows.clone()]);
        match mean {
            Some(m) => backward::<T, 1>(x, dy, &m[rows], r, weight, dx, few),
            None => backward::<T, 0>(x, dy, &[], r, weight, dx, few),
        }
        for (total, few) in sums.iter_mut().zip(&*few) {
            *total += few.f64()
        }
    }
}

simd! {
    /// `C` is 1 where rows are centred on their mean.
    fn forward<T: Float; const C>(x: &[T], weight: Option<&[T]>, bias: Option<&[T]>, eps: f64, y: &mut [T], mean: &mut [T], rstd: &mut [T]) {
        let n = if rstd.is_empty() { 0 } else { x.len() / rstd.len() };
        if n == 0 {
            rstd.fill(T::of(1.0 / eps.sqrt()));
            return mean.fill(T::ZERO);
        }
        // Of known length, or every element is checked.
        let (weight, bias) = (weight.map(|w| &w[..n]), bias.map(|b| &b[..n]));
        for (i, (x, y)) in x.chunks_exact(n).zip(y.chunks_exact_mut(n)).enumerate() {
            let (m, var) = if C == 1 { lanes::moments(x) } else { (0.0, lanes::squares(x, T::ZERO)[0] / n as f64) };
            let (m, r) = (T::of(m), T::of(1.0 / (var + eps).sqrt()));
            if C == 1 { mean[i] = m }
            rstd[i] = r;
            match (weight, bias) {
                (Some(w), Some(b)) => for k in 0..n { y[k] = ((x[k] - m) * r).mul_add(w[k], b[k]) },
                (Some(w), None) => for k in 0..n { y[k] = (x[k] - m) * r * w[k] },
                (None, Some(b)) => for k in 0..n { y[k] = (x[k] - m).mul_add(r, b[k]) },
                (None, None) => for k in 0..n { y[k] = (x[k] - m) * r },
            }
        }
    }

    /// Writes `dx`, and adds `dy * xhat` and `dy` to the two rows of `sums` where it has them.
    fn backward<T: Float; const C>(x: &[T], dy: &[T], mean: &[T], rstd: &[T], weight: Option<&[T]>, dx: &mut [T], sums: &mut [T]) {
        let n = if rstd.is_empty() { 0 } else { x.len() / rstd.len() };
        if n == 0 {
            return;
        }
        let (dw, db) = sums.split_at_mut(sums.len() / 2);
        // Of known length, or every element is checked.
        let weight = weight.map(|w| &w[..n]);
        for i in 0..rstd.len() {
            let (x, dy, dx) = (&x[i * n..(i + 1) * n], &dy[i * n..(i + 1) * n], &mut dx[i * n..(i + 1) * n]);
            let (m, r) = (if C == 1 { mean[i] } else { T::ZERO }, rstd[i]);
            let [sum, product] = match weight {
                Some(w) => lanes::weighted(x, dy, w, m),
                None => lanes::products(x, dy, m),
            };
            // dx = r (g - mean(g) - xhat mean(g xhat)), the middle only where rows are centred; g = dy w.
            let k = 1.0 / n as f64;
            let shift = if C == 1 { T::of(sum * k) } else { T::ZERO };
            let slope = T::of(product * k * r.f64() * r.f64());
            match weight {
                Some(w) => for j in 0..n { dx[j] = r * (dy[j].mul_add(w[j], -shift) - (x[j] - m) * slope) },
                None => for j in 0..n { dx[j] = r * ((dy[j] - shift) - (x[j] - m) * slope) },
            }
            if dw.len() == n && db.len() == n {
                for j in 0..n {
                    dw[j] = (dy[j] * r).mul_add(x[j] - m, dw[j]);
                    db[j] += dy[j];
                }
            }
        }
    }
}
