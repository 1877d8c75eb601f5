//! The innermost kernel: a block of C in registers, all of one k-block.
use super::vector::Vector;

/// `C (+)= A B (+ bias)` for one block. `A(i, p) = a[i * rs + p * cs]`, `B(p, j) = b[p * ldb + j]`; the last register of
/// each row has `last` columns. `bias` may be null.
pub type Tile<T> = unsafe fn(
    k: usize,
    a: *const T,
    rs: usize,
    cs: usize,
    b: *const T,
    ldb: usize,
    c: *mut T,
    ldc: usize,
    last: usize,
    bias: *const T,
    add: bool,
);

/// Unrolled by hand: left to the compiler, loops over 13 rows and more keep their accumulators in memory, which costs a
/// factor of two and more.
macro_rules! rows {
    ($i:ident => $body:block) => { rows!(@ $i $body 0 1 2 3 4 5 6 7 8 9 10 11 12 13) };
    (@ $i:ident $body:block $($n:literal)*) => {{ $( { const $i: usize = $n; if $i < MR $body } )* }};
}
macro_rules! vecs {
    ($j:ident => $body:block) => { vecs!(@ $j $body 0 1) };
    (@ $j:ident $body:block $($n:literal)*) => {{ $( { const $j: usize = $n; if $j < NV $body } )* }};
}

/// `PACKED`: A is `[k][MR]` and B is `[k][NV * L]`, so that strides are constants and loads are whole (a masked load takes
/// a slot of the multipliers on some machines). Otherwise any strides.
///
/// Every element is one chain of `mul_add`s over k, whatever the block's shape: results do not depend on how a product is
/// cut into blocks, but for the cuts along k.
#[inline(always)]
pub unsafe fn tile<V: Vector, const MR: usize, const NV: usize, const PACKED: bool>(
    k: usize,
    a: *const V::T,
    rs: usize,
    cs: usize,
    b: *const V::T,
    ldb: usize,
    c: *mut V::T,
    ldc: usize,
    last: usize,
    bias: *const V::T,
    add: bool,
) {
    let (cs, ldb) = if PACKED { (MR, NV * V::L) } else { (cs, ldb) };
    let mask = V::mask(last);
    let mut acc = [[V::zero(); NV]; MR];
    // Bring C's lines in while the loop runs.
    rows!(I => { vecs!(J => { V::prefetch(c.wrapping_add(I * ldc + J * V::L)) }) });
    // One base pointer for three rows keeps address registers few.
    let mut ap = [a; 5];
    for g in 1..5 {
        ap[g] = a.wrapping_add(3 * g * rs);
    }
    let mut bp = b;
    macro_rules! step {
        () => {
            let mut bv = [V::zero(); NV];
            vecs!(J => {
                // Without cheap masks, B comes packed and padded wherever a register would be partial.
                bv[J] = if J + 1 < NV || PACKED || !V::MASKED { V::load(bp.add(J * V::L)) } else { V::load_part(bp.add(J * V::L), mask) }
            });
            rows!(I => {
                let av = V::splat(if PACKED { *ap[0].add(I) } else { *ap[I / 3].wrapping_add(I % 3 * rs) });
                vecs!(J => { acc[I][J] = av.mul_add(bv[J], acc[I][J]) })
            });
            for g in 0..if PACKED { 1 } else { MR.div_ceil(3) } {
                ap[g] = ap[g].wrapping_add(cs);
            }
            // Few rows: B is streamed from further away, and its next columns come after these.
            if MR <= 8 && !PACKED { vecs!(J => { V::prefetch(bp.wrapping_add((NV + J) * V::L)) }) }
            bp = bp.wrapping_add(ldb);
        };
    }
    for _ in 0..k / 4 {
        step!();
        step!();
        step!();
        step!();
    }
    for _ in 0..k % 4 {
        step!();
    }
    // The two rare cases share one form; the plain one stores at once.
    if !add && bias.is_null() {
        rows!(I => { vecs!(J => {
            let p = c.wrapping_add(I * ldc + J * V::L);
            if J + 1 < NV { acc[I][J].store(p) } else { acc[I][J].store_part(p, mask) }
        }) });
        return;
    }
    vecs!(J => {
        let full = V::mask(V::L);
        let mask = if J + 1 < NV { full } else { mask };
        let bv = if bias.is_null() { V::zero() } else { V::load_part(bias.wrapping_add(J * V::L), mask) };
        rows!(I => {
            let p = c.wrapping_add(I * ldc + J * V::L);
            let mut v = acc[I][J];
            if add {
                v = v.add(V::load_part(p, mask));
            }
            if !bias.is_null() {
                v = v.add(bv);
            }
            v.store_part(p, mask);
        })
    });
}
