//! Every kernel of every instruction set, by block size; the drivers see only these tables.
use super::depthwise::{self, Depthwise};
use super::grouped::{self, Grouped};
use super::kernel::{self, outer, product, CopyFn, Outer, Product};
use super::lanes::*;
use super::narrow::{self, Narrow, Strip, StripFn};
use super::narrow_weight::{correlate, Correlate, CorrelateFn, Correlation};
use super::pack::{self, PackFn};
use super::planes;
#[cfg(target_arch = "x86_64")]
use super::{shuffle_avx2, shuffle_avx512};
use crate::cpu;
use crate::num::Float;

pub(super) type ProductFn<T> = unsafe fn(&Product<T>);
pub(super) type OuterFn<T> = unsafe fn(&Outer<T>);

/// The kernels of one instruction set and type.
pub(super) struct Kernels<T> {
    /// Floats in a vector.
    pub lanes: usize,
    /// Products reduced over channels.
    pub dense: Blocks<T>,
    pub outer: fn(rows: usize, vectors: usize) -> OuterFn<T>,
    pub depthwise: Depthwise<T>,
    pub pack: PackFn<T>,
    pub copy: CopyFn<T>,
    /// For few output channels, where vectors are long enough to be worth it.
    pub narrow: Option<Narrow<T>>,
    /// For groups of few channels, where lanes can be rearranged.
    pub grouped: Option<Grouped<T>>,
}

/// Product kernels by block size.
pub(super) struct Blocks<T> {
    /// Vectors of the widest block, and most rows of a block by its vectors.
    pub vectors: usize,
    pub rows: [usize; 5],
    pub product: fn(rows: usize, vectors: usize) -> ProductFn<T>,
}

/// Vectors of a full panel of `columns`: the widest, up to `most`, that divide the columns evenly.
pub(super) fn panel_vectors(columns: usize, lanes: usize, most: usize) -> usize {
    let vectors = columns.div_ceil(lanes).max(1);
    vectors.div_ceil(vectors.div_ceil(most))
}

