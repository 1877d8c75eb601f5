//! AVX-512 shuffles between pixels and planes.
use super::narrow::CHANNELS;
use std::arch::x86_64::*;

const PAIRS: usize = CHANNELS / 2;

/// Where the floats of interleaved pixels come from, for a number of channels: for each output vector the lane to pick
/// (of either vector of a channel pair), and for each pair the output lanes that it fills.
#[derive(Clone, Copy)]
struct Pattern {
    lane: [[i32; 16]; CHANNELS],
    filled: [[u16; PAIRS]; CHANNELS],
}

static PATTERNS: [Pattern; CHANNELS] = {
    let mut all = [Pattern { lane: [[0; 16]; CHANNELS], filled: [[0; PAIRS]; CHANNELS] }; CHANNELS];
    let mut m = 1;
    while m <= CHANNELS {
        let mut i = 0;
        while i < 16 * m {
            let (pixel, channel) = (i / m, i % m);
            all[m - 1].lane[i / 16][i % 16] = (pixel + 16 * (channel % 2)) as i32;
            all[m - 1].filled[i / 16][channel / 2] |= 1 << (i % 16);
            i += 1;
        }
        m += 1;
    }
    all
};

fn first(n: usize) -> u16 {
    if n >= 16 {
        !0
    } else {
        (1 << n) - 1
    }
}

/// Interleaves `m` vectors of 16 pixels; see [`super::narrow::ScatterFn`].
#[target_feature(enable = "avx512f")]
pub(super) unsafe fn scatter(from: *const f32, m: usize, pixels: usize, y: *mut f32, step: usize) {
    if step != m {
        return super::narrow::scatter::<f32, 16>(from, m, pixels, y, step);
    }
    macro_rules! go {
        ($($n:literal)*) => { match m { $($n => interleave::<$n>(from, pixels, y),)* _ => unreachable!() } };
    }
    go!(1 2 3 4 5 6 7 8)
}

#[inline]
#[target_feature(enable = "avx512f")]
unsafe fn interleave<const M: usize>(from: *const f32, pixels: usize, y: *mut f32) {
    let pattern = &PATTERNS[M - 1];
    let mut v = [_mm512_setzero_ps(); CHANNELS];
    for i in 0..M {
        v[i] = _mm512_loadu_ps(from.add(16 * i));
    }
    for o in 0..M {
        let lane = _mm512_loadu_si512(pattern.lane[o].as_ptr() as *const __m512i);
        let mut r = _mm512_permutex2var_ps(v[0], lane, v[1]);
        for pair in 1..M.div_ceil(2) {
            let next = _mm512_permutex2var_ps(v[2 * pair], lane, v[2 * pair + 1]);
            r = _mm512_mask_mov_ps(r, pattern.filled[o][pair], next);
        }
        _mm512_mask_storeu_ps(y.wrapping_add(16 * o), first((pixels * M).saturating_sub(16 * o)), r);
    }
}

/// Transposes blocks of 16 pixels and 16 channels; see [`super::narrow::GatherFn`].
#[target_feature(enable = "avx512f")]
pub(super) unsafe fn gather(x: *const f32, step: usize, c: usize, pixels: usize, planes: *mut f32, plane: usize) {
    for w in (0..pixels).step_by(16) {
        for k in (0..c).step_by(16) {
            let mut t = [_mm512_setzero_si512(); 16];
            let mask = first(c - k);
            for (i, v) in t.iter_mut().enumerate() {
                if w + i < pixels {
                    *v = _mm512_maskz_loadu_epi32(mask, x.add((w + i) * step + k) as *const i32);
                }
            }
            transpose(&mut t);
            let mask = first(pixels - w);
            for (i, v) in t.iter().enumerate() {
                if k + i < c {
                    _mm512_mask_storeu_epi32(planes.add((k + i) * plane + w) as *mut i32, mask, *v);
                }
            }
        }
    }
}

/// Transposes 16 by 16 lanes of 32 bits: by pairs, by fours, then by blocks of four lanes.
#[inline]
#[target_feature(enable = "avx512f")]
pub(super) fn transpose(r: &mut [__m512i; 16]) {
    let mut t = *r;
    for i in 0..8 {
        t[2 * i] = _mm512_unpacklo_epi32(r[2 * i], r[2 * i + 1]);
        t[2 * i + 1] = _mm512_unpackhi_epi32(r[2 * i], r[2 * i + 1]);
    }
    let mut u = t;
    for q in [0, 4, 8, 12] {
        u[q] = _mm512_unpacklo_epi64(t[q], t[q + 2]);
        u[q + 1] = _mm512_unpackhi_epi64(t[q], t[q + 2]);
        u[q + 2] = _mm512_unpacklo_epi64(t[q + 1], t[q + 3]);
        u[q + 3] = _mm512_unpackhi_epi64(t[q + 1], t[q + 3]);
    }
    for i in 0..4 {
        let a = _mm512_shuffle_i32x4::<0x88>(u[i], u[4 + i]);
        let b = _mm512_shuffle_i32x4::<0xdd>(u[i], u[4 + i]);
        let c = _mm512_shuffle_i32x4::<0x88>(u[8 + i], u[12 + i]);
        let d = _mm512_shuffle_i32x4::<0xdd>(u[8 + i], u[12 + i]);
        r[i] = _mm512_shuffle_i32x4::<0x88>(a, c);
        r[8 + i] = _mm512_shuffle_i32x4::<0xdd>(a, c);
        r[4 + i] = _mm512_shuffle_i32x4::<0x88>(b, d);
        r[12 + i] = _mm512_shuffle_i32x4::<0xdd>(b, d);
    }
}
