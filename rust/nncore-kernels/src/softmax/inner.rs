//! Softmax over an axis that is not the last: neighbours along the inner axis share a vector.
use super::rows::copy_few;
use crate::math::{exp, ln};
use crate::num::Float;

const L: usize = 16;

/// Runs the body for each column stack of a dense (outer, cols, inner) operand: its offset, its width of at most 16. A
/// macro, since a closure of this size would be compiled once, for the baseline.
macro_rules! stacks {
    ($len:expr, $cols:ident, $inner:ident, |$at:ident, $w:ident| $body:block) => {
        for outer in (0..$len).step_by($cols * $inner) {
            for i in (0..$inner).step_by(L) {
                let ($at, $w) = (outer + i, L.min($inner - i));
                $body
            }
        }
    };
}

/// Up to 16 neighbours, the rest zero.
#[inline(always)]
fn load<T: Float>(x: &[T], at: usize, w: usize) -> [T; L] {
    let mut v = [T::ZERO; L];
    copy_few(&x[at..], &mut v, w);
    v
}

#[inline(always)]
fn store<T: Float>(y: &mut [T], at: usize, w: usize, v: [T; L]) {
    copy_few(&v, &mut y[at..], w)
}

#[inline(always)]
fn largest<T: Float>(x: &[T], at: usize, w: usize, cols: usize, inner: usize) -> [T; L] {
    let mut m = [T::LOWEST; L];
    for c in 0..cols {
        let v = load(x, at + c * inner, w);
        for l in 0..L {
            m[l] = if v[l] > m[l] { v[l] } else { m[l] };
        }
    }
    m
}

simd! {
    pub(super) fn plain<T: Float>(x: &[T], y: &mut [T], cols: usize, inner: usize) {
        stacks!(x.len(), cols, inner, |at, w| {
            let m = largest(x, at, w, cols, inner);
            let mut s = [T::ZERO; L];
            for c in 0..cols {
                let mut v = load(x, at + c * inner, w);
                for l in 0..L { v[l] = exp(v[l] - m[l]) }
                for l in 0..L { s[l] += v[l] }
                store(y, at + c * inner, w, v);
            }
            for l in 0..L { s[l] = T::ONE / s[l] }
            for c in 0..cols {
                let mut v = load(y, at + c * inner, w);
                for l in 0..L { v[l] *= s[l] }
                store(y, at + c * inner, w, v);
            }
        });
    }

    pub(super) fn log<T: Float>(x: &[T], y: &mut [T], cols: usize, inner: usize) {
        stacks!(x.len(), cols, inner, |at, w| {
            let m = largest(x, at, w, cols, inner);
            let mut s = [T::ZERO; L];
            for c in 0..cols {
                let v = load(x, at + c * inner, w);
                let mut e = [T::ZERO; L];
                for l in 0..L { e[l] = exp(v[l] - m[l]) }
                for l in 0..L { s[l] += e[l] }
            }
            for l in 0..L { s[l] = ln(s[l]) }
            for c in 0..cols {
                let mut v = load(x, at + c * inner, w);
                for l in 0..L { v[l] = (v[l] - m[l]) - s[l] }
                store(y, at + c * inner, w, v);
            }
        });
    }

    pub(super) fn plain_grad<T: Float>(y: &[T], dy: &[T], dx: &mut [T], cols: usize, inner: usize) {
        stacks!(y.len(), cols, inner, |at, w| {
            let mut s = [T::ZERO; L];
            for c in 0..cols {
                let (v, g) = (load(y, at + c * inner, w), load(dy, at + c * inner, w));
                for l in 0..L { s[l] = v[l].mul_add(g[l], s[l]) }
            }
            for c in 0..cols {
                let (mut v, g) = (load(y, at + c * inner, w), load(dy, at + c * inner, w));
                for l in 0..L { v[l] *= g[l] - s[l] }
                store(dx, at + c * inner, w, v);
            }
        });
    }

    pub(super) fn log_grad<T: Float>(y: &[T], dy: &[T], dx: &mut [T], cols: usize, inner: usize) {
        stacks!(y.len(), cols, inner, |at, w| {
            let mut s = [T::ZERO; L];
            for c in 0..cols {
                let g = load(dy, at + c * inner, w);
                for l in 0..L { s[l] += g[l] }
            }
            for c in 0..cols {
                let (mut v, g) = (load(y, at + c * inner, w), load(dy, at + c * inner, w));
                for l in 0..L { v[l] = g[l] - exp(v[l]) * s[l] }
                store(dx, at + c * inner, w, v);
            }
        });
    }
}
