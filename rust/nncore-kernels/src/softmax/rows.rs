//! Rows of contiguous elements: lanes of 16, the last ones padded.
use crate::math::{exp, ln};
use crate::num::Float;

const L: usize = 16;

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
    let mut m = [T::LOWEST; L];
    for at in (0..x.len()).step_by(L) {
        let v = load(x, at, T::LOWEST);
        for l in 0..L {
            m[l] = if v[l] > m[l] { v[l] } else { m[l] };
        }
    }
    join(m, |a, b| if b > a { b } else { a })
}

/// Writes `e^(x - m)` when there is somewhere to, and returns the sum.
#[inline(always)]
pub(super) fn exps<T: Float>(x: &[T], m: T, mut y: Option<&mut [T]>) -> T {
    let mut s = [T::ZERO; L];
    for at in (0..x.len()).step_by(L) {
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

#[inline(always)]
pub(super) fn scale<T: Float>(y: &mut [T], k: T) {
    for y in y {
        *y *= k;
    }
}

/// Rows of at most this many elements are taken many at a time, so that `exp` and `ln` run over full vectors.
pub(super) const FEW: usize = 32;
/// Elements of such a block of rows, and rows at most.
const BLOCK: usize = 512;
pub(super) const ROWS: usize = 64;

/// Rows in a block of short rows.
#[inline(always)]
pub(super) fn block_rows(cols: usize) -> usize {
    (BLOCK / cols).clamp(1, ROWS)
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
            let mut s = [T::ZERO; L];
            for at in (0..cols).step_by(L) {
                let (v, g) = (load(y, at, T::ZERO), load(dy, at, T::ZERO));
                for l in 0..L { s[l] = v[l].mul_add(g[l], s[l]) }
            }
            let s = join(s, |a, b| a + b);
            for ((y, dy), dx) in y.iter().zip(dy).zip(dx) { *dx = *y * (*dy - s) }
        }
    }

    pub(super) fn log_grad<T: Float>(y: &[T], dy: &[T], dx: &mut [T], cols: usize) {
        for ((y, dy), dx) in y.chunks_exact(cols).zip(dy.chunks_exact(cols)).zip(dx.chunks_exact_mut(cols)) {
            let mut s = [T::ZERO; L];
            for at in (0..cols).step_by(L) {
                let g = load(dy, at, T::ZERO);
                for l in 0..L { s[l] += g[l] }
            }
            let s = join(s, |a, b| a + b);
            for at in (0..cols).step_by(L) {
                let (mut v, g) = (load(y, at, T::ZERO), load(dy, at, T::ZERO));
                for l in 0..L { v[l] = g[l] - exp(v[l]) * s }
                store(dx, at, &v);
            }
        }
    }
}
