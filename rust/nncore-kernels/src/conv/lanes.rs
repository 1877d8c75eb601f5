//! Vectors of one instruction set behind one trait, so that each kernel is written once.
//!
//! Everything is `#[inline(always)]`: a kernel is compiled inside a function that enables the instructions, and only
//! there do these methods become single instructions. Calling them anywhere else is the one thing not to do.
use crate::num::Float;

/// A vector of `N` floats.
///
/// # Safety
/// Every method needs the instruction set that the type stands for, and pointers that are valid for what it touches.
pub(super) trait Lanes: Copy {
    type T: Float;
    type V: Copy;
    /// Selects the first lanes of a vector.
    type Mask: Copy;
    const N: usize;
    unsafe fn zero() -> Self::V;
    unsafe fn splat(x: Self::T) -> Self::V;
    unsafe fn load(p: *const Self::T) -> Self::V;
    unsafe fn store(p: *mut Self::T, v: Self::V);
    /// `a * b + c`, in one rounding where the instruction set has it.
    unsafe fn fma(a: Self::V, b: Self::V, c: Self::V) -> Self::V;
    unsafe fn add(a: Self::V, b: Self::V) -> Self::V;
    /// The first `n` lanes, `n <= N`.
    unsafe fn mask(n: usize) -> Self::Mask;
    /// Lanes outside the mask are zero, and their memory is not touched.
    unsafe fn load_masked(p: *const Self::T, m: Self::Mask) -> Self::V;
    unsafe fn store_masked(p: *mut Self::T, m: Self::Mask, v: Self::V);
    /// Asks for the cache line at `p`, which need not be valid.
    unsafe fn prefetch(p: *const Self::T);
}

/// Vectors whose lanes can be rearranged.
///
/// # Safety
/// As for [`Lanes`].
pub(super) trait Spread: Lanes {
    type From: Copy;
    /// For each lane the first lane of its group; groups have `size` lanes, a power of two that divides `N`.
    unsafe fn firsts(size: usize) -> Self::From;
    /// The next lane of each.
    unsafe fn next(from: Self::From) -> Self::From;
    /// To each lane what lies in the one that `from` names.
    unsafe fn spread(v: Self::V, from: Self::From) -> Self::V;
}

/// Plain arrays, which the compiler turns into the vectors of the target's baseline.
#[derive(Clone, Copy)]
pub(super) struct Wide<T, const N: usize>(std::marker::PhantomData<T>);

impl<T: Float, const N: usize> Lanes for Wide<T, N> {
    type T = T;
    type V = [T; N];
    type Mask = usize;
    const N: usize = N;
    #[inline(always)]
    unsafe fn zero() -> [T; N] {
        [T::ZERO; N]
    }
    #[inline(always)]
    unsafe fn splat(x: T) -> [T; N] {
        [x; N]
    }
    #[inline(always)]
    unsafe fn load(p: *const T) -> [T; N] {
        (p as *const [T; N]).read_unaligned()
    }
    #[inline(always)]
    unsafe fn store(p: *mut T, v: [T; N]) {
        (p as *mut [T; N]).write_unaligned(v)
    }
    #[inline(always)]
    unsafe fn fma(a: [T; N], b: [T; N], c: [T; N]) -> [T; N] {
        // Without the instruction a fused product is a library call per element.
        let fused = cfg!(any(target_feature = "fma", target_arch = "aarch64"));
        let mut r = c;
        for i in 0..N {
            r[i] = if fused { a[i].mul_add(b[i], c[i]) } else { a[i] * b[i] + c[i] };
        }
        r
    }
    #[inline(always)]
    unsafe fn add(a: [T; N], b: [T; N]) -> [T; N] {
        let mut r = a;
        for i in 0..N {
            r[i] = a[i] + b[i];
        }
        r
    }
    #[inline(always)]
    unsafe fn mask(n: usize) -> usize {
        n
    }
    #[inline(always)]
    unsafe fn load_masked(p: *const T, m: usize) -> [T; N] {
        if m == N {
            return Self::load(p);
        }
        let mut r = [T::ZERO; N];
        for i in 0..m {
            r[i] = *p.add(i);
        }
        r
    }
    #[inline(always)]
    unsafe fn store_masked(p: *mut T, m: usize, v: [T; N]) {
        if m == N {
            return Self::store(p, v);
        }
        for i in 0..m {
            *p.add(i) = v[i];
        }
    }
    #[inline(always)]
    unsafe fn prefetch(_: *const T) {}
}

#[cfg(target_arch = "x86_64")]
pub(super) use x86::*;

#[cfg(target_arch = "x86_64")]
mod x86 {
    use super::{Lanes, Spread};
    use std::arch::x86_64::*;

    /// AVX-512 with floats of type `T`.
    #[derive(Clone, Copy)]
    pub struct Avx512<T>(std::marker::PhantomData<T>);
    /// AVX2 with FMA.
    #[derive(Clone, Copy)]
    pub struct Avx2<T>(std::marker::PhantomData<T>);

