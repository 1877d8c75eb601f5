//! Where the extreme is.
use super::drive::axes;
use super::fold::{Extreme, Max, Min};
use super::tile::{Tile, BESIDE as ROWS, SHORT};
use crate::num::Number;
use crate::pointwise::{Walk, MAX_DIMS};
use crate::split::{split, Parts};

pub(super) unsafe fn drive<T: Number, const MIN: bool>(
    dims: &[usize],
    strides: &[isize],
    mask: u32,
    x: *const T,
    out: &mut [i64],
) {
    let (kept, gone, gone_x, n) = axes(dims, strides, mask);
    // The index counts in the axes' own order.
    let gone = Walk::in_order(&gone[..n], [&gone_x[..n]]);
    let (outputs, count) = (kept.len(), gone.len());
    assert_eq!(out.len(), outputs, "one output for each kept index");
    if outputs == 0 || count == 0 {
        return;
    }
    let (x, y) = (x as usize, Parts::new(out));
    let narrow = kept.rank == 0 || kept.strides[0][kept.rank - 1] != 1 || kept.dims[kept.rank - 1] < 4;
    // Rows of columns are numbered in 32 bits.
    let columns = !narrow && count <= u32::MAX as usize;
    let short = !columns && gone.rank == 1 && count <= SHORT && outputs >= 4;
    // Shares write to disjoint outputs.
    split(outputs, 16, ((1 << 16) / count).max(2), &|r| {
        let (x, n) = (x as *const T, r.len());
        if short {
            return short_rows::<T, MIN>(&kept, &gone, x, y, r.start, n);
        }
        match (columns, MIN) {
            (true, false) => down_columns::<T, Max>(&kept, &gone, x, y, r.start, n),
            (true, true) => down_columns::<T, Min>(&kept, &gone, x, y, r.start, n),
            (false, false) => along_runs::<T, Max>(&kept, &gone, x, y, r.start, n),
            (false, true) => along_runs::<T, Min>(&kept, &gone, x, y, r.start, n),
        }
    })
}

/// Rows of few elements are turned, and looked through beside each other.
unsafe fn short_rows<T: Number, const MIN: bool>(
    kept: &Walk<2>,
    gone: &Walk<1>,
    x: *const T,
    out: Parts<i64>,
    start: usize,
    n: usize,
) {
    let last = kept.rank.max(1) - 1;
    let (sx, so, count) = (kept.strides[0][last], kept.strides[1][last], gone.len());
    let mut tile = Tile::new();
    let mut found = [0i64; ROWS];
    // By hand, since `new` leaves out dimensions of size 1.
    let mut beside = Walk { rank: 1, dims: [1; MAX_DIMS], strides: [[1; MAX_DIMS]; 2] };
    let down = Walk::<1>::new(&[count], [&[ROWS as isize]]);
    for (_, [from, to], n) in kept.rows(start, n) {
        for k in (0..n).step_by(ROWS) {
            let w = ROWS.min(n - k);
            tile.turn(
                std::mem::size_of::<T>(),
                x.offset(from + k as isize * sx).cast(),
                sx,
                w,
                gone.strides[0][0],
                count,
            );
            beside.dims[0] = w;
            let places = Parts::new(&mut found[..w]);
            if MIN {
                down_columns::<T, Min>(&beside, &down, tile.ptr().cast(), places, 0, w);
            } else {
                down_columns::<T, Max>(&beside, &down, tile.ptr().cast(), places, 0, w);
            }
            for l in 0..w {
                let at = (to + (k + l) as isize * so) as usize;
                out.part(at..at + 1)[0] = found[l];
            }
        }
    }
}

/// Does `x` displace `best`? Only a strictly better element does, or the first NaN.
#[inline(always)]
fn better<T: Number, F: Extreme<T>>(f: &F, x: T, best: T) -> bool {
    // Without branches, so that it vectorises.
    (f.beats(x, best) | x.is_nan()) & !best.is_nan()
}

/// Columns that are looked through at a time.
const BESIDE: usize = 16;

