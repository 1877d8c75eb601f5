//! Depthwise convolution: every channel by itself, so channels fill the lanes and nothing is reduced over them.
//!
//! Forward and input gradient go line by line: strips of neighbouring pixels share the weights. The weight gradient keeps
//! a row of sums for each tap, and several taps share the output's gradient.
use super::grouped;
use super::kernel::{rows, vecs};
use super::lanes::Lanes;
use super::pack::{zero, Panels};
use super::problem::Problem;
use super::table::Kernels;
use super::weight::{PARTS, PART_FLOPS};
use super::{threads_for, Raw};
use crate::num::Float;
use crate::pool::{self, share};
use std::ops::Range;

/// Vectors of a panel, and rows of the window that are taken at once.
pub(super) const VECTORS: usize = 2;
const ROWS: usize = 32;
/// Pixels of a strip by its vectors, the largest first; the last one takes what remains.
const STRIPS: [[usize; 4]; VECTORS] = [[8, 4, 2, 1], [6, 4, 2, 1]];
/// Most pixels of a piece; of groups, which go over it once for each of their channels, it stays in the first cache.
const LENGTH: usize = 48;
const GROUPED_LENGTH: usize = 16;
/// Most taps that share a load of the gradient, and places for as many as the macro `rows` counts.
pub(super) const TAPS: usize = 9;
pub(super) const SLOTS: usize = 12;
/// How many pixels ahead memory is asked for: lines go on beyond what the hardware sees coming.
pub(super) const AHEAD: usize = 12;

/// Neighbouring pixels of a line, all with the same live taps.
pub(super) struct Strip<T> {
    /// For each live row of the window, what the first pixel reads first (its first channel), and the number of its weight.
    pub x: *const *const T,
    pub taps: *const usize,
    pub rows: usize,
    /// Packed weights `[tap][columns]`, and the first channel.
    pub weights: *const T,
    pub channel: usize,
    /// How far the strip's first pixel lies from the one that `x` names.
    pub offset: usize,
    /// Live columns of the window, and elements from one to the next.
    pub cols: usize,
    pub col_step: usize,
    /// From one pixel to the next, in the input and in the output.
    pub x_step: usize,
    pub y: *mut T,
    pub y_step: usize,
    /// Added to every pixel when not null; ignored when `accumulate`.
    pub bias: *const T,
    pub accumulate: bool,
    /// Columns of the last vector.
    pub last: usize,
    /// Channels of a group.
    pub group: usize,
}

/// `y[pixel] (+)= bias + sum over taps of x[pixel + tap] * weights[tap]`, for `MR` pixels and `NV` vectors of channels.
#[inline(always)]
pub(super) unsafe fn strip<S: Lanes, const MR: usize, const NV: usize>(a: &Strip<S::T>) {
    let mask = S::mask(a.last);
    let mut acc = [[S::zero(); NV]; MR];
    rows!(i => { vecs!(j => { S::prefetch((a.y as *const S::T).wrapping_add(i * a.y_step + j * S::N)) }) });
    macro_rules! load {
        ($p:expr, $j:expr) => {
            if $j + 1 < NV {
                S::load($p)
            } else {
                S::load_masked($p, mask)
            }
        };
    }
    if a.accumulate {
        rows!(i => { vecs!(j => { acc[i][j] = load!((a.y as *const S::T).add(i * a.y_step + j * S::N), j) }) });
    } else if !a.bias.is_null() {
        vecs!(j => {
            let b = load!(a.bias.add(j * S::N), j);
            rows!(i => { acc[i][j] = b })
        });
    }
    for r in 0..a.rows {
        let mut x = (*a.x.add(r)).wrapping_add(a.offset + a.channel);
        if r + 1 == a.rows {
            // The lowest row is the one that no line above has read.
            rows!(i => { vecs!(j => { S::prefetch(x.wrapping_add((i + AHEAD) * a.x_step + j * S::N)) }) });
        }
        let mut w = a.weights.add(*a.taps.add(r) * NV * S::N);
        for _ in 0..a.cols {
            let mut k = [S::zero(); NV];
            vecs!(j => { k[j] = S::load(w.add(j * S::N)) });
            rows!(i => { vecs!(j => {
                acc[i][j] = S::fma(load!(x.wrapping_add(i * a.x_step + j * S::N), j), k[j], acc[i][j])
            }) });
            x = x.wrapping_add(a.col_step);
            w = w.wrapping_add(NV * S::N);
        }
    }
    rows!(i => { vecs!(j => {
        let p = a.y.add(i * a.y_step + j * S::N);
        if j + 1 < NV { S::store(p, acc[i][j]) } else { S::store_masked(p, mask, acc[i][j]) }
    }) });
}

