//! A fold that has forgotten its types. Only loops over elements are compiled for each fold, dtype and instruction set;
//! what drives them ([`super::drive`]) is compiled once.
use super::fold::{columns, Fold};
use crate::num::Number;
use crate::pointwise::{Rows, Walk};
use std::marker::PhantomData;
use std::mem::{size_of, MaybeUninit};

/// Totals that a [`Totals`] holds at most.
pub(super) const WIDTH: usize = 256;
/// Bytes of the largest total.
const LARGEST: usize = 24;

/// Room for the totals of a stretch of outputs, of whatever type they are.
#[repr(align(16))]
pub(super) struct Totals(MaybeUninit<[u8; WIDTH * LARGEST]>);
impl Totals {
    pub fn new() -> Totals {
        Totals(MaybeUninit::uninit())
    }
    pub fn ptr(&mut self) -> *mut u8 {
        self.0.as_mut_ptr().cast()
    }
}

/// Bytes of an element, of its total and of what comes out.
#[derive(Clone, Copy)]
pub(super) struct Sizes {
    pub item: usize,
    pub total: usize,
    pub out: usize,
}

/// Pointers are to elements, totals and outputs of the types that the kernel was made with. Strides count elements.
///
/// # Safety
/// They are valid for as many as are asked for, and totals were started before they are read.
pub(super) trait Kernel: Sync {
    fn sizes(&self) -> Sizes;
    /// Totals of nothing.
    unsafe fn start(&self, totals: *mut u8, n: usize);
    /// Overwrites `n` totals: of the elements `first..first + count` in the order of `gone`, beside `x` and each `step` on.
    unsafe fn rows(
        &self,
        gone: &Walk<1>,
        first: usize,
        count: usize,
        x: *const u8,
        step: isize,
        n: usize,
        totals: *mut u8,
    );
    /// Adds `rows` rows of `width` contiguous elements to `width` totals.
    unsafe fn columns(&self, totals: *mut u8, width: usize, x: *const u8, stride: isize, rows: usize);
    /// Adds `n` totals to others.
    unsafe fn merge(&self, totals: *mut u8, others: *const u8, n: usize);
    /// Writes what `n` totals of `count` elements each come to, `step` apart.
    unsafe fn end(&self, totals: *const u8, n: usize, count: usize, out: *mut u8, step: isize);
}

pub(super) struct Typed<T, F>(pub F, pub PhantomData<fn(T)>);
impl<T: Number, F: Fold<T>> Kernel for Typed<T, F> {
    fn sizes(&self) -> Sizes {
        const { assert!(size_of::<F::Total>() <= LARGEST && align_of::<F::Total>() <= align_of::<Totals>()) };
        Sizes { item: size_of::<T>(), total: size_of::<F::Total>(), out: size_of::<F::Out>() }
    }
    unsafe fn start(&self, totals: *mut u8, n: usize) {
        let totals: *mut F::Total = totals.cast();
        (0..n).for_each(|i| totals.add(i).write(self.0.start()));
    }
    unsafe fn rows(
        &self,
        gone: &Walk<1>,
        first: usize,
        count: usize,
        x: *const u8,
        step: isize,
        n: usize,
        totals: *mut u8,
    ) {
        rows(&self.0, gone, first, count, x.cast::<T>(), step, n, totals.cast())
    }
    unsafe fn columns(&self, totals: *mut u8, width: usize, x: *const u8, stride: isize, rows: usize) {
        wide(&self.0, std::slice::from_raw_parts_mut(totals.cast(), width), x.cast::<T>(), stride, rows)
    }
    unsafe fn merge(&self, totals: *mut u8, others: *const u8, n: usize) {
        let (totals, others): (*mut F::Total, *const F::Total) = (totals.cast(), others.cast());
        for i in 0..n {
            *totals.add(i) = self.0.merge(*totals.add(i), *others.add(i));
        }
    }
    unsafe fn end(&self, totals: *const u8, n: usize, count: usize, out: *mut u8, step: isize) {
        let (totals, out): (*const F::Total, *mut F::Out) = (totals.cast(), out.cast());
        for i in 0..n {
            out.offset(i as isize * step).write(self.0.end(*totals.add(i), count));
        }
    }
}

// Walking is compiled once, and not into each of some hundred kernels.
#[inline(never)]
fn stretches(gone: &Walk<1>, first: usize, count: usize) -> Rows<'_, 1> {
    gone.rows(first, count)
}
/// Where the next stretch is, and its length.
#[inline(never)]
fn onward(rows: &mut Rows<1>) -> Option<(isize, usize)> {
    rows.next().map(|(_, [at], n)| (at, n))
}

simd! {
    fn rows<T: Number, F: Fold<T>>(f: &F, gone: &Walk<1>, first: usize, count: usize, x: *const T, step: isize, n: usize, totals: *mut F::Total) {
        let stride = if gone.rank > 0 { gone.strides[0][gone.rank - 1] } else { 1 };
        // One stretch a row needs no walk, which would cost as much as a few hundred elements.
        let plain = gone.rank <= 1 && stride == 1;
        for k in 0..n {
            // Within the bounds that the caller of the reduction promised.
            unsafe {
                let (x, mut total) = (x.offset(k as isize * step), f.start());
                let mut walk = if plain { None } else { Some(stretches(gone, first, count)) };
                let mut stretch = if plain { Some((first as isize, count)) } else { walk.as_mut().and_then(onward) };
                while let Some((at, n)) = stretch {
                    let p = x.offset(at);
                    total = if stride == 1 { f.run(total, p, n) } else { f.run_strided(total, p, stride, n) };
                    stretch = walk.as_mut().and_then(onward);
                }
                totals.add(k).write(total)
            }
        }
    }

    fn wide<T: Number, F: Fold<T>>(f: &F, totals: &mut [F::Total], x: *const T, stride: isize, rows: usize) {
        // Within the bounds that the caller of the reduction promised.
        unsafe { columns(f, totals, x, stride, rows) }
    }
}
