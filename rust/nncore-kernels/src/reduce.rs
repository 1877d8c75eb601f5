//! Reductions over any set of axes of a strided operand, into a dense row-major output.
//!
//! Every function takes the input's `dims` and `strides` (in elements), and in `mask` a bit for each axis that is
//! reduced. The output holds one element for each index of the other axes. The order of the additions depends on shape
//! and strides alone: bits do not depend on the number of threads.
mod arg;
mod drive;
mod fold;
use crate::num::{Float, Number};
use drive::drive;
pub use fold::Accumulate;
use fold::{Max, Mean, Min, Sum};

/// Sum. Floats are added up in short float lanes that flow into a float64 total, so the error does not grow with the
/// number of elements; integers wrap. Nothing sums to zero.
///
/// # Safety
/// `x` is valid at every index of `dims`.
pub unsafe fn sum<T: Accumulate>(dims: &[usize], strides: &[isize], mask: u32, x: *const T, out: &mut [T]) {
    drive::<T, Sum>(dims, strides, mask, x, out)
}

/// Arithmetic mean, with the accuracy of [`sum`]. Of nothing it is NaN.
///
/// # Safety
/// `x` is valid at every index of `dims`.
pub unsafe fn mean<T: Accumulate + Float>(dims: &[usize], strides: &[isize], mask: u32, x: *const T, out: &mut [T]) {
    drive::<T, Mean>(dims, strides, mask, x, out)
}

/// Largest element; NaN when one is NaN. Of nothing it is the type's lowest value: callers refuse that.
///
/// # Safety
/// `x` is valid at every index of `dims`.
pub unsafe fn max<T: Number>(dims: &[usize], strides: &[isize], mask: u32, x: *const T, out: &mut [T]) {
    drive::<T, Max>(dims, strides, mask, x, out)
}

/// Smallest element; NaN when one is NaN. Of nothing it is the type's highest value: callers refuse that.
///
/// # Safety
/// `x` is valid at every index of `dims`.
pub unsafe fn min<T: Number>(dims: &[usize], strides: &[isize], mask: u32, x: *const T, out: &mut [T]) {
    drive::<T, Min>(dims, strides, mask, x, out)
}

/// Row-major index, within the reduced axes, of the first largest element. NaN counts as the largest.
///
/// # Safety
/// `x` is valid at every index of `dims`, and no reduced axis is empty.
pub unsafe fn argmax<T: Number>(dims: &[usize], strides: &[isize], mask: u32, x: *const T, out: &mut [i64]) {
    arg::drive::<T, false>(dims, strides, mask, x, out)
}

/// Row-major index, within the reduced axes, of the first smallest element. NaN counts as the smallest.
///
/// # Safety
/// `x` is valid at every index of `dims`, and no reduced axis is empty.
pub unsafe fn argmin<T: Number>(dims: &[usize], strides: &[isize], mask: u32, x: *const T, out: &mut [i64]) {
    arg::drive::<T, true>(dims, strides, mask, x, out)
}