/// The best of some columns so far, and the rows where they stand.
#[derive(Clone, Copy)]
struct Best<T>([T; BESIDE], [u32; BESIDE]);
impl<T: Number> Best<T> {
    /// Looks through `rows` rows of `w` columns, of which the first is row `number`.
    #[inline(always)]
    unsafe fn look<F: Extreme<T>>(&mut self, f: &F, x: *const T, w: usize, stride: isize, rows: usize, number: u32) {
        // In registers.
        let Best(mut best, mut index) = *self;
        for r in 0..rows {
            let (p, i) = (x.offset(r as isize * stride), number + r as u32);
            if w == BESIDE {
                let v = &*p.cast::<[T; BESIDE]>();
                for l in 0..BESIDE {
                    let b = better(f, v[l], best[l]);
                    best[l] = if b { v[l] } else { best[l] };
                    index[l] = if b { i } else { index[l] };
                }
            } else {
                for l in 0..w {
                    let v = *p.add(l);
                    let b = better(f, v, best[l]);
                    best[l] = if b { v } else { best[l] };
                    index[l] = if b { i } else { index[l] };
                }
            }
        }
        *self = Best(best, index);
    }
}

simd! {
    fn along_runs<T: Number, F: Extreme<T>>(kept: &Walk<2>, gone: &Walk<1>, x: *const T, out: Parts<i64>, start: usize, n: usize) {
        let (f, count) = (F::default(), gone.len());
        let (sx, so) = if kept.rank > 0 { (kept.strides[0][kept.rank - 1], kept.strides[1][kept.rank - 1]) } else { (0, 0) };
        let step = if gone.rank > 0 { gone.strides[0][gone.rank - 1] } else { 1 };
        for (_, [from, to], n) in kept.rows(start, n) {
            let write = |k: usize, index: i64| {
                let at = (to + k as isize * so) as usize;
                // Each output has one writer.
                unsafe { out.part(at..at + 1)[0] = index }
            };
            // Within the bounds that the caller promised.
            unsafe {
                let x = x.offset(from);
                for k in 0..n {
                    let p = x.offset(k as isize * sx);
                    let (mut best, mut index) = (*p, 0);
                    for (done, [at], n) in gone.rows(0, count) {
                        let p = p.offset(at);
                        // The extreme first, which vectorises; then the place where it stands.
                        let total = f.start();
                        let total = if step == 1 { f.run(total, p, n) } else { f.run_strided(total, p, step, n) };
                        let found = f.end(total, n);
                        if better(&f, found, best) {
                            let mut i = 0;
                            while !{ let v = *p.offset(i as isize * step); v == found || v.is_nan() } { i += 1 }
                            (best, index) = (found, done + i);
                        }
                    }
                    // A NaN in front: `better` refuses to look past it, and index 0 stands.
                    write(k, index as i64);
                }
            }
        }
    }

    fn down_columns<T: Number, F: Extreme<T>>(kept: &Walk<2>, gone: &Walk<1>, x: *const T, out: Parts<i64>, start: usize, n: usize) {
        let so = kept.strides[1][kept.rank - 1];
        let (f, count) = (F::default(), gone.len());
        let step = if gone.rank > 0 { gone.strides[0][gone.rank - 1] } else { 0 };
        for (_, [from, to], n) in kept.rows(start, n) {
            for c in (0..n).step_by(BESIDE) {
                let w = BESIDE.min(n - c);
                // Within the bounds that the caller promised.
                unsafe {
                    let p = x.offset(from).add(c);
                    let mut best = Best([T::default(); BESIDE], [0; BESIDE]);
                    std::ptr::copy_nonoverlapping(p, best.0.as_mut_ptr(), w);
                    for (done, [at], rows) in gone.rows(0, count) {
                        best.look(&f, p.offset(at), w, step, rows, done as u32);
                    }
                    for l in 0..w {
                        let at = (to + (c + l) as isize * so) as usize;
                        out.part(at..at + 1)[0] = best.1[l] as i64;
                    }
                }
            }
        }
    }
}
