//! Softmax and its logarithm along one axis, their gradients, and the cross-entropy of logits.
//!
//! Operands are dense, seen as (outer, cols, inner): softmax runs over `cols`, whose elements lie `inner` apart.
mod cross_entropy;
mod inner;
mod rows;
use crate::num::Float;
use crate::split::{split, Parts};
pub use cross_entropy::{cross_entropy, cross_entropy_grad, Classes};

/// From this many elements on threads share the work.
const GRAIN: usize = 1 << 14;

/// `e^x / sum(e^x)` along `cols`.
///
/// # Panics
/// When the lengths differ or are no multiple of `cols * inner`.
pub fn softmax<T: Float>(x: &[T], y: &mut [T], cols: usize, inner: usize) {
    forward::<T, false>(x, y, cols, inner)
}

/// `x - ln(sum(e^x))` along `cols`.
///
/// # Panics
/// When the lengths differ or are no multiple of `cols * inner`.
pub fn log_softmax<T: Float>(x: &[T], y: &mut [T], cols: usize, inner: usize) {
    forward::<T, true>(x, y, cols, inner)
}

/// Gradient of [`softmax`] from its output: `dx = y (dy - sum(dy y))`.
///
/// # Panics
/// When the lengths differ or are no multiple of `cols * inner`.
pub fn softmax_grad<T: Float>(y: &[T], dy: &[T], dx: &mut [T], cols: usize, inner: usize) {
    backward::<T, false>(y, dy, dx, cols, inner)
}

/// Gradient of [`log_softmax`] from its output: `dx = dy - e^y sum(dy)`.
///
/// # Panics
/// When the lengths differ or are no multiple of `cols * inner`.
pub fn log_softmax_grad<T: Float>(y: &[T], dy: &[T], dx: &mut [T], cols: usize, inner: usize) {
    backward::<T, true>(y, dy, dx, cols, inner)
}

fn forward<T: Float, const LOG: bool>(x: &[T], y: &mut [T], cols: usize, inner: usize) {
    assert_eq!(x.len(), y.len());
    let unit = cols * inner;
    if unit == 0 || x.is_empty() {
        return;
    }
    assert_eq!(x.len() % unit, 0);
    let out = Parts::new(y);
    split(x.len() / unit, 1, (GRAIN / unit).max(2), &|r| {
        let r = r.start * unit..r.end * unit;
        // Disjoint ranges.
        let y = unsafe { out.part(r.clone()) };
        match (inner, LOG) {
            (1, true) if cols <= rows::FEW => rows::log_few(&x[r], y, cols),
            (1, false) if cols <= rows::FEW => rows::plain_few(&x[r], y, cols),
            (1, true) => rows::log(&x[r], y, cols),
            (1, false) => rows::plain(&x[r], y, cols),
            (_, true) => inner::log(&x[r], y, cols, inner),
            (_, false) => inner::plain(&x[r], y, cols, inner),
        }
    });
}

fn backward<T: Float, const LOG: bool>(y: &[T], dy: &[T], dx: &mut [T], cols: usize, inner: usize) {
    assert!(y.len() == dx.len() && dy.len() == dx.len());
    let unit = cols * inner;
    if unit == 0 || y.is_empty() {
        return;
    }
    assert_eq!(y.len() % unit, 0);
    let out = Parts::new(dx);
    split(y.len() / unit, 1, (GRAIN / unit).max(2), &|r| {
        let r = r.start * unit..r.end * unit;
        // Disjoint ranges.
        let dx = unsafe { out.part(r.clone()) };
        match (inner, LOG) {
            (1, true) => rows::log_grad(&y[r.clone()], &dy[r], dx, cols),
            (1, false) => rows::plain_grad(&y[r.clone()], &dy[r], dx, cols),
            (_, true) => inner::log_grad(&y[r.clone()], &dy[r], dx, cols, inner),
            (_, false) => inner::plain_grad(&y[r.clone()], &dy[r], dx, cols, inner),
        }
    });
}
