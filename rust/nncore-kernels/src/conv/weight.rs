//! The weight gradient: sums of outer products over runs of pixels, nothing packed.
//!
//! Rows are output channels, vectors are input channels, so the result lands in the weights' own layout. Pixels are cut
//! into a number of parts that depends on the geometry alone; the parts are summed in order at the end.
use super::kernel::{Outer, Run};
use super::planes::Aligned;
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
    (p.flops() / PART_FLOPS).clamp(1, PARTS).min(p.lines().max(1))
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
    let gather = p.whole() && gathers(kernels, p);
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
                let rows = share(p.lines(), parts, part);
                let channels = share(p.m, channel_shares, u % channel_shares);
                let run = if gather { gather_part } else { run_part };
                run(kernels, p, x.get(), dy.get(), out, rows, channels)
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

/// Elements of the windows that lie side by side, on the stack, and pixels below which they are not worth it.
const WINDOWS: usize = 24 << 10;
const FEWEST: usize = 32;

/// The weights of one output channel as the columns of a block, padded to whole vectors.
fn window_len<T: Float>(kernels: &Kernels<T>, p: &Problem) -> usize {
    (p.taps() * p.c).next_multiple_of(kernels.lanes)
}
/// Is there room for the windows of enough pixels? Then few input channels fill whole vectors, several taps at once.
/// `p` is merged and padded.
pub(super) fn gathers<T: Float>(kernels: &Kernels<T>, p: &Problem) -> bool {
    let (lanes, window) = (kernels.lanes, window_len(kernels, p));
    // Row by row, each row of the window fills vectors of its own.
    let apart = p.tap_rows() * p.c.next_multiple_of(lanes);
    p.groups == 1 && p.ow >= FEWEST && WINDOWS / window >= FEWEST && 8 * window < 7 * apart
}

/// [`run_part`] for few input channels: the windows of some pixels are copied side by side, then all taps are columns.
unsafe fn gather_part<T: Float>(
    kernels: &Kernels<T>,
    p: &Problem,
    x: *const T,
    dy: *const T,
    dw: *mut T,
    rows: std::ops::Range<usize>,
    channels: std::ops::Range<usize>,
) {
    let (row_len, window) = (p.taps() * p.c, window_len(kernels, p));
    let vectors = panel_vectors(row_len, kernels.lanes, kernels.dense.vectors);
    let width = vectors * kernels.lanes;
    let blocks = channels.len().div_ceil(kernels.dense.rows[vectors]);
    let most = WINDOWS / window;
    let pieces = p.ow.div_ceil(most);
    let mut buffer = Aligned::<T, WINDOWS>::new();
    for r in rows.clone() {
        let (n, plane, o) = p.line(r);
        for pixels in (0..pieces).map(|i| share(p.ow, pieces, i)) {
            for i in 0..p.tap_rows() {
                // Nothing hangs over: these indices lie inside.
                let d = plane * p.sd + p.planes.at as usize + i / p.rows.taps * p.planes.step;
                let h = o * p.sh + p.rows.at as usize + i % p.rows.taps * p.rows.step;
                let from = x.add(n * p.xi + d * p.xd + h * p.xr + (pixels.start * p.sw + p.cols.at as usize) * p.xp);
                (kernels.copy)(from, p.sw * p.xp, p.c, pixels.len(), buffer.ptr().add(i * p.c), window);
            }
            let run = Run {
                dy: dy.add(n * p.yi + plane * p.yd + o * p.yr + pixels.start * p.yp),
                x: buffer.ptr() as *const T,
                len: pixels.len(),
            };
            for c in (0..row_len).step_by(width) {
                let columns = (row_len - c).min(width);
                let vectors = columns.div_ceil(kernels.lanes);
                for block in (0..blocks).map(|b| share(channels.len(), blocks, b)) {
                    let m = channels.start + block.start;
                    let args = Outer {
                        runs: &run,
                        run_count: 1,
                        dy_offset: m,
                        x_offset: c,
                        dy_step: p.yp,
                        x_step: window,
                        dw: dw.add(m * row_len + c),
                        dw_row: row_len,
                        last: columns - (vectors - 1) * kernels.lanes,
                        accumulate: r > rows.start || pixels.start > 0,
                    };
                    (kernels.outer)(block.len(), vectors)(&args)
                }
            }
        }
    }
}

/// The runs of output pixels in `band` for which tap (i, j) finds its input; `i` counts tap rows.
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
    let plane_at = p.planes.at + (i / p.rows.taps * p.planes.step) as isize;
    let row_at = p.rows.at + (i % p.rows.taps * p.rows.step) as isize;
    let col_at = p.cols.at + (j * p.cols.step) as isize;
    let mut count = 0;
    if cols.is_empty() {
        return 0;
    }
    for r in band {
        let (n, plane, o) = p.line(r);
        let d = (plane * p.sd) as isize + plane_at;
        let h = (o * p.sh) as isize + row_at;
        if h < 0 || h >= p.h as isize || d < 0 || d >= p.d as isize {
            continue;
        }
        let w = (cols.start * p.sw) as isize + col_at;
        let run = Run {
            dy: dy.add(n * p.yi + plane * p.yd + o * p.yr + cols.start * p.yp),
            x: x.add(n * p.xi + d as usize * p.xd + h as usize * p.xr + w as usize * p.xp),
            len: cols.len(),
        };
        runs[count].write(run);
        count += 1;
    }
    count
}
