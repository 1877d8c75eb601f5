//! Two-dimensional convolution on channels-last memory: forward, input gradient, weight gradient.
//!
//! Activations are NHWC; weights are `(out, kernel height, kernel width, in / groups)`. All passes are products reduced
//! over the taps of the kernel window, straight from the activations: no im2col buffer. Each pass needs scratch of
//! [`scratch_bytes`] from its caller, aligned to 64 bytes, and allocates nothing. The same bits come out for any number
//! of threads.
mod depthwise;
mod direct;
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

/// The geometry of a 2-D convolution (cross-correlation, as in every network library).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Conv {
    /// Images.
    pub n: usize,
    /// Input channels, height and width.
    pub ci: usize,
    pub h: usize,
    pub w: usize,
    /// Output channels.
    pub co: usize,
    /// Kernel height and width.
    pub kh: usize,
    pub kw: usize,
    /// (vertical, horizontal), as are the next two.
    pub stride: (usize, usize),
    /// Zeros on each side.
    pub padding: (usize, usize),
    /// Distance between the kernel's taps.
    pub dilation: (usize, usize),
    /// Channels are cut into so many groups, and each output group sees its input group alone. Divides `ci` and `co`.
    pub groups: usize,
}

/// A pass of the convolution.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Pass {
    Forward,
    InputGrad,
    WeightGrad,
}

impl Conv {
    /// Output height: `(h + 2 * padding - dilation * (kh - 1) - 1) / stride + 1`, and 0 when the window does not fit.
    pub fn oh(&self) -> usize {
        extent(self.h, self.kh, self.stride.0, self.padding.0, self.dilation.0)
    }
    /// Output width.
    pub fn ow(&self) -> usize {
        extent(self.w, self.kw, self.stride.1, self.padding.1, self.dilation.1)
    }
    /// Multiplications and additions of one pass.
    pub fn flops(&self) -> usize {
        2 * self.n * self.oh() * self.ow() * self.co * self.kh * self.kw * (self.ci / self.groups)
    }
    /// Elements of the input, the weights and the output.
    pub fn input_len(&self) -> usize {
        self.n * self.h * self.w * self.ci
    }
    pub fn weight_len(&self) -> usize {
        self.co * self.kh * self.kw * (self.ci / self.groups)
    }
    pub fn output_len(&self) -> usize {
        self.n * self.oh() * self.ow() * self.co
    }
}

fn extent(size: usize, k: usize, stride: usize, padding: usize, dilation: usize) -> usize {
    let window = dilation * (k - 1) + 1;
    (size + 2 * padding).checked_sub(window).map_or(0, |room| room / stride + 1)
}

/// Scratch that `pass` needs for elements of type `T`.
pub fn scratch_bytes<T: Float>(conv: &Conv, pass: Pass) -> usize {
    packed_bytes::<T>(conv, pass) + packed_scratch_bytes::<T>(conv, pass)
}

/// Memory that the weights of `pass` take once packed; 0 for the weight gradient, which takes none.
pub fn packed_bytes<T: Float>(conv: &Conv, pass: Pass) -> usize {
    let mut bytes = 0;
    solve::each_problem(conv, pass, |p| bytes += solve::packed_bytes(table::kernels::<T>(), p));
    bytes
}

/// Scratch of a pass whose weights are packed already.
pub fn packed_scratch_bytes<T: Float>(conv: &Conv, pass: Pass) -> usize {
    let kernels = table::kernels::<T>();
    if pass == Pass::WeightGrad {
        return solve::weight_scratch::<T>(kernels, &problem::forward(conv), std::ptr::null_mut()).used;
    }
    let mut most = 0;
    solve::each_problem(conv, pass, |p| {
        most = most.max(solve::Scratch::<T>::new(kernels, p, std::ptr::null_mut()).used)
    });
    most
}

/// Packs weights for [`forward_packed`] or [`input_grad_packed`]. What comes out depends on the geometry, the type and
/// the instruction path ([`crate::cpu::path`]), and is good for these only.
///
/// # Safety
/// `w` has the geometry's weights, `packed` has [`packed_bytes`], aligned to 64.
pub unsafe fn pack<T: Float>(conv: &Conv, pass: Pass, w: *const T, packed: *mut u8) {
    let (kernels, mut at) = (table::kernels::<T>(), 0);
    solve::each_problem(conv, pass, |p| {
        solve::pack(kernels, p, w, packed.add(at) as *mut T);
        at += solve::packed_bytes(kernels, p);
    })
}

/// `y = conv(x, w) + bias`; `bias` may be null.
///
/// # Safety
/// Pointers are valid for the geometry's lengths, `y` and `scratch` overlap nothing, and `scratch` has
/// [`scratch_bytes`], aligned to 64.
pub unsafe fn forward<T: Float>(conv: &Conv, x: *const T, w: *const T, bias: *const T, y: *mut T, scratch: *mut u8) {
    pack(conv, Pass::Forward, w, scratch);
    forward_packed(conv, x, scratch, bias, y, scratch.add(packed_bytes::<T>(conv, Pass::Forward)))
}

/// [`forward`] with weights from [`pack`].
///
/// # Safety
/// As for [`forward`], with scratch of [`packed_scratch_bytes`].
pub unsafe fn forward_packed<T: Float>(
    conv: &Conv,
    x: *const T,
    packed: *const u8,
    bias: *const T,
    y: *mut T,
    scratch: *mut u8,
) {
    let kernels = table::kernels::<T>();
    solve::each_problem(conv, Pass::Forward, |p| solve::run(kernels, p, x, packed as *const T, bias, y, scratch))
}

/// `dx`, the gradient of the input, from `dy`, the gradient of the output.
///
/// # Safety
/// As for [`forward`].
pub unsafe fn input_grad<T: Float>(conv: &Conv, dy: *const T, w: *const T, dx: *mut T, scratch: *mut u8) {
    pack(conv, Pass::InputGrad, w, scratch);
    input_grad_packed(conv, dy, scratch, dx, scratch.add(packed_bytes::<T>(conv, Pass::InputGrad)))
}

/// [`input_grad`] with weights from [`pack`].
///
/// # Safety
/// As for [`forward`], with scratch of [`packed_scratch_bytes`].
pub unsafe fn input_grad_packed<T: Float>(conv: &Conv, dy: *const T, packed: *const u8, dx: *mut T, scratch: *mut u8) {
    let (kernels, mut at) = (table::kernels::<T>(), 0);
    solve::each_problem(conv, Pass::InputGrad, |p| {
        solve::run(kernels, p, dy, packed.add(at) as *const T, std::ptr::null(), dx, scratch);
        at += solve::packed_bytes(kernels, p);
    })
}

/// `dw`, the gradient of the weights, from the input and the gradient of the output.
///
/// # Safety
/// As for [`forward`].
pub unsafe fn weight_grad<T: Float>(conv: &Conv, x: *const T, dy: *const T, dw: *mut T, scratch: *mut u8) {
    solve::weight_grad(table::kernels::<T>(), &problem::forward(conv), x, dy, dw, scratch)
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
