//! Between interleaved pixels and planes of one channel each.
use crate::num::Float;
use std::mem::MaybeUninit;

/// Pixels of `c` channels, `step` apart, to planes.
pub(super) type GatherFn<T> =
    unsafe fn(x: *const T, step: usize, c: usize, pixels: usize, planes: *mut T, plane: usize);
/// One vector of pixels (at most) for each of `m` channels, to pixels `step` apart.
pub(super) type ScatterFn<T> = unsafe fn(from: *const T, m: usize, pixels: usize, y: *mut T, step: usize);

/// [`GatherFn`] for any instruction set.
pub(super) unsafe fn gather<T: Float>(x: *const T, step: usize, c: usize, pixels: usize, planes: *mut T, plane: usize) {
    for k in 0..c {
        for i in 0..pixels {
            *planes.add(k * plane + i) = *x.add(i * step + k);
        }
    }
}

/// [`ScatterFn`] for vectors of `N`.
pub(super) unsafe fn scatter<T: Float, const N: usize>(
    from: *const T,
    m: usize,
    pixels: usize,
    y: *mut T,
    step: usize,
) {
    for i in 0..pixels {
        for k in 0..m {
            *y.add(i * step + k) = *from.add(k * N + i);
        }
    }
}

/// Memory on the stack, neither cleared nor dropped.
#[repr(align(64))]
pub(super) struct Aligned<T, const N: usize>([MaybeUninit<T>; N]);
impl<T: Float, const N: usize> Aligned<T, N> {
    pub fn new() -> Self {
        Aligned([const { MaybeUninit::uninit() }; N])
    }
    pub fn ptr(&mut self) -> *mut T {
        self.0.as_mut_ptr() as *mut T
    }
}
