//! Rows of contiguous elements: lanes of 16, the last ones padded.
use crate::math::{exp, ln};
use crate::num::Float;

const L: usize = 16;
/// Elements taken at a time in long rows.
const BLOCK: usize = 4 * L;

/// Copies `n <= 16` elements in pieces of constant size: a call to memcpy costs more.
#[inline(always)]
pub(super) fn copy_few<T: Copy>(from: &[T], to: &mut [T], n: usize) {
    if n == L {
        to[..L].copy_from_slice(&from[..L]);
        return;
    }
    let mut at = 0;
    if n & 8 != 0 {
        to[..8].copy_from_slice(&from[..8]);
        at = 8;
    }
    if n & 4 != 0 {
        to[at..at + 4].copy_from_slice(&from[at..at + 4]);
        at += 4;
    }
    if n & 2 != 0 {
        to[at..at + 2].copy_from_slice(&from[at..at + 2]);
        at += 2;
    }
    if n & 1 != 0 {
        to[at] = from[at];
    }
}

/// Up to 16 elements from `at` on, the rest `pad`.
#[inline(always)]
pub(super) fn load<T: Float>(x: &[T], at: usize, pad: T) -> [T; L] {
    let mut v = [pad; L];
    copy_few(&x[at..], &mut v, L.min(x.len() - at));
    v
}

#[inline(always)]
fn store<T: Float>(y: &mut [T], at: usize, v: &[T; L]) {
    let n = L.min(y.len() - at);
    copy_few(v, &mut y[at..], n)
}

/// Joins 16 lanes in a fixed order.
#[inline(always)]
pub(super) fn join<T: Float>(mut v: [T; L], f: impl Fn(T, T) -> T) -> T {
    for l in 0..8 {
        v[l] = f(v[l], v[l + 8]);
    }
    for l in 0..4 {
        v[l] = f(v[l], v[l + 4]);
    }
    f(f(v[0], v[2]), f(v[1], v[3]))
}

/// Largest element of a row. A NaN may be passed over: it returns with the sum.
#[inline(always)]
pub(super) fn largest<T: Float>(x: &[T]) -> T {
    let above = |a: T, b: T| if b > a { b } else { a };
    // Several vectors at a time, as one comparison waits for the one before it.
    let mut m = [T::LOWEST; BLOCK];
    for x in x.chunks_exact(BLOCK) {
        for i in 0..BLOCK {
            m[i] = if x[i] > m[i] { x[i] } else { m[i] };
        }
    }
    let mut all = [T::LOWEST; L];
    for m in m.chunks_exact(L) {
        for l in 0..L {
            all[l] = above(all[l], m[l]);
        }
    }
    for at in (x.len() / BLOCK * BLOCK..x.len()).step_by(L) {
        let v = load(x, at, T::LOWEST);
        for l in 0..L {
            all[l] = above(all[l], v[l]);
        }
    }
    join(all, above)
}

/// Writes `e^(x - m)` when there is somewhere to, and returns the sum.
#[inline(always)]
pub(super) fn exps<T: Float>(x: &[T], m: T, mut y: Option<&mut [T]>) -> T {
    // Several vectors at a time: one exponential waits long for itself. The loops are apart, or they are not vectorised.
    let mut s = [T::ZERO; L];
    let mut e = [T::ZERO; BLOCK];
    let whole = x.len() / BLOCK * BLOCK;
    for (k, x) in x.chunks_exact(BLOCK).enumerate() {
        for i in 0..BLOCK {
            e[i] = exp(x[i] - m);
        }
        for e in e.chunks_exact(L) {
            for l in 0..L {
                s[l] += e[l];
            }
        }
        if let Some(y) = &mut y {
            y[k * BLOCK..(k + 1) * BLOCK].copy_from_slice(&e);
        }
    }
    for at in (whole..x.len()).step_by(L) {
        // Padding adds e^-inf = 0. (When m is -inf as well the row is NaN anyway.)
        let v = load(x, at, T::LOWEST);
        let mut e = [T::ZERO; L];
        for l in 0..L {
            e[l] = exp(v[l] - m);
        }
        for l in 0..L {
            s[l] += e[l];
        }
        if let Some(y) = &mut y {
            store(y, at, &e);
        }
    }
    join(s, |a, b| a + b)
}

/// Folds two rows from 0 on, in 16 lanes that are added in a fixed order.
#[inline(always)]
fn sum_of<T: Float>(a: &[T], b: &[T], f: impl Fn(T, T, T) -> T) -> T {
    let mut s = [T::ZERO; L];
    for (a, b) in a.chunks_exact(L).zip(b.chunks_exact(L)) {
        for l in 0..L {
            s[l] = f(s[l], a[l], b[l])
        }
    }
    let whole = a.len() / L * L;
    let (v, g) = (load(a, whole, T::ZERO), load(b, whole, T::ZERO));
    for l in 0..L {
        s[l] = f(s[l], v[l], g[l])
    }
    join(s, |a, b| a + b)
}

