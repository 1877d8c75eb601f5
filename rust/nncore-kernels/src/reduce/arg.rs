//! Where the extreme is.
use super::drive::axes;
use super::fold::{Extreme, Max, Min};
use crate::num::Number;
use crate::pointwise::Walk;
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
    let columns = kept.rank > 0 && kept.strides[0][kept.rank - 1] == 1 && kept.dims[kept.rank - 1] >= 4;
    // Shares write to disjoint outputs.
    split(outputs, 16, ((1 << 16) / count).max(2), &|r| {
        let (x, n) = (x as *const T, r.len());
        match (columns, MIN) {
            (true, false) => down_columns::<T, Max>(&kept, &gone, x, y, r.start, n),
            (true, true) => down_columns::<T, Min>(&kept, &gone, x, y, r.start, n),
            (false, false) => along_runs::<T, Max>(&kept, &gone, x, y, r.start, n),
            (false, true) => along_runs::<T, Min>(&kept, &gone, x, y, r.start, n),
        }
    })
}

/// Does `x` displace `best`? Only a strictly better element does, or the first NaN.
#[inline(always)]
fn better<T: Number, F: Extreme<T>>(f: &F, x: T, best: T) -> bool {
    !best.is_nan() && (x.is_nan() || (f.push(best, x) == x && x != best))
}

simd! {
    fn along_runs<T: Number, F: Extreme<T>>(kept: &Walk<2>, gone: &Walk<1>, x: *const T, out: Parts<i64>, start: usize, n: usize) {
        let (f, count) = (F::default(), gone.len());
        let (sx, so) = if kept.rank > 0 { (kept.strides[0][kept.rank - 1], kept.strides[1][kept.rank - 1]) } else { (0, 0) };
        let step = if gone.rank > 0 { gone.strides[0][gone.rank - 1] } else { 1 };
        kept.rows(start, n, |_, [from, to], n| {
            for k in 0..n as isize {
                // Within the bounds that the caller promised.
                unsafe {
                    let p = x.offset(from + k * sx);
                    let (mut best, mut index) = (*p, 0);
                    gone.rows(0, count, |done, [at], n| {
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
                    });
                    // A NaN in front: `better` refuses to look past it, and index 0 stands.
                    let at = (to + k * so) as usize;
                    out.part(at..at + 1)[0] = index as i64;
                }
            }
        })
    }

    fn down_columns<T: Number, F: Extreme<T>>(kept: &Walk<2>, gone: &Walk<1>, x: *const T, out: Parts<i64>, start: usize, n: usize) {
        let so = kept.strides[1][kept.rank - 1];
        let (f, count) = (F::default(), gone.len());
        let step = if gone.rank > 0 { gone.strides[0][gone.rank - 1] } else { 0 };
        kept.rows(start, n, |_, [from, to], n| {
            let mut c = 0;
            while c < n {
                let w = (n - c).min(16);
                // Within the bounds that the caller promised.
                unsafe {
                    let p = x.offset(from).add(c);
                    let (mut best, mut index) = ([T::default(); 16], [0i64; 16]);
                    for l in 0..w { best[l] = *p.add(l) }
                    gone.rows(0, count, |done, [at], rows| {
                        for r in 0..rows {
                            let p = p.offset(at + r as isize * step);
                            let i = (done + r) as i64;
                            if w == 16 {
                                for l in 0..16 {
                                    let v = *p.add(l);
                                    let b = better(&f, v, best[l]);
                                    best[l] = if b { v } else { best[l] };
                                    index[l] = if b { i } else { index[l] };
                                }
                            } else {
                                for l in 0..w {
                                    if better(&f, *p.add(l), best[l]) { (best[l], index[l]) = (*p.add(l), i) }
                                }
                            }
                        }
                    });
                    for l in 0..w {
                        let at = (to + (c + l) as isize * so) as usize;
                        out.part(at..at + 1)[0] = index[l];
                    }
                }
                c += w;
            }
        })
    }
}
