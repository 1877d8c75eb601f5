//! Products with few rows, which are bound by reading B: nothing is packed, and B is read once, in its own order.
use super::vector::Vector;

/// `y[j] (+)= sum of x[p * xs] * B(p, j) (+ bias[j * bs])` for rows of B that are contiguous in j. Eight rows a pass, with
/// y in the first cache.
#[inline(always)]
pub unsafe fn gemv<V: Vector>(
    k: usize,
    n: usize,
    x: *const V::T,
    xs: usize,
    b: *const V::T,
    ldb: usize,
    y: *mut V::T,
    bias: *const V::T,
    bs: usize,
    add: bool,
) {
    const R: usize = 8;
    for j in 0..n {
        let start = if add { *y.add(j) } else { V::T::default() };
        *y.add(j) = if bias.is_null() { start } else { start + *bias.add(j * bs) };
    }
    let mut p = 0;
    while p < k {
        let r = (k - p).min(R);
        let mut xv = [V::zero(); R];
        for i in 0..r {
            xv[i] = V::splat(*x.add((p + i) * xs));
        }
        let b = b.add(p * ldb);
        let mut j = 0;
        while j < n {
            let mask = V::mask((n - j).min(V::L));
            // A macro, so that whole registers skip the mask.
            macro_rules! pass {
                ($load:expr) => {{
                    let mut s = $load(y.add(j) as *const V::T);
                    if r == R {
                        let mut t = V::zero();
                        for i in 0..R / 2 {
                            s = xv[2 * i].mul_add($load(b.add(2 * i * ldb + j)), s);
                            t = xv[2 * i + 1].mul_add($load(b.add((2 * i + 1) * ldb + j)), t);
                        }
                        s = s.add(t);
                    } else {
                        for i in 0..r {
                            s = xv[i].mul_add($load(b.add(i * ldb + j)), s);
                        }
                    }
                    s
                }};
            }
            if n - j >= V::L {
                pass!(|p| V::load(p)).store(y.add(j));
            } else {
                pass!(|p| V::load_part(p, mask)).store_part(y.add(j), mask);
            }
            j += V::L;
        }
        p += r;
    }
}

/// `C(i, j) (+)= dot of row i of A and row j of X (+ bias[j * bs])` for `MR` rows of A and `n` of X, all contiguous along
/// k; `C(i, j) = c[i * ci + j * cj]`.
#[inline(always)]
pub unsafe fn dots<V: Vector, const MR: usize, const NX: usize>(
    k: usize,
    n: usize,
    a: *const V::T,
    lda: usize,
    x: *const V::T,
    ldx: usize,
    c: *mut V::T,
    ci: usize,
    cj: usize,
    bias: *const V::T,
    bs: usize,
    add: bool,
) {
    let mut j = 0;
    while j < n {
        // The rest is done with its last row repeated: the chains stay the same.
        let w = (n - j).min(NX);
        let mut row = [x; NX];
        for q in 0..NX {
            row[q] = x.add((j + q.min(w - 1)) * ldx);
        }
        let mut acc = [[V::zero(); NX]; MR];
        let mut p = 0;
        while p + V::L <= k {
            for i in 0..MR {
                let av = V::load(a.add(i * lda + p));
                for q in 0..NX {
                    acc[i][q] = av.mul_add(V::load(row[q].add(p)), acc[i][q]);
                }
            }
            p += V::L;
        }
        if p < k {
            let mask = V::mask(k - p);
            for i in 0..MR {
                let av = V::load_part(a.add(i * lda + p), mask);
                for q in 0..NX {
                    acc[i][q] = av.mul_add(V::load_part(row[q].add(p), mask), acc[i][q]);
                }
            }
        }
        for i in 0..MR {
            for q in 0..w {
                let out = c.add(i * ci + (j + q) * cj);
                let mut v = acc[i][q].sum();
                if add {
                    v += *out;
                }
                if !bias.is_null() {
                    v += *bias.add((j + q) * bs);
                }
                *out = v;
            }
        }
        j += w;
    }
}
