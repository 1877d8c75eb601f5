//! Copies of blocks of A and B in the order in which the innermost kernel reads them.
use super::vector::Vector;

/// `rows` of A and `k` of its columns as `[k][rows]`.
#[inline(always)]
pub unsafe fn pack_a<V: Vector>(a: *const V::T, rs: usize, cs: usize, rows: usize, k: usize, dst: *mut V::T) {
    for i in (0..rows).step_by(V::L) {
        let n = (rows - i).min(V::L);
        let (a, dst, mask) = (a.add(i * rs), dst.add(i), V::mask(n));
        if rs == 1 {
            for p in 0..k {
                V::prefetch(a.wrapping_add((p + 24) * cs));
                V::load_part(a.add(p * cs), mask).store_part(dst.add(p * rows), mask);
            }
        } else {
            turn::<V>(a, rs, cs, n, k, dst, rows, mask);
        }
    }
}

/// `cols` columns of B and `k` of its rows as `[k][vecs * L]`, zero where there is no column.
#[inline(always)]
pub unsafe fn pack_b<V: Vector>(b: *const V::T, rs: usize, cs: usize, cols: usize, k: usize, dst: *mut V::T) {
    let width = cols.next_multiple_of(V::L);
    for j in (0..cols).step_by(V::L) {
        let n = (cols - j).min(V::L);
        let (b, dst, mask) = (b.add(j * cs), dst.add(j), V::mask(n));
        if cs == 1 {
            for p in 0..k {
                V::prefetch(b.wrapping_add((p + 24) * rs));
                V::load_part(b.add(p * rs), mask).store(dst.add(p * width));
            }
        } else {
            turn::<V>(b, cs, rs, n, k, dst, width, V::mask(V::L));
        }
    }
}

/// Transposes `n <= L` lines of `k` numbers (a line every `line`, its numbers every `step`) into `k` groups of `n`, a
/// group every `ld`; `mask` says how much of a group is written.
#[inline(always)]
unsafe fn turn<V: Vector>(
    x: *const V::T,
    line: usize,
    step: usize,
    n: usize,
    k: usize,
    dst: *mut V::T,
    ld: usize,
    mask: V::Mask,
) {
    if step != 1 {
        // Neither stride is one: rare enough for plain code.
        let mut y = [<V::T as Default>::default(); 16];
        for p in 0..k {
            for i in 0..n {
                y[i] = *x.add(i * line + p * step);
            }
            V::load(y.as_ptr()).store_part(dst.add(p * ld), mask);
        }
        return;
    }
    for p in (0..k).step_by(V::L) {
        let w = (k - p).min(V::L);
        let wide = V::mask(w);
        let mut r = [V::zero(); 16];
        for i in 0..V::L {
            if i < n {
                V::prefetch(x.wrapping_add(i * line + p + 2 * V::L));
                r[i] = V::load_part(x.add(i * line + p), wide);
            }
        }
        V::transpose(&mut r);
        for q in 0..V::L {
            if q < w {
                r[q].store_part(dst.add((p + q) * ld), mask);
            }
        }
    }
}
