//! The weight gradient of a small layer of few input channels: pixels in the vector's lanes.
//!
//! Each weight's gradient is a correlation of two planes, one of the input and one of the output's gradient, both
//! staged tile by tile. A weight keeps a whole vector of sums until the end, when its lanes are added up.
use super::kernel::{rows, vecs};
use super::lanes::Lanes;
use super::pack::zero;
use super::planes::{gather, Aligned, GatherFn};
use super::problem::{Axis, Problem};
use super::table::Kernels;
use super::{threads_for, Raw};
use crate::num::Float;
use crate::pool::{self, share};

/// Most weights of one output channel in a block.
pub(super) const COLS: usize = 6;
/// Elements of a tile's planes, on the stack; as many as half are filled where the image allows.
const TILE: usize = 24 << 10;
const TILE_AIM: usize = 12 << 10;
/// Most output channels and weights, and most vectors of a tile's row.
const CHANNELS: usize = 16;
const WEIGHTS: usize = 2048;
const VECTORS: usize = 8;

/// What a block of correlations reads and writes.
pub(super) struct Correlation<T> {
    /// The input's planes, elements from one output row to the next, and where each weight of the block reads.
    pub x: *const T,
    pub x_row: usize,
    pub x_at: [usize; COLS],
    /// The gradient's plane, elements from channel to channel and from row to row.
    pub dy: *const T,
    pub dy_channel: usize,
    pub dy_row: usize,
    pub rows: usize,
    pub vectors: usize,
    /// Sums: a vector for each tap, `sums_row` elements from channel to channel.
    pub sums: *mut T,
    pub sums_row: usize,
}

/// `sums[m][t] += dy[m] * x[t]`, lane by lane over all rows and vectors, for `MR` channels and `NV` taps.
#[inline(always)]
pub(super) unsafe fn correlate<S: Lanes, const MR: usize, const NV: usize>(a: &Correlation<S::T>) {
    let mut acc = [[S::zero(); NV]; MR];
    rows!(i => { vecs!(j => { acc[i][j] = S::load(a.sums.add(i * a.sums_row + j * S::N)) }) });
    for r in 0..a.rows {
        let (mut x, mut dy) = (a.x.add(r * a.x_row), a.dy.add(r * a.dy_row));
        for _ in 0..a.vectors {
            let mut g = [S::zero(); MR];
            rows!(i => { g[i] = S::load(dy.add(i * a.dy_channel)) });
            vecs!(j => {
                let v = S::load(x.add(a.x_at[j]));
                rows!(i => { acc[i][j] = S::fma(g[i], v, acc[i][j]) })
            });
            x = x.add(S::N);
            dy = dy.add(S::N);
        }
    }
    rows!(i => { vecs!(j => { S::store(a.sums.add(i * a.sums_row + j * S::N), acc[i][j]) }) });
}

pub(super) type CorrelateFn<T> = unsafe fn(&Correlation<T>);

/// The kernels of one instruction set: the largest block, and one for each size up to it.
pub(super) struct Correlate<T> {
    pub rows: usize,
    pub cols: usize,
    pub pick: fn(rows: usize, cols: usize) -> CorrelateFn<T>,
}

/// How the output is cut into tiles: rows and vectors of a tile, the input planes' extents, and phases of the stride.
struct Tiles {
    rows: usize,
    vectors: usize,
    plane_rows: usize,
    plane_cols: usize,
    phases: usize,
    x_len: usize,
    len: usize,
}

