//! AVX-512 shuffles between pixels and planes.
use super::narrow::CHANNELS;
use std::arch::x86_64::*;

const PAIRS: usize = CHANNELS / 2;

/// Where the floats of each output vector come from: the lane to pick, of either vector of a pair of input vectors, and
/// for each pair the output lanes that it fills.
#[derive(Clone, Copy)]
struct Pattern {
    lane: [[i32; 16]; CHANNELS],
    filled: [[u16; PAIRS]; CHANNELS],
}

const NONE: Pattern = Pattern { lane: [[0; 16]; CHANNELS], filled: [[0; PAIRS]; CHANNELS] };

/// From vectors of channels to vectors of interleaved pixels, and back.
static MERGES: [Pattern; CHANNELS] = patterns(true);
static SPLITS: [Pattern; CHANNELS] = patterns(false);

const fn patterns(merge: bool) -> [Pattern; CHANNELS] {
    let mut all = [NONE; CHANNELS];
    let mut m = 1;
    while m <= CHANNELS {
        let mut i = 0;
        while i < 16 * m {
            // Element `i` of the interleaved pixels, and its vector and lane on the other side.
            let (flat, apart) = ((i / 16, i % 16), (i % m, i / m));
            let (from, to) = if merge { (apart, flat) } else { (flat, apart) };
            all[m - 1].lane[to.0][to.1] = (from.1 + 16 * (from.0 % 2)) as i32;
            all[m - 1].filled[to.0][from.0 / 2] |= 1 << to.1;
            i += 1;
        }
        m += 1;
    }
    all
}

fn first(n: usize) -> u16 {
    if n >= 16 {
        !0
    } else {
        (1 << n) - 1
    }
}

/// Interleaves `m` vectors of 16 pixels; see [`super::planes::ScatterFn`].
#[target_feature(enable = "avx512f")]
pub(super) unsafe fn scatter(from: *const f32, m: usize, pixels: usize, y: *mut f32, step: usize) {
    if step != m {
        return super::planes::scatter::<f32, 16>(from, m, pixels, y, step);
    }
    macro_rules! go {
        ($($n:literal)*) => { match m { $($n => interleave::<$n>(from, pixels, y),)* _ => unreachable!() } };
    }
    go!(1 2 3 4 5 6 7 8)
}

#[inline]
#[target_feature(enable = "avx512f")]
unsafe fn interleave<const M: usize>(from: *const f32, pixels: usize, y: *mut f32) {
    let pattern = &MERGES[M - 1];
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

/// Of at most 16 adjacent pixels of `M` channels, one vector for each channel.
#[inline]
#[target_feature(enable = "avx512f")]
unsafe fn deinterleave<const M: usize>(x: *const f32, pixels: usize, planes: *mut f32, plane: usize) {
    let pattern = &SPLITS[M - 1];
    let mut v = [_mm512_setzero_ps(); CHANNELS];
    for i in 0..M {
        v[i] = _mm512_maskz_loadu_ps(first((pixels * M).saturating_sub(16 * i)), x.wrapping_add(16 * i));
    }
    for k in 0..M {
        let lane = _mm512_loadu_si512(pattern.lane[k].as_ptr() as *const __m512i);
        let mut r = _mm512_permutex2var_ps(v[0], lane, v[1]);
        for pair in 1..M.div_ceil(2) {
            let next = _mm512_permutex2var_ps(v[2 * pair], lane, v[2 * pair + 1]);
            r = _mm512_mask_mov_ps(r, pattern.filled[k][pair], next);
        }
        _mm512_mask_storeu_ps(planes.add(k * plane), first(pixels), r);
    }
}

/// Pixels to planes, by the shuffles that suit the number of channels; see [`super::planes::GatherFn`].
#[target_feature(enable = "avx512f")]
pub(super) unsafe fn gather(x: *const f32, step: usize, c: usize, pixels: usize, planes: *mut f32, plane: usize) {
    macro_rules! go {
        ($($n:literal)*) => { match c {
            $($n => for w in (0..pixels).step_by(16) {
                deinterleave::<$n>(x.add(w * $n), (pixels - w).min(16), planes.add(w), plane)
            },)*
            _ => unreachable!()
        } };
    }
    if step == c && c <= CHANNELS {
        go!(1 2 3 4 5 6 7 8);
        return;
    }
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

/// Weights to a panel; see [`super::pack::PackFn`].
#[target_feature(enable = "avx512f")]
pub(super) unsafe fn pack(w: *const f32, column: usize, k: usize, columns: usize, width: usize, out: *mut f32) {
    for j in (0..width).step_by(16) {
        for i in (0..k).step_by(16) {
            let mut t = [_mm512_setzero_si512(); 16];
            let mask = first(k - i);
            for (q, v) in t.iter_mut().enumerate() {
                if j + q < columns {
                    *v = _mm512_maskz_loadu_epi32(mask, w.add((j + q) * column + i) as *const i32);
                }
            }
            transpose(&mut t);
            for (q, v) in t.iter().enumerate() {
                if i + q < k {
                    _mm512_storeu_si512(out.add((i + q) * width + j) as *mut __m512i, *v);
                }
            }
        }
    }
}

/// Transposes 16 by 16 lanes of 32 bits: by pairs, by fours, then by blocks of four lanes.
#[inline]
#[target_feature(enable = "avx512f")]
fn transpose(r: &mut [__m512i; 16]) {
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
