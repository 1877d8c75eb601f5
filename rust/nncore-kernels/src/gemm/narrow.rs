//! Products with few rows, which are bound by reading B: nothing is packed, and B is read once, in its own order.
use super::vector::Vector;

/// A loop unrolled by hand, so that its registers are never indexed at run time (which would keep them in memory).
macro_rules! each {
    ($i:ident < $n:ident => $body:block) => { each!(@ $i $n $body 0 1 2 3 4 5 6 7) };
    (@ $i:ident $n:ident $body:block $($l:literal)*) => {{ $( { const $i: usize = $l; if $i < $n $body } )* }};
}

/// `y[j] = sum of x[p * xs] * B(p, j)` for rows of B that are contiguous in j. Eight rows a pass, with y in the first
/// cache.
#[inline(always)]
pub unsafe fn gemv<V: Vector>(k: usize, n: usize, x: *const V::T, xs: usize, b: *const V::T, ldb: usize, y: *mut V::T) {
    const R: usize = 8;
    y.write_bytes(0, n);
    let whole = k / R * R;
    for p in (0..whole).step_by(R) {
        let mut xv = [V::zero(); R];
        each!(I < R => { xv[I] = V::splat(*x.add((p + I) * xs)) });
        let b = b.add(p * ldb);
        over::<V>(
            n,
            y,
            #[inline(always)]
            |j, y, load| {
                // Two chains: one alone would wait for each multiply-add.
                let (mut s, mut t) = (y, V::zero());
                each!(I < R => {
                    let row = load.of(b.add(I * ldb + j));
                    if I & 1 == 0 { s = xv[I].mul_add(row, s) } else { t = xv[I].mul_add(row, t) }
                });
                s.add(t)
            },
        );
    }
    for p in whole..k {
        let (xv, b) = (V::splat(*x.add(p * xs)), b.add(p * ldb));
        over::<V>(
            n,
            y,
            #[inline(always)]
            |j, y, load| xv.mul_add(load.of(b.add(j)), y),
        );
    }
}

/// Loads a whole register, or the part of one that a mask says.
#[derive(Clone, Copy)]
struct Load<V: Vector>(Option<V::Mask>);
impl<V: Vector> Load<V> {
    #[inline(always)]
    unsafe fn of(self, p: *const V::T) -> V {
        match self.0 {
            None => V::load(p),
            Some(mask) => V::load_part(p, mask),
        }
    }
}

/// `y = f(position, y, how to load there)` for each register of y.
#[inline(always)]
unsafe fn over<V: Vector>(n: usize, y: *mut V::T, f: impl Fn(usize, V, Load<V>) -> V) {
    let whole = n / V::L * V::L;
    for j in (0..whole).step_by(V::L) {
        f(j, V::load(y.add(j)), Load(None)).store(y.add(j));
    }
    if whole < n {
        let mask = V::mask(n - whole);
        let load = Load(Some(mask));
        f(whole, load.of(y.add(whole)), load).store_part(y.add(whole), mask);
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
        each!(Q < NX => { row[Q] = x.add((j + if Q < w { Q } else { w - 1 }) * ldx) });
        let mut acc = [[V::zero(); NX]; MR];
        macro_rules! step {
            ($p:expr, $load:expr) => {
                let mut xv = [V::zero(); NX];
                each!(Q < NX => { xv[Q] = $load.of(row[Q].add($p)) });
                each!(I < MR => {
                    let av = $load.of(a.add(I * lda + $p));
                    each!(Q < NX => { acc[I][Q] = av.mul_add(xv[Q], acc[I][Q]) })
                });
            };
        }
        let whole = k / V::L * V::L;
        for p in (0..whole).step_by(V::L) {
            step!(p, Load::<V>(None));
        }
        if whole < k {
            step!(whole, Load::<V>(Some(V::mask(k - whole))));
        }
        each!(I < MR => {
            each!(Q < NX => {
                if Q < w {
                    let out = c.add(I * ci + (j + Q) * cj);
                    let mut v = acc[I][Q].sum();
                    if add {
                        v += *out;
                    }
                    if !bias.is_null() {
                        v += *bias.add((j + Q) * bs);
                    }
                    *out = v;
                }
            })
        });
        j += w;
    }
}
