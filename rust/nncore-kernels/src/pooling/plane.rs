//! Elements of each channel's plane by number: what max pooling noted, and its way back.
use crate::num::Float;
use crate::split::{split, Parts};

/// From this many elements on threads share the work.
const GRAIN: usize = 1 << 15;

/// `y[image, i, channel] = x[image, indices[image, i, channel], channel]`, with planes of `size` and `count` elements.
pub(super) fn gather<T: Float>(batch: usize, channels: usize, size: usize, x: &[T], indices: &[i64], y: &mut [T]) {
    let each = y.len() / batch.max(1);
    let out = Parts::new(y);
    split(batch, 1, (GRAIN / each.max(1)).max(2), &|r| {
        for n in r {
            // Disjoint images.
            let y = unsafe { out.part(n * each..(n + 1) * each) };
            let (x, indices) = (&x[n * size * channels..], &indices[n * each..]);
            for (i, y) in y.iter_mut().enumerate() {
                *y = x[indices[i] as usize * channels + i % channels];
            }
        }
    })
}

/// Zeros, then `y[image, indices[image, i, channel], channel] (+)= x[image, i, channel]` in the order of `i`.
pub(super) fn scatter<T: Float>(
    batch: usize,
    channels: usize,
    size: usize,
    add: bool,
    x: &[T],
    indices: &[i64],
    y: &mut [T],
) {
    let (each, image) = (x.len() / batch.max(1), size * channels);
    let out = Parts::new(y);
    split(batch, 1, (GRAIN / image.max(1)).max(2), &|r| {
        for n in r {
            // Disjoint images.
            let y = unsafe { out.part(n * image..(n + 1) * image) };
            y.fill(T::ZERO);
            for (i, (x, at)) in x[n * each..(n + 1) * each].iter().zip(&indices[n * each..]).enumerate() {
                let to = &mut y[*at as usize * channels + i % channels];
                *to = if add { *to + *x } else { *x };
            }
        }
    })
}
