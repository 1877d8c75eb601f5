//! Depthwise convolution: every channel by itself, so channels fill the lanes and nothing is reduced over them.
//!
//! Forward and input gradient run as any tap problem, with a kernel that multiplies vectors of pixels by vectors of
//! weights. The weight gradient keeps a row of sums for each tap.
use super::kernel::{rows, vecs, Outer, Product, Run};
use super::lanes::Lanes;
use super::pack::zero;
use super::problem::Problem;
use super::table::Kernels;
use super::weight::{find_runs, MAX_RUNS, PARTS, PART_FLOPS};
use super::{threads_for, Raw};
use crate::num::Float;
use crate::pool::{self, share};
use std::mem::MaybeUninit;

/// `y[row][columns] = bias + sum over taps of x[row + tap][columns] * weights[tap][columns]`: [`Product`] with `k = 1`,
/// and `zeros` as long as a pixel.
#[inline(always)]
pub(super) unsafe fn product<S: Lanes, const MR: usize, const NV: usize>(a: &Product<S::T>) {
    let mut acc = [[S::zero(); NV]; MR];
    let mask = S::mask(a.last);
    if !a.bias.is_null() && !a.accumulate {
        vecs!(j => {
            let p = a.bias.add(a.column + j * S::N);
            let b = if j + 1 < NV { S::load(p) } else { S::load_masked(p, mask) };
            rows!(i => { acc[i][j] = b })
        });
    }
    for t in 0..a.tap_count {
        let tap = &*a.taps.add(t);
        let mut live = u16::MAX;
        if !a.row_bits.is_null() {
            live = *a.row_bits.add(tap.row as usize) & *a.col_bits.add(tap.col as usize);
        }
        let mut w = [S::zero(); NV];
        vecs!(j => { w[j] = S::load(a.weights.add((t * NV + j) * S::N)) });
        rows!(i => {
            let pixel = if live >> i & 1 == 1 { (*a.x.add(i)).wrapping_offset(tap.offset) } else { a.zeros };
            vecs!(j => {
                let p = pixel.wrapping_add(a.column + j * S::N);
                let x = if j + 1 < NV { S::load(p) } else { S::load_masked(p, mask) };
                acc[i][j] = S::fma(x, w[j], acc[i][j])
            })
        });
    }
    rows!(i => { vecs!(j => {
        let p = (*a.y.add(i)).add(a.column + j * S::N);
        if j + 1 < NV {
            let c = if a.accumulate { S::load(p) } else { S::zero() };
            S::store(p, S::add(acc[i][j], c))
        } else {
            let c = if a.accumulate { S::load_masked(p, mask) } else { S::zero() };
            S::store_masked(p, mask, S::add(acc[i][j], c))
        }
    }) });
}

/// `dw[NV vectors] (+)= sum over the pixels of all runs of dy times x`, with `MR` sums in flight.
#[inline(always)]
pub(super) unsafe fn outer<S: Lanes, const MR: usize, const NV: usize>(a: &Outer<S::T>) {
    let mut acc = [[S::zero(); NV]; MR];
    let mask = S::mask(a.last);
    for r in 0..a.run_count {
        let run = &*a.runs.add(r);
        let (mut dy, mut x) = (run.dy.add(a.dy_offset), run.x.add(a.x_offset));
        macro_rules! pixel {
            ($i:expr) => {
                vecs!(j => {
                    let (p, q) = (x.wrapping_add($i * a.x_step + j * S::N), dy.wrapping_add($i * a.dy_step + j * S::N));
                    let (x, g) = if j + 1 < NV {
                        (S::load(p), S::load(q))
                    } else {
                        (S::load_masked(p, mask), S::load_masked(q, mask))
                    };
                    acc[$i][j] = S::fma(x, g, acc[$i][j])
                })
            };
        }
        for _ in 0..run.len / MR {
            rows!(i => { pixel!(i) });
            dy = dy.wrapping_add(MR * a.dy_step);
            x = x.wrapping_add(MR * a.x_step);
        }
        for _ in 0..run.len % MR {
            pixel!(0);
            dy = dy.wrapping_add(a.dy_step);
            x = x.wrapping_add(a.x_step);
        }
    }
    vecs!(j => {
        let p = a.dw.add(j * S::N);
        let mut sum = acc[0][j];
        rows!(i => { if i > 0 { sum = S::add(sum, acc[i][j]) } });
        if j + 1 < NV {
            let c = if a.accumulate { S::load(p) } else { S::zero() };
            S::store(p, S::add(sum, c))
        } else {
            let c = if a.accumulate { S::load_masked(p, mask) } else { S::zero() };
            S::store_masked(p, mask, S::add(sum, c))
        }
    });
}

/// Elements of input that a band covers.
const BAND: usize = 8 << 10;

fn parts(p: &Problem) -> usize {
    // A part is worth less arithmetic here, since each product needs its own loads.
    (p.flops() / (PART_FLOPS / 4)).clamp(1, PARTS).min((p.n * p.oh).max(1))
}

/// Elements of scratch for the weight gradient's sums, `[part][tap][channel]`.
pub(super) fn sums_len(p: &Problem) -> usize {
    parts(p) * p.taps() * p.m
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
    let (parts, len) = (parts(p), p.taps() * p.m);
    let shares = threads_for(4 * p.flops()).min(parts);
    let (x, dy, sums) = (Raw(x as *mut T), Raw(dy as *mut T), Raw(sums));
    pool::run(shares, &|s| {
        for part in share(parts, shares, s) {
            let rows = share(p.n * p.oh, parts, part);
            // Each part has its own sums.
            unsafe { run_part(kernels, p, x.get(), dy.get(), sums.get().add(part * len), rows) }
        }
    });
    let sums = std::slice::from_raw_parts(sums.get(), parts * len);
    for (i, t) in (0..p.m).flat_map(|i| (0..p.taps()).map(move |t| (i, t))) {
        let total = sums.iter().skip(t * p.m + i).step_by(len).fold(T::ZERO, |a, b| a + *b);
        *dw.add(i * p.taps() + t) = total;
    }
}

unsafe fn run_part<T: Float>(
    kernels: &Kernels<T>,
    p: &Problem,
    x: *const T,
    dy: *const T,
    sums: *mut T,
    rows: std::ops::Range<usize>,
) {
    zero(sums, p.taps() * p.m);
    let step = (BAND / (p.ow * p.m)).clamp(1, MAX_RUNS);
    let width = kernels.depthwise.vectors * kernels.lanes;
    let mut runs = [const { MaybeUninit::<Run<T>>::uninit() }; MAX_RUNS];
    for first in rows.clone().step_by(step) {
        let band = first..(first + step).min(rows.end);
        for t in 0..p.taps() {
            let count = find_runs(p, x, dy, band.clone(), t / p.cols.taps, t % p.cols.taps, &mut runs);
            for c in (0..p.m).step_by(width) {
                let columns = (p.m - c).min(width);
                let vectors = columns.div_ceil(kernels.lanes);
                let args = Outer {
                    runs: runs.as_ptr() as *const Run<T>,
                    run_count: count,
                    dy_offset: c,
                    x_offset: c,
                    dy_step: p.yp,
                    x_step: p.sw * p.xp,
                    dw: sums.add(t * p.m + c),
                    dw_row: 0,
                    last: columns - (vectors - 1) * kernels.lanes,
                    accumulate: true,
                };
                (kernels.depthwise_outer)(vectors)(&args)
            }
        }
    }
}
