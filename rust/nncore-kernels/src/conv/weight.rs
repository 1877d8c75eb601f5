//! The weight gradient: sums of outer products over runs of pixels, nothing packed.
//!
//! Rows are output channels, vectors are input channels, so the result lands in the weights' own layout. Pixels are cut
//! into a number of parts that depends on the geometry alone; the parts are summed in order at the end.
use super::kernel::{Outer, Run};
use super::problem::Problem;
use super::table::{panel_vectors, Kernels};
use super::{threads_for, Raw};
use crate::num::Float;
use crate::pool::{self, share};
use std::mem::MaybeUninit;

/// Pixels of a band: their inputs and gradients stay in cache while all taps and channels pass.
const BAND: usize = MAX_RUNS;
/// Most runs that are found at once.
pub(super) const MAX_RUNS: usize = 256;
/// Most parts, the work worth one, and the elements of a gradient above which there is only one.
pub(super) const PARTS: usize = 8;
pub(super) const PART_FLOPS: usize = 1 << 19;
const PART_SIZE: usize = 1 << 16;

/// Into how many parts the pixels are cut, by geometry alone. `p` is the forward problem.
pub(super) fn parts(p: &Problem) -> usize {
    if size(p) > PART_SIZE {
        return 1;
    }
    (p.flops() / PART_FLOPS).clamp(1, PARTS).min((p.n * p.oh).max(1))
}

/// Elements of the weight gradient.
pub(super) fn size(p: &Problem) -> usize {
    p.groups * p.m * p.taps() * p.c
}

/// `partial` holds `parts(p) - 1` gradients.
pub(super) unsafe fn run<T: Float>(
    kernels: &Kernels<T>,
    p: &Problem,
    x: *const T,
    dy: *const T,
    dw: *mut T,
    partial: *mut T,
) {
    let (parts, size) = (parts(p), size(p));
    let threads = threads_for(p.flops());
    // More threads than parts: they share the output channels, which changes no sum.
    let channel_shares = threads.div_ceil(parts).min(p.m);
    let units = parts * channel_shares;
    let shares = threads.min(units);
    let (x, dy, dw, partial) = (Raw(x as *mut T), Raw(dy as *mut T), Raw(dw), Raw(partial));
    pool::run(shares, &|s| {
        for u in share(units, shares, s) {
            let part = u / channel_shares;
            // Units write disjoint channels of one part's gradient.
            unsafe {
                let out = if part == 0 { dw.get() } else { partial.get().add((part - 1) * size) };
                let rows = share(p.n * p.oh, parts, part);
                let channels = share(p.m, channel_shares, u % channel_shares);
                run_part(kernels, p, x.get(), dy.get(), out, rows, channels)
            }
        }
    });
    for part in 1..parts {
        let from = std::slice::from_raw_parts(partial.get().add((part - 1) * size), size);
        let to = std::slice::from_raw_parts_mut(dw.get(), size);
        for (to, from) in to.iter_mut().zip(from) {
            *to += *from;
        }
    }
}

/// Adds up some rows of output pixels (over all images) for some output channels.
unsafe fn run_part<T: Float>(
    kernels: &Kernels<T>,
    p: &Problem,
    x: *const T,
    dy: *const T,
    dw: *mut T,
    rows: std::ops::Range<usize>,
    channels: std::ops::Range<usize>,
) {
    let row_len = p.taps() * p.c;
    let vectors = panel_vectors(p.c, kernels.lanes, kernels.dense.vectors);
    let width = vectors * kernels.lanes;
    let max_rows = kernels.dense.rows[vectors];
    let blocks = channels.len().div_ceil(max_rows);
    let step = (BAND / p.ow).clamp(1, BAND);
    let mut runs = [const { MaybeUninit::<Run<T>>::uninit() }; MAX_RUNS];
    for first in rows.clone().step_by(step) {
        let band = first..(first + step).min(rows.end);
        for t in 0..p.taps() {
            let (i, j) = (t / p.cols.taps, t % p.cols.taps);
            let count = find_runs(p, x, dy, band.clone(), i, j, &mut runs);
            for g in 0..p.groups {
                for c in (0..p.c).step_by(width) {
                    let columns = (p.c - c).min(width);
                    let vectors = columns.div_ceil(kernels.lanes);
                    for b in 0..blocks {
                        let block = share(channels.len(), blocks, b);
                        let m = channels.start + block.start;
                        let args = Outer {
                            runs: runs.as_ptr() as *const Run<T>,
                            run_count: count,
                            dy_offset: g * p.m + m,
                            x_offset: g * p.c + c,
                            dy_step: p.yp,
                            x_step: p.sw * p.xp,
                            dw: dw.add((g * p.m + m) * row_len + t * p.c + c),
                            dw_row: row_len,
                            last: columns - (vectors - 1) * kernels.lanes,
                            accumulate: first > rows.start,
                        };
                        (kernels.outer)(block.len(), vectors)(&args)
                    }
                }
            }
        }
    }
}

/// The runs of output pixels in `band` for which tap (i, j) finds its input.
pub(super) unsafe fn find_runs<T: Float>(
    p: &Problem,
    x: *const T,
    dy: *const T,
    band: std::ops::Range<usize>,
    i: usize,
    j: usize,
    runs: &mut [MaybeUninit<Run<T>>; MAX_RUNS],
) -> usize {
    let cols = p.cols.range(j, p.sw, p.w, p.ow);
    let row_at = p.rows.at + (i * p.rows.step) as isize;
    let col_at = p.cols.at + (j * p.cols.step) as isize;
    let mut count = 0;
    if cols.is_empty() {
        return 0;
    }
    for r in band {
        let (n, o) = (r / p.oh, r % p.oh);
        let h = (o * p.sh) as isize + row_at;
        if h < 0 || h >= p.h as isize {
            continue;
        }
        let w = (cols.start * p.sw) as isize + col_at;
        let run = Run {
            dy: dy.add(n * p.yi + o * p.yr + cols.start * p.yp),
            x: x.add(n * p.xi + h as usize * p.xr + w as usize * p.xp),
            len: cols.len(),
        };
        runs[count].write(run);
        count += 1;
    }
    count
}
