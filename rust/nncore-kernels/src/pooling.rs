//! Pooling over windows of (batch, depth, height, width, channels) memory: PyTorch's rules on channels-last data.
//!
//! `max_pool` notes the place of each maximum inside its window, in a byte where the window has at most 256 places.
mod average;
mod max;
mod plane;
mod tile;
mod window;
use crate::num::{Float, Number};
pub use max::Place;
pub use window::Pool;

/// What the sum of a window is divided by.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Divisor {
    /// The number of its places inside the input.
    Inside,
    /// The number of its places inside the padded input.
    Padded,
    Given(f64),
}

/// Maximum over each window, and its place there (row-major over the kernel). A NaN in the window wins; among equals the
/// first. Padding counts as less than everything.
///
/// # Panics
/// When lengths do not fit, or the kernel has more places than `P` can count.
pub fn max_pool<T: Number, P: Place>(p: &Pool, x: &[T], y: &mut [T], places: &mut [P]) {
    p.check(x.len(), y.len());
    assert!(places.len() == y.len() && p.places() <= P::MOST);
    max::forward(p, x, y, places)
}

/// Gradient of [`max_pool`]: each element of `dy` goes to where its maximum stood. Writes all of `dx`; where windows
/// overlap, in a fixed order.
///
/// # Panics
/// When lengths do not fit.
pub fn max_pool_grad<T: Float, P: Place>(p: &Pool, dy: &[T], places: &[P], dx: &mut [T]) {
    p.check(dx.len(), dy.len());
    assert_eq!(places.len(), dy.len());
    max::backward(p, dy, places, dx)
}

/// Where each maximum stood, as its number in the plane of its channel (row-major).
///
/// # Panics
/// When lengths do not fit.
pub fn max_pool_indices<P: Place>(p: &Pool, places: &[P], indices: &mut [i64]) {
    assert!(places.len() == indices.len() && places.len() == p.batch * p.pooled());
    max::indices(p, places, indices)
}

/// Mean over each window, divided as `divisor` says.
///
/// # Panics
/// When lengths do not fit.
pub fn avg_pool<T: Float>(p: &Pool, divisor: Divisor, x: &[T], y: &mut [T]) {
    p.check(x.len(), y.len());
    average::forward(p, divisor, x, y)
}

/// Gradient of [`avg_pool`]. Writes all of `dx`; where windows overlap, in a fixed order.
///
/// # Panics
/// When lengths do not fit.
pub fn avg_pool_grad<T: Float>(p: &Pool, divisor: Divisor, dy: &[T], dx: &mut [T]) {
    p.check(dx.len(), dy.len());
    average::backward(p, divisor, dy, dx)
}

/// Elements of each channel's plane, of `size` elements, by their numbers: `y` and `indices` are (batch, any, channels).
///
/// # Panics
/// When lengths do not fit, or a number is out of range.
pub fn plane_gather<T: Float>(batch: usize, channels: usize, size: usize, x: &[T], indices: &[i64], y: &mut [T]) {
    assert!(x.len() == batch * size * channels && indices.len() == y.len());
    plane::gather(batch, channels, size, x, indices, y)
}

/// Zeros with elements of `x` at the places that `indices` name in each channel's plane of `size` elements. Of elements
/// for one place the last stays, or their sum with `add`.
///
/// # Panics
/// When lengths do not fit, or a number is out of range.
pub fn plane_scatter<T: Float>(
    batch: usize,
    channels: usize,
    size: usize,
    add: bool,
    x: &[T],
    indices: &[i64],
    y: &mut [T],
) {
    assert!(y.len() == batch * size * channels && indices.len() == x.len());
    plane::scatter(batch, channels, size, add, x, indices, y)
}