#[inline(always)]
pub(super) fn scale<T: Float>(y: &mut [T], k: T) {
    for y in y {
        *y *= k;
    }
}

/// Rows of at most this many elements are taken many at a time, so that `exp` and `ln` run over full vectors.
pub(super) const FEW: usize = 32;
/// Elements of such a block of rows, and rows at most.
const SHORT: usize = 512;
pub(super) const ROWS: usize = 64;

/// Rows in a block of short rows.
#[inline(always)]
pub(super) fn block_rows(cols: usize) -> usize {
    (SHORT / cols).clamp(1, ROWS)
}
/// Of a block of short rows: each row's largest element, `e^(x - largest)`, and their sum.
#[inline(always)]
pub(super) fn few<T: Float>(x: &[T], cols: usize, largest: &mut [T; ROWS], e: &mut [T], sums: &mut [T; ROWS]) {
    for ((x, e), m) in x.chunks_exact(cols).zip(e.chunks_exact_mut(cols)).zip(largest) {
        // Plain comparisons: a NaN may be passed over, it returns with the sum.
        *m = x.iter().fold(T::LOWEST, |a, b| if *b > a { *b } else { a });
        for (e, x) in e.iter_mut().zip(x) {
            *e = *x - *m
        }
    }
    for e in e.iter_mut() {
        *e = exp(*e)
    }
    for (e, s) in e.chunks_exact(cols).zip(sums) {
        *s = e.iter().fold(T::ZERO, |a, b| a + *b)
    }
}

simd! {
    /// `plain` for rows of at most [`FEW`].
    pub(super) fn plain_few<T: Float>(x: &[T], y: &mut [T], cols: usize) {
        let block = block_rows(cols) * cols;
        for (x, y) in x.chunks(block).zip(y.chunks_mut(block)) {
            let (mut m, mut s) = ([T::ZERO; ROWS], [T::ONE; ROWS]);
            few(x, cols, &mut m, y, &mut s);
            for (y, s) in y.chunks_exact_mut(cols).zip(&s) { scale(y, T::ONE / *s) }
        }
    }

    /// `log` for rows of at most [`FEW`].
    pub(super) fn log_few<T: Float>(x: &[T], y: &mut [T], cols: usize) {
        let block = block_rows(cols) * cols;
        for (x, y) in x.chunks(block).zip(y.chunks_mut(block)) {
            let (mut m, mut s) = ([T::ZERO; ROWS], [T::ONE; ROWS]);
            few(x, cols, &mut m, y, &mut s);
            for s in &mut s { *s = ln(*s) }
            for (((x, y), m), s) in x.chunks_exact(cols).zip(y.chunks_exact_mut(cols)).zip(&m).zip(&s) {
                for (y, x) in y.iter_mut().zip(x) { *y = (*x - *m) - *s }
            }
        }
    }

    pub(super) fn plain<T: Float>(x: &[T], y: &mut [T], cols: usize) {
        for (x, y) in x.chunks_exact(cols).zip(y.chunks_exact_mut(cols)) {
            let s = exps(x, largest(x), Some(&mut *y));
            scale(y, T::ONE / s);
        }
    }

    pub(super) fn log<T: Float>(x: &[T], y: &mut [T], cols: usize) {
        for (x, y) in x.chunks_exact(cols).zip(y.chunks_exact_mut(cols)) {
            let m = largest(x);
            let s = ln(exps(x, m, None));
            // In two steps: m + ln(s) would round away small logits' digits when m is large.
            for (y, x) in y.iter_mut().zip(x) { *y = (*x - m) - s }
        }
    }

    pub(super) fn plain_grad<T: Float>(y: &[T], dy: &[T], dx: &mut [T], cols: usize) {
        for ((y, dy), dx) in y.chunks_exact(cols).zip(dy.chunks_exact(cols)).zip(dx.chunks_exact_mut(cols)) {
            let s = sum_of(y, dy, |s, y, dy| y.mul_add(dy, s));
            for ((y, dy), dx) in y.iter().zip(dy).zip(dx) { *dx = *y * (*dy - s) }
        }
    }

    pub(super) fn log_grad<T: Float>(y: &[T], dy: &[T], dx: &mut [T], cols: usize) {
        for ((y, dy), dx) in y.chunks_exact(cols).zip(dy.chunks_exact(cols)).zip(dx.chunks_exact_mut(cols)) {
            let s = sum_of(dy, dy, |s, dy, _| s + dy);
            let whole = cols / L * L;
            for ((dx, y), dy) in dx[..whole].iter_mut().zip(&y[..whole]).zip(&dy[..whole]) { *dx = *dy - exp(*y) * s }
            if whole < cols {
                let (mut v, g) = (load(y, whole, T::ZERO), load(dy, whole, T::ZERO));
                for l in 0..L { v[l] = g[l] - exp(v[l]) * s }
                store(dx, whole, &v);
            }
        }
    }
}
