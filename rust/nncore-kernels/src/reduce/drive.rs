//! Finds the memory order of a reduction: along contiguous runs, down columns, or neither.
use super::fold::{columns, Fold};
use crate::num::Number;
use crate::pointwise::{Walk, MAX_DIMS};
use crate::pool;
use crate::split::{side_by_side, split, Parts};

/// From this many elements on a reduction is cut into [`PARTS`] fixed parts, or shared out by outputs.
const LARGE: usize = 1 << 16;
const PARTS: usize = 16;
/// Columns that are folded at a time.
const WIDTH: usize = 256;

/// The axes that stay, as walked by the input and by the row-major output, and the axes that go.
pub(super) fn axes(
    dims: &[usize],
    strides: &[isize],
    mask: u32,
) -> (Walk<2>, [usize; MAX_DIMS], [isize; MAX_DIMS], usize) {
    let (mut kept, mut kept_x, mut kept_out, mut nk) = ([1; MAX_DIMS], [0; MAX_DIMS], [0; MAX_DIMS], 0);
    let (mut gone, mut gone_x, mut ng) = ([1; MAX_DIMS], [0; MAX_DIMS], 0);
    for (i, (&d, &s)) in dims.iter().zip(strides).enumerate() {
        if mask >> i & 1 == 1 {
            (gone[ng], gone_x[ng], ng) = (d, s, ng + 1);
        } else {
            (kept[nk], kept_x[nk], nk) = (d, s, nk + 1);
        }
    }
    let mut n = 1;
    for i in (0..nk).rev() {
        kept_out[i] = n;
        n *= kept[i] as isize;
    }
    (Walk::new(&kept[..nk], [&kept_x[..nk], &kept_out[..nk]]), gone, gone_x, ng)
}

pub(super) unsafe fn drive<T: Number, F: Fold<T>>(
    f: &F,
    dims: &[usize],
    strides: &[isize],
    mask: u32,
    x: *const T,
    out: &mut [F::Out],
) {
    let (kept, gone, gone_x, n) = axes(dims, strides, mask);
    let gone = Walk::new(&gone[..n], [&gone_x[..n]]);
    let (outputs, count) = (kept.len(), gone.len());
    assert_eq!(out.len(), outputs, "one output for each kept index");
    if outputs == 0 {
        return;
    }
    if count == 0 {
        return out.fill(f.end(f.start(), 0));
    }
    let step = |rank: usize, strides: &[isize]| if rank > 0 { strides[rank - 1] } else { 0 };
    if kept.rank > 0 && step(kept.rank, &kept.strides[0]) == 1 && step(gone.rank, &gone.strides[0]) != 1 {
        return down_columns(f, &kept, &gone, x, out);
    }
    let (x, y) = (x as usize, Parts::new(out));
    if outputs < PARTS && count >= LARGE {
        // Few long reductions: fixed parts of each, joined in order.
        kept.rows(0, outputs, |_, [from, to], n| {
            for k in 0..n as isize {
                let mut totals = [f.start(); PARTS];
                let shared = Parts::new(&mut totals);
                let p = x as *const T;
                let p = p.wrapping_offset(from + k * kept.strides[0][kept.rank.max(1) - 1]) as usize;
                pool::run(PARTS, &|i| {
                    let part = pool::share(count, PARTS, i);
                    // Each share owns one total.
                    unsafe { shared.part(i..i + 1)[0] = fold_part(f, &gone, p as *const T, part.start, part.len()) }
                });
                let total = totals[1..].iter().fold(totals[0], |a, b| f.merge(a, *b));
                let at = (to + k * kept.strides[1][kept.rank.max(1) - 1]) as usize;
                // The only writer.
                unsafe { y.part(at..at + 1)[0] = f.end(total, count) }
            }
        });
        return;
    }
    let grain = (LARGE / count).max(2);
    // Outputs are disjoint.
    split(outputs, 1, grain, &|r| along_runs(f, &kept, &gone, x as *const T, y, r.start, r.len()))
}

