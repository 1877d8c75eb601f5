//! Runs a tap problem: batch-reduced products over base pointers and tap offsets, with no im2col buffer.
//!
//! Output pixels are cut into blocks of rows, and channels into panels of columns, by geometry alone. Threads share the
//! blocks (or the panels, when weights outnumber inputs), so bits do not depend on their number.
use super::kernel::{Product, Tap};
use super::pack::{zero, Panels};
use super::problem::Problem;
use super::table::Kernels;
use super::{threads_for, Raw};
use crate::num::Float;
use crate::pool::{self, share};
use std::mem::MaybeUninit;

/// Bytes of input that a band of blocks may cover, and of weights that a chunk of taps may cover.
const BAND: usize = 384 << 10;
const CHUNK: usize = 640 << 10;
/// Bytes of weights up to which columns are the inner loop, so that the output is written in order.
const INNER: usize = 256 << 10;
/// Blocks in a band, rows in a block, taps along an axis: the sizes of a band's table.
const BLOCKS: usize = 128;
const ROWS: usize = 12;
const TAPS: usize = 32;

/// What the kernels need to know about the blocks of one band.
struct Band<T> {
    /// Rows of each block, and whether it has taps outside the image.
    rows: [u8; BLOCKS],
    edge: [bool; BLOCKS],
    x: [[*const T; ROWS]; BLOCKS],
    y: [[*mut T; ROWS]; BLOCKS],
    row_bits: [[u16; TAPS]; BLOCKS],
    col_bits: [[u16; TAPS]; BLOCKS],
}

/// What a run is given: the tables and packed weights of `pack`.
#[derive(Clone, Copy)]
pub(super) struct Operands<T> {
    pub x: *const T,
    pub weights: *const T,
    pub bias: *const T,
    pub y: *mut T,
    pub taps: *const Tap,
    pub zeros: *const T,
}

/// Walks output pixels in block order.
struct Walk {
    n: usize,
    d: usize,
    h: usize,
    w: usize,
    by_image: bool,
}

impl Walk {
    fn at(p: &Problem, pixel: usize, by_image: bool) -> Walk {
        let places = p.od * p.oh * p.ow;
        let (n, place) = if by_image { (pixel % p.n, pixel / p.n) } else { (pixel / places, pixel % places) };
        Walk { n, d: place / (p.oh * p.ow), h: place / p.ow % p.oh, w: place % p.ow, by_image }
    }
    #[inline]
    fn step(&mut self, p: &Problem) {
        if self.by_image {
            self.n += 1;
            if self.n < p.n {
                return;
            }
            self.n = 0;
        }
        self.w += 1;
        if self.w < p.ow {
            return;
        }
        self.w = 0;
        self.h += 1;
        if self.h < p.oh {
            return;
        }
        self.h = 0;
        self.d += 1;
        if self.d < p.od || self.by_image {
            return;
        }
        self.d = 0;
        self.n += 1;
    }
}

/// Computes `p`, group by group inside each band. Every output element is written.
pub(super) unsafe fn run<T: Float>(kernels: &Kernels<T>, p: &Problem, panels: &Panels, o: &Operands<T>) {
    let (pixels, taps) = (p.pixels(), p.taps());
    let max_rows = kernels.dense.rows[panels.vectors];
    let blocks = pixels.div_ceil(max_rows);
    // Small images in a batch: images innermost, so that a block sees one position and skips its missing taps.
    let by_image = p.n >= 16 && p.ow <= 16 && taps > 1;
    let threads = threads_for(p.flops());
    // A panel of a group is a unit of columns.
    let units = panels.count() * p.groups;
    // More weights than inputs: split the columns first, so that each weight is read by one thread.
    let by_columns = p.c * p.m * taps > p.n * p.d * p.h * p.w * p.c;
    let (column_shares, block_shares) = if by_columns {
        let c = threads.min(units);
        (c, (threads / c).min(blocks))
    } else {
        let b = threads.min(blocks);
        ((threads / b).min(units), b)
    };
    let o = Raw(o as *const Operands<T> as *mut Operands<T>);
    pool::run(column_shares * block_shares, &|s| unsafe {
        let columns = share(units, column_shares, s % column_shares);
        let mine = share(blocks, block_shares, s / column_shares);
        run_share(kernels, p, panels, &*o.get(), by_image, blocks, mine, columns)
    });
}

