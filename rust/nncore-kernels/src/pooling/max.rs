//! Max pooling.
use super::tile;
use super::window::{each_place, lanes, lanes_mut, pieces, Pool, Span};
use crate::num::{Element, Float, Number};
use crate::split::Parts;
use std::ops::Range;

/// How the place of a maximum inside its window is kept.
pub trait Place: Element {
    /// Places that it can count.
    const MOST: usize;
    fn of(place: usize) -> Self;
    fn number(self) -> usize;
}
impl Place for u8 {
    const MOST: usize = 256;
    #[inline(always)]
    fn of(place: usize) -> u8 {
        place as u8
    }
    #[inline(always)]
    fn number(self) -> usize {
        self as usize
    }
}
impl Place for i32 {
    const MOST: usize = i32::MAX as usize;
    #[inline(always)]
    fn of(place: usize) -> i32 {
        place as i32
    }
    #[inline(always)]
    fn number(self) -> usize {
        self as usize
    }
}

pub(super) fn forward<T: Number, P: Place>(p: &Pool, x: &[T], y: &mut [T], places: &mut [P]) {
    if y.is_empty() {
        return;
    }
    let (out, index) = (Parts::new(y), Parts::new(places));
    let (image, row) = (p.image(), p.output[2] * p.channels);
    p.rows(&|r| {
        let x = &x[r / p.lines() * image..][..image];
        // Disjoint rows.
        let (y, index) = unsafe { (out.part(r * row..(r + 1) * row), index.part(r * row..(r + 1) * row)) };
        forward_row(p, x, y, index, r % p.lines())
    })
}

simd! {
    // Channels are the innermost loop, so that memory is read in its order.
    fn forward_row<T: Number, P: Place>(p: &Pool, x: &[T], y: &mut [T], places: &mut [P], line: usize) {
        let (planes, rows) = p.spans(line);
        for column in 0..p.output[2] {
            let columns = p.span(2, column);
            let (spans, o) = ([&planes, &rows, &columns], column * p.channels);
            pieces!(0..p.channels, forward_piece::<T, P>(p, spans, x, y, places, o; c))
        }
    }

    /// Windows lie apart: each place is written once, with the gradient or zero.
    fn backward_row<T: Float, P: Place>(p: &Pool, dy: &[T], places: &[P], dx: Parts<T>, line: usize) {
        let (planes, rows) = p.spans(line);
        for column in 0..p.output[2] {
            let columns = p.span(2, column);
            let own = column * p.channels..(column + 1) * p.channels;
            let (spans, g, at) = ([&planes, &rows, &columns], &dy[own.clone()], &places[own]);
            each_place!(spans, place => {
                let to = p.pixel(spans, place) * p.channels;
                // No other window reaches here.
                let dx = unsafe { dx.part(to..to + p.channels) };
                let place = P::of(p.number(place));
                for ((dx, g), at) in dx.iter_mut().zip(g).zip(at) {
                    *dx = if *at == place { *g } else { T::ZERO }
                }
            });
        }
    }

    /// Windows overlap: gradients add up, window after window.
    fn backward_image<T: Float, P: Place>(p: &Pool, dy: &[T], places: &[P], dx: Parts<T>, channels: &Range<usize>) {
        for line in 0..p.lines() {
            let (planes, rows) = p.spans(line);
            for column in 0..p.output[2] {
                let columns = p.span(2, column);
                let o = (line * p.output[2] + column) * p.channels;
                let own = o + channels.start..o + channels.end;
                let (spans, g, at) = ([&planes, &rows, &columns], &dy[own.clone()], &places[own]);
                each_place!(spans, place => {
                    let to = p.pixel(spans, place) * p.channels;
                    // These channels of this image are this share's.
                    let dx = unsafe { dx.part(to + channels.start..to + channels.end) };
                    let place = P::of(p.number(place));
                    for ((dx, g), at) in dx.iter_mut().zip(g).zip(at) {
                        *dx += if *at == place { *g } else { T::ZERO }
                    }
                });
            }
        }
    }
}

/// Is this the commonest window, all of it inside? It is unrolled.
#[inline(always)]
fn square(p: &Pool, rows: &Span, columns: &Span) -> bool {
    p.kernel == [1, 2, 2] && p.input[0] == 1 && rows.end - rows.first == 2 && columns.end - columns.first == 2
}
const SQUARE: [[usize; 3]; 4] = [[0, 0, 0], [0, 0, 1], [0, 1, 0], [0, 1, 1]];

