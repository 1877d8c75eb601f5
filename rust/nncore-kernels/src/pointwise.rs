//! Elementwise operations: one evaluation, compiled once per instruction set, over flat or strided memory.
//!
//! An operation is a [`Map`]. A plain closure would do too, were it not compiled for the baseline and called lane by
//! lane whenever the compiler finds it too large to inline; a trait method can be `#[inline(always)]`.
//!
//! ```
//! use nncore_kernels::pointwise::{flat2, Map};
//! struct Add;
//! impl Map for Add {
//!     type In = [f32; 2];
//!     type Out = f32;
//!     #[inline(always)]
//!     fn eval(&self, [a, b]: [f32; 2]) -> f32 { a + b }
//! }
//! let mut sum = [0.0; 3];
//! flat2(&Add, &[1.0, 2.0, 3.0], &[10.0, 20.0, 30.0], &mut sum);
//! assert_eq!(sum, [11.0, 22.0, 33.0]);
//! ```
mod copy;
mod glu;
mod kernel;
mod strided;
mod walk;
use crate::num::Element;
pub use copy::{copy, copy_block, fill};
pub use glu::{glu, glu_gradient};
pub use kernel::Kernel;
pub use walk::MAX_DIMS;
pub(crate) use walk::{Rows, Walk};

/// What one evaluation reads: `[T; N]` of one type, or `(A, [T; N])` where the first input has another (a condition).
pub trait Inputs: Copy {
    /// How many inputs, at most 3.
    const N: usize;
    /// Bytes of an element of each input.
    const SIZES: [usize; 3];
    /// Reads element `i` of every input.
    ///
    /// # Safety
    /// The first `N` pointers lead to `i + 1` elements at least.
    unsafe fn load(p: &[*const u8; 3], i: usize) -> Self;
}
impl<T: Element, const N: usize> Inputs for [T; N] {
    const N: usize = N;
    const SIZES: [usize; 3] = [size_of::<T>(); 3];
    #[inline(always)]
    unsafe fn load(p: &[*const u8; 3], i: usize) -> Self {
        let mut x = [T::default(); N];
        for k in 0..N {
            x[k] = *(p[k] as *const T).add(i);
        }
        x
    }
}
impl<A: Element, T: Element, const N: usize> Inputs for (A, [T; N]) {
    const N: usize = N + 1;
    const SIZES: [usize; 3] = [size_of::<A>(), size_of::<T>(), size_of::<T>()];
    #[inline(always)]
    unsafe fn load(p: &[*const u8; 3], i: usize) -> Self {
        let mut x = [T::default(); N];
        for k in 0..N {
            x[k] = *(p[k + 1] as *const T).add(i);
        }
        (*(p[0] as *const A).add(i), x)
    }
}

/// An elementwise operation.
pub trait Map: Sync {
    type In: Inputs;
    type Out: Element;
    /// Roughly, nanoseconds for 16 elements: from 8 on, even short tails are vectorised, and threads start earlier.
    const COST: usize = 1;
    /// One element. Must be `#[inline(always)]`, as must all that it calls.
    fn eval(&self, x: Self::In) -> Self::Out;
    /// Are there arguments that `eval` leaves to `slow`? Only where `COST` is 8 or more.
    const RARE: bool = false;
    /// Is this such an argument? Computed beside `eval` for every element, so it should be one comparison.
    #[inline(always)]
    fn rare(&self, _x: Self::In) -> bool {
        false
    }
    /// What a rare argument gives, one at a time.
    fn slow(&self, x: Self::In) -> Self::Out {
        self.eval(x)
    }
}

/// `out[i] = f(x[i])`.
///
/// # Panics
/// When the lengths differ.
#[inline]
pub fn flat1<T: Element, M: Map<In = [T; 1]>>(f: &M, x: &[T], out: &mut [M::Out]) {
    assert_eq!(x.len(), out.len());
    // The slices are as long as out, and cannot overlap it.
    unsafe { flat(f, [x.as_ptr().cast(), std::ptr::null(), std::ptr::null()], out.as_mut_ptr(), out.len()) }
}

/// `out[i] = f(a[i], b[i])`.
///
/// # Panics
/// When the lengths differ.
#[inline]
pub fn flat2<T: Element, M: Map<In = [T; 2]>>(f: &M, a: &[T], b: &[T], out: &mut [M::Out]) {
    assert!(a.len() == out.len() && b.len() == out.len());
    unsafe { flat(f, [a.as_ptr().cast(), b.as_ptr().cast(), std::ptr::null()], out.as_mut_ptr(), out.len()) }
}

/// `out[i] = f(a[i], b[i], c[i])`.
///
/// # Panics
/// When the lengths differ.
#[inline]
pub fn flat3<T: Element, M: Map<In = [T; 3]>>(f: &M, a: &[T], b: &[T], c: &[T], out: &mut [M::Out]) {
    assert!(a.len() == out.len() && b.len() == out.len() && c.len() == out.len());
    unsafe { flat(f, [a.as_ptr().cast(), b.as_ptr().cast(), c.as_ptr().cast()], out.as_mut_ptr(), out.len()) }
}

/// `out[i] = f(inputs[i])` for `i < n`, threaded where that pays. Pointers past the operation's inputs are not read.
///
/// # Safety
/// As for [`Kernel::flat`].
#[inline]
pub unsafe fn flat<M: Map>(f: &M, x: [*const u8; 3], out: *mut M::Out, n: usize) {
    Kernel::new(f).flat(x, out.cast(), n)
}

/// `out = f(inputs)` over `dims`, each operand with its own strides.
///
/// # Safety
/// As for [`Kernel::map`].
pub unsafe fn map<M: Map>(
    f: &M,
    dims: &[usize],
    x: [*const u8; 3],
    strides: &[&[isize]],
    out: *mut M::Out,
    out_strides: &[isize],
) {
    Kernel::new(f).map(dims, x, strides, out.cast(), out_strides)
}
