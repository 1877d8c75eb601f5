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
mod problem;
#[cfg(target_arch = "x86_64")]
mod shuffle;
mod table;
mod weight;

use crate::num::Float;
use crate::pool;
use direct::Operands;
use kernel::Tap;
use pack::{Arena, Panels};
use problem::Problem;
use table::Kernels;

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
    let kernels = table::kernels::<T>();
    match pass {
        Pass::Forward => Buffers::new(kernels, &problem::forward(conv), std::ptr::null_mut()).used,
        Pass::InputGrad => {
            let mut most = 0;
            problem::input_gradient(conv, |p| {
                if p.taps() > 0 {
                    most = most.max(Buffers::new(kernels, p, std::ptr::null_mut()).used)
                }
            });
            most
        }
        Pass::WeightGrad => WeightBuffers::<T>::new(kernels, &problem::forward(conv), std::ptr::null_mut()).used,
    }
}

/// `y = conv(x, w) + bias`; `bias` may be null.
///
/// # Safety
/// Pointers are valid for the geometry's lengths, `y` and `scratch` overlap nothing, and `scratch` has
/// [`scratch_bytes`], aligned to 64.
pub unsafe fn forward<T: Float>(conv: &Conv, x: *const T, w: *const T, bias: *const T, y: *mut T, scratch: *mut u8) {
    solve(table::kernels::<T>(), &problem::forward(conv), x, w, bias, y, scratch)
}

/// `dx`, the gradient of the input, from `dy`, the gradient of the output.
///
/// # Safety
/// As for [`forward`].
pub unsafe fn input_grad<T: Float>(conv: &Conv, dy: *const T, w: *const T, dx: *mut T, scratch: *mut u8) {
    let kernels = table::kernels::<T>();
    problem::input_gradient(conv, |p| {
        if p.taps() == 0 || p.h * p.w == 0 {
            direct::fill_zeros(p, dx)
        } else {
            solve(kernels, p, dy, w, std::ptr::null(), dx, scratch)
        }
    })
}

/// `dw`, the gradient of the weights, from the input and the gradient of the output.
///
/// # Safety
/// As for [`forward`].
pub unsafe fn weight_grad<T: Float>(conv: &Conv, x: *const T, dy: *const T, dw: *mut T, scratch: *mut u8) {
    let forward = problem::forward(conv);
    if forward.pixels() == 0 {
        return pack::zero(dw, conv.weight_len());
    }
    let kernels = table::kernels::<T>();
    let buffers = WeightBuffers::<T>::new(kernels, &forward, scratch);
    if forward.depthwise {
        return depthwise::weight_grad(kernels, &forward, x, dy, dw, buffers.partial);
    }
    if narrow_weight::fits(kernels, &forward) {
        return narrow_weight::run(kernels, &forward, x, dy, dw, buffers.partial);
    }
    let (mut p, mut x) = (forward, x);
    if forward.mergeable() {
        let (padded, padding) = forward.pad();
        padding.copy(x, buffers.padded);
        (p, x) = (padded, buffers.padded);
    }
    weight::run(kernels, &p, x, dy, dw, buffers.partial)
}

/// Where in the scratch a tap problem keeps what.
struct Buffers<T> {
    weights: *mut T,
    taps: *mut Tap,
    zeros: *mut T,
    padded: *mut T,
    used: usize,
}

impl<T: Float> Buffers<T> {
    fn new(kernels: &Kernels<T>, p: &Problem, scratch: *mut u8) -> Buffers<T> {
        let mut arena = Arena::new(scratch);
        if narrow::fits(kernels, p) {
            let weights = arena.take(p.groups * narrow::packed_len(p));
            let (taps, none) = (arena.take(p.taps()), std::ptr::null_mut());
            return Buffers { weights, taps, zeros: none, padded: none, used: arena.used };
        }
        let weights = arena.take(p.groups * Panels::new(kernels, p).len());
        let taps = arena.take(p.taps());
        let zeros = arena.take(zeros_len(p));
        let padded = arena.take(if p.padded() { p.pad().1.len() } else { 0 });
        Buffers { weights, taps, zeros, padded, used: arena.used }
    }
}

/// Elements of a pixel that a kernel reads.
fn zeros_len(p: &Problem) -> usize {
    if p.depthwise {
        p.m
    } else {
        p.c
    }
}

struct WeightBuffers<T> {
    padded: *mut T,
    partial: *mut T,
    used: usize,
}

impl<T: Float> WeightBuffers<T> {
    fn new(kernels: &Kernels<T>, p: &Problem, scratch: *mut u8) -> WeightBuffers<T> {
        let mut arena = Arena::new(scratch);
        let sums = if p.depthwise {
            depthwise::sums_len(p)
        } else if narrow_weight::fits(kernels, p) {
            narrow_weight::sums_len(kernels, p)
        } else {
            0
        };
        if sums > 0 {
            let partial = arena.take(sums);
            return WeightBuffers { padded: std::ptr::null_mut(), partial, used: arena.used };
        }
        let (padded, size) = if p.mergeable() { (p.pad().1.len(), weight::size(p)) } else { (0, weight::size(p)) };
        let padded = arena.take(padded);
        let partial = arena.take((weight::parts(p) - 1) * size);
        WeightBuffers { padded, partial, used: arena.used }
    }
}

/// Packs, pads and runs one problem, group by group.
unsafe fn solve<T: Float>(
    kernels: &Kernels<T>,
    p: &Problem,
    x: *const T,
    w: *const T,
    bias: *const T,
    y: *mut T,
    scratch: *mut u8,
) {
    if p.pixels() == 0 {
        return;
    }
    let buffers = Buffers::new(kernels, p, scratch);
    let group_bias = |g: usize| if bias.is_null() { bias } else { bias.add(g * p.m) };
    if narrow::fits(kernels, p) {
        narrow::taps(kernels, p, buffers.taps);
        for g in 0..p.groups {
            let weights = buffers.weights.add(g * narrow::packed_len(p));
            narrow::pack(p, g, w, weights);
            let (x, y) = (x.add(g * p.c), y.add(p.y0 + g * p.m));
            narrow::run(kernels, p, x, weights, group_bias(g), y, buffers.taps);
        }
        return;
    }
    let panels = Panels::new(kernels, p);
    pack::weights(p, &panels, w, buffers.weights);
    let (mut run, mut x) = (*p, x);
    if p.padded() {
        let (padded, padding) = p.pad();
        padding.copy(x, buffers.padded);
        (run, x) = (padded, buffers.padded);
    }
    pack::taps(&run, buffers.taps);
    pack::zero(buffers.zeros, zeros_len(p));
    for g in 0..p.groups {
        let operands = Operands {
            x: x.add(g * p.c),
            weights: buffers.weights.add(g * panels.len()),
            bias: group_bias(g),
            y: y.add(p.y0 + g * p.m),
            taps: buffers.taps,
            zeros: buffers.zeros,
        };
        direct::run(kernels, &run, &panels, &operands)
    }
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
