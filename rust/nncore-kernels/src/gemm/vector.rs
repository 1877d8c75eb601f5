//! Registers of numbers: the one trait over which the kernels are written, and its plain implementation.
//!
//! Everything is `#[inline(always)]`, so that a kernel compiled with some instructions enabled gets them; calling an
//! implementation where its instructions are missing is undefined, hence `unsafe`.
use crate::num::Float;

/// A register of `L` numbers.
pub trait Vector: Copy {
    type T: Float;
    type Mask: Copy;
    const L: usize;
    /// Are partial loads cheap enough for an inner loop?
    const MASKED: bool;

    /// The first `n <= L` lanes.
    unsafe fn mask(n: usize) -> Self::Mask;
    unsafe fn splat(x: Self::T) -> Self;
    unsafe fn load(p: *const Self::T) -> Self;
    unsafe fn store(self, p: *mut Self::T);
    /// The other lanes are zero; their memory is not touched.
    unsafe fn load_part(p: *const Self::T, mask: Self::Mask) -> Self;
    unsafe fn store_part(self, p: *mut Self::T, mask: Self::Mask);
    unsafe fn add(self, o: Self) -> Self;
    /// `self * b + c`, rounded once where the machine can do so at full speed.
    unsafe fn mul_add(self, b: Self, c: Self) -> Self;
    #[inline(always)]
    unsafe fn prefetch(_p: *const Self::T) {}
    #[inline(always)]
    unsafe fn zero() -> Self {
        Self::splat(<Self::T as Default>::default())
    }
    /// The sum of the lanes, in one fixed order.
    #[inline(always)]
    unsafe fn sum(self) -> Self::T {
        let mut x = [<Self::T as Default>::default(); 16];
        self.store(x.as_mut_ptr());
        let mut w = Self::L;
        while w > 1 {
            w /= 2;
            for i in 0..w {
                x[i] += x[i + w];
            }
        }
        x[0]
    }
    /// Transposes the square of the first `L` registers.
    #[inline(always)]
    unsafe fn transpose(r: &mut [Self; 16]) {
        let mut x = [<Self::T as Default>::default(); 256];
        for i in 0..Self::L {
            r[i].store(x.as_mut_ptr().add(i * Self::L));
        }
        let mut y = [<Self::T as Default>::default(); 16];
        for i in 0..Self::L {
            for j in 0..Self::L {
                y[j] = x[j * Self::L + i];
            }
            r[i] = Self::load(y.as_ptr());
        }
    }
}

/// Partial loads and stores for registers without masks.
macro_rules! by_copy {
    () => {
        type Mask = usize;
        const MASKED: bool = false;
        #[inline(always)]
        unsafe fn mask(n: usize) -> usize {
            n
        }
        #[inline(always)]
        unsafe fn load_part(p: *const Self::T, n: usize) -> Self {
            if n == Self::L {
                return Self::load(p);
            }
            let mut x = [<Self::T as Default>::default(); Self::L];
            for i in 0..n {
                x[i] = *p.add(i);
            }
            Self::load(x.as_ptr())
        }
        #[inline(always)]
        unsafe fn store_part(self, p: *mut Self::T, n: usize) {
            if n == Self::L {
                return self.store(p);
            }
            let mut x = [<Self::T as Default>::default(); Self::L];
            self.store(x.as_mut_ptr());
            for i in 0..n {
                *p.add(i) = x[i];
            }
        }
    };
}
#[cfg(target_arch = "x86_64")]
pub(super) use by_copy;

/// Plain arrays of 16 bytes: for machines without kernels of their own, whose compiler finds the vectors.
#[cfg(not(target_arch = "x86_64"))]
mod plain {
    use super::*;

    #[derive(Clone, Copy)]
    pub struct Lanes<T, const L: usize>([T; L]);
    macro_rules! plain {
        ($($t:ty, $l:literal;)*) => { $(impl Vector for Lanes<$t, $l> {
            type T = $t;
            const L: usize = $l;
            by_copy!();
            #[inline(always)]
            unsafe fn splat(x: $t) -> Self {
                Lanes([x; $l])
            }
            #[inline(always)]
            unsafe fn load(p: *const $t) -> Self {
                Lanes(p.cast::<[$t; $l]>().read_unaligned())
            }
            #[inline(always)]
            unsafe fn store(self, p: *mut $t) {
                p.cast::<[$t; $l]>().write_unaligned(self.0)
            }
            #[inline(always)]
            unsafe fn add(self, o: Self) -> Self {
                Lanes(std::array::from_fn(|i| self.0[i] + o.0[i]))
            }
            #[inline(always)]
            unsafe fn mul_add(self, b: Self, c: Self) -> Self {
                // Elsewhere a fused product may be a call of the C library for each number.
                if cfg!(target_arch = "aarch64") {
                    Lanes(std::array::from_fn(|i| self.0[i].mul_add(b.0[i], c.0[i])))
                } else {
                    Lanes(std::array::from_fn(|i| self.0[i] * b.0[i] + c.0[i]))
                }
            }
        })* };
    }
    plain! { f32, 4; f64, 2; }
}
#[cfg(not(target_arch = "x86_64"))]
pub type PlainF32 = plain::Lanes<f32, 4>;
#[cfg(not(target_arch = "x86_64"))]
pub type PlainF64 = plain::Lanes<f64, 2>;
