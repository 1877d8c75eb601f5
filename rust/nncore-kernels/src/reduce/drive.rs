//! Finds the memory order of a reduction: along contiguous runs, down columns, or neither.
use super::fold::Fold;
use super::kernel::{Kernel, Totals, Typed, WIDTH};
use super::tile::{Tile, BESIDE, SHORT};
use crate::num::Number;
use crate::pointwise::{Walk, MAX_DIMS};
use crate::pool;
use crate::split::{side_by_side, split};
use std::marker::PhantomData;

/// From this many elements on a reduction is cut into [`PARTS`] fixed parts, or shared out by outputs.
const LARGE: usize = 1 << 16;
const PARTS: usize = 16;

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
    assert_eq!(out.len(), kept.len(), "one output for each kept index");
    if !out.is_empty() {
        let (x, out) = (x as usize, out.as_mut_ptr() as usize);
        Reduction { f: &Typed(*f, PhantomData), kept: &kept, gone: &gone, count: gone.len(), x, out }.run()
    }
}

/// A reduction without its types. Addresses are numbers, since shares of it run on several threads; they write to
/// disjoint outputs.
struct Reduction<'a> {
    f: &'a dyn Kernel,
    kept: &'a Walk<2>,
    gone: &'a Walk<1>,
    count: usize,
    x: usize,
    out: usize,
}
impl Reduction<'_> {
    unsafe fn run(&self) {
        let (kept, gone) = (self.kept, self.gone);
        let (outputs, count) = (kept.len(), self.count);
        if count == 0 {
            let mut totals = Totals::new();
            self.f.start(totals.ptr(), 1);
            return (0..outputs as isize).for_each(|i| self.end(&mut totals, 1, i, 1));
        }
        let step = |rank: usize, strides: &[isize]| if rank > 0 { strides[rank - 1] } else { 0 };
        let (sx, so) = (step(kept.rank, &kept.strides[0]), step(kept.rank, &kept.strides[1]));
        if kept.rank > 0 && sx == 1 && step(gone.rank, &gone.strides[0]) != 1 {
            return self.down_columns(so);
        }
        if outputs < PARTS && count >= LARGE {
            // Few long reductions: fixed parts of each, joined in order.
            for (_, [from, to], n) in kept.rows(0, outputs) {
                for k in 0..n as isize {
                    let x = self.x(from + k * sx) as usize;
                    self.in_parts(1, to + k * so, so, &|first, count, totals| unsafe {
                        self.f.rows(gone, first, count, x as *const u8, 0, 1, totals)
                    });
                }
            }
            return;
        }
        let grain = (LARGE / count).max(2);
        let short = gone.rank == 1 && count <= SHORT;
        split(outputs, 1, grain, &|r| {
            let mut totals = Totals::new();
            for (_, [from, to], n) in kept.rows(r.start, r.len()) {
                for k in (0..n).step_by(WIDTH) {
                    let (w, at) = (WIDTH.min(n - k), k as isize);
                    unsafe {
                        let x = self.x(from + at * sx);
                        if short && w >= 4 {
                            self.short_rows(x, sx, w, totals.ptr())
                        } else {
                            self.f.rows(gone, 0, count, x, sx, w, totals.ptr())
                        }
                        self.end(&mut totals, w, to + at * so, so)
                    }
                }
            }
        })
    }

    /// `n` totals of few elements each. One alone is mostly waiting for one addition after the other, so many rows are turned
    /// and go through side by side, as columns.
    unsafe fn short_rows(&self, x: *const u8, step: isize, n: usize, totals: *mut u8) {
        let size = self.f.sizes();
        let mut tile = Tile::new();
        self.f.start(totals, n);
        for k in (0..n).step_by(BESIDE) {
            let w = BESIDE.min(n - k);
            let from = x.wrapping_offset(k as isize * step * size.item as isize);
            tile.turn(size.item, from, step, w, self.gone.strides[0][0], self.count);
            self.f.columns(totals.add(k * size.total), w, tile.ptr(), BESIDE as isize, self.count);
        }
    }

    fn x(&self, at: isize) -> *const u8 {
        (self.x as *const u8).wrapping_offset(at * self.f.sizes().item as isize)
    }
    /// Writes `n` outputs, from output `at` on, `step` apart.
    unsafe fn end(&self, totals: &mut Totals, n: usize, at: isize, step: isize) {
        let size = self.f.sizes();
        let out = (self.out as *mut u8).offset(at * size.out as isize);
        self.f.end(totals.ptr(), n, self.count, out, step)
    }
    /// Writes `n` outputs as `end` does, each from [`PARTS`] parts of the elements that `part(first, count, totals)` folds,
    /// joined in order. Never inlined: the totals of all parts are large, and a stack frame of that size costs small reductions
    /// more than their work.
    #[inline(never)]
    unsafe fn in_parts(&self, n: usize, at: isize, step: isize, part: &(dyn Fn(usize, usize, *mut u8) + Sync)) {
        let mut totals: [Totals; PARTS] = std::array::from_fn(|_| Totals::new());
        let places = totals.each_mut().map(|t| t.ptr() as usize);
        pool::run(PARTS, &|i| {
            let share = pool::share(self.count, PARTS, i);
            // Each share owns one row of totals.
            part(share.start, share.len(), places[i] as *mut u8)
        });
        for other in &places[1..] {
            self.f.merge(totals[0].ptr(), *other as *const u8, n);
        }
        self.end(&mut totals[0], n, at, step)
    }

    /// The kept axes' last one is contiguous: whole rows are folded into totals for a stretch of columns.
    unsafe fn down_columns(&self, step: isize) {
        let (kept, count) = (self.kept, self.count);
        let width = kept.dims[kept.rank - 1];
        let chunks = width.div_ceil(WIDTH);
        let units = kept.len() / width * chunks;
        let unit = |u: usize, parts: bool| {
            let (o, c) = (u / chunks, u % chunks * WIDTH);
            let w = WIDTH.min(width - c);
            let Some((_, [from, to], _)) = kept.rows(o * width + c, 1).next() else { return };
            let p = self.x(from) as usize;
            let fold = |first, count, totals| unsafe { self.fold_columns(p as *const u8, w, first, count, totals) };
            if parts {
                return unsafe { self.in_parts(w, to, step, &fold) };
            }
            let mut totals = Totals::new();
            fold(0, count, totals.ptr());
            // Units own disjoint outputs.
            unsafe { self.end(&mut totals, w, to, step) }
        };
        let work = count * width.min(WIDTH);
        if units < PARTS && work >= LARGE {
            (0..units).for_each(|u| unit(u, true));
        } else {
            split(units, 1, (LARGE / work).max(2), &|r| r.for_each(|u| unit(u, false)));
        }
    }
    /// Folds rows `first..first + count` of the gone axes into `totals`, one for each of `width` contiguous columns.
    unsafe fn fold_columns(&self, x: *const u8, width: usize, first: usize, count: usize, totals: *mut u8) {
        let (f, gone, size) = (self.f, self.gone, self.f.sizes());
        // A tall dense matrix of few columns: many rows side by side make one wide row.
        let dense = gone.rank == 1 && gone.strides[0][0] == width as isize;
        let side = if dense { side_by_side(width, WIDTH.min(width * (count / 4).max(1))) } else { 1 };
        if side > 1 && count >= 2 * side {
            let wide = side * width;
            let p = x.add(first * width * size.item);
            f.start(totals, wide);
            f.columns(totals, wide, p, wide as isize, count / side);
            let mut left = side;
            while left > 1 {
                let kept = left.div_ceil(2);
                f.merge(totals, totals.add(kept * width * size.total), (left - kept) * width);
                left = kept;
            }
            let done = count / side * wide * size.item;
            f.columns(totals, width, p.add(done), width as isize, count % side);
        } else {
            let stride = if gone.rank > 0 { gone.strides[0][gone.rank - 1] } else { 0 };
            f.start(totals, width);
            for (_, [at], n) in gone.rows(first, count) {
                f.columns(totals, width, x.wrapping_offset(at * size.item as isize), stride, n);
            }
        }
    }
}
