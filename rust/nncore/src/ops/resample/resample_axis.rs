use crate::op::*;
use crate::shape::{Dims, Spec};
use crate::{err, Kind, Result};
use nncore_kernels::resample::{self as kernels, Axis, Mode};
use smallvec::smallvec;

choice! {
    /// How values between the samples are found.
    ResampleMode { Nearest = "nearest", NearestExact = "nearest-exact", Linear = "linear", Cubic = "cubic", Area = "area" }
}
op! {
    /// The input resampled to `size` along `dim`, of dense memory. `factor` is how many outputs an input makes, 0 the ratio of
    /// the sizes.
    ResampleAxis = "resample_axis"(input: One @ Dense) -> (output; 1) {
        dim: i64, size: i64, mode: ResampleMode, align_corners: bool = false, factor: f64 = 0.0,
    }
}
op! {
    /// Gradient of `resample_axis`: back to the input's `size` along `dim`.
    ResampleAxisGrad = "resample_axis_grad"(grad: One @ Dense) -> (grad_input; 1) {
        dim: i64, size: i64, mode: ResampleMode, align_corners: bool = false, factor: f64 = 0.0,
    }
}
impl ResampleMode {
    fn kernel(self) -> Mode {
        match self {
            ResampleMode::Nearest => Mode::Nearest,
            ResampleMode::NearestExact => Mode::NearestExact,
            ResampleMode::Linear => Mode::Linear,
            ResampleMode::Cubic => Mode::Cubic,
            ResampleMode::Area => Mode::Area,
        }
    }
}
/// The same layout with another size along `dim`.
fn resized(x: &Spec, dim: i64, size: i64) -> Result<Spec> {
    if !x.dtype.is_float() {
        return Err(err(Kind::DType, format!("float32 or float64 expected, got {}", x.dtype)));
    }
    let at = x.axis(dim)?;
    if x.d(at) == 0 || size < 1 {
        return Err(err(Kind::Shape, format!("sizes of at least 1 expected, got {} to become {size}", x.d(at))));
    }
    let mut dims: Dims = x.dims().into();
    dims[at] = u32::try_from(size).map_err(|_| err(Kind::Shape, format!("a size below 2**32 expected, got {size}")))?;
    let y = Spec::new(x.dtype, &dims);
    Ok(if x.is_contiguous() { y } else { y.channels_last() })
}
/// Elements between two samples along an axis.
fn inner(x: &Spec, at: usize) -> usize {
    let after = |from: usize| (from..x.rank()).map(|i| x.d(i)).product::<usize>();
    match (x.is_contiguous(), at) {
        (true, at) => after(at + 1),
        // (N, H, W, C) in memory.
        (false, 0) => after(1),
        (false, 1) => 1,
        (false, at) => after(at + 1) * x.d(1),
    }
}
fn bytes(axis: &Axis, of: &Spec) -> usize {
    axis.taps() * axis.output * (4 + of.dtype.size()) + 64
}
/// The table of an axis, in scratch of [`bytes`].
unsafe fn table<'a, T: nncore_kernels::num::Float>(axis: &Axis, scratch: *mut u8) -> (&'a [u32], &'a [T]) {
    let n = axis.taps() * axis.output;
    // Weights first: they want the wider alignment.
    let weights = std::slice::from_raw_parts_mut(scratch as *mut T, n);
    let places = std::slice::from_raw_parts_mut(scratch.add(std::mem::size_of_val(weights)) as *mut u32, n);
    axis.table(places, weights);
    (places, weights)
}
macro_rules! axis_of {
    ($op:expr, $input:expr, $output:expr) => {
        Axis {
            input: $input,
            output: $output,
            mode: $op.mode.kernel(),
            align_corners: $op.align_corners,
            factor: $op.factor,
        }
    };
}
impl ResampleAxis {
    fn axis(&self, x: &Spec) -> Result<(usize, Axis)> {
        let at = x.axis(self.dim)?;
        Ok((at, axis_of!(self, x.d(at), self.size as usize)))
    }
}
impl ResampleAxisGrad {
    fn axis(&self, dy: &Spec) -> Result<(usize, Axis)> {
        let at = dy.axis(self.dim)?;
        Ok((at, axis_of!(self, self.size as usize, dy.d(at))))
    }
}
impl Op for ResampleAxis {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        out.fresh(resized(&x[0], self.dim, self.size)?)
    }
    const SCRATCH: bool = true;
    fn scratch(&self, x: Specs) -> usize {
        self.axis(&x[0]).map_or(0, |(_, a)| bytes(&a, &x[0]))
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        let (at, axis) = self.axis(cx.spec(0))?;
        floats!(cx.spec(0).dtype, T => {
            // As large as the table is, and aligned.
            let (places, weights) = unsafe { table::<T>(&axis, cx.scratch) };
            kernels::resample(&axis, inner(cx.spec(0), at), places, weights, cx.get(0), cx.out(0));
        });
        Ok(())
    }
    const DIFFERENTIABLE: bool = true;
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let ResampleAxis { dim, mode, align_corners, factor, .. } = *self;
        let size = cx.spec(0).d(cx.spec(0).axis(dim)?) as i64;
        let op = ResampleAxisGrad { dim, size, mode, align_corners, factor };
        Ok(smallvec![Some(cx.emit(&op, &[cx.dy(0)])?)])
    }
    fn cost(&self, x: Specs, outs: &Outs) -> Cost {
        let taps = self.axis(&x[0]).map_or(1, |(_, a)| a.taps());
        Cost { flops: (2 * taps * outs.numel()) as u64, bytes: (x.bytes() + outs.bytes()) as u64 }
    }
    fn samples() -> Samples<ResampleAxis> {
        let case = |dim, size, mode, align_corners, d: &[u32]| {
            (ResampleAxis { dim, size, mode, align_corners, factor: 0.0 }, vec![Some(crate::ops::sample(1, d))])
        };
        vec![
            case(2, 5, ResampleMode::Linear, true, &[2, 2, 3]),
            case(-2, 2, ResampleMode::Area, false, &[1, 2, 5, 3]),
            case(2, 7, ResampleMode::Cubic, false, &[2, 1, 4, 2]),
        ]
    }
}
impl Op for ResampleAxisGrad {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        out.fresh(resized(&x[0], self.dim, self.size)?)
    }
    const SCRATCH: bool = true;
    fn scratch(&self, x: Specs) -> usize {
        self.axis(&x[0]).map_or(0, |(_, a)| bytes(&a, &x[0]))
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        let (at, axis) = self.axis(cx.spec(0))?;
        floats!(cx.spec(0).dtype, T => {
            // As large as the table is, and aligned.
            let (places, weights) = unsafe { table::<T>(&axis, cx.scratch) };
            kernels::resample_gradient(&axis, inner(cx.spec(0), at), places, weights, cx.get(0), cx.out(0));
        });
        Ok(())
    }
    const DIFFERENTIABLE: bool = true;
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let ResampleAxisGrad { dim, mode, align_corners, factor, .. } = *self;
        let size = cx.spec(0).d(cx.spec(0).axis(dim)?) as i64;
        Ok(smallvec![Some(cx.emit(&ResampleAxis { dim, size, mode, align_corners, factor }, &[cx.dy(0)])?)])
    }
    fn samples() -> Samples<ResampleAxisGrad> {
        let op = ResampleAxisGrad { dim: 2, size: 3, mode: ResampleMode::Linear, align_corners: false, factor: 0.0 };
        vec![(op, vec![Some(crate::ops::sample(1, &[2, 2, 5]))])]
    }
}
