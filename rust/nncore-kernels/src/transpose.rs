//! Transposes of matrices in memory: what a change between (N, C, H, W) and channels-last memory is.

/// `dst[r][c] = src[c][r]` for a band of rows: the source is walked by ones along `r` and by `src_stride` along `c`, the
/// destination by ones along `c` and by `dst_stride` along `r`. Both may be wider than the band.
///
/// # Safety
/// Both sides are valid at every index, and they do not overlap.
pub unsafe fn band<E: Copy + Default>(
    src: *const E,
    src_stride: isize,
    dst: *mut E,
    dst_stride: isize,
    rows: usize,
    cols: usize,
) {
    // Few columns (images of 1, 3 or 4 channels): a constant trip count.
    match cols {
        2 => return narrow::<E, 2>(src, src_stride, dst, dst_stride, rows),
        3 => return narrow::<E, 3>(src, src_stride, dst, dst_stride, rows),
        4 => return narrow::<E, 4>(src, src_stride, dst, dst_stride, rows),
        6 => return narrow::<E, 6>(src, src_stride, dst, dst_stride, rows),
        _ => {}
    }
    let (ss, ds) = (src_stride, dst_stride);
    let (whole_rows, whole_cols) = (rows / B * B, cols / B * B);
    for c in (0..whole_cols).step_by(B) {
        for r in (0..whole_rows).step_by(B) {
            let (s, d) = (src.offset(c as isize * ss).add(r), dst.offset(r as isize * ds).add(c));
            block(s, ss, d, ds);
        }
    }
    for r in 0..rows {
        let from = if r < whole_rows { whole_cols } else { 0 };
        for c in from..cols {
            *dst.offset(r as isize * ds).add(c) = *src.offset(c as isize * ss).add(r);
        }
    }
}

/// Edge of the square blocks: one row of 4-byte elements is half a cache line.
const B: usize = 8;

#[inline(always)]
unsafe fn block<E: Copy + Default>(src: *const E, ss: isize, dst: *mut E, ds: isize) {
    let mut x = [[E::default(); B]; B];
    for c in 0..B {
        x[c] = *(src.offset(c as isize * ss) as *const [E; B]);
    }
    for r in 0..B {
        let mut y = [E::default(); B];
        for c in 0..B {
            y[c] = x[c][r];
        }
        *(dst.offset(r as isize * ds) as *mut [E; B]) = y;
    }
}

#[inline(always)]
unsafe fn narrow<E: Copy, const C: usize>(src: *const E, ss: isize, dst: *mut E, ds: isize, rows: usize) {
    for r in 0..rows {
        for c in 0..C {
            *dst.offset(r as isize * ds).add(c) = *src.offset(c as isize * ss).add(r);
        }
    }
}
