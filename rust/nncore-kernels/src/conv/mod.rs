//! Convolution of one to three dimensions on channels-last memory: forward, input gradient, weight gradient.
//!
//! Activations are `(image, depth, height, width, channel)`; weights are `(out, kernel depth, height, width, in / groups)`.
//! All passes are products reduced over the taps of the kernel window, straight from the activations: no im2col buffer.
//! Each pass needs scratch of [`scratch_bytes`] from its caller, aligned to 64 bytes, and allocates nothing. The same bits
//! come out for any number of threads.
mod depthwise;
mod direct;
mod grouped;
mod kernel;
mod lanes;
mod narrow;
mod narrow_weight;
mod pack;
mod planes;
mod problem;
#[cfg(target_arch = "x86_64")]
mod shuffle_avx2;
#[cfg(target_arch = "x86_64")]
mod shuffle_avx512;
mod solve;
mod table;
mod weight;

use crate::num::Float;
use crate::pool;

/// The geometry of a convolution (cross-correlation, as in every network library). Triples are (depth, height, width);
/// with fewer dimensions the first ones are 1, and 0 for padding.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Conv {
    /// Images.
    pub n: usize,
    /// Input and output channels.
    pub ci: usize,
    pub co: usize,
    /// Channels are cut into so many groups, and each output group sees its input group alone. Divides `ci` and `co`.
    pub groups: usize,
    pub input: [usize; 3],
    pub kernel: [usize; 3],
    /// The caller says how many outputs there are; where a window hangs over an end, it sees zeros there.
    pub output: [usize; 3],
    pub stride: [usize; 3],
    /// How far the first window begins before the input.
    pub padding: [usize; 3],
    /// Distance between the kernel's taps.
    pub dilation: [usize; 3],
}

/// A pass of the convolution.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Pass {
    Forward,
    InputGrad,
    WeightGrad,
}

impl Conv {
    /// Multiplications and additions of one pass.
    pub fn flops(&self) -> usize {
        2 * self.output_len() * self.kernel.iter().product::<usize>() * (self.ci / self.groups)
    }
    /// Elements of the input, the weights and the output.
    pub fn input_len(&self) -> usize {
        self.n * self.input.iter().product::<usize>() * self.ci
    }
    pub fn weight_len(&self) -> usize {
        self.co * self.kernel.iter().product::<usize>() * (self.ci / self.groups)
    }
    pub fn output_len(&self) -> usize {
        self.n * self.output.iter().product::<usize>() * self.co
    }
}

/// Scratch that `pass` needs for elements of type `T`.
pub fn scratch_bytes<T: Float>(conv: &Conv, pass: Pass) -> usize {
    packed_bytes::<T>(conv, pass) + run_bytes::<T>(conv, pass)
}

/// Memory that the weights of `pass` take once packed; 0 for the weight gradient, which packs none.
fn packed_bytes<T: Float>(conv: &Conv, pass: Pass) -> usize {
    let mut bytes = 0;
    let kernels = table::kernels::<T>();
    solve::each_problem(kernels, conv, pass, |p| bytes += solve::packed_bytes(kernels, p));
    bytes
}

/// Scratch beside the packed weights.
fn run_bytes<T: Float>(conv: &Conv, pass: Pass) -> usize {
    let kernels = table::kernels::<T>();
    if pass == Pass::WeightGrad {
        return solve::weight_scratch::<T>(kernels, &solve::weight_problem(kernels, conv), std::ptr::null_mut()).used;
    }
    let mut most = 0;
    solve::each_problem(kernels, conv, pass, |p| {
        most = most.max(solve::Scratch::<T>::new(kernels, p, std::ptr::null_mut()).used)
    });
    most
}

/// Packs the weights of a pass, then runs its problems.
unsafe fn run<T: Float>(
    conv: &Conv,
    pass: Pass,
    x: *const T,
    w: *const T,
    bias: *const T,
    y: *mut T,
    scratch: *mut u8,
) {
    let (kernels, mut at) = (table::kernels::<T>(), 0);
    let rest = scratch.add(packed_bytes::<T>(conv, pass));
    solve::each_problem(kernels, conv, pass, |p| {
        let packed = scratch.add(at) as *mut T;
        solve::pack(kernels, p, w, packed);
        solve::run(kernels, p, x, packed, bias, y, rest);
        at += solve::packed_bytes(kernels, p);
    })
}

/// `y = conv(x, w) + bias`; `bias` may be null.
///
/// # Safety
/// Pointers are valid for the geometry's lengths, `y` and `scratch` overlap nothing, and `scratch` has
/// [`scratch_bytes`], aligned to 64.
pub unsafe fn forward<T: Float>(conv: &Conv, x: *const T, w: *const T, bias: *const T, y: *mut T, scratch: *mut u8) {
    run(conv, Pass::Forward, x, w, bias, y, scratch)
}

/// `dx`, the gradient of the input, from `dy`, the gradient of the output; and a transposed convolution, which may have a
/// bias for each input channel (null: none).
///
/// # Safety
/// As for [`forward`].
pub unsafe fn input_grad<T: Float>(
    conv: &Conv,
    dy: *const T,
    w: *const T,
    bias: *const T,
    dx: *mut T,
    scratch: *mut u8,
) {
    run(conv, Pass::InputGrad, dy, w, bias, dx, scratch)
}

/// `dw`, the gradient of the weights, from the input and the gradient of the output.
///
/// # Safety
/// As for [`forward`].
pub unsafe fn weight_grad<T: Float>(conv: &Conv, x: *const T, dy: *const T, dw: *mut T, scratch: *mut u8) {
    let kernels = table::kernels::<T>();
    solve::weight_grad(kernels, &solve::weight_problem(kernels, conv), x, dy, dw, scratch)
}

/// Work worth another thread.
const THREAD_FLOPS: usize = 200_000;

/// Threads for so much work: small problems are done before a second one is awake.
fn threads_for(flops: usize) -> usize {
    if flops < 2 * THREAD_FLOPS {
        1
    } else {
        pool::threads().min(flops / THREAD_FLOPS)
    }
}

/// A pointer that several threads may use: each to elements that no other one writes.
#[derive(Clone, Copy)]
struct Raw<T>(*mut T);
unsafe impl<T> Send for Raw<T> {}
unsafe impl<T> Sync for Raw<T> {}
impl<T> Raw<T> {
    fn get(&self) -> *mut T {
        self.0
    }
}
