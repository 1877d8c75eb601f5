//! Moves between layouts, and fills.
use super::strided::move_row;
use super::walk::{Walk, MAX_DIMS};
use crate::{pool, transpose};

/// Below this many bytes one thread copies.
const PARALLEL_BYTES: usize = 1 << 19;

/// Copies `dims` elements of `size` bytes (1, 4 or 8) between two layouts of one shape; strides are in elements, and the
/// source's may be 0. Dense layouts are copied whole, permuted ones by blocks (see [`transpose`]).
///
/// # Safety
/// Both sides are valid at every index of `dims`, the destination visits no element twice, and they do not overlap.
pub unsafe fn copy(
    dims: &[usize],
    src: *const u8,
    src_strides: &[isize],
    dst: *mut u8,
    dst_strides: &[isize],
    size: usize,
) {
    debug_assert!(dims.len() <= MAX_DIMS);
    let walk = Walk::new(dims, [dst_strides, src_strides]);
    match size {
        1 => copy_as::<u8>(&walk, src.cast(), dst.cast()),
        4 => copy_as::<u32>(&walk, src.cast(), dst.cast()),
        8 => copy_as::<u64>(&walk, src.cast(), dst.cast()),
        _ => unreachable!("elements have 1, 4 or 8 bytes"),
    }
}

unsafe fn copy_as<E: Copy + Default + Send + Sync>(walk: &Walk<2>, src: *const E, dst: *mut E) {
    let total = walk.len();
    if total == 0 {
        return;
    }
    let shares = if total * size_of::<E>() >= PARALLEL_BYTES { pool::threads() } else { 1 };
    let (s, d) = (src as usize, dst as usize);
    if walk.dense(0) && walk.dense(1) {
        return pool::run(shares, &|i| {
            let part = pool::share(total, shares, i);
            // Shares are disjoint.
            unsafe {
                std::ptr::copy_nonoverlapping(
                    (s as *const E).add(part.start),
                    (d as *mut E).add(part.start),
                    part.len(),
                )
            }
        });
    }
    let last = walk.rank - 1;
    // A dimension that the source walks by ones, beside the one that the destination does: a batch of transposes.
    let turned =
        (0..last).find(|&i| walk.strides[1][i] == 1 && walk.strides[0][last] == 1 && walk.strides[1][last] > 1);
    let Some(t) = turned else {
        return pool::run(shares, &|i| {
            let part = pool::share(total, shares, i);
            let (ds, ss) = (walk.strides[0][last], walk.strides[1][last]);
            for (_, [to, from], n) in walk.rows(part.start, part.len()) {
                // Within the bounds that the caller promised.
                unsafe { move_row((s as *const E).offset(from), ss, (d as *mut E).offset(to), ds, n) }
            }
        });
    };
    let (rows, cols) = (walk.dims[t], walk.dims[last]);
    let (ds, ss) = (walk.strides[0][t], walk.strides[1][last]);
    // The rest of the dimensions count the matrices.
    let mut rest = Walk { rank: 0, dims: [1; MAX_DIMS], strides: [[0; MAX_DIMS]; 2] };
    for i in (0..last).filter(|&i| i != t) {
        rest.dims[rest.rank] = walk.dims[i];
        for k in 0..2 {
            rest.strides[k][rest.rank] = walk.strides[k][i];
        }
        rest.rank += 1;
    }
    let matrices = rest.len();
    // Units of work: bands of 64 rows, matrix by matrix.
    let bands = rows.div_ceil(64);
    pool::run(shares, &|i| {
        for unit in pool::share(matrices * bands, shares, i) {
            let (matrix, band) = (unit / bands, unit % bands);
            for (_, [to, from], _) in rest.rows(matrix, 1) {
                let r = band * 64..(band * 64 + 64).min(rows);
                // Bands are disjoint.
                unsafe {
                    let s = (s as *const E).offset(from).add(r.start);
                    let d = (d as *mut E).offset(to).offset(r.start as isize * ds);
                    transpose::band(s, ss, d, ds, r.len(), cols)
                }
            }
        }
    })
}

simd! {
    /// Copies bytes that do not overlap: for some hundreds up to some thousands, for which memcpy may take instructions that are
    /// slow to begin.
    ///
    /// # Safety
    /// As for [`std::ptr::copy_nonoverlapping`].
    fn vectors(src: *const u8, dst: *mut u8, n: usize) {
        type Vector = [u64; 8];
        const V: usize = 64;
        // Within the bounds that the caller promised.
        unsafe {
            let mut i = 0;
            while i + 2 * V <= n {
                let a = src.add(i).cast::<Vector>().read_unaligned();
                let b = src.add(i + V).cast::<Vector>().read_unaligned();
                dst.add(i).cast::<Vector>().write_unaligned(a);
                dst.add(i + V).cast::<Vector>().write_unaligned(b);
                i += 2 * V;
            }
            std::ptr::copy_nonoverlapping(src.add(i), dst.add(i), n - i)
        }
    }
}

/// Copies a block of bytes.
///
/// # Safety
/// As for [`std::ptr::copy_nonoverlapping`].
#[inline]
pub unsafe fn copy_block(src: *const u8, dst: *mut u8, n: usize) {
    match n {
        256..=16384 => vectors(src, dst, n),
        _ => std::ptr::copy_nonoverlapping(src, dst, n),
    }
}

/// Sets every element of a slice, threaded where that pays.
pub fn fill<E: Copy + Send + Sync>(dst: &mut [E], value: E) {
    let n = dst.len();
    if std::mem::size_of_val(dst) < PARALLEL_BYTES || pool::threads() == 1 {
        return dst.fill(value);
    }
    let (shares, d) = (pool::threads(), dst.as_mut_ptr() as usize);
    pool::run(shares, &|i| {
        let part = pool::share(n, shares, i);
        // Shares are disjoint.
        unsafe { std::slice::from_raw_parts_mut((d as *mut E).add(part.start), part.len()).fill(value) }
    })
}
