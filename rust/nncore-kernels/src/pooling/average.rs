//! Average pooling.
use super::max::zero;
use super::window::{lanes, lanes_mut, pieces, Pool2d, Span};
use crate::num::Float;
use crate::split::Parts;
use std::ops::Range;

/// One over the number of places that a window's sum is divided by.
#[inline(always)]
fn share<T: Float>(p: &Pool2d, count_padding: bool, rows: &Span, columns: &Span) -> T {
    let count = |axis: usize, s: &Span| {
        if count_padding {
            // Places before the end of the padding on the far side.
            let room = p.input[axis] as isize + p.padding[axis] as isize - s.start;
            let d = p.dilation[axis] as isize;
            p.kernel[axis].min(((room + d - 1) / d).max(0) as usize)
        } else {
            s.end - s.first
        }
    };
    T::of(1.0 / (count(0, rows) * count(1, columns)).max(1) as f64)
}

pub(super) fn forward<T: Float>(p: &Pool2d, count_padding: bool, x: &[T], y: &mut [T]) {
    if y.is_empty() {
        return;
    }
    let out = Parts::new(y);
    let (image, row) = (p.input[0] * p.input[1] * p.channels, p.output[1] * p.channels);
    p.rows(&|r| {
        let x = &x[r / p.output[0] * image..][..image];
        // Disjoint rows.
        let y = unsafe { out.part(r * row..(r + 1) * row) };
        forward_row(p, count_padding, x, y, r % p.output[0])
    })
}

pub(super) fn backward<T: Float>(p: &Pool2d, count_padding: bool, dy: &[T], dx: &mut [T]) {
    let image = p.input[0] * p.input[1] * p.channels;
    let size = p.output[0] * p.output[1] * p.channels;
    let out = Parts::new(dx);
    p.images(&|n, channels| {
        let dx = out.shifted(n * image, image);
        zero(p, dx, &channels);
        backward_image(p, count_padding, &dy[n * size..(n + 1) * size], dx, &channels)
    })
}

simd! {
    fn forward_row<T: Float>(p: &Pool2d, count_padding: bool, x: &[T], y: &mut [T], row: usize) {
        pieces!(0..p.channels, forward_piece::<T>(p, count_padding, x, y, row; c))
    }

    fn backward_image<T: Float>(p: &Pool2d, count_padding: bool, dy: &[T], dx: Parts<T>, channels: &Range<usize>) {
        pieces!(channels.clone(), backward_piece::<T>(p, count_padding, dy, dx; c))
    }
}

#[inline(always)]
fn forward_piece<T: Float, const L: usize>(
    p: &Pool2d,
    count_padding: bool,
    x: &[T],
    y: &mut [T],
    row: usize,
    c: usize,
) {
    let rows = p.span(0, row);
    for column in 0..p.output[1] {
        let columns = p.span(1, column);
        let k = share::<T>(p, count_padding, &rows, &columns);
        let mut sum = [T::ZERO; L];
        for i in rows.first..rows.end {
            for j in columns.first..columns.end {
                let v = lanes::<T, L>(x, p.place(&rows, &columns, i, j) + c);
                for l in 0..L {
                    sum[l] += v[l];
                }
            }
        }
        let y = lanes_mut::<T, L>(y, column * p.channels + c);
        for l in 0..L {
            y[l] = sum[l] * k;
        }
    }
}

#[inline(always)]
fn backward_piece<T: Float, const L: usize>(p: &Pool2d, count_padding: bool, dy: &[T], dx: Parts<T>, c: usize) {
    for row in 0..p.output[0] {
        let rows = p.span(0, row);
        for column in 0..p.output[1] {
            let columns = p.span(1, column);
            let k = share::<T>(p, count_padding, &rows, &columns);
            let mut g = *lanes::<T, L>(dy, (row * p.output[1] + column) * p.channels + c);
            for l in 0..L {
                g[l] *= k;
            }
            for i in rows.first..rows.end {
                for j in columns.first..columns.end {
                    let to = p.place(&rows, &columns, i, j) + c;
                    // These channels of this image are this share's.
                    let d = unsafe { lanes_mut::<T, L>(dx.part(to..to + L), 0) };
                    for l in 0..L {
                        d[l] += g[l];
                    }
                }
            }
        }
    }
}