/// Taps that go over the same run of pixels.
#[derive(Clone, Copy)]
pub(super) struct Sums<T> {
    pub dy: *const T,
    pub dy_step: usize,
    /// The lowest row last.
    pub x: [*const T; SLOTS],
    pub x_step: usize,
    pub pixels: usize,
    pub sums: [*mut T; SLOTS],
    /// Channels of the two vectors (one, for groups).
    pub channels: usize,
}

/// `sums[tap] += sum over pixels of dy times x[tap]`, for two vectors of channels and `MR` taps.
#[inline(always)]
pub(super) unsafe fn sums<S: Lanes, const MR: usize>(a: &Sums<S::T>) {
    const NV: usize = VECTORS;
    let first = a.channels.min(S::N);
    let mask = [S::mask(first), S::mask(a.channels - first)];
    let mut acc = [[S::zero(); NV]; MR];
    rows!(i => { vecs!(j => { acc[i][j] = S::load_masked(a.sums[i].wrapping_add(j * S::N), mask[j]) }) });
    for p in 0..a.pixels {
        let mut g = [S::zero(); NV];
        vecs!(j => {
            let dy = a.dy.wrapping_add(p * a.dy_step + j * S::N);
            S::prefetch(dy.wrapping_add(AHEAD * a.dy_step));
            S::prefetch(a.x[MR - 1].wrapping_add((p + AHEAD) * a.x_step + j * S::N));
            g[j] = S::load_masked(dy, mask[j])
        });
        rows!(i => { vecs!(j => {
            acc[i][j] = S::fma(g[j], S::load_masked(a.x[i].wrapping_add(p * a.x_step + j * S::N), mask[j]), acc[i][j])
        }) });
    }
    rows!(i => { vecs!(j => { S::store_masked(a.sums[i].wrapping_add(j * S::N), mask[j], acc[i][j]) }) });
}

pub(super) type StripFn<T> = unsafe fn(&Strip<T>);
pub(super) type SumsFn<T> = unsafe fn(&Sums<T>);
/// The kernels of one instruction set.
pub(super) struct Depthwise<T> {
    pub strip: fn(pixels: usize, vectors: usize) -> StripFn<T>,
    /// Most taps at a time, up to `TAPS`: as many as there are registers for.
    pub taps: usize,
    pub sums: fn(taps: usize) -> SumsFn<T>,
}

/// A piece of a line whose pixels have the same live columns of the window.
struct Piece {
    pixels: Range<usize>,
    cols: Range<usize>,
}

/// Cuts a line: the middle, where all columns are live, and each pixel of the edges. Pixels without any are left out
/// unless `all`.
fn each_piece(p: &Problem, all: bool, mut f: impl FnMut(&Piece)) {
    let taps = 0..p.cols.taps;
    let ranges = |j: usize| p.cols.range(j, p.sw, p.w, p.ow);
    let (mut lo, mut hi) = (0, p.ow);
    for r in taps.clone().map(ranges) {
        (lo, hi) = (lo.max(r.start), hi.min(r.end));
    }
    if lo >= hi {
        // No pixel sees the whole window.
        (lo, hi) = (p.ow, p.ow);
    }
    for o in (0..lo).chain(hi..p.ow) {
        let first = taps.clone().find(|j| ranges(*j).contains(&o));
        let last = taps.clone().rfind(|j| ranges(*j).contains(&o));
        match (first, last) {
            (Some(first), Some(last)) => f(&Piece { pixels: o..o + 1, cols: first..last + 1 }),
            _ if all => f(&Piece { pixels: o..o + 1, cols: 0..0 }),
            _ => {}
        }
    }
    // Not too long, so that what one vector of channels reads is still near when the next one does.
    let most = if p.c > 1 { GROUPED_LENGTH } else { LENGTH };
    for o in (lo..hi).step_by(most) {
        f(&Piece { pixels: o..hi.min(o + most), cols: taps.clone() })
    }
}