impl Tiles {
    fn new(lanes: usize, p: &Problem) -> Tiles {
        let reach = |a: &Axis| (a.taps - 1) * a.step;
        let phases = p.sw.min(reach(&p.cols) + 1);
        let tile = |rows: usize, vectors: usize| {
            let plane_rows = (rows - 1) * p.sh + reach(&p.rows) + 1;
            let plane_cols = vectors * lanes + reach(&p.cols) / p.sw;
            let x_len = p.c * phases * plane_rows * plane_cols;
            let len = x_len + p.m * rows * vectors * lanes;
            Tiles { rows, vectors, plane_rows, plane_cols, phases, x_len, len }
        };
        let mut best = tile(1, 1);
        for vectors in 2..=p.ow.div_ceil(lanes).min(VECTORS) {
            let wider = tile(1, vectors);
            if wider.len > TILE_AIM {
                break;
            }
            best = wider;
        }
        for rows in 2..=p.oh {
            let taller = tile(rows, best.vectors);
            if taller.len > TILE_AIM {
                break;
            }
            best = taller;
        }
        best
    }
    fn plane(&self) -> usize {
        self.plane_rows * self.plane_cols
    }
    fn units(&self, lanes: usize, p: &Problem) -> (usize, usize, usize) {
        let (down, across) = (p.oh.div_ceil(self.rows), p.ow.div_ceil(self.vectors * lanes));
        (down, across, p.n * down * across)
    }
}

/// Is this the way to run `p`, a forward problem? Where pixels fill many more lanes than channels would.
pub(super) fn fits<T: Float>(kernels: &Kernels<T>, p: &Problem) -> bool {
    let filled = |n: usize| n as f32 / n.next_multiple_of(kernels.lanes) as f32;
    let channels = if p.mergeable() { p.c * p.cols.taps } else { p.c };
    kernels.narrow.is_some()
        && p.groups == 1
        && !p.depthwise
        && p.flat()
        && p.m <= CHANNELS
        && p.taps() * p.c * p.m <= WEIGHTS
        && filled(p.ow) > 1.25 * filled(channels)
        && Tiles::new(kernels.lanes, p).len <= TILE
}

/// Into how many parts the tiles are cut, by geometry alone.
fn parts(p: &Problem, units: usize) -> usize {
    super::weight::parts(p).min(units.max(1))
}

/// Elements of scratch: for each part, a vector for each weight.
pub(super) fn sums_len<T: Float>(kernels: &Kernels<T>, p: &Problem) -> usize {
    let units = Tiles::new(kernels.lanes, p).units(kernels.lanes, p).2;
    parts(p, units) * p.taps() * p.c * p.m * kernels.lanes
}

pub(super) unsafe fn run<T: Float>(
    kernels: &Kernels<T>,
    p: &Problem,
    x: *const T,
    dy: *const T,
    dw: *mut T,
    sums: *mut T,
) {
    let (tiles, lanes) = (Tiles::new(kernels.lanes, p), kernels.lanes);
    let (down, across, units) = tiles.units(lanes, p);
    let parts = parts(p, units);
    let len = p.taps() * p.c * p.m;
    let shares = threads_for(p.flops()).min(parts);
    let (x, dy, sums) = (Raw(x as *mut T), Raw(dy as *mut T), Raw(sums));
    pool::run(shares, &|s| {
        let mut planes = Aligned::<T, TILE>::new();
        for part in share(parts, shares, s) {
            // Each part has its own sums.
            unsafe {
                let sums = sums.get().add(part * len * lanes);
                zero(sums, len * lanes);
                for u in share(units, parts, part) {
                    // Tiles of whole images all fill the same places, so their border is cleared once.
                    if down * across > 1 || u == share(units, parts, part).start {
                        zero(planes.ptr(), tiles.len);
                    }
                    let (n, tile) = (u / (down * across), u % (down * across));
                    let (h, w) = (tile / across * tiles.rows, tile % across * tiles.vectors * lanes);
                    let (x, dy) = (x.get().add(n * p.xi), dy.get().add(n * p.yi));
                    let rows = tiles.rows.min(p.oh - h);
                    stage(kernels, p, &tiles, x, dy, h, w, rows, planes.ptr());
                    correlate_tile(kernels, p, &tiles, w, rows, planes.ptr(), sums);
                }
            }
        }
    });
    // Parts in order, then lanes in order.
    let sums = std::slice::from_raw_parts(sums.get(), parts * len * lanes);
    for i in 0..len {
        let (m, c, t) = (i / (p.c * p.taps()), i / p.taps() % p.c, i % p.taps());
        let mut total = [T::ZERO; 16];
        for part in sums.chunks_exact(len * lanes) {
            for (t, s) in total.iter_mut().zip(&part[i * lanes..(i + 1) * lanes]) {
                *t += *s;
            }
        }
        *dw.add((m * p.taps() + t) * p.c + c) = total[..lanes].iter().fold(T::ZERO, |a, b| a + *b);
    }
}

