//! Few output channels: pixels in the vector's lanes.
//!
//! A block of eight channels would leave most lanes of a column panel empty. Here a tile of the input is copied into
//! planes with a border of zeros, a vector holds neighbouring output pixels of one channel, and weights are broadcast.
//! Several vectors, of one row or of rows below each other, keep enough sums in flight.
use super::kernel::Tap;
use super::lanes::Lanes;
use super::narrow_weight::Correlate;
use super::pack::zero;
use super::planes::{gather, Aligned, GatherFn, ScatterFn};
use super::problem::Problem;
use super::table::Kernels;
use super::{threads_for, Raw};
use crate::num::Float;
use crate::pool::{self, share};

/// Most output channels.
pub(super) const CHANNELS: usize = 8;
/// Most vectors of a strip.
pub(super) const VECTORS: usize = 8;
/// Elements of a tile's planes, which live on the stack; as many as half are filled where the image allows.
const TILE: usize = 24 << 10;
const TILE_AIM: usize = 12 << 10;

/// What a strip reads and writes.
pub(super) struct Strip<T> {
    pub planes: *const T,
    /// Elements of a plane, and planes.
    pub plane: usize,
    pub channels: usize,
    pub taps: *const Tap,
    pub tap_count: usize,
    /// `[channel][tap][8]`, and elements from channel to channel.
    pub weights: *const T,
    pub weights_step: usize,
    /// First sums, one for each output channel.
    pub bias: *const T,
    /// Where each vector's pixels start in a plane.
    pub at: [usize; VECTORS],
    /// `[vector][output channel][lane]`.
    pub out: *mut T,
}

/// `out[v][m] = bias[m] + sum over channels and taps of planes[channel][at[v] + tap] * weights[channel][tap][m]`.
#[inline(always)]
pub(super) unsafe fn strip<S: Lanes, const MR: usize, const NV: usize>(a: &Strip<S::T>) {
    let mut acc = [[S::zero(); NV]; MR];
    for i in 0..MR {
        acc[i] = [S::splat(*a.bias.add(i)); NV];
    }
    let mut x = [a.planes; NV];
    for v in 0..NV {
        x[v] = a.planes.add(a.at[v]);
    }
    for c in 0..a.channels {
        let mut w = a.weights.add(c * a.weights_step);
        for t in 0..a.tap_count {
            let offset = (*a.taps.add(t)).offset as usize;
            let mut b = [S::zero(); NV];
            for v in 0..NV {
                b[v] = S::load(x[v].add(offset));
            }
            for i in 0..MR {
                let s = S::splat(*w.add(i));
                for v in 0..NV {
                    acc[i][v] = S::fma(s, b[v], acc[i][v]);
                }
            }
            w = w.add(CHANNELS);
        }
        for x in &mut x {
            *x = x.wrapping_add(a.plane);
        }
    }
    for v in 0..NV {
        for i in 0..MR {
            S::store(a.out.add((v * MR + i) * S::N), acc[i][v]);
        }
    }
}

/// How an output is cut into tiles: rows and vectors of a tile, and the planes' extents.
struct Tiles {
    rows: usize,
    vectors: usize,
    plane_rows: usize,
    plane_cols: usize,
}

impl Tiles {
    /// None where not even the smallest tile fits.
    fn new<T: Float>(kernels: &Kernels<T>, p: &Problem) -> Option<Tiles> {
        let reach = |a: &super::problem::Axis| (a.taps - 1) * a.step;
        let tile = |rows: usize, vectors: usize| Tiles {
            rows,
            vectors,
            plane_rows: (rows - 1) * p.sh + reach(&p.rows) + 1,
            plane_cols: vectors * kernels.lanes + reach(&p.cols),
        };
        let size = |t: &Tiles| p.c * t.plane_rows * t.plane_cols;
        let mut best = tile(1, 1);
        if size(&best) > TILE {
            return None;
        }
        for vectors in 2..=p.ow.div_ceil(kernels.lanes).min(VECTORS) {
            let wider = tile(1, vectors);
            if size(&wider) > TILE_AIM {
                break;
            }
            best = wider;
        }
        for rows in 2..=p.oh {
            let taller = tile(rows, best.vectors);
            if size(&taller) > TILE_AIM {
                break;
            }
            best = taller;
        }
        Some(best)
    }
}

