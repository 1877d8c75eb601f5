//! Average pooling.
use super::max::zero;
use super::window::{each_place, lanes, lanes_mut, pieces, Pool, Span};
use super::Divisor;
use crate::num::Float;
use crate::split::Parts;
use std::ops::Range;

/// One over what a window's sum is divided by.
#[inline(always)]
fn share<T: Float>(p: &Pool, divisor: Divisor, spans: [&Span; 3]) -> T {
    let inside = |a: usize| spans[a].end - spans[a].first;
    let padded = |a: usize| {
        // Places before the end of the padding on the far side.
        let room = p.input[a] as isize + p.padding[a] as isize - spans[a].start;
        let d = p.dilation[a] as isize;
        p.kernel[a].min(((room + d - 1) / d).max(0) as usize)
    };
    T::of(match divisor {
        Divisor::Inside => 1.0 / (inside(0) * inside(1) * inside(2)).max(1) as f64,
        Divisor::Padded => 1.0 / (padded(0) * padded(1) * padded(2)).max(1) as f64,
        Divisor::Given(n) => 1.0 / n,
    })
}

pub(super) fn forward<T: Float>(p: &Pool, divisor: Divisor, x: &[T], y: &mut [T]) {
    if y.is_empty() {
        return;
    }
    let out = Parts::new(y);
    let (image, row) = (p.image(), p.output[2] * p.channels);
    p.rows(&|r| {
        let x = &x[r / p.lines() * image..][..image];
        // Disjoint rows.
        let y = unsafe { out.part(r * row..(r + 1) * row) };
        forward_row(p, divisor, x, y, r % p.lines())
    })
}

pub(super) fn backward<T: Float>(p: &Pool, divisor: Divisor, dy: &[T], dx: &mut [T]) {
    let (image, size) = (p.image(), p.pooled());
    let out = Parts::new(dx);
    p.images(&|n, channels| {
        let dx = out.shifted(n * image, image);
        zero(p, dx, &channels);
        backward_image(p, divisor, &dy[n * size..(n + 1) * size], dx, &channels)
    })
}

simd! {
    fn forward_row<T: Float>(p: &Pool, divisor: Divisor, x: &[T], y: &mut [T], line: usize) {
        let (planes, rows) = p.spans(line);
        for column in 0..p.output[2] {
            let columns = p.span(2, column);
            let spans = [&planes, &rows, &columns];
            let (k, to) = (share::<T>(p, divisor, spans), column * p.channels);
            pieces!(0..p.channels, forward_piece::<T>(p, spans, k, x, y, to; c))
        }
    }

    fn backward_image<T: Float>(p: &Pool, divisor: Divisor, dy: &[T], dx: Parts<T>, channels: &Range<usize>) {
        for line in 0..p.lines() {
            let (planes, rows) = p.spans(line);
            for column in 0..p.output[2] {
                let columns = p.span(2, column);
                let spans = [&planes, &rows, &columns];
                let (k, from) = (share::<T>(p, divisor, spans), (line * p.output[2] + column) * p.channels);
                pieces!(channels.clone(), backward_piece::<T>(p, spans, k, dy, dx, from; c))
            }
        }
    }
}

#[inline(always)]
fn forward_piece<T: Float, const L: usize>(
    p: &Pool,
    spans: [&Span; 3],
    k: T,
    x: &[T],
    y: &mut [T],
    to: usize,
    c: usize,
) {
    let mut sum = [T::ZERO; L];
    each_place!(spans, at => {
        let v = lanes::<T, L>(x, p.pixel(spans, at) * p.channels + c);
        for l in 0..L {
            sum[l] += v[l];
        }
    });
    let y = lanes_mut::<T, L>(y, to + c);
    for l in 0..L {
        y[l] = sum[l] * k;
    }
}

#[inline(always)]
fn backward_piece<T: Float, const L: usize>(
    p: &Pool,
    spans: [&Span; 3],
    k: T,
    dy: &[T],
    dx: Parts<T>,
    from: usize,
    c: usize,
) {
    let mut g = *lanes::<T, L>(dy, from + c);
    for l in 0..L {
        g[l] *= k;
    }
    each_place!(spans, at => {
        let to = p.pixel(spans, at) * p.channels + c;
        // These channels of this image are this share's.
        let d = unsafe { lanes_mut::<T, L>(dx.part(to..to + L), 0) };
        for l in 0..L {
            d[l] += g[l];
        }
    });
}
