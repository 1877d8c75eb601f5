//! The registers of x86-64: SSE2 (which every such machine has), AVX2 with FMA, AVX-512.
use super::vector::{by_copy, Vector};
use std::arch::x86_64::*;

macro_rules! common {
    ($t:ty, $l:literal, $splat:ident, $load:ident, $store:ident, $add:ident, |$a:ident, $b:ident, $c:ident| $fma:expr) => {
        type T = $t;
        const L: usize = $l;
        #[inline(always)]
        unsafe fn splat(x: $t) -> Self {
            $splat(x)
        }
        #[inline(always)]
        unsafe fn load(p: *const $t) -> Self {
            $load(p)
        }
        #[inline(always)]
        unsafe fn store(self, p: *mut $t) {
            $store(p, self)
        }
        #[inline(always)]
        unsafe fn add(self, o: Self) -> Self {
            $add(self, o)
        }
        #[inline(always)]
        unsafe fn mul_add(self, $b: Self, $c: Self) -> Self {
            let $a = self;
            $fma
        }
        #[inline(always)]
        unsafe fn prefetch(p: *const $t) {
            _mm_prefetch::<_MM_HINT_T0>(p.cast())
        }
    };
}
macro_rules! masked {
    ($mask:ty, |$n:ident| $make:expr, |$p:ident, $m:ident| $load:expr, |$q:ident, $k:ident, $v:ident| $store:expr) => {
        type Mask = $mask;
        const MASKED: bool = true;
        #[inline(always)]
        unsafe fn mask($n: usize) -> $mask {
            $make
        }
        #[inline(always)]
        unsafe fn load_part($p: *const Self::T, $m: $mask) -> Self {
            $load
        }
        #[inline(always)]
        unsafe fn store_part(self, $q: *mut Self::T, $k: $mask) {
            let $v = self;
            $store
        }
    };
}

impl Vector for __m128 {
    common!(f32, 4, _mm_set1_ps, _mm_loadu_ps, _mm_storeu_ps, _mm_add_ps, |a, b, c| _mm_add_ps(_mm_mul_ps(a, b), c));
    by_copy!();
    #[inline(always)]
    unsafe fn sum(self) -> f32 {
        let pairs = _mm_add_ps(self, _mm_movehl_ps(self, self));
        _mm_cvtss_f32(_mm_add_ss(pairs, _mm_shuffle_ps::<1>(pairs, pairs)))
    }
    #[inline(always)]
    unsafe fn transpose(r: &mut [Self; 16]) {
        let [a, b, c, d, ..] = r;
        _MM_TRANSPOSE4_PS(a, b, c, d)
    }
}
impl Vector for __m128d {
    common!(f64, 2, _mm_set1_pd, _mm_loadu_pd, _mm_storeu_pd, _mm_add_pd, |a, b, c| _mm_add_pd(_mm_mul_pd(a, b), c));
    by_copy!();
}

/// Eight ones before eight zeros: the mask of the first `n` lanes begins at `8 - n`.
static ONES: [i32; 16] = [-1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0];