macro_rules! kernels {
    ($name:ident: $t:ty, $lanes:ty, $vectors:literal, $rows:expr, $taps:literal, $pack:expr, $narrow:expr, $grouped:expr, $(#[$feature:meta])?, $(($nv:literal; $($mr:literal)*))*) => {
        mod $name {
            use super::*;
            $(#[$feature])?
            unsafe fn product_of<const MR: usize, const NV: usize>(a: &Product<$t>) {
                product::<$lanes, MR, NV>(a)
            }
            $(#[$feature])?
            unsafe fn outer_of<const MR: usize, const NV: usize>(a: &Outer<$t>) {
                outer::<$lanes, MR, NV>(a)
            }
            fn pick_product(rows: usize, vectors: usize) -> ProductFn<$t> {
                match (vectors, rows) {
                    $($(($nv, $mr) => product_of::<$mr, $nv>,)*)*
                    _ => unreachable!("block of {rows} rows and {vectors} vectors"),
                }
            }
            fn pick_outer(rows: usize, vectors: usize) -> OuterFn<$t> {
                match (vectors, rows) {
                    $($(($nv, $mr) => outer_of::<$mr, $nv>,)*)*
                    _ => unreachable!("block of {rows} rows and {vectors} vectors"),
                }
            }
            $(#[$feature])?
            unsafe fn strip_of<const MR: usize, const NV: usize>(a: &depthwise::Strip<$t>) {
                depthwise::strip::<$lanes, MR, NV>(a)
            }
            $(#[$feature])?
            unsafe fn sums_of<const MR: usize>(a: &depthwise::Sums<$t>) {
                depthwise::sums::<$lanes, MR>(a)
            }
            $(#[$feature])?
            unsafe fn copy_of(a: *const $t, a_step: usize, len: usize, count: usize, b: *mut $t, b_step: usize) {
                kernel::copy::<$lanes>(a, a_step, len, count, b, b_step)
            }
            fn pick_strip(pixels: usize, vectors: usize) -> depthwise::StripFn<$t> {
                match (vectors, pixels) {
                    (1, 1) => strip_of::<1, 1>,
                    (1, 2) => strip_of::<2, 1>,
                    (1, 4) => strip_of::<4, 1>,
                    (1, 6) => strip_of::<6, 1>,
                    (1, 8) => strip_of::<8, 1>,
                    (2, 1) => strip_of::<1, 2>,
                    (2, 2) => strip_of::<2, 2>,
                    (2, 4) => strip_of::<4, 2>,
                    (2, 6) => strip_of::<6, 2>,
                    _ => unreachable!("strip of {pixels} pixels and {vectors} vectors"),
                }
            }
            fn pick_sums(taps: usize) -> depthwise::SumsFn<$t> {
                const ALL: [depthwise::SumsFn<$t>; depthwise::TAPS] = [
                    sums_of::<1>, sums_of::<2>, sums_of::<3>, sums_of::<4>, sums_of::<5>, sums_of::<6>, sums_of::<7>,
                    sums_of::<8>, sums_of::<9>,
                ];
                ALL[taps - 1]
            }
            pub(in super::super) static KERNELS: Kernels<$t> = Kernels {
                lanes: <$lanes as Lanes>::N,
                dense: Blocks { vectors: $vectors, rows: $rows, product: pick_product },
                outer: pick_outer,
                depthwise: Depthwise { strip: pick_strip, taps: $taps, sums: pick_sums },
                pack: $pack,
                copy: copy_of,
                narrow: $narrow,
                grouped: $grouped,
            };
        }
    };
}

macro_rules! narrow {
    ($name:ident: $lanes:ty, $gather:expr, $scatter:expr, $(#[$feature:meta])?, $(($m:literal; $most:literal $few:literal))*,
     correlate up to $rows:literal $cols:literal: $(($nt:literal; $($mr:literal)*))*) => {
        mod $name {
            use super::*;
            $(#[$feature])?
            unsafe fn strip_of<const MR: usize, const NV: usize>(a: &Strip<f32>) {
                narrow::strip::<$lanes, MR, NV>(a)
            }
            fn pick(channels: usize) -> [(usize, StripFn<f32>); 2] {
                match channels {
                    $($m => [($most, strip_of::<$m, $most>), ($few, strip_of::<$m, $few>)],)*
                    _ => unreachable!("strip of {channels} channels"),
                }
            }
            $(#[$feature])?
            unsafe fn correlate_of<const MR: usize, const NT: usize>(a: &Correlation<f32>) {
                correlate::<$lanes, MR, NT>(a)
            }
            fn pick_correlate(rows: usize, cols: usize) -> CorrelateFn<f32> {
                match (cols, rows) {
                    $($(($nt, $mr) => correlate_of::<$mr, $nt>,)*)*
                    _ => unreachable!("correlation of {rows} channels and {cols} taps"),
                }
            }
            pub(super) const NARROW: Narrow<f32> = Narrow {
                strip: pick,
                gather: $gather,
                scatter: $scatter,
                correlate: Correlate { rows: $rows, cols: $cols, pick: pick_correlate },
            };
        }
    };
}

#[cfg(target_arch = "x86_64")]
macro_rules! grouped {
    ($name:ident: $lanes:ty, $(#[$feature:meta])?) => {
        mod $name {
            use super::*;
            $(#[$feature])?
            unsafe fn strip_of<const MR: usize>(a: &depthwise::Strip<f32>) {
                grouped::strip::<$lanes, MR>(a)
            }
            $(#[$feature])?
            unsafe fn sums_of<const MR: usize>(a: &depthwise::Sums<f32>, group: usize, k: usize) {
                grouped::sums::<$lanes, MR>(a, group, k)
            }
            fn pick_strip(pixels: usize) -> depthwise::StripFn<f32> {
                match pixels {
                    1 => strip_of::<1>,
                    2 => strip_of::<2>,
                    4 => strip_of::<4>,
                    8 => strip_of::<8>,
                    _ => unreachable!("strip of {pixels} pixels"),
                }
            }
            fn pick_sums(taps: usize) -> grouped::SumsFn<f32> {
                match taps {
                    1 => sums_of::<1>,
                    3 => sums_of::<3>,
                    9 => sums_of::<9>,
                    _ => unreachable!("sums of {taps} taps"),
                }
            }
            pub(super) const GROUPED: Grouped<f32> = Grouped { strip: pick_strip, sums: pick_sums };
        }
    };
}
#[cfg(target_arch = "x86_64")]
grouped!(avx512_grouped: Avx512<f32>, #[target_feature(enable = "avx512f,avx512vl,avx512bw,avx512dq,avx2,fma")]);
#[cfg(target_arch = "x86_64")]
grouped!(avx2_grouped: Avx2<f32>, #[target_feature(enable = "avx2,fma")]);
// Sums in flight: at least eight, to hide the latency, and no more than there are registers.
#[cfg(target_arch = "x86_64")]
narrow!(avx512_narrow: Avx512<f32>, shuffle_avx512::gather, shuffle_avx512::scatter, #[target_feature(enable = "avx512f,avx512vl,avx512bw,avx512dq,avx2,fma")],
    (1; 8 4) (2; 8 4) (3; 6 3) (4; 6 3) (5; 4 2) (6; 4 2) (7; 3 1) (8; 3 1),
    correlate up to 4 6: (1; 1 2 3 4) (2; 1 2 3 4) (3; 1 2 3 4) (4; 1 2 3 4) (5; 1 2 3 4) (6; 1 2 3 4));
#[cfg(target_arch = "x86_64")]
narrow!(avx2_narrow: Avx2<f32>, shuffle_avx2::gather, shuffle_avx2::scatter, #[target_feature(enable = "avx2,fma")],
    (1; 8 4) (2; 4 2) (3; 3 1) (4; 3 1) (5; 2 1) (6; 2 1) (7; 1 1) (8; 1 1),
    correlate up to 3 4: (1; 1 2 3) (2; 1 2 3) (3; 1 2 3) (4; 1 2 3));
#[cfg(target_arch = "x86_64")]
kernels!(avx512_f32: f32, Avx512<f32>, 4, [0, 12, 12, 8, 6], 9, shuffle_avx512::pack, Some(avx512_narrow::NARROW), Some(avx512_grouped::GROUPED), #[target_feature(enable = "avx512f,avx512vl,avx512bw,avx512dq,avx2,fma")],
    (1; 1 2 3 4 5 6 7 8 9 10 11 12) (2; 1 2 3 4 5 6 7 8 9 10 11 12) (3; 1 2 3 4 5 6 7 8) (4; 1 2 3 4 5 6));
#[cfg(target_arch = "x86_64")]
kernels!(avx512_f64: f64, Avx512<f64>, 2, [0, 6, 6, 0, 0], 9, pack::transpose, None, None, #[target_feature(enable = "avx512f,avx512vl,avx512bw,avx512dq,avx2,fma")],
    (1; 1 2 3 4 5 6) (2; 1 2 3 4 5 6));
#[cfg(target_arch = "x86_64")]
kernels!(avx2_f32: f32, Avx2<f32>, 2, [0, 10, 6, 0, 0], 6, shuffle_avx2::pack, Some(avx2_narrow::NARROW), Some(avx2_grouped::GROUPED), #[target_feature(enable = "avx2,fma")],
    (1; 1 2 3 4 5 6 7 8 9 10) (2; 1 2 3 4 5 6));
#[cfg(target_arch = "x86_64")]
kernels!(avx2_f64: f64, Avx2<f64>, 2, [0, 6, 6, 0, 0], 6, pack::transpose, None, None, #[target_feature(enable = "avx2,fma")],
    (1; 1 2 3 4 5 6) (2; 1 2 3 4 5 6));
narrow!(portable_narrow: Wide<f32, 4>, planes::gather, planes::scatter::<f32, 4>,,
    (1; 8 4) (2; 4 2) (3; 2 1) (4; 2 1) (5; 2 1) (6; 1 1) (7; 1 1) (8; 1 1),
    correlate up to 3 3: (1; 1 2 3) (2; 1 2 3) (3; 1 2 3));
kernels!(portable_f32: f32, Wide<f32, 4>, 2, [0, 4, 4, 0, 0], 6, pack::transpose, Some(portable_narrow::NARROW), None,, (1; 1 2 3 4) (2; 1 2 3 4));
kernels!(portable_f64: f64, Wide<f64, 2>, 2, [0, 4, 4, 0, 0], 6, pack::transpose, None, None,, (1; 1 2 3 4) (2; 1 2 3 4));

/// The kernels for `T` on the path in use.
#[inline]
pub(super) fn kernels<T: Float>() -> &'static Kernels<T> {
    // The cast is from a type to itself: `T` is one of the two floats.
    unsafe {
        if T::IS_F32 {
            &*(f32_kernels() as *const Kernels<f32> as *const Kernels<T>)
        } else {
            &*(f64_kernels() as *const Kernels<f64> as *const Kernels<T>)
        }
    }
}

fn f32_kernels() -> &'static Kernels<f32> {
    match cpu::path() {
        #[cfg(target_arch = "x86_64")]
        cpu::Path::Avx512 => &avx512_f32::KERNELS,
        #[cfg(target_arch = "x86_64")]
        cpu::Path::Avx2 => &avx2_f32::KERNELS,
        _ => &portable_f32::KERNELS,
    }
}

fn f64_kernels() -> &'static Kernels<f64> {
    match cpu::path() {
        #[cfg(target_arch = "x86_64")]
        cpu::Path::Avx512 => &avx512_f64::KERNELS,
        #[cfg(target_arch = "x86_64")]
        cpu::Path::Avx2 => &avx2_f64::KERNELS,
        _ => &portable_f64::KERNELS,
    }
}