unsafe fn run_share<T: Float>(
    kernels: &Kernels<T>,
    p: &Problem,
    panels: &Panels,
    o: &Operands<T>,
    by_image: bool,
    blocks: usize,
    mine: std::ops::Range<usize>,
    columns: std::ops::Range<usize>,
) {
    let (pixels, taps, size) = (p.pixels(), p.taps(), size_of::<T>());
    let max_rows = kernels.dense.rows[panels.vectors];
    let tap_bytes = p.c * panels.width() * size;
    let chunk = (CHUNK / tap_bytes.max(1)).clamp(1, taps);
    let inner = taps * tap_bytes * columns.len() <= INNER;
    // Blocks whose input fits the band, spread evenly over the bands.
    let pixel_bytes = (p.xp.max(16) * size) * p.sh * p.sw;
    let most = (BAND / pixel_bytes / max_rows).clamp(4, BLOCKS);
    let bands = mine.len().div_ceil(most);
    let mut walk = Walk::at(p, share(pixels, blocks, mine.start).start, by_image);
    let mut table = MaybeUninit::<Band<T>>::uninit();
    for b in 0..bands {
        let band = share(mine.len(), bands, b);
        fill_band(p, o, &mut walk, band.clone().map(|i| share(pixels, blocks, mine.start + i).len()), &mut table);
        let table = table.as_ptr();
        let one = |j: usize, t0: usize, b: usize| {
            let (g, panel) = (j / panels.count(), panels.get(j % panels.count()));
            let edge = (*table).edge[b];
            let bits = |bits: *const [u16; TAPS]| if edge { bits as *const u16 } else { std::ptr::null() };
            let args = Product {
                taps: o.taps.add(t0),
                tap_count: chunk.min(taps - t0),
                x: &raw const (*table).x[b] as *const *const T,
                channel: g * p.c,
                row_bits: bits(&raw const (*table).row_bits[b]),
                col_bits: bits(&raw const (*table).col_bits[b]),
                // One tap reads each pixel once, in the first panel: by the time that the next block comes, it is near.
                ahead: if taps == 1 && j == columns.start { max_rows * p.sw * p.xp } else { 0 },
                zeros: o.zeros,
                weights: o.weights.add(g * panels.len() + panel.offset + t0 * p.c * panel.vectors * kernels.lanes),
                k: p.c,
                y: &raw const (*table).y[b] as *const *mut T,
                column: g * p.m + panel.first,
                last: panel.columns - (panel.vectors - 1) * kernels.lanes,
                bias: o.bias,
                accumulate: t0 > 0,
            };
            (kernels.dense.product)((*table).rows[b] as usize, panel.vectors)(&args)
        };
        if inner {
            for b in 0..band.len() {
                for j in columns.clone() {
                    for t0 in (0..taps).step_by(chunk) {
                        one(j, t0, b)
                    }
                }
            }
        } else {
            for j in columns.clone() {
                for t0 in (0..taps).step_by(chunk) {
                    for b in 0..band.len() {
                        one(j, t0, b)
                    }
                }
            }
        }
    }
}

/// Fills a band's table with blocks of the given rows, from where `walk` stands.
unsafe fn fill_band<T: Float>(
    p: &Problem,
    o: &Operands<T>,
    walk: &mut Walk,
    rows: impl Iterator<Item = usize>,
    table: &mut MaybeUninit<Band<T>>,
) {
    let t = table.as_mut_ptr();
    // A padded copy has every pixel; its windows may also have more rows than there are bits.
    let whole = p.tap_rows() > TAPS
        || p.cols.taps > TAPS
        || (p.planes.at >= 0
            && p.rows.at >= 0
            && p.cols.at >= 0
            && ((p.od - 1) * p.sd) as isize + p.planes.last() < p.d as isize
            && ((p.oh - 1) * p.sh) as isize + p.rows.last() < p.h as isize
            && ((p.ow - 1) * p.sw) as isize + p.cols.last() < p.w as isize);
    let all = |taps: usize| ((1u64 << taps) - 1) as u32;
    for (b, rows) in rows.enumerate() {
        let mut live = [(0u32, 0u32); ROWS];
        let mut edge = false;
        (*t).rows[b] = rows as u8;
        for (i, live) in live.iter_mut().enumerate().take(rows) {
            let (n, d, h, w) = (walk.n, walk.d, walk.h, walk.w);
            (*t).x[b][i] = o.x.wrapping_add(n * p.xi + d * p.sd * p.xd + h * p.sh * p.xr + w * p.sw * p.xp);
            (*t).y[b][i] = o.y.wrapping_add(n * p.yi + d * p.yd + h * p.yr + w * p.yp);
            if !whole {
                *live = (p.live_rows(d, h), p.cols.live(w, p.sw, p.w));
                edge |= live.0 != all(p.tap_rows()) || live.1 != all(p.cols.taps);
            }
            walk.step(p);
        }
        (*t).edge[b] = edge;
        if edge {
            for i in 0..p.tap_rows() {
                (*t).row_bits[b][i] = (0..rows).map(|r| ((live[r].0 >> i & 1) as u16) << r).sum();
            }
            for i in 0..p.cols.taps {
                (*t).col_bits[b][i] = (0..rows).map(|r| ((live[r].1 >> i & 1) as u16) << r).sum();
            }
        }
    }
}

/// Writes what a problem without taps or input gives: the bias, or zeros.
pub(super) unsafe fn fill<T: Float>(p: &Problem, bias: *const T, y: *mut T) {
    let (rows, len) = (p.lines(), p.m * p.groups);
    let shares = if rows * p.ow * len < 1 << 16 { 1 } else { pool::threads().min(rows) };
    let (y, bias) = (Raw(y), Raw(bias as *mut T));
    pool::run(shares, &|s| {
        for r in share(rows, shares, s) {
            // Each unit is a row of its own.
            unsafe {
                let (n, d, h) = p.line(r);
                let row = y.get().add(p.y0 + n * p.yi + d * p.yd + h * p.yr);
                for w in 0..p.ow {
                    match bias.get().is_null() {
                        true => zero(row.add(w * p.yp), len),
                        false => std::ptr::copy_nonoverlapping(bias.get(), row.add(w * p.yp), len),
                    }
                }
            }
        }
    })
}