/// Is this the way to run `p`? Where more lanes are filled by pixels than would be by channels.
pub(super) fn fits<T: Float>(kernels: &Kernels<T>, p: &Problem) -> bool {
    let filled = |n: usize| n as f32 / n.next_multiple_of(kernels.lanes) as f32;
    kernels.narrow.is_some()
        && !p.depthwise
        && p.flat()
        && p.groups == 1
        && p.m <= CHANNELS
        && p.sw == 1
        && p.taps() > 1
        && p.pixels() > 0
        && filled(p.ow) > filled(p.m)
        && Tiles::new(kernels, p).is_some()
}

/// Elements of one group's packed weights.
pub(super) fn packed_len(p: &Problem) -> usize {
    p.c * p.taps() * CHANNELS
}

/// Packs one group's weights as `[channel][tap][8]`.
pub(super) unsafe fn pack<T: Float>(p: &Problem, group: usize, w: *const T, out: *mut T) {
    let v = p.weights;
    for k in 0..p.c {
        for t in 0..p.taps() {
            let from = group * v.group + p.weight_tap(t / p.cols.taps, t % p.cols.taps) * v.tap + k * v.k;
            let to = out.add((k * p.taps() + t) * CHANNELS);
            for m in 0..CHANNELS {
                *to.add(m) = if m < p.m { *w.add(from + m * v.column) } else { T::ZERO };
            }
        }
    }
}

/// Fills the table of taps as offsets in a plane.
pub(super) unsafe fn taps<T: Float>(kernels: &Kernels<T>, p: &Problem, out: *mut Tap) {
    let Some(tiles) = Tiles::new(kernels, p) else { return };
    for t in 0..p.taps() {
        let (i, j) = (t / p.cols.taps, t % p.cols.taps);
        let offset = (i * p.rows.step * tiles.plane_cols + j * p.cols.step) as isize;
        *out.add(t) = Tap { offset, row: i as u32, col: j as u32 };
    }
}

/// Computes one group of `p`: `x`, `y`, `weights` and `bias` (or null) are that group's.
pub(super) unsafe fn run<T: Float>(
    kernels: &Kernels<T>,
    p: &Problem,
    x: *const T,
    weights: *const T,
    bias: *const T,
    y: *mut T,
    taps: *const Tap,
) {
    let Some(tiles) = Tiles::new(kernels, p) else { return };
    let (down, across) = (p.oh.div_ceil(tiles.rows), p.ow.div_ceil(tiles.vectors * kernels.lanes));
    let units = p.n * down * across;
    let mut start = [T::ZERO; CHANNELS];
    if !bias.is_null() {
        start[..p.m].copy_from_slice(std::slice::from_raw_parts(bias, p.m));
    }
    let shares = threads_for(p.flops() / p.groups).min(units);
    let (x, weights, y, taps) = (Raw(x as *mut T), Raw(weights as *mut T), Raw(y), Raw(taps as *mut Tap));
    pool::run(shares, &|s| {
        let mut planes = Aligned::<T, TILE>::new();
        let mine = share(units, shares, s);
        for u in mine.clone() {
            // Units write disjoint tiles of the output.
            unsafe {
                // Tiles of whole images all fill the same places, so their border is cleared once.
                if down * across > 1 || u == mine.start {
                    zero(planes.ptr(), p.c * tiles.plane_rows * tiles.plane_cols);
                }
                let (n, tile) = (u / (down * across), u % (down * across));
                let (h, w) = (tile / across * tiles.rows, tile % across * tiles.vectors * kernels.lanes);
                let mut strip = Strip {
                    planes: planes.ptr(),
                    plane: tiles.plane_rows * tiles.plane_cols,
                    channels: p.c,
                    taps: taps.get(),
                    tap_count: p.taps(),
                    weights: weights.get(),
                    weights_step: p.taps() * CHANNELS,
                    bias: start.as_ptr(),
                    at: [0; VECTORS],
                    out: std::ptr::null_mut(),
                };
                stage(kernels, p, &tiles, x.get().add(n * p.xi), h, w, planes.ptr());
                compute(kernels, p, &tiles, &mut strip, y.get().add(n * p.yi), h, w);
            }
        }
    })
}