    /// First lanes of a mask register: `n` ones.
    #[inline(always)]
    fn ones(n: usize) -> u16 {
        ((1u32 << n) - 1) as u16
    }
    /// Full lanes of 64 bits to slide a mask out of: eight on, eight off.
    static ON_OFF_32: [i32; 16] = [-1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0];
    static ON_OFF_64: [i64; 8] = [-1, -1, -1, -1, 0, 0, 0, 0];

    macro_rules! lanes {
        ($name:ty, $t:ty, $v:ty, $n:literal, $mask:ty, $zero:ident $splat:ident $load:ident $store:ident $fma:ident
         $add:ident, $k:ident => $make:expr, ($p:ident, $m:ident, $x:ident) => $masked_load:expr, $masked_store:expr) => {
            impl Lanes for $name {
                type T = $t;
                type V = $v;
                type Mask = $mask;
                const N: usize = $n;
                #[inline(always)]
                unsafe fn zero() -> $v {
                    $zero()
                }
                #[inline(always)]
                unsafe fn splat(x: $t) -> $v {
                    $splat(x)
                }
                #[inline(always)]
                unsafe fn load(p: *const $t) -> $v {
                    $load(p)
                }
                #[inline(always)]
                unsafe fn store(p: *mut $t, v: $v) {
                    $store(p, v)
                }
                #[inline(always)]
                unsafe fn fma(a: $v, b: $v, c: $v) -> $v {
                    $fma(a, b, c)
                }
                #[inline(always)]
                unsafe fn add(a: $v, b: $v) -> $v {
                    $add(a, b)
                }
                #[inline(always)]
                unsafe fn mask($k: usize) -> $mask {
                    $make
                }
                #[inline(always)]
                unsafe fn load_masked($p: *const $t, $m: $mask) -> $v {
                    $masked_load
                }
                #[inline(always)]
                unsafe fn store_masked($p: *mut $t, $m: $mask, $x: $v) {
                    $masked_store
                }
                #[inline(always)]
                unsafe fn prefetch(p: *const $t) {
                    _mm_prefetch::<_MM_HINT_T0>(p as *const i8)
                }
            }
        };
    }
    static COUNT: [i32; 16] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];
    impl Spread for Avx512<f32> {
        type From = __m512i;
        #[inline(always)]
        unsafe fn firsts(size: usize) -> __m512i {
            let count = _mm512_loadu_si512(COUNT.as_ptr() as *const __m512i);
            _mm512_and_si512(count, _mm512_set1_epi32(-(size as i32)))
        }
        #[inline(always)]
        unsafe fn next(from: __m512i) -> __m512i {
            _mm512_add_epi32(from, _mm512_set1_epi32(1))
        }
        #[inline(always)]
        unsafe fn spread(v: __m512, from: __m512i) -> __m512 {
            _mm512_permutexvar_ps(from, v)
        }
    }
    impl Spread for Avx2<f32> {
        type From = __m256i;
        #[inline(always)]
        unsafe fn firsts(size: usize) -> __m256i {
            let count = _mm256_loadu_si256(COUNT.as_ptr() as *const __m256i);
            _mm256_and_si256(count, _mm256_set1_epi32(-(size as i32)))
        }
        #[inline(always)]
        unsafe fn next(from: __m256i) -> __m256i {
            _mm256_add_epi32(from, _mm256_set1_epi32(1))
        }
        #[inline(always)]
        unsafe fn spread(v: __m256, from: __m256i) -> __m256 {
            _mm256_permutevar8x32_ps(v, from)
        }
    }
    lanes!(Avx512<f32>, f32, __m512, 16, u16, _mm512_setzero_ps _mm512_set1_ps _mm512_loadu_ps _mm512_storeu_ps
        _mm512_fmadd_ps _mm512_add_ps, n => ones(n),
        (p, m, v) => _mm512_maskz_loadu_ps(m, p), _mm512_mask_storeu_ps(p, m, v));
    lanes!(Avx512<f64>, f64, __m512d, 8, u8, _mm512_setzero_pd _mm512_set1_pd _mm512_loadu_pd _mm512_storeu_pd
        _mm512_fmadd_pd _mm512_add_pd, n => ones(n) as u8,
        (p, m, v) => _mm512_maskz_loadu_pd(m, p), _mm512_mask_storeu_pd(p, m, v));
    lanes!(Avx2<f32>, f32, __m256, 8, __m256i, _mm256_setzero_ps _mm256_set1_ps _mm256_loadu_ps _mm256_storeu_ps
        _mm256_fmadd_ps _mm256_add_ps, n => _mm256_loadu_si256(ON_OFF_32.as_ptr().add(8 - n) as *const __m256i),
        (p, m, v) => _mm256_maskload_ps(p, m), _mm256_maskstore_ps(p, m, v));
    lanes!(Avx2<f64>, f64, __m256d, 4, __m256i, _mm256_setzero_pd _mm256_set1_pd _mm256_loadu_pd _mm256_storeu_pd
        _mm256_fmadd_pd _mm256_add_pd, n => _mm256_loadu_si256(ON_OFF_64.as_ptr().add(4 - n) as *const __m256i),
        (p, m, v) => _mm256_maskload_pd(p, m), _mm256_maskstore_pd(p, m, v));
}
