//! The kernels of each number type and each set of instructions, compiled from the same source.
use super::narrow;
use super::pack;
use super::tile::{self, Tile};
use crate::cpu::Path;
use crate::num::Float;

pub type Pack<T> = unsafe fn(x: *const T, rs: usize, cs: usize, lines: usize, k: usize, dst: *mut T);
pub type Gemv<T> = unsafe fn(k: usize, n: usize, x: *const T, xs: usize, b: *const T, ldb: usize, y: *mut T);
pub type Dots<T> = unsafe fn(
    k: usize,
    n: usize,
    a: *const T,
    lda: usize,
    x: *const T,
    ldx: usize,
    c: *mut T,
    ci: usize,
    cj: usize,
    bias: *const T,
    bs: usize,
    add: bool,
);

/// Registers in a row of the largest block.
pub const NV: usize = 2;
/// The most rows that [`Kernels::dots`] takes.
pub const DOT_ROWS: usize = 8;

/// What the driver needs to know of one set of instructions.
pub struct Kernels<T: 'static> {
    /// Rows of the largest block.
    pub mr: usize,
    /// Numbers in a register.
    pub lanes: usize,
    /// Can B be read in place where its last register is partial?
    pub masked: bool,
    tiles: &'static [Tile<T>],
    pub pack_a: Pack<T>,
    pub pack_b: Pack<T>,
    pub gemv: Gemv<T>,
    pub dots: [Dots<T>; DOT_ROWS],
}

impl<T> Kernels<T> {
    /// The kernel of a block of `rows` rows and `vecs` registers.
    #[inline]
    pub fn tile(&self, packed: bool, vecs: usize, rows: usize) -> Tile<T> {
        self.tiles[(packed as usize * NV + vecs - 1) * self.mr + rows - 1]
    }
}

macro_rules! kernels {
    ($name:ident, $v:ty, $t:ty, $mr:literal = $($rows:literal)*, $(#[$features:meta])?) => {
        pub static $name: Kernels<$t> = {
            use crate::gemm::vector::Vector;
            $(#[$features])?
            unsafe fn tile<const MR: usize, const NV: usize, const PACKED: bool>(
                k: usize, a: *const $t, rs: usize, cs: usize, b: *const $t, ldb: usize, c: *mut $t, ldc: usize, last: usize,
                bias: *const $t, add: bool,
            ) {
                tile::tile::<$v, MR, NV, PACKED>(k, a, rs, cs, b, ldb, c, ldc, last, bias, add)
            }
            $(#[$features])?
            unsafe fn pack_a(x: *const $t, rs: usize, cs: usize, lines: usize, k: usize, dst: *mut $t) {
                pack::pack_a::<$v>(x, rs, cs, lines, k, dst)
            }
            $(#[$features])?
            unsafe fn pack_b(x: *const $t, rs: usize, cs: usize, lines: usize, k: usize, dst: *mut $t) {
                pack::pack_b::<$v>(x, rs, cs, lines, k, dst)
            }
            $(#[$features])?
            unsafe fn gemv(k: usize, n: usize, x: *const $t, xs: usize, b: *const $t, ldb: usize, y: *mut $t) {
                narrow::gemv::<$v>(k, n, x, xs, b, ldb, y)
            }
            $(#[$features])?
            unsafe fn dots<const MR: usize, const NX: usize>(
                k: usize, n: usize, a: *const $t, lda: usize, x: *const $t, ldx: usize, c: *mut $t, ci: usize, cj: usize,
                bias: *const $t, bs: usize, add: bool,
            ) {
                narrow::dots::<$v, MR, NX>(k, n, a, lda, x, ldx, c, ci, cj, bias, bs, add)
            }
            Kernels {
                mr: $mr,
                lanes: <$v>::L,
                masked: <$v>::MASKED,
                tiles: &[$(tile::<$rows, 1, false>,)* $(tile::<$rows, 2, false>,)* $(tile::<$rows, 1, true>,)* $(tile::<$rows, 2, true>,)*],
                pack_a,
                pack_b,
                gemv,
                dots: [dots::<1, 8>, dots::<2, 4>, dots::<3, 4>, dots::<4, 4>, dots::<5, 4>, dots::<6, 4>, dots::<7, 2>, dots::<8, 2>],
            }
        };
    };
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use super::*;
    use std::arch::x86_64::*;
    kernels!(F32_512, __m512, f32, 14 = 1 2 3 4 5 6 7 8 9 10 11 12 13 14,
        #[target_feature(enable = "avx512f,avx512vl,avx512bw,avx512dq,avx2,fma")]);
    kernels!(F64_512, __m512d, f64, 8 = 1 2 3 4 5 6 7 8,
        #[target_feature(enable = "avx512f,avx512vl,avx512bw,avx512dq,avx2,fma")]);
    kernels!(F32_256, __m256, f32, 6 = 1 2 3 4 5 6, #[target_feature(enable = "avx2,fma")]);
    kernels!(F64_256, __m256d, f64, 6 = 1 2 3 4 5 6, #[target_feature(enable = "avx2,fma")]);
    kernels!(F32_128, __m128, f32, 4 = 1 2 3 4,);
    kernels!(F64_128, __m128d, f64, 4 = 1 2 3 4,);

    pub fn f32(path: Path) -> &'static Kernels<f32> {
        [&F32_128, &F32_256, &F32_512][path as usize - 1]
    }
    pub fn f64(path: Path) -> &'static Kernels<f64> {
        [&F64_128, &F64_256, &F64_512][path as usize - 1]
    }
}
#[cfg(target_arch = "x86_64")]
use x86::{f32, f64};

#[cfg(not(target_arch = "x86_64"))]
mod plain {
    use super::*;
    use crate::gemm::vector::{PlainF32, PlainF64};
    // Machines such as aarch64 have 32 registers.
    kernels!(F32, PlainF32, f32, 8 = 1 2 3 4 5 6 7 8,);
    kernels!(F64, PlainF64, f64, 8 = 1 2 3 4 5 6 7 8,);

    pub fn f32(_: Path) -> &'static Kernels<f32> {
        &F32
    }
    pub fn f64(_: Path) -> &'static Kernels<f64> {
        &F64
    }
}
#[cfg(not(target_arch = "x86_64"))]
use plain::{f32, f64};

/// The kernels for `T` on a path that this machine has.
#[inline]
pub fn kernels<T: Float>(path: Path) -> &'static Kernels<T> {
    // T is the very type named: there are two floats.
    unsafe {
        if T::IS_F32 {
            &*(f32(path) as *const Kernels<f32> as *const Kernels<T>)
        } else {
            &*(f64(path) as *const Kernels<f64> as *const Kernels<T>)
        }
    }
}
