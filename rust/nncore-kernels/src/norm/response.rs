//! Local response normalization across channels.
//!
//! An operand is (outer, channels, inner), dense. Within a block of channels x inner elements a neighbour channel lies
//! `inner` elements away, so a window over channels is a sum of shifted blocks, whichever order memory has.
use crate::math::{exp, ln};
use crate::num::Float;
use crate::split::{split, Parts};

const L: usize = 64;
/// From this many elements on threads share the blocks.
const GRAIN: usize = 1 << 13;

/// `y = x * d^-beta` with `d = k + alpha * (sum of squares of the channels from before to after)`.
#[derive(Clone, Copy, Debug)]
pub struct Response {
    pub channels: usize,
    pub inner: usize,
    /// Channels before and after the one in the middle.
    pub before: usize,
    pub after: usize,
    /// Of the sum: divide it by the window's size where the mean is meant.
    pub alpha: f64,
    pub beta: f64,
    pub k: f64,
}
impl Response {
    fn block(&self) -> usize {
        self.channels * self.inner
    }
}

/// Also gives `d`, which the gradient reads.
///
/// # Panics
/// When the lengths differ or are no whole number of blocks.
pub fn response<T: Float>(p: &Response, x: &[T], y: &mut [T], d: &mut [T]) {
    assert!(y.len() == x.len() && d.len() == x.len());
    let block = p.block();
    if x.is_empty() {
        return;
    }
    assert!(x.len().is_multiple_of(block));
    let (y, d) = (Parts::new(y), Parts::new(d));
    split(x.len() / block, 1, (GRAIN / block).max(2), &|r| {
        let at = r.start * block..r.end * block;
        // Disjoint blocks.
        unsafe { forward(p, &x[at.clone()], y.part(at.clone()), d.part(at)) }
    });
}

/// Gradient of [`response`] by the input, from its outputs. `scratch` is as long as they are.
///
/// # Panics
/// When the lengths differ or are no whole number of blocks.
pub fn response_gradient<T: Float>(p: &Response, x: &[T], d: &[T], dy: &[T], dx: &mut [T], scratch: &mut [T]) {
    assert!(d.len() == x.len() && dy.len() == x.len() && dx.len() == x.len() && scratch.len() == x.len());
    let block = p.block();
    if x.is_empty() {
        return;
    }
    assert!(x.len().is_multiple_of(block));
    let (dx, t) = (Parts::new(dx), Parts::new(scratch));
    split(x.len() / block, 1, (GRAIN / block).max(2), &|r| {
        let at = r.start * block..r.end * block;
        // Disjoint blocks.
        unsafe { backward(p, &x[at.clone()], &d[at.clone()], &dy[at.clone()], dx.part(at.clone()), t.part(at)) }
    });
}

/// `d^-beta`.
#[inline(always)]
fn power<T: Float>(d: T, beta: f64) -> T {
    if beta == 0.75 {
        let root = d.sqrt();
        T::ONE / (root * root.sqrt())
    } else {
        exp(-T::of(beta) * ln(d))
    }
}

/// Sums `x` (squared where `SQUARES`) over the window, for up to 64 elements from `at` on. The window reaches `low`
/// channels down and `high` up.
#[inline(always)]
fn window<T: Float, const SQUARES: bool>(
    x: &[T],
    at: usize,
    w: usize,
    inner: usize,
    low: usize,
    high: usize,
) -> [T; L] {
    let mut sum = [T::ZERO; L];
    let term = |v: T, s: T| if SQUARES { v.mul_add(v, s) } else { s + v };
    for j in 0..=low + high {
        // Elements at + l + (j - low) * inner, of which some may lie outside the block.
        let (down, up) = (low.saturating_sub(j) * inner, j.saturating_sub(low) * inner);
        let first = down.saturating_sub(at).min(w);
        let last = x.len().saturating_sub(at + up).min(w);
        if first == 0 && last == L {
            let v = &x[at - down + up..at - down + up + L];
            for l in 0..L {
                sum[l] = term(v[l], sum[l]);
            }
        } else {
            for l in first..last {
                sum[l] = term(x[at + l + up - down], sum[l]);
            }
        }
    }
    sum
}

simd! {
    fn forward<T: Float>(p: &Response, x: &[T], y: &mut [T], d: &mut [T]) {
        let (block, alpha, k) = (p.block(), T::of(p.alpha), T::of(p.k));
        for ((x, y), d) in x.chunks_exact(block).zip(y.chunks_exact_mut(block)).zip(d.chunks_exact_mut(block)) {
            for at in (0..block).step_by(L) {
                let w = L.min(block - at);
                let mut s = window::<T, true>(x, at, w, p.inner, p.before, p.after);
                for l in 0..L { s[l] = alpha.mul_add(s[l], k) }
                d[at..at + w].copy_from_slice(&s[..w]);
                for l in 0..L { s[l] = power(s[l], p.beta) }
                for l in 0..w { y[at + l] = x[at + l] * s[l] }
            }
        }
    }

    fn backward<T: Float>(p: &Response, x: &[T], d: &[T], dy: &[T], dx: &mut [T], t: &mut [T]) {
        let block = p.block();
        let factor = T::of(-2.0 * p.alpha * p.beta);
        for start in (0..x.len()).step_by(block) {
            let of = start..start + block;
            let (x, d, dy) = (&x[of.clone()], &d[of.clone()], &dy[of.clone()]);
            let (dx, t) = (&mut dx[of.clone()], &mut t[of]);
            for i in 0..block {
                let s = power(d[i], p.beta);
                dx[i] = dy[i] * s;
                t[i] = dy[i] * x[i] * s / d[i];
            }
            // The channels in whose windows this one lies.
            for at in (0..block).step_by(L) {
                let w = L.min(block - at);
                let s = window::<T, false>(t, at, w, p.inner, p.after, p.before);
                for l in 0..w { dx[at + l] = (factor * x[at + l]).mul_add(s[l], dx[at + l]) }
            }
        }
    }
}