/// For the line of outputs (plane, row): the live rows of the window, and where they begin in the image.
fn live_rows(p: &Problem, plane: usize, row: usize) -> impl Iterator<Item = (usize, usize)> + '_ {
    (0..p.tap_rows()).filter_map(move |i| {
        let d = (plane * p.sd) as isize + p.planes.at + (i / p.rows.taps * p.planes.step) as isize;
        let h = (row * p.sh) as isize + p.rows.at + (i % p.rows.taps * p.rows.step) as isize;
        let inside = d >= 0 && d < p.d as isize && h >= 0 && h < p.h as isize;
        inside.then(|| (i, d as usize * p.xd + h as usize * p.xr))
    })
}
/// Input index of tap column `j` for output `o`.
fn column(p: &Problem, o: usize, j: usize) -> usize {
    ((o * p.sw) as isize + p.cols.at + (j * p.cols.step) as isize) as usize
}

/// Computes `p` with weights packed in panels. Every output element is written.
pub(super) unsafe fn run<T: Float>(
    kernels: &Kernels<T>,
    p: &Problem,
    panels: &Panels,
    x: *const T,
    weights: *const T,
    bias: *const T,
    y: *mut T,
) {
    let shares = threads_for(4 * p.flops()).min(p.lines());
    let (x, weights, bias, y) = (Raw(x as *mut T), Raw(weights as *mut T), Raw(bias as *mut T), Raw(y));
    pool::run(shares, &|s| {
        for r in share(p.lines(), shares, s) {
            let (n, plane, row) = p.line(r);
            // Each line of the output is a share's own.
            unsafe {
                let from = x.get().add(n * p.xi);
                let to = y.get().add(n * p.yi + plane * p.yd + row * p.yr);
                let mut live = live_rows(p, plane, row);
                let mut accumulate = false;
                loop {
                    let mut some = [(0, 0); ROWS];
                    let mut count = 0;
                    for (at, found) in some.iter_mut().zip(&mut live) {
                        *at = found;
                        count += 1;
                    }
                    if count == 0 && accumulate {
                        break;
                    }
                    let line = Line { from, to, rows: &some[..count], accumulate };
                    each_piece(p, true, |piece| run_piece(kernels, p, panels, &line, piece, weights.get(), bias.get()));
                    accumulate = true;
                }
            }
        }
    })
}

/// A line of the output, and the rows of its windows: their numbers, and where they begin in the image.
struct Line<'a, T> {
    from: *const T,
    to: *mut T,
    rows: &'a [(usize, usize)],
    accumulate: bool,
}

/// Computes a piece of a line, all channels.
unsafe fn run_piece<T: Float>(
    kernels: &Kernels<T>,
    p: &Problem,
    panels: &Panels,
    line: &Line<T>,
    piece: &Piece,
    weights: *const T,
    bias: *const T,
) {
    let (mut xs, mut taps) = ([std::ptr::null(); ROWS], [0; ROWS]);
    // Not read where no column is live.
    let first = column(p, piece.pixels.start, piece.cols.start).wrapping_mul(p.xp);
    for (k, (i, at)) in line.rows.iter().enumerate() {
        xs[k] = line.from.wrapping_add(at.wrapping_add(first));
        taps[k] = i * p.cols.taps + piece.cols.start;
    }
    // All channels of some pixels, then the next pixels: what lies side by side is read together. Strips of fewer pixels
    // serve the last panel's vectors as well as those of the others.
    let mut done = 0;
    while done < piece.pixels.len() {
        let left = piece.pixels.len() - done;
        let size = STRIPS[panels.vectors - 1].into_iter().find(|size| *size <= left).unwrap_or(1);
        for panel in (0..panels.count()).map(|j| panels.get(j)) {
            let strip = Strip {
                x: xs.as_ptr(),
                taps: taps.as_ptr(),
                rows: line.rows.len(),
                weights: weights.add(panel.offset),
                channel: panel.first,
                offset: done * p.sw * p.xp,
                cols: piece.cols.len(),
                col_step: p.cols.step * p.xp,
                x_step: p.sw * p.xp,
                y: line.to.add((piece.pixels.start + done) * p.yp + panel.first),
                y_step: p.yp,
                bias: if bias.is_null() { bias } else { bias.add(panel.first) },
                accumulate: line.accumulate,
                last: panel.columns - (panel.vectors - 1) * kernels.lanes,
                group: p.c,
            };
            match &kernels.grouped {
                Some(grouped) if p.c > 1 => (grouped.strip)(size)(&strip),
                _ => (kernels.depthwise.strip)(size, panel.vectors)(&strip),
            }
        }
        done += size;
    }
}

