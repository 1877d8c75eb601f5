//! Pooling over windows of (batch, height, width, channels) memory: PyTorch's rules on channels-last data.
//!
//! `MaxPool2d` notes the place of each maximum inside its window, in a byte where the window has at most 256 places.
mod average;
mod max;
mod tile;
mod window;
use crate::num::{Float, Number};
pub use max::Place;
pub use window::Pool2d;

/// Maximum over each window, and its place there (row-major over the kernel). A NaN in the window wins; among equals the
/// first. Padding counts as less than everything.
///
/// # Panics
/// When lengths do not fit, or the kernel has more places than `P` can count.
pub fn max_pool2d<T: Number, P: Place>(p: &Pool2d, x: &[T], y: &mut [T], places: &mut [P]) {
    p.check(x.len(), y.len());
    assert!(places.len() == y.len() && p.kernel[0] * p.kernel[1] <= P::MOST);
    max::forward(p, x, y, places)
}

/// Gradient of [`max_pool2d`]: each element of `dy` goes to where its maximum stood. Writes all of `dx`; where windows
/// overlap, in a fixed order.
///
/// # Panics
/// When lengths do not fit.
pub fn max_pool2d_grad<T: Float, P: Place>(p: &Pool2d, dy: &[T], places: &[P], dx: &mut [T]) {
    p.check(dx.len(), dy.len());
    assert_eq!(places.len(), dy.len());
    max::backward(p, dy, places, dx)
}

/// Mean over each window: divided by the number of its places inside the input, or with `count_padding` by those inside
/// the padded input.
///
/// # Panics
/// When lengths do not fit.
pub fn avg_pool2d<T: Float>(p: &Pool2d, count_padding: bool, x: &[T], y: &mut [T]) {
    p.check(x.len(), y.len());
    average::forward(p, count_padding, x, y)
}

/// Gradient of [`avg_pool2d`]. Writes all of `dx`; where windows overlap, in a fixed order.
///
/// # Panics
/// When lengths do not fit.
pub fn avg_pool2d_grad<T: Float>(p: &Pool2d, count_padding: bool, dy: &[T], dx: &mut [T]) {
    p.check(dx.len(), dy.len());
    average::backward(p, count_padding, dy, dx)
}