/// Copies the input of the tile at output (h, w) into cleared planes.
unsafe fn stage<T: Float>(
    kernels: &Kernels<T>,
    p: &Problem,
    t: &Tiles,
    x: *const T,
    h: usize,
    w: usize,
    planes: *mut T,
) {
    let plane = t.plane_rows * t.plane_cols;
    let (top, left) = ((h * p.sh) as isize + p.rows.at, w as isize + p.cols.at);
    let (first, end) = ((-left).max(0), (p.w as isize - left).min(t.plane_cols as isize));
    if first >= end {
        return;
    }
    let gather = kernels.narrow.as_ref().map_or(gather as GatherFn<T>, |n| n.gather);
    for r in 0..t.plane_rows {
        let row = top + r as isize;
        if row < 0 || row >= p.h as isize {
            continue;
        }
        let from = x.add(row as usize * p.xr + (left + first) as usize * p.xp);
        let to = planes.add(r * t.plane_cols + first as usize);
        let pixels = (end - first) as usize;
        if p.c == 1 && p.xp == 1 {
            std::ptr::copy_nonoverlapping(from, to, pixels);
        } else {
            gather(from, p.xp, p.c, pixels, to, plane);
        }
    }
}

/// Runs the strips of a staged tile and writes its pixels.
unsafe fn compute<T: Float>(
    kernels: &Kernels<T>,
    p: &Problem,
    t: &Tiles,
    strip: &mut Strip<T>,
    y: *mut T,
    h: usize,
    w: usize,
) {
    let Some(narrow) = &kernels.narrow else { return };
    let lanes = kernels.lanes;
    let rows = t.rows.min(p.oh - h);
    let across = (p.ow - w).div_ceil(lanes).min(t.vectors);
    let total = rows * across;
    let mut out = Aligned::<T, { CHANNELS * VECTORS * 16 }>::new();
    strip.out = out.ptr();
    let [(most, wide), (few, thin)] = (narrow.strip)(p.m);
    let (taps, weights) = (strip.taps, strip.weights);
    let mut v = 0;
    while v < total {
        let left = total - v;
        let (vectors, run) = if left > few { (most, wide) } else { (few, thin) };
        // Vectors beyond the last repeat it, and are not written.
        for i in 0..vectors {
            let q = (v + i).min(total - 1);
            strip.at[i] = q / across * p.sh * t.plane_cols + q % across * lanes;
        }
        // Rows of the window that lie in the border for all of the strip's pixels give nothing.
        let (top, bottom) = (h + v / across, h + (v + vectors - 1).min(total - 1) / across);
        let live = |i: &usize| p.rows.range(*i, p.sh, p.h, p.oh);
        let first = (0..p.rows.taps).find(|i| live(i).start <= bottom).unwrap_or(p.rows.taps - 1);
        let last = (0..p.rows.taps).rfind(|i| live(i).end > top).map_or(first, |i| i.max(first));
        strip.taps = taps.add(first * p.cols.taps);
        strip.tap_count = (last - first + 1) * p.cols.taps;
        strip.weights = weights.add(first * p.cols.taps * CHANNELS);
        run(strip);
        for i in 0..vectors.min(left) {
            let (r, c) = (h + (v + i) / across, w + (v + i) % across * lanes);
            let from = strip.out.add(i * p.m * lanes);
            (narrow.scatter)(from, p.m, (p.ow - c).min(lanes), y.add(r * p.yr + c * p.yp), p.yp);
        }
        v += vectors;
    }
}

pub(super) type StripFn<T> = unsafe fn(&Strip<T>);
/// The kernels for few channels of one instruction set.
pub(super) struct Narrow<T> {
    /// By output channels: a strip of many vectors and one of few, each with its number.
    pub strip: fn(usize) -> [(usize, StripFn<T>); 2],
    pub gather: GatherFn<T>,
    pub scatter: ScatterFn<T>,
    pub correlate: Correlate<T>,
}