#[inline(always)]
fn forward_piece<T: Number, P: Place, const L: usize>(
    p: &Pool,
    spans: [&Span; 3],
    x: &[T],
    y: &mut [T],
    places: &mut [P],
    o: usize,
    c: usize,
) {
    // The first place inside stands unless something exceeds it, even when all are the lowest number.
    let first = p.number(spans.map(|s| s.first));
    let mut best = ([T::LOWEST; L], [P::of(first); L]);
    let v = |at: [usize; 3]| lanes::<T, L>(x, p.pixel(spans, at) * p.channels + c);
    if square(p, spans[1], spans[2]) {
        best = larger(best, v(SQUARE[0]), P::of(0));
        best = larger(best, v(SQUARE[1]), P::of(1));
        best = larger(best, v(SQUARE[2]), P::of(2));
        best = larger(best, v(SQUARE[3]), P::of(3));
    } else {
        each_place!(spans, at => { best = larger(best, v(at), P::of(p.number(at))) });
    }
    *lanes_mut::<T, L>(y, o + c) = best.0;
    *lanes_mut::<P, L>(places, o + c) = best.1;
}

#[inline(always)]
fn larger<T: Number, P: Place, const L: usize>(
    (mut best, mut at): ([T; L], [P; L]),
    v: &[T; L],
    place: P,
) -> ([T; L], [P; L]) {
    for l in 0..L {
        let wins = (v[l] > best[l]) | v[l].is_nan();
        best[l] = if wins { v[l] } else { best[l] };
        at[l] = if wins { place } else { at[l] };
    }
    (best, at)
}

pub(super) fn backward<T: Float, P: Place>(p: &Pool, dy: &[T], places: &[P], dx: &mut [T]) {
    let (image, row) = (p.image(), p.output[2] * p.channels);
    if !p.apart() {
        let (out, size) = (Parts::new(dx), p.pooled());
        p.images(&|n, channels| {
            // Images and channels are disjoint; within them the order is fixed.
            let dx = out.shifted(n * image, image);
            zero(p, dx, &channels);
            backward_image(p, &dy[n * size..(n + 1) * size], &places[n * size..(n + 1) * size], dx, &channels)
        });
        return;
    }
    if !p.tiles() {
        crate::pointwise::fill(dx, T::ZERO);
    }
    let halves = p.tiles() && p.kernel == [1, 2, 2] && (1..3).all(|a| p.input[a] == 2 * p.output[a]);
    if halves && tile::few(p.channels) {
        return tile::backward(p, dy, places, dx);
    }
    let out = Parts::new(dx);
    p.rows(&|r| {
        let dx = out.shifted(r / p.lines() * image, image);
        backward_row(p, &dy[r * row..(r + 1) * row], &places[r * row..(r + 1) * row], dx, r % p.lines())
    })
}

/// Zeroes some channels of one image.
pub(super) fn zero<T: Float>(p: &Pool, dx: Parts<T>, channels: &Range<usize>) {
    if channels.len() == p.channels {
        // The whole image is this share's.
        return unsafe { dx.part(0..dx.len()).fill(T::ZERO) };
    }
    for pixel in 0..p.input.iter().product() {
        let at = pixel * p.channels;
        // These channels are this share's.
        unsafe { dx.part(at + channels.start..at + channels.end).fill(T::ZERO) }
    }
}

/// Each maximum's number in its image, from its place in its window.
pub(super) fn indices<P: Place>(p: &Pool, places: &[P], indices: &mut [i64]) {
    let row = p.output[2] * p.channels;
    if row == 0 {
        return;
    }
    let out = Parts::new(indices);
    p.rows(&|r| {
        // Disjoint rows.
        let to = unsafe { out.part(r * row..(r + 1) * row) };
        let (planes, rows) = p.spans(r % p.lines());
        for (column, (to, from)) in to.chunks_mut(p.channels).zip(places[r * row..].chunks(p.channels)).enumerate() {
            let columns = p.span(2, column);
            for (to, from) in to.iter_mut().zip(from) {
                let n = from.number();
                let at = [n / (p.kernel[1] * p.kernel[2]), n / p.kernel[2] % p.kernel[1], n % p.kernel[2]];
                *to = p.pixel_within([&planes, &rows, &columns], at) as i64;
            }
        }
    })
}
