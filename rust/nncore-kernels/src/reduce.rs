//! Reductions over any set of axes of a strided operand, into a dense row-major output.
//!
//! Every function takes the input's `dims` and `strides` (in elements), and in `mask` a bit for each axis that is
//! reduced. The output holds one element for each index of the other axes. The order of the additions depends on shape
//! and strides alone: bits do not depend on the number of threads.
mod arg;
mod count;
mod drive;
mod exponentials;
mod fold;
mod kernel;
mod moments;
mod tile;
use crate::num::{Float, Number};
use drive::drive;
pub use fold::Accumulate;
use fold::{Absolute, Euclidean, Max, MaxAbsolute, Mean, Min, MinAbsolute, NanSum, Prod, Sum};

/// Sum. Floats are added up in short float lanes that flow into a float64 total, so the error does not grow with the
/// number of elements; integers wrap. Nothing sums to zero.
///
/// # Safety
/// `x` is valid at every index of `dims`.
pub unsafe fn sum<T: Accumulate>(dims: &[usize], strides: &[isize], mask: u32, x: *const T, out: &mut [T]) {
    drive(&Sum, dims, strides, mask, x, out)
}

/// Arithmetic mean, with the accuracy of [`sum`]. Of nothing it is NaN.
///
/// # Safety
/// `x` is valid at every index of `dims`.
pub unsafe fn mean<T: Accumulate + Float>(dims: &[usize], strides: &[isize], mask: u32, x: *const T, out: &mut [T]) {
    drive(&Mean, dims, strides, mask, x, out)
}

/// Largest element; NaN when one is NaN. Of nothing it is the type's lowest value: callers refuse that.
///
/// # Safety
/// `x` is valid at every index of `dims`.
pub unsafe fn max<T: Number>(dims: &[usize], strides: &[isize], mask: u32, x: *const T, out: &mut [T]) {
    drive(&Max, dims, strides, mask, x, out)
}

/// Smallest element; NaN when one is NaN. Of nothing it is the type's highest value: callers refuse that.
///
/// # Safety
/// `x` is valid at every index of `dims`.
pub unsafe fn min<T: Number>(dims: &[usize], strides: &[isize], mask: u32, x: *const T, out: &mut [T]) {
    drive(&Min, dims, strides, mask, x, out)
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

/// Product. Integers wrap; of nothing it is 1.
///
/// # Safety
/// `x` is valid at every index of `dims`.
pub unsafe fn prod<T: Accumulate>(dims: &[usize], strides: &[isize], mask: u32, x: *const T, out: &mut [T]) {
    drive(&Prod, dims, strides, mask, x, out)
}

/// [`sum`] that passes over NaN.
///
/// # Safety
/// `x` is valid at every index of `dims`.
pub unsafe fn nansum<T: Accumulate>(dims: &[usize], strides: &[isize], mask: u32, x: *const T, out: &mut [T]) {
    drive(&NanSum, dims, strides, mask, x, out)
}

/// How many elements are not zero.
///
/// # Safety
/// `x` is valid at every index of `dims`.
pub unsafe fn count_nonzero<T: Number>(dims: &[usize], strides: &[isize], mask: u32, x: *const T, out: &mut [i64]) {
    drive(&count::CountNonzero, dims, strides, mask, x, out)
}

/// Is some element not zero? Of nothing: no.
///
/// # Safety
/// `x` is valid at every index of `dims`.
pub unsafe fn any<T: Number>(dims: &[usize], strides: &[isize], mask: u32, x: *const T, out: &mut [bool]) {
    drive(&count::Any, dims, strides, mask, x, out)
}

/// Are all elements other than zero? Of nothing: yes.
///
/// # Safety
/// `x` is valid at every index of `dims`.
pub unsafe fn all<T: Number>(dims: &[usize], strides: &[isize], mask: u32, x: *const T, out: &mut [bool]) {
    drive(&count::All, dims, strides, mask, x, out)
}

/// Mean (NaN of nothing) and sum of squared deviations from it, accurate where the mean is large beside the deviations.
///
/// # Safety
/// `x` is valid at every index of `dims`.
pub unsafe fn moments<T: Accumulate + Float>(
    dims: &[usize],
    strides: &[isize],
    mask: u32,
    x: *const T,
    out: &mut [[f64; 2]],
) {
    drive(&moments::Moments, dims, strides, mask, x, out)
}

/// `ln(sum(exp(x)))`, without overflow. Of nothing it is minus infinity.
///
/// # Safety
/// `x` is valid at every index of `dims`.
pub unsafe fn logsumexp<T: Float>(dims: &[usize], strides: &[isize], mask: u32, x: *const T, out: &mut [T]) {
    drive(&exponentials::LogSumExp, dims, strides, mask, x, out)
}

/// `(sum |x|^p)^(1/p)`; for p = 0 how many elements are not zero, for infinite p the largest (or smallest) absolute value.
///
/// # Safety
/// `x` is valid at every index of `dims`.
pub unsafe fn norm<T: Accumulate + Float>(
    p: f64,
    dims: &[usize],
    strides: &[isize],
    mask: u32,
    x: *const T,
    out: &mut [T],
) {
    match p {
        2.0 => drive(&Euclidean, dims, strides, mask, x, out),
        1.0 => drive(&Absolute, dims, strides, mask, x, out),
        0.0 => drive(&count::Nonzero, dims, strides, mask, x, out),
        f64::INFINITY => drive(&MaxAbsolute, dims, strides, mask, x, out),
        f64::NEG_INFINITY => drive(&MinAbsolute, dims, strides, mask, x, out),
        p => drive(&count::Power(p), dims, strides, mask, x, out),
    }
}