simd! {
    fn fold_part<T: Number, F: Fold<T>>(f: &F, gone: &Walk<1>, x: *const T, start: usize, count: usize) -> F::Total {
        // Within the bounds that the caller of the reduction promised.
        unsafe { fold_all(f, gone, x, start, count) }
    }

    /// Outputs `start..start + n` in the order of `kept`, each folded whole.
    fn along_runs<T: Number, F: Fold<T>>(f: &F, kept: &Walk<2>, gone: &Walk<1>, x: *const T, out: Parts<F::Out>, start: usize, n: usize) {
        let count = gone.len();
        let (sx, so) = if kept.rank > 0 { (kept.strides[0][kept.rank - 1], kept.strides[1][kept.rank - 1]) } else { (0, 0) };
        kept.rows(start, n, |_, [from, to], n| {
            for k in 0..n as isize {
                // Within the bounds that the caller of the reduction promised.
                unsafe {
                    let total = fold_all(f, gone, x.offset(from + k * sx), 0, count);
                    let at = (to + k * so) as usize;
                    out.part(at..at + 1)[0] = f.end(total, count);
                }
            }
        })
    }

    /// Folds rows `start..start + count` of the gone axes into `totals`, one for each of `width` contiguous columns.
    fn fold_columns<T: Number, F: Fold<T>>(f: &F, gone: &Walk<1>, x: *const T, width: usize, start: usize, count: usize, totals: &mut [F::Total; WIDTH]) {
        totals[..width].fill(f.start());
        // A tall dense matrix of few columns: many rows side by side make one wide row.
        let side = if gone.rank == 1 && gone.strides[0][0] == width as isize { side_by_side(width, WIDTH) } else { 1 };
        // Within the bounds that the caller of the reduction promised.
        unsafe {
            if side > 1 && count >= 2 * side {
                let wide = side * width;
                let p = x.add(start * width);
                totals[..wide].fill(f.start());
                columns(f, &mut totals[..wide], p, wide as isize, count / side);
                for s in 1..side {
                    for c in 0..width {
                        totals[c] = f.merge(totals[c], totals[s * width + c]);
                    }
                }
                columns(f, &mut totals[..width], p.add(count / side * wide), width as isize, count % side);
            } else {
                let stride = if gone.rank > 0 { gone.strides[0][gone.rank - 1] } else { 0 };
                gone.rows(start, count, |_, [at], n| columns(f, &mut totals[..width], x.offset(at), stride, n));
            }
        }
    }
}

#[inline(always)]
unsafe fn fold_all<T: Number, F: Fold<T>>(f: &F, gone: &Walk<1>, x: *const T, start: usize, count: usize) -> F::Total {
    let mut total = f.start();
    let stride = if gone.rank > 0 { gone.strides[0][gone.rank - 1] } else { 1 };
    gone.rows(start, count, |_, [at], n| {
        let p = x.offset(at);
        total = if stride == 1 { f.run(total, p, n) } else { f.run_strided(total, p, stride, n) }
    });
    total
}

/// The kept axes' last one is contiguous: whole rows are folded into totals for a stretch of columns.
unsafe fn down_columns<T: Number, F: Fold<T>>(f: &F, kept: &Walk<2>, gone: &Walk<1>, x: *const T, out: &mut [F::Out]) {
    let last = kept.rank - 1;
    let (width, step, count) = (kept.dims[last], kept.strides[1][last], gone.len());
    let chunks = width.div_ceil(WIDTH);
    let outer = kept.len() / width;
    let (x, y) = (x as usize, Parts::new(out));
    let unit = |u: usize, parts: usize| {
        let (o, c) = (u / chunks, u % chunks * WIDTH);
        let w = WIDTH.min(width - c);
        kept.rows(o * width + c, 1, |_, [from, to], _| {
            let p = (x as *const T).wrapping_offset(from) as usize;
            let write = |totals: &[F::Total; WIDTH]| {
                for l in 0..w {
                    let at = (to + l as isize * step) as usize;
                    // Units own disjoint outputs.
                    unsafe { y.part(at..at + 1)[0] = f.end(totals[l], count) }
                }
            };
            if parts == 1 {
                let mut totals = [f.start(); WIDTH];
                fold_columns(f, gone, p as *const T, w, 0, count, &mut totals);
                return write(&totals);
            }
            let mut totals = [[f.start(); WIDTH]; PARTS];
            let shared = Parts::new(&mut totals);
            pool::run(PARTS, &|i| {
                let part = pool::share(count, PARTS, i);
                // Each share owns one row of totals.
                let totals = unsafe { &mut shared.part(i..i + 1)[0] };
                fold_columns(f, gone, p as *const T, w, part.start, part.len(), totals)
            });
            for i in 1..PARTS {
                let (first, rest) = totals.split_at_mut(i);
                for l in 0..w {
                    first[0][l] = f.merge(first[0][l], rest[0][l]);
                }
            }
            write(&totals[0])
        })
    };
    let units = outer * chunks;
    if units < PARTS && count * width.min(WIDTH) >= LARGE {
        (0..units).for_each(|u| unit(u, PARTS));
    } else {
        split(units, 1, (LARGE / (count * width.min(WIDTH))).max(2), &|r| r.for_each(|u| unit(u, 1)));
    }
}