impl Vector for __m256 {
    common!(f32, 8, _mm256_set1_ps, _mm256_loadu_ps, _mm256_storeu_ps, _mm256_add_ps, |a, b, c| _mm256_fmadd_ps(
        a, b, c
    ));
    masked!(
        __m256i,
        |n| _mm256_loadu_si256(ONES.as_ptr().add(8 - n).cast()),
        |p, m| _mm256_maskload_ps(p, m),
        |p, m, v| _mm256_maskstore_ps(p, m, v)
    );
    #[inline(always)]
    unsafe fn sum(self) -> f32 {
        _mm_add_ps(_mm256_castps256_ps128(self), _mm256_extractf128_ps::<1>(self)).sum()
    }
    #[inline(always)]
    unsafe fn transpose(r: &mut [Self; 16]) {
        // Squares of 2, then 4, then 8.
        let mut t = *r;
        for i in 0..4 {
            t[2 * i] = _mm256_unpacklo_ps(r[2 * i], r[2 * i + 1]);
            t[2 * i + 1] = _mm256_unpackhi_ps(r[2 * i], r[2 * i + 1]);
        }
        let mut u = t;
        for i in [0, 4] {
            u[i] = _mm256_shuffle_ps::<0x44>(t[i], t[i + 2]);
            u[i + 1] = _mm256_shuffle_ps::<0xee>(t[i], t[i + 2]);
            u[i + 2] = _mm256_shuffle_ps::<0x44>(t[i + 1], t[i + 3]);
            u[i + 3] = _mm256_shuffle_ps::<0xee>(t[i + 1], t[i + 3]);
        }
        for i in 0..4 {
            r[i] = _mm256_permute2f128_ps::<0x20>(u[i], u[i + 4]);
            r[i + 4] = _mm256_permute2f128_ps::<0x31>(u[i], u[i + 4]);
        }
    }
}
impl Vector for __m256d {
    common!(f64, 4, _mm256_set1_pd, _mm256_loadu_pd, _mm256_storeu_pd, _mm256_add_pd, |a, b, c| _mm256_fmadd_pd(
        a, b, c
    ));
    masked!(
        __m256i,
        |n| _mm256_loadu_si256(ONES.as_ptr().add(8 - 2 * n).cast()),
        |p, m| _mm256_maskload_pd(p, m),
        |p, m, v| _mm256_maskstore_pd(p, m, v)
    );
}

impl Vector for __m512 {
    common!(f32, 16, _mm512_set1_ps, _mm512_loadu_ps, _mm512_storeu_ps, _mm512_add_ps, |a, b, c| _mm512_fmadd_ps(
        a, b, c
    ));
    masked!(__mmask16, |n| ((1u32 << n) - 1) as u16, |p, m| _mm512_maskz_loadu_ps(m, p), |p, m, v| {
        _mm512_mask_storeu_ps(p, m, v)
    });
    #[inline(always)]
    unsafe fn transpose(r: &mut [Self; 16]) {
        // Squares of 2 and 4 inside 128-bit blocks, then the blocks.
        let mut t = *r;
        for i in 0..8 {
            t[2 * i] = _mm512_unpacklo_ps(r[2 * i], r[2 * i + 1]);
            t[2 * i + 1] = _mm512_unpackhi_ps(r[2 * i], r[2 * i + 1]);
        }
        let mut u = t;
        for i in [0, 4, 8, 12] {
            u[i] = _mm512_shuffle_ps::<0x44>(t[i], t[i + 2]);
            u[i + 1] = _mm512_shuffle_ps::<0xee>(t[i], t[i + 2]);
            u[i + 2] = _mm512_shuffle_ps::<0x44>(t[i + 1], t[i + 3]);
            u[i + 3] = _mm512_shuffle_ps::<0xee>(t[i + 1], t[i + 3]);
        }
        for i in 0..4 {
            let a = _mm512_shuffle_f32x4::<0x88>(u[i], u[i + 4]);
            let b = _mm512_shuffle_f32x4::<0xdd>(u[i], u[i + 4]);
            let c = _mm512_shuffle_f32x4::<0x88>(u[i + 8], u[i + 12]);
            let d = _mm512_shuffle_f32x4::<0xdd>(u[i + 8], u[i + 12]);
            r[i] = _mm512_shuffle_f32x4::<0x88>(a, c);
            r[i + 8] = _mm512_shuffle_f32x4::<0xdd>(a, c);
            r[i + 4] = _mm512_shuffle_f32x4::<0x88>(b, d);
            r[i + 12] = _mm512_shuffle_f32x4::<0xdd>(b, d);
        }
    }
}
impl Vector for __m512d {
    common!(f64, 8, _mm512_set1_pd, _mm512_loadu_pd, _mm512_storeu_pd, _mm512_add_pd, |a, b, c| _mm512_fmadd_pd(
        a, b, c
    ));
    masked!(
        __mmask8,
        |n| ((1u32 << n) - 1) as u8,
        |p, m| _mm512_maskz_loadu_pd(m, p),
        |p, m, v| _mm512_mask_storeu_pd(p, m, v)
    );
    #[inline(always)]
    unsafe fn sum(self) -> f64 {
        _mm512_reduce_add_pd(self)
    }
}
