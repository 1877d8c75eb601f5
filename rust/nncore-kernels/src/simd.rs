//! One body, compiled once for each instruction set.

/// Declares a function whose body is compiled for AVX-512, for AVX2 and for the target's baseline, and chosen by
/// [`crate::cpu::path`] at each call. The body and everything that it calls must be `#[inline(always)]`, or the compiler
/// keeps one baseline copy of it. Use `mul_add` freely: it is one instruction on the first two, and rounds alike on all.
///
/// ```
/// nncore_kernels::simd! {
///     pub fn axpy<T: nncore_kernels::num::Float>(a: T, x: &[T], y: &mut [T]) {
///         for (y, x) in y.iter_mut().zip(x) { *y = a.mul_add(*x, *y) }
///     }
/// }
/// let mut y = [1.0f32, 2.0];
/// axpy(2.0, &[10.0, 20.0], &mut y);
/// assert_eq!(y, [21.0, 42.0]);
/// ```
#[macro_export]
macro_rules! simd {
    ($($(#[$meta:meta])* $vis:vis fn $name:ident $(<$($g:ident : $bound:path),* $(; const $c:ident)?>)? ($($a:ident : $t:ty),* $(,)?) $(-> $r:ty)? $body:block)*) => { $(
        $(#[$meta])*
        #[inline]
        $vis fn $name $(<$($g: $bound),* $(, const $c: usize)?>)? ($($a: $t),*) $(-> $r)? {
            #[inline(always)]
            fn body $(<$($g: $bound),* $(, const $c: usize)?>)? ($($a: $t),*) $(-> $r)? $body
            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx512f,avx512vl,avx512bw,avx512dq,avx2,fma,bmi1,bmi2")]
            fn avx512 $(<$($g: $bound),* $(, const $c: usize)?>)? ($($a: $t),*) $(-> $r)? { body $(::<$($g),* $(, $c)?>)? ($($a),*) }
            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx2,fma,bmi1,bmi2")]
            fn avx2 $(<$($g: $bound),* $(, const $c: usize)?>)? ($($a: $t),*) $(-> $r)? { body $(::<$($g),* $(, $c)?>)? ($($a),*) }
            match $crate::cpu::path() {
                // The path says that this machine has the instructions.
                #[cfg(target_arch = "x86_64")]
                $crate::cpu::Path::Avx512 => unsafe { avx512 $(::<$($g),* $(, $c)?>)? ($($a),*) },
                #[cfg(target_arch = "x86_64")]
                $crate::cpu::Path::Avx2 => unsafe { avx2 $(::<$($g),* $(, $c)?>)? ($($a),*) },
                _ => body $(::<$($g),* $(, $c)?>)? ($($a),*),
            }
        }
    )* };
}
