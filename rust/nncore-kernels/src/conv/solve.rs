//! From a pass to its problems, and from a problem to the driver that suits it.
use super::direct::{self, Operands};
use super::kernel::Tap;
use super::pack::{self, Arena, Panels};
use super::problem::{self, Problem};
use super::table::Kernels;
use super::{depthwise, grouped, narrow, narrow_weight, weight, Conv, Pass};
use crate::num::Float;

/// Calls `f` with each tap problem of a pass, in the order in which their packed weights lie.
pub(super) fn each_problem<T: Float>(kernels: &Kernels<T>, conv: &Conv, pass: Pass, mut f: impl FnMut(&Problem)) {
    let mut f = |p: &Problem| f(&grouped::lowered(kernels, &p.trimmed()));
    match pass {
        Pass::Forward => f(&problem::forward(conv)),
        Pass::InputGrad => problem::input_gradient(conv, f),
        Pass::WeightGrad => {}
    }
}

/// The forward problem as the weight gradient goes over it.
pub(super) fn weight_problem<T: Float>(kernels: &Kernels<T>, conv: &Conv) -> Problem {
    grouped::lowered(kernels, &problem::forward(conv))
}

/// Has a problem no output, or one that is all zeros?
fn trivial(p: &Problem) -> bool {
    p.pixels() == 0 || p.taps() == 0 || p.d * p.h * p.w == 0
}

/// Bytes of a problem's packed weights, all groups.
pub(super) fn packed_bytes<T: Float>(kernels: &Kernels<T>, p: &Problem) -> usize {
    let len = match trivial(p) {
        true => 0,
        false if narrow::fits(kernels, p) => narrow::packed_len(p),
        false => Panels::new(kernels, p).len(),
    };
    (p.groups * len * size_of::<T>()).next_multiple_of(64)
}

/// Packs a problem's weights, all groups.
pub(super) unsafe fn pack<T: Float>(kernels: &Kernels<T>, p: &Problem, w: *const T, out: *mut T) {
    if trivial(p) {
        return;
    }
    if narrow::fits(kernels, p) {
        for g in 0..p.groups {
            narrow::pack(p, g, w, out.add(g * narrow::packed_len(p)))
        }
    } else if p.depthwise && p.c > 1 {
        grouped::pack(p, &Panels::new(kernels, p), w, out)
    } else {
        pack::weights(kernels, p, w, out)
    }
}

/// Where in the scratch a tap problem keeps what.
pub(super) struct Scratch<T> {
    taps: *mut Tap,
    zeros: *mut T,
    padded: *mut T,
    pub used: usize,
}

impl<T: Float> Scratch<T> {
    pub fn new(kernels: &Kernels<T>, p: &Problem, base: *mut u8) -> Scratch<T> {
        let mut arena = Arena::new(base);
        let (mut zeros, mut padded) = (0, 0);
        if !trivial(p) && !p.depthwise && !narrow::fits(kernels, p) {
            zeros = p.c;
            padded = p.padded_len();
        }
        let (taps, zeros, padded) = (arena.take(p.taps()), arena.take(zeros), arena.take(padded));
        Scratch { taps, zeros, padded, used: arena.used }
    }
}

/// Runs one problem, group by group, over packed weights. Every output element of the problem is written.
pub(super) unsafe fn run<T: Float>(
    kernels: &Kernels<T>,
    p: &Problem,
    x: *const T,
    packed: *const T,
    bias: *const T,
    y: *mut T,
    scratch: *mut u8,
) {
    if trivial(p) {
        return direct::fill(p, bias, y);
    }
    let scratch = Scratch::new(kernels, p, scratch);
    let group_bias = |g: usize| if bias.is_null() { bias } else { bias.add(g * p.m) };
    if narrow::fits(kernels, p) {
        narrow::taps(kernels, p, scratch.taps);
        for g in 0..p.groups {
            let weights = packed.add(g * narrow::packed_len(p));
            let (x, y) = (x.add(g * p.c), y.add(p.y0 + g * p.m));
            narrow::run(kernels, p, x, weights, group_bias(g), y, scratch.taps);
        }
        return;
    }
    let panels = Panels::new(kernels, p);
    if p.depthwise {
        return depthwise::run(kernels, p, &panels, x, packed, bias, y.add(p.y0));
    }
    let (mut run, mut x) = (*p, x);
    if p.padded() {
        let (lowered, padding) = p.pad();
        run = lowered;
        if let Some(padding) = padding {
            padding.copy(x, scratch.padded);
            x = scratch.padded;
        }
    }
    pack::taps(&run, scratch.taps);
    pack::zero(scratch.zeros, p.c);
    let operands = Operands { x, weights: packed, bias, y: y.add(p.y0), taps: scratch.taps, zeros: scratch.zeros };
    direct::run(kernels, &run, &panels, &operands)
}

/// Where in the scratch the weight gradient keeps what.
pub(super) struct WeightScratch<T> {
    padded: *mut T,
    sums: *mut T,
    pub used: usize,
}

pub(super) fn weight_scratch<T: Float>(kernels: &Kernels<T>, p: &Problem, base: *mut u8) -> WeightScratch<T> {
    let mut arena = Arena::new(base);
    let (padded, sums) = if p.depthwise {
        (0, depthwise::sums_len(p))
    } else if narrow_weight::fits(kernels, p) {
        (0, narrow_weight::sums_len(kernels, p))
    } else {
        (if p.mergeable() { p.padded_len() } else { 0 }, (weight::parts(p) - 1) * weight::size(p))
    };
    let (padded, sums) = (arena.take(padded), arena.take(sums));
    WeightScratch { padded, sums, used: arena.used }
}

/// The weight gradient of a forward problem.
pub(super) unsafe fn weight_grad<T: Float>(
    kernels: &Kernels<T>,
    p: &Problem,
    x: *const T,
    dy: *const T,
    dw: *mut T,
    scratch: *mut u8,
) {
    if p.pixels() == 0 {
        return pack::zero(dw, weight::size(p));
    }
    let scratch = weight_scratch::<T>(kernels, p, scratch);
    if p.depthwise {
        depthwise::weight_grad(kernels, p, x, dy, dw, scratch.sums)
    } else if narrow_weight::fits(kernels, p) {
        narrow_weight::run(kernels, p, x, dy, dw, scratch.sums)
    } else if p.mergeable() {
        let (merged, padding) = p.pad();
        let padded = scratch.padded as *const T;
        let x = padding.map_or(x, |padding| {
            padding.copy(x, scratch.padded);
            padded
        });
        weight::run(kernels, &merged, x, dy, dw, scratch.sums)
    } else {
        weight::run(kernels, p, x, dy, dw, scratch.sums)
    }
}