/// Copies the tile at output (h, w) into cleared planes: the input's, then the gradient's.
unsafe fn stage<T: Float>(
    kernels: &Kernels<T>,
    p: &Problem,
    t: &Tiles,
    x: *const T,
    dy: *const T,
    h: usize,
    w: usize,
    rows: usize,
    planes: *mut T,
) {
    let gather = kernels.narrow.as_ref().map_or(gather as GatherFn<T>, |n| n.gather);
    let pixels = (p.ow - w).min(t.vectors * kernels.lanes);
    // Columns that the last pixel's window still reaches.
    let reach = (p.cols.taps - 1) * p.cols.step;
    for b in 0..t.phases {
        let left = (w * p.sw + b) as isize + p.cols.at;
        let first = ((-left).max(0) as usize).div_ceil(p.sw);
        let inside = if left < p.w as isize { ((p.w as isize - left) as usize).div_ceil(p.sw) } else { 0 };
        let end = inside.min(pixels + reach / p.sw);
        if first >= end {
            continue;
        }
        for r in 0..t.plane_rows {
            let row = (h * p.sh + r) as isize + p.rows.at;
            if row < 0 || row >= p.h as isize {
                continue;
            }
            let from = x.add(row as usize * p.xr + (left + (first * p.sw) as isize) as usize * p.xp);
            let to = planes.add((b * t.plane_rows + r) * t.plane_cols + first);
            gather(from, p.sw * p.xp, p.c, end - first, to, t.phases * t.plane());
        }
    }
    let cols = t.vectors * kernels.lanes;
    for r in 0..rows {
        let from = dy.add((h + r) * p.yr + w * p.yp);
        gather(from, p.yp, p.m, pixels, planes.add(t.x_len + r * cols), t.rows * cols);
    }
}

/// Adds a staged tile to all sums.
unsafe fn correlate_tile<T: Float>(
    kernels: &Kernels<T>,
    p: &Problem,
    t: &Tiles,
    w: usize,
    rows: usize,
    planes: *const T,
    sums: *mut T,
) {
    let Some(narrow) = &kernels.narrow else { return };
    let (k, lanes) = (&narrow.correlate, kernels.lanes);
    let cols = t.vectors * lanes;
    // Weights of one output channel, in the order of the sums: by input channel, then tap.
    let len = p.c * p.taps();
    let (row_blocks, col_blocks) = (p.m.div_ceil(k.rows), len.div_ceil(k.cols));
    for block in (0..col_blocks).map(|b| share(len, col_blocks, b)) {
        let mut a = Correlation {
            x: planes,
            x_row: p.sh * t.plane_cols,
            x_at: [0; COLS],
            dy: planes,
            dy_channel: t.rows * cols,
            dy_row: cols,
            rows,
            vectors: (p.ow - w).div_ceil(lanes).min(t.vectors),
            sums,
            sums_row: len * lanes,
        };
        for (at, q) in a.x_at.iter_mut().zip(block.clone()) {
            let (c, i, j) = (q / p.taps(), q % p.taps() / p.cols.taps, q % p.cols.taps * p.cols.step);
            *at = (c * t.phases + j % p.sw) * t.plane() + i * p.rows.step * t.plane_cols + j / p.sw;
        }
        for b in 0..row_blocks {
            let channels = share(p.m, row_blocks, b);
            a.dy = planes.add(t.x_len + channels.start * t.rows * cols);
            a.sums = sums.add((channels.start * len + block.start) * lanes);
            (k.pick)(channels.len(), block.len())(&a)
        }
    }
}
