//! Max pooling.
use super::tile;
use super::window::{lanes, lanes_mut, pieces, Pool2d};
use crate::num::{Element, Float, Number};
use crate::split::Parts;
use std::ops::Range;

/// How the place of a maximum inside its window is kept.
pub trait Place: Element {
    /// Places that it can count.
    const MOST: usize;
    fn of(place: usize) -> Self;
}
impl Place for u8 {
    const MOST: usize = 256;
    #[inline(always)]
    fn of(place: usize) -> u8 {
        place as u8
    }
}
impl Place for i32 {
    const MOST: usize = i32::MAX as usize;
    #[inline(always)]
    fn of(place: usize) -> i32 {
        place as i32
    }
}

pub(super) fn forward<T: Number, P: Place>(p: &Pool2d, x: &[T], y: &mut [T], places: &mut [P]) {
    if y.is_empty() {
        return;
    }
    let (out, index) = (Parts::new(y), Parts::new(places));
    let (image, row) = (p.input[0] * p.input[1] * p.channels, p.output[1] * p.channels);
    p.rows(&|r| {
        let x = &x[r / p.output[0] * image..][..image];
        // Disjoint rows.
        let (y, index) = unsafe { (out.part(r * row..(r + 1) * row), index.part(r * row..(r + 1) * row)) };
        forward_row(p, x, y, index, r % p.output[0])
    })
}

simd! {
    fn forward_row<T: Number, P: Place>(p: &Pool2d, x: &[T], y: &mut [T], places: &mut [P], row: usize) {
        pieces!(0..p.channels, forward_piece::<T, P>(p, x, y, places, row; c))
    }

    fn backward_row<T: Float, P: Place>(p: &Pool2d, dy: &[T], places: &[P], dx: Parts<T>, row: usize) {
        pieces!(0..p.channels, spread_piece::<T, P>(p, dy, places, dx, row; c))
    }

    fn backward_image<T: Float, P: Place>(p: &Pool2d, dy: &[T], places: &[P], dx: Parts<T>, channels: &Range<usize>) {
        pieces!(channels.clone(), add_piece::<T, P>(p, dy, places, dx; c))
    }
}

#[inline(always)]
fn forward_piece<T: Number, P: Place, const L: usize>(
    p: &Pool2d,
    x: &[T],
    y: &mut [T],
    places: &mut [P],
    row: usize,
    c: usize,
) {
    let rows = p.span(0, row);
    let wide = p.kernel[1];
    for column in 0..p.output[1] {
        let columns = p.span(1, column);
        // The first place inside stands unless something exceeds it, even when all are the lowest number.
        let mut best = ([T::LOWEST; L], [P::of(rows.first * wide + columns.first); L]);
        let v = |i: usize, j: usize| lanes::<T, L>(x, p.place(&rows, &columns, i, j) + c);
        if p.kernel == [2, 2] && rows.end - rows.first == 2 && columns.end - columns.first == 2 {
            // The commonest window, unrolled.
            best = larger(best, v(0, 0), P::of(0));
            best = larger(best, v(0, 1), P::of(1));
            best = larger(best, v(1, 0), P::of(2));
            best = larger(best, v(1, 1), P::of(3));
        } else {
            for i in rows.first..rows.end {
                for j in columns.first..columns.end {
                    best = larger(best, v(i, j), P::of(i * wide + j));
                }
            }
        }
        let o = column * p.channels + c;
        *lanes_mut::<T, L>(y, o) = best.0;
        *lanes_mut::<P, L>(places, o) = best.1;
    }
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

pub(super) fn backward<T: Float, P: Place>(p: &Pool2d, dy: &[T], places: &[P], dx: &mut [T]) {
    let (image, row) = (p.input[0] * p.input[1] * p.channels, p.output[1] * p.channels);
    if !p.apart() {
        let out = Parts::new(dx);
        let size = p.output[0] * row;
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
    let halves = p.tiles() && p.kernel == [2, 2] && (0..2).all(|a| p.input[a] == 2 * p.output[a]);
    if halves && tile::few(p.channels) {
        return tile::backward(p, dy, places, dx);
    }
    let out = Parts::new(dx);
    p.rows(&|r| {
        let dx = out.shifted(r / p.output[0] * image, image);
        backward_row(p, &dy[r * row..(r + 1) * row], &places[r * row..(r + 1) * row], dx, r % p.output[0])
    })
}

/// Zeroes some channels of one image.
pub(super) fn zero<T: Float>(p: &Pool2d, dx: Parts<T>, channels: &Range<usize>) {
    if channels.len() == p.channels {
        // The whole image is this share's.
        return unsafe { dx.part(0..dx.len()).fill(T::ZERO) };
    }
    for pixel in 0..p.input[0] * p.input[1] {
        let at = pixel * p.channels;
        // These channels are this share's.
        unsafe { dx.part(at + channels.start..at + channels.end).fill(T::ZERO) }
    }
}

/// Windows lie apart: each place is written once, with the gradient or zero.
#[inline(always)]
fn spread_piece<T: Float, P: Place, const L: usize>(
    p: &Pool2d,
    dy: &[T],
    places: &[P],
    dx: Parts<T>,
    row: usize,
    c: usize,
) {
    let rows = p.span(0, row);
    for column in 0..p.output[1] {
        let columns = p.span(1, column);
        let o = column * p.channels + c;
        let (g, at) = (lanes::<T, L>(dy, o), lanes::<P, L>(places, o));
        let to = |i: usize, j: usize| p.place(&rows, &columns, i, j) + c;
        if p.kernel == [2, 2] && rows.end - rows.first == 2 && columns.end - columns.first == 2 {
            put(dx, to(0, 0), g, at, P::of(0));
            put(dx, to(0, 1), g, at, P::of(1));
            put(dx, to(1, 0), g, at, P::of(2));
            put(dx, to(1, 1), g, at, P::of(3));
        } else {
            for i in rows.first..rows.end {
                for j in columns.first..columns.end {
                    put(dx, to(i, j), g, at, P::of(i * p.kernel[1] + j));
                }
            }
        }
    }
}

#[inline(always)]
fn put<T: Float, P: Place, const L: usize>(dx: Parts<T>, to: usize, g: &[T; L], at: &[P; L], place: P) {
    let mut v = [T::ZERO; L];
    for l in 0..L {
        v[l] = if at[l] == place { g[l] } else { T::ZERO };
    }
    // No other window reaches here.
    unsafe { *lanes_mut::<T, L>(dx.part(to..to + L), 0) = v }
}

/// Windows overlap: gradients add up, window after window.
#[inline(always)]
fn add_piece<T: Float, P: Place, const L: usize>(p: &Pool2d, dy: &[T], places: &[P], dx: Parts<T>, c: usize) {
    for row in 0..p.output[0] {
        let rows = p.span(0, row);
        for column in 0..p.output[1] {
            let columns = p.span(1, column);
            let o = (row * p.output[1] + column) * p.channels + c;
            let (g, at) = (lanes::<T, L>(dy, o), lanes::<P, L>(places, o));
            for i in rows.first..rows.end {
                for j in columns.first..columns.end {
                    let to = p.place(&rows, &columns, i, j) + c;
                    let place = P::of(i * p.kernel[1] + j);
                    // These channels of this image are this share's.
                    let d = unsafe { lanes_mut::<T, L>(dx.part(to..to + L), 0) };
                    for l in 0..L {
                        d[l] += if at[l] == place { g[l] } else { T::ZERO };
                    }
                }
            }
        }
    }
}
