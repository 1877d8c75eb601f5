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
mod strided;
mod walk;
use crate::num::Element;
use crate::pool;
pub use copy::{copy, fill};
use std::mem::MaybeUninit;
pub use strided::map;
pub(crate) use walk::Walk;
pub use walk::MAX_DIMS;

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
}

/// Below this many elements (of [`Map::COST`] 1) a second thread costs more than it brings.
const PARALLEL: usize = 1 << 16;
/// Elements in a tile that is staged on the stack.
const TILE: usize = 512;
/// A stack buffer for one tile of any element type.
type Tile = MaybeUninit<[u64; TILE]>;

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
/// `x` and `out` lead to `n` elements of the operation's types. An input may start exactly where the output does (in
/// place, when its elements are not smaller than the output's); any other overlap is undefined.
#[inline]
pub unsafe fn flat<M: Map>(f: &M, x: [*const u8; 3], out: *mut M::Out, n: usize) {
    if n * M::COST >= PARALLEL && pool::threads() > 1 {
        return flat_threads(f, x, out, n);
    }
    flat_serial(f, x, out, n)
}

#[inline(never)]
unsafe fn flat_threads<M: Map>(f: &M, x: [*const u8; 3], out: *mut M::Out, n: usize) {
    let shares = pool::threads();
    let (x, out) = (x.map(|p| p as usize), out as usize);
    pool::run(shares, &|i| {
        // Shares start on a multiple of 64 elements, so that no two threads write to one cache line.
        let units = n.div_ceil(64);
        let (a, b) = (pool::share(units, shares, i).start * 64, (pool::share(units, shares, i).end * 64).min(n));
        let mut p = [std::ptr::null(); 3];
        for k in 0..M::In::N {
            p[k] = (x[k] + a * M::In::SIZES[k]) as *const u8;
        }
        if a < b {
            // Shares are disjoint.
            unsafe { flat_serial(f, p, (out as *mut M::Out).add(a), b - a) }
        }
    })
}

#[inline(always)]
unsafe fn flat_serial<M: Map>(f: &M, x: [*const u8; 3], out: *mut M::Out, n: usize) {
    let mut aliased = false;
    for k in 0..M::In::N {
        aliased |= x[k] == out as *const u8;
    }
    if aliased {
        in_place(f, x, out, n)
    } else {
        kernel(f, x, std::slice::from_raw_parts_mut(out.cast(), n))
    }
}

/// Through a buffer: a loop whose output may be its input is not vectorised.
#[inline(never)]
unsafe fn in_place<M: Map>(f: &M, x: [*const u8; 3], out: *mut M::Out, n: usize) {
    let mut buffer = Tile::uninit();
    let mut i = 0;
    while i < n {
        let m = TILE.min(n - i);
        let mut p = [std::ptr::null(); 3];
        for k in 0..M::In::N {
            p[k] = x[k].add(i * M::In::SIZES[k]);
        }
        let b: *mut M::Out = buffer.as_mut_ptr().cast();
        kernel(f, p, std::slice::from_raw_parts_mut(b.cast(), m));
        std::ptr::copy_nonoverlapping(b, out.add(i), m);
        i += m;
    }
}

simd! {
    /// The one loop. `out` overlaps no input, and every needed pointer leads to `out.len()` elements.
    fn kernel<M: Map>(f: &M, x: [*const u8; 3], out: &mut [MaybeUninit<M::Out>]) {
        unsafe { blocks(f, &x, out) }
    }
}

#[inline(always)]
unsafe fn blocks<M: Map>(f: &M, x: &[*const u8; 3], out: &mut [MaybeUninit<M::Out>]) {
    let n = out.len();
    let o = out.as_mut_ptr();
    let mut i = 0;
    while i + 64 <= n {
        for l in i..i + 64 {
            o.add(l).write(MaybeUninit::new(f.eval(M::In::load(x, l))));
        }
        i += 64;
    }
    while i + 16 <= n {
        for l in i..i + 16 {
            o.add(l).write(MaybeUninit::new(f.eval(M::In::load(x, l))));
        }
        i += 16;
    }
    if M::COST < 8 {
        while i < n {
            o.add(i).write(MaybeUninit::new(f.eval(M::In::load(x, i))));
            i += 1;
        }
    } else if i < n {
        // A short tail as one vector: the inputs copied and padded with their own first element.
        let mut y = [MaybeUninit::<M::Out>::uninit(); 16];
        let mut xs = [M::In::load(x, i); 16];
        for l in 0..n - i {
            xs[l] = M::In::load(x, i + l);
        }
        for l in 0..16 {
            y[l] = MaybeUninit::new(f.eval(xs[l]));
        }
        for l in 0..n - i {
            o.add(i + l).write(y[l]);
        }
    }
}