fn parts(p: &Problem) -> usize {
    // A part is worth less arithmetic here, since each product needs its own loads.
    (p.flops() / (PART_FLOPS / 4)).clamp(1, PARTS).min(p.lines().max(1))
}

/// Elements of scratch for the weight gradient's sums, `[part][tap][channel of the group][channel]`.
pub(super) fn sums_len(p: &Problem) -> usize {
    parts(p) * p.taps() * p.c * p.m
}

/// The weight gradient of a depthwise forward problem.
pub(super) unsafe fn weight_grad<T: Float>(
    kernels: &Kernels<T>,
    p: &Problem,
    x: *const T,
    dy: *const T,
    dw: *mut T,
    sums: *mut T,
) {
    let (parts, window) = (parts(p), p.taps() * p.c);
    let len = window * p.m;
    let shares = threads_for(4 * p.flops()).min(parts);
    let (x, dy, sums) = (Raw(x as *mut T), Raw(dy as *mut T), Raw(sums));
    pool::run(shares, &|s| {
        for part in share(parts, shares, s) {
            let lines = share(p.lines(), parts, part);
            // Each part has its own sums.
            unsafe { run_part(kernels, p, x.get(), dy.get(), sums.get().add(part * len), lines) }
        }
    });
    let sums = std::slice::from_raw_parts(sums.get(), parts * len);
    for (i, t) in (0..p.m).flat_map(|i| (0..window).map(move |t| (i, t))) {
        let total = sums.iter().skip(t * p.m + i).step_by(len).fold(T::ZERO, |a, b| a + *b);
        *dw.add(i * window + t) = total;
    }
}

unsafe fn run_part<T: Float>(
    kernels: &Kernels<T>,
    p: &Problem,
    x: *const T,
    dy: *const T,
    sums: *mut T,
    lines: Range<usize>,
) {
    zero(sums, p.taps() * p.c * p.m);
    for r in lines {
        let (n, plane, row) = p.line(r);
        let x = x.add(n * p.xi);
        let dy = dy.add(n * p.yi + plane * p.yd + row * p.yr);
        each_piece(p, false, |piece| {
            let mut taps = live_rows(p, plane, row).flat_map(|(i, at)| piece.cols.clone().map(move |j| (i, at, j)));
            loop {
                let mut a = Sums {
                    dy,
                    dy_step: p.yp,
                    x: [x; SLOTS],
                    x_step: p.sw * p.xp,
                    pixels: piece.pixels.len(),
                    sums: [sums; SLOTS],
                    channels: 0,
                };
                let mut count = 0;
                for (i, at, j) in taps.by_ref().take(kernels.depthwise.taps) {
                    a.x[count] = x.add(at + column(p, piece.pixels.start, j) * p.xp);
                    a.sums[count] = sums.add((i * p.cols.taps + j) * p.c * p.m);
                    count += 1;
                }
                if count == 0 {
                    break;
                }
                a.dy = dy.add(piece.pixels.start * p.yp);
                match &kernels.grouped {
                    Some(grouped) if p.c > 1 => grouped::add_taps(grouped, kernels.lanes, p, &a, count),
                    _ => add_taps(kernels, p, &mut a, count),
                }
            }
        });
    }
}

/// All channels of the run that `a` describes.
unsafe fn add_taps<T: Float>(kernels: &Kernels<T>, p: &Problem, a: &mut Sums<T>, count: usize) {
    let (run, width) = ((kernels.depthwise.sums)(count), VECTORS * kernels.lanes);
    for c in (0..p.m).step_by(width) {
        a.channels = (p.m - c).min(width);
        run(a);
        // Formed beyond the last channels, never read there.
        a.dy = a.dy.wrapping_add(width);
        for (x, s) in a.x.iter_mut().zip(&mut a.sums) {
            (*x, *s) = (x.wrapping_add(width), s.wrapping_add(width));
        }
    }
}
