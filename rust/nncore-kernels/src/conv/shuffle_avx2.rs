//! AVX2 shuffles between pixels and planes, and of weights.
use std::arch::x86_64::*;

/// Lane masks to slide out of: eight on, eight off.
static ON_OFF: [i32; 16] = [-1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0];

#[inline]
#[target_feature(enable = "avx2")]
unsafe fn first(n: usize) -> __m256i {
    _mm256_loadu_si256(ON_OFF.as_ptr().add(8 - n.min(8)) as *const __m256i)
}

/// Transposes 8 by 8 floats: by pairs, by fours, then halves.
#[inline]
#[target_feature(enable = "avx2")]
fn transpose(r: &mut [__m256; 8]) {
    let mut t = *r;
    for i in 0..4 {
        t[2 * i] = _mm256_unpacklo_ps(r[2 * i], r[2 * i + 1]);
        t[2 * i + 1] = _mm256_unpackhi_ps(r[2 * i], r[2 * i + 1]);
    }
    let mut u = t;
    for q in [0, 4] {
        u[q] = _mm256_shuffle_ps::<0x44>(t[q], t[q + 2]);
        u[q + 1] = _mm256_shuffle_ps::<0xee>(t[q], t[q + 2]);
        u[q + 2] = _mm256_shuffle_ps::<0x44>(t[q + 1], t[q + 3]);
        u[q + 3] = _mm256_shuffle_ps::<0xee>(t[q + 1], t[q + 3]);
    }
    for i in 0..4 {
        r[i] = _mm256_permute2f128_ps::<0x20>(u[i], u[4 + i]);
        r[4 + i] = _mm256_permute2f128_ps::<0x31>(u[i], u[4 + i]);
    }
}

/// `to[j][i] = from[i][j]` for up to 8 rows and columns, with the strides of both. Rows that `from` lacks are zeros, and
/// `write` of them are written.
#[inline]
#[target_feature(enable = "avx2")]
unsafe fn transpose_block(
    from: *const f32,
    step: usize,
    rows: usize,
    columns: usize,
    to: *mut f32,
    to_step: usize,
    write: usize,
) {
    let mut t = [_mm256_setzero_ps(); 8];
    let mask = first(columns);
    for (i, v) in t.iter_mut().enumerate() {
        if i < rows {
            *v = _mm256_maskload_ps(from.wrapping_add(i * step), mask);
        }
    }
    transpose(&mut t);
    let mask = first(write);
    for (j, v) in t.iter().enumerate() {
        if j < columns {
            _mm256_maskstore_ps(to.wrapping_add(j * to_step), mask, *v);
        }
    }
}

/// Pixels to planes; see [`super::planes::GatherFn`].
#[target_feature(enable = "avx2")]
pub(super) unsafe fn gather(x: *const f32, step: usize, c: usize, pixels: usize, planes: *mut f32, plane: usize) {
    for w in (0..pixels).step_by(8) {
        for k in (0..c).step_by(8) {
            let n = (pixels - w).min(8);
            transpose_block(x.add(w * step + k), step, n, (c - k).min(8), planes.add(k * plane + w), plane, n);
        }
    }
}

/// Vectors of 8 pixels, one a channel, to pixels; see [`super::planes::ScatterFn`].
#[target_feature(enable = "avx2")]
pub(super) unsafe fn scatter(from: *const f32, m: usize, pixels: usize, y: *mut f32, step: usize) {
    transpose_block(from, 8, m, pixels, y, step, m)
}

/// Weights to a panel; see [`super::pack::PackFn`].
#[target_feature(enable = "avx2")]
pub(super) unsafe fn pack(w: *const f32, column: usize, k: usize, columns: usize, width: usize, out: *mut f32) {
    for j in (0..width).step_by(8) {
        for i in (0..k).step_by(8) {
            let n = columns.saturating_sub(j).min(8);
            transpose_block(
                w.wrapping_add(j * column + i),
                column,
                n,
                (k - i).min(8),
                out.add(i * width + j),
                width,
                8,
            );
        }
    }
}
