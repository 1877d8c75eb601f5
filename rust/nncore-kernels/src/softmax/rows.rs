//! Rows of contiguous elements: lanes of 16, the last ones padded.
use crate::math::{exp, ln};
use crate::num::Float;

const L: usize = 16;

/// Calls `f(vector, lanes in use, offset)` for 16 elements at a time, the last ones padded with `pad`.
#[inline(always)]
pub(super) fn vectors<T: Float>(x: &[T], pad: T, mut f: impl FnMut([T; L], usize, usize)) {
    let mut at = 0;
    for v in x.chunks_exact(L) {
        let mut w = [pad; L];
        w.copy_from_slice(v);
        f(w, L, at);
        at += L;
    }
    let rest = &x[at..];
    if !rest.is_empty() {
        let mut w = [pad; L];
        // Element by element: a call to memcpy costs more.
        for l in 0..L {
            if l < rest.len() {
                w[l] = rest[l];
            }
        }
        f(w, rest.len(), at);
    }
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

#[inline(always)]
fn store<T: Float>(y: &mut [T], v: [T; L], n: usize, at: usize) {
    if n == L {
        y[at..at + L].copy_from_slice(&v);
    } else {
        for (y, v) in y[at..].iter_mut().zip(v) {
            *y = v;
        }
    }
}

/// Largest element of a row. A NaN may be passed over: it returns with the sum.
#[inline(always)]
pub(super) fn largest<T: Float>(x: &[T]) -> T {
    let mut m = [T::LOWEST; L];
    vectors(x, T::LOWEST, |v, _, _| {
        for l in 0..L {
            m[l] = if v[l] > m[l] { v[l] } else { m[l] };
        }
    });
    join(m, |a, b| if b > a { b } else { a })
}

/// Writes `e^(x - m)` and returns the sum.
#[inline(always)]
pub(super) fn exps<T: Float>(x: &[T], m: T, y: &mut [T]) -> T {
    let mut s = [T::ZERO; L];
    vectors(x, T::LOWEST, |v, n, at| {
        let mut e = [T::ZERO; L];
        for l in 0..L {
            e[l] = exp(v[l] - m);
        }
        for l in 0..L {
            s[l] += if l < n { e[l] } else { T::ZERO };
        }
        store(y, e, n, at)
    });
    join(s, |a, b| a + b)
}

#[inline(always)]
pub(super) fn scale<T: Float>(y: &mut [T], k: T) {
    for y in y {
        *y *= k;
    }
}

simd! {
    pub(super) fn plain<T: Float>(x: &[T], y: &mut [T], cols: usize) {
        for (x, y) in x.chunks_exact(cols).zip(y.chunks_exact_mut(cols)) {
            let s = exps(x, largest(x), y);
            scale(y, T::ONE / s);
        }
    }

    pub(super) fn log<T: Float>(x: &[T], y: &mut [T], cols: usize) {
        for (x, y) in x.chunks_exact(cols).zip(y.chunks_exact_mut(cols)) {
            let m = largest(x);
            let mut s = [T::ZERO; L];
            vectors(x, T::LOWEST, |v, n, _| {
                let mut e = [T::ZERO; L];
                for l in 0..L { e[l] = exp(v[l] - m) }
                for l in 0..L { s[l] += if l < n { e[l] } else { T::ZERO } }
            });
            let s = ln(join(s, |a, b| a + b));
            // In two steps: m + ln(s) would round away small logits' digits when m is large.
            for (y, x) in y.iter_mut().zip(x) { *y = (*x - m) - s }
        }
    }

    pub(super) fn plain_grad<T: Float>(y: &[T], dy: &[T], dx: &mut [T], cols: usize) {
        for ((y, dy), dx) in y.chunks_exact(cols).zip(dy.chunks_exact(cols)).zip(dx.chunks_exact_mut(cols)) {
            let s = dot(y, dy);
            for ((y, dy), dx) in y.iter().zip(dy).zip(dx) { *dx = *y * (*dy - s) }
        }
    }

    pub(super) fn log_grad<T: Float>(y: &[T], dy: &[T], dx: &mut [T], cols: usize) {
        for ((y, dy), dx) in y.chunks_exact(cols).zip(dy.chunks_exact(cols)).zip(dx.chunks_exact_mut(cols)) {
            let mut s = [T::ZERO; L];
            vectors(dy, T::ZERO, |v, _, _| for l in 0..L { s[l] += v[l] });
            let s = join(s, |a, b| a + b);
            vectors(y, T::ZERO, |v, n, at| {
                let mut e = [T::ZERO; L];
                for l in 0..L { e[l] = exp(v[l]) * s }
                for l in 0..n { dx[at + l] = dy[at + l] - e[l] }
            });
        }
    }
}

#[inline(always)]
fn dot<T: Float>(a: &[T], b: &[T]) -> T {
    let mut s = [T::ZERO; L];
    vectors(a, T::ZERO, |v, n, at| {
        let mut w = [T::ZERO; L];
        if n == L {
            w.copy_from_slice(&b[at..at + L]);
        } else {
            for (w, b) in w.iter_mut().zip(&b[at..]) {
                *w = *b;
            }
        }
        for l in 0..L {
            s[l] = v[l].mul_add(w[l], s[l]);
        }
    });
    join(s, |a, b| a + b)
}
