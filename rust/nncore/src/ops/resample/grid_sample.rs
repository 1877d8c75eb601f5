use crate::op::*;
use crate::shape::{Dims, Spec};
use crate::{err, Kind, Result};
use nncore_kernels::grid::{self as kernels, Mode, Padding, Sampler};
use smallvec::smallvec;

choice! {
    /// How values between the elements are found.
    GridMode { Bilinear = "bilinear", Nearest = "nearest", Bicubic = "bicubic" }
}
choice! {
    /// What lies outside of the input.
    GridPadding { Zeros = "zeros", Border = "border", Reflection = "reflection" }
}
op! {
    /// Samples images or volumes at the points of a grid: (-1, -1) is the corner of the first element, (1, 1) that of the last.
    ///
    /// Shapes: `input` (N, C, H, W) and `grid` (N, H', W', 2), whose last dimension holds x and y; or (N, C, D, H, W) and
    /// (N, D', H', W', 3) with x, y and z. The result is (N, C, H', W') or (N, C, D', H', W'). `mode`: "bilinear" (of volumes
    /// trilinear), "nearest" (of two as near the even one) or "bicubic" (of volumes tricubic). `padding_mode` says what lies
    /// outside: "zeros", the nearest element of the "border", or the "reflection" of the input. With `align_corners` the corners
    /// are the middles of the outermost elements, else their outer edges; None is False. The gradient has none of its own.
    /// Raises `ShapeError` where shapes do not go together.
    pub GridSample = "grid_sample"(input: One + float @ ChannelsLast, grid: One + float) -> (output; 1) {
        mode: GridMode = GridMode::Bilinear, padding_mode: GridPadding = GridPadding::Zeros, align_corners: Option<bool> = None,
    }
}
op! {
    /// Gradients of `grid_sample` by the input and by the grid, each where it is asked for, else empty.
    GridSampleGrad = "grid_sample_grad"(grad: One @ ChannelsLast, input: One @ ChannelsLast, grid: One)
        -> (grad_input, grad_grid; 2) {
        mode: GridMode, padding_mode: GridPadding, align_corners: bool, of_input: bool, of_grid: bool,
    }
}
fn sampler(x: &Spec, grid: &Spec, mode: GridMode, padding: GridPadding, align_corners: bool) -> Result<Sampler> {
    let n = x.rank();
    if !x.dtype.is_float() || x.dtype != grid.dtype {
        return Err(err(Kind::DType, format!("floats of one dtype expected, got {} and {}", x.dtype, grid.dtype)));
    }
    if !(4..=5).contains(&n) || grid.rank() != n || grid.d(n - 1) != n - 2 || grid.d(0) != x.d(0) {
        let text = "(N, C, H, W) and (N, H', W', 2), or (N, C, D, H, W) and (N, D', H', W', 3), expected";
        return Err(err(Kind::Shape, format!("{text}, got {:?} and {:?}", x.dims(), grid.dims())));
    }
    if (2..n).any(|i| x.d(i) == 0) {
        return Err(err(Kind::Shape, format!("an input that is not empty expected, got {:?}", x.dims())));
    }
    Ok(Sampler {
        sizes: [if n == 5 { x.d(2) } else { 1 }, x.d(n - 2), x.d(n - 1)],
        channels: x.d(1),
        coordinates: n - 2,
        points: (1..n - 1).map(|i| grid.d(i)).product(),
        mode: match mode {
            GridMode::Bilinear => Mode::Linear,
            GridMode::Nearest => Mode::Nearest,
            GridMode::Bicubic => Mode::Cubic,
        },
        padding: match padding {
            GridPadding::Zeros => Padding::Zeros,
            GridPadding::Border => Padding::Border,
            GridPadding::Reflection => Padding::Reflection,
        },
        align_corners,
    })
}
/// What comes of an input and a grid that fit.
fn sampled(x: &Spec, grid: &Spec) -> Spec {
    let mut dims: Dims = x.dims()[..2].into();
    dims.extend_from_slice(&grid.dims()[1..grid.rank() - 1]);
    Spec::new(x.dtype, &dims).channels_last()
}
impl GridSample {
    fn sampler(&self, x: &Spec, grid: &Spec) -> Result<Sampler> {
        sampler(x, grid, self.mode, self.padding_mode, self.align_corners == Some(true))
    }
}
impl Op for GridSample {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        self.sampler(&x[0], &x[1])?;
        out.fresh(sampled(&x[0], &x[1]))
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        let sampler = self.sampler(cx.spec(0), cx.spec(1))?;
        floats!(cx.spec(0).dtype, T => kernels::sample::<T>(&sampler, cx.get(0), cx.get(1), cx.out(0)));
        Ok(())
    }
    const DIFFERENTIABLE: bool = true;
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::inputs(0b11)
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let (of_input, of_grid) = (cx.needs(0), cx.needs(1));
        let GridSample { mode, padding_mode, align_corners } = *self;
        let op = GridSampleGrad { mode, padding_mode, align_corners: align_corners == Some(true), of_input, of_grid };
        let outs = cx.emit_all(&op, &[Some(cx.dy(0)), Some(&cx.input(0)?), Some(&cx.input(1)?)])?;
        Ok(smallvec![of_input.then(|| outs[0].clone()), of_grid.then(|| outs[1].clone())])
    }
    fn cost(&self, x: Specs, outs: &Outs) -> Cost {
        let taps = match self.mode {
            GridMode::Nearest => 1,
            GridMode::Bilinear => 1u64 << (x[0].rank() - 2),
            GridMode::Bicubic => 4u64.pow(x[0].rank() as u32 - 2),
        };
        Cost { flops: 2 * taps * outs.numel() as u64, bytes: (x.bytes() + outs.bytes()) as u64 }
    }
    fn samples() -> Samples<GridSample> {
        let case = |mode, padding_mode, align_corners, x: &[u32], grid: &[u32]| {
            let op = GridSample { mode, padding_mode, align_corners };
            (op, vec![Some(crate::ops::sample(1, x)), Some(crate::ops::sample_in(2, grid, -1.4, 1.4))])
        };
        use {GridMode::*, GridPadding::*};
        let mut all = vec![];
        for mode in [Bilinear, Nearest, Bicubic] {
            for padding in [Zeros, Border, Reflection] {
                for align in [None, Some(true)] {
                    all.push(case(mode, padding, align, &[2, 3, 4, 3], &[2, 3, 2, 2]));
                }
            }
        }
        all.push(case(Bilinear, Zeros, Some(false), &[2, 2, 3, 2, 4], &[2, 2, 3, 1, 3]));
        all.push(case(Bilinear, Reflection, Some(true), &[1, 2, 3, 2, 4], &[1, 2, 3, 1, 3]));
        all.push(case(Bicubic, Zeros, None, &[1, 2, 3, 2, 4], &[1, 2, 2, 1, 3]));
        all.push(case(Nearest, Border, None, &[1, 2, 3, 2, 4], &[1, 2, 3, 1, 3]));
        all.push(case(Bilinear, Reflection, Some(true), &[1, 1, 1, 1], &[1, 2, 2, 2]));
        all.push(case(Bilinear, Zeros, None, &[2, 3, 2, 2], &[2, 0, 2, 2]));
        all
    }
    fn refusals() -> Refusals<GridSample> {
        let op = |mode| GridSample { mode, padding_mode: GridPadding::Zeros, align_corners: None };
        let s = |d: &[u32]| Some(crate::ops::sample(1, d));
        vec![
            (op(GridMode::Bilinear), vec![s(&[1, 1, 2, 2]), s(&[1, 2, 2, 3])], Kind::Shape, "got [1, 1, 2, 2] and [1, 2, 2, 3]"),
            (op(GridMode::Bilinear), vec![s(&[1, 1, 2, 2]), s(&[2, 2, 2, 2])], Kind::Shape, "got [1, 1, 2, 2] and [2, 2, 2, 2]"),
            (op(GridMode::Bilinear), vec![s(&[1, 1, 0, 2]), s(&[1, 2, 2, 2])], Kind::Shape, "that is not empty expected"),
        ]
    }
}
impl Op for GridSampleGrad {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        sampler(&x[1], &x[2], self.mode, self.padding_mode, self.align_corners)?;
        let result = sampled(&x[1], &x[2]);
        if x[0].dims() != result.dims() || x[0].dtype != result.dtype {
            return Err(err(Kind::Shape, format!("a gradient like {result} expected, got {}", x[0])));
        }
        let empty = Spec::new(x[1].dtype, &[0]);
        out.fresh(if self.of_input { x[1] } else { empty })?;
        out.fresh(if self.of_grid { x[2].contiguous() } else { empty })
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        let s = sampler(cx.spec(1), cx.spec(2), self.mode, self.padding_mode, self.align_corners)?;
        floats!(cx.spec(1).dtype, T => {
            kernels::sample_gradient::<T>(&s, cx.get(1), cx.get(2), cx.get(0), cx.out(0), cx.out(1))
        });
        Ok(())
    }
    fn cost(&self, x: Specs, outs: &Outs) -> Cost {
        Cost { flops: 32 * x[0].numel() as u64, bytes: (x.bytes() + outs.bytes()) as u64 }
    }
    fn refusals() -> Refusals<GridSampleGrad> {
        let op = GridSampleGrad {
            mode: GridMode::Bilinear,
            padding_mode: GridPadding::Zeros,
            align_corners: false,
            of_input: true,
            of_grid: true,
        };
        let shapes: [&[u32]; 3] = [&[1, 2, 2, 3], &[1, 2, 3, 3], &[1, 2, 2, 2]];
        vec![(op, given::floats(&shapes), Kind::Shape, "a gradient like float64(1, 2, 2, 2)")]
    }
    fn samples() -> Samples<GridSampleGrad> {
        let (mode, padding_mode) = (GridMode::Bilinear, GridPadding::Zeros);
        let op = GridSampleGrad { mode, padding_mode, align_corners: false, of_input: true, of_grid: true };
        let s = |seed, d: &[u32]| Some(crate::ops::sample(seed, d));
        vec![(op, vec![s(1, &[1, 2, 2, 2]), s(2, &[1, 2, 3, 3]), s(3, &[1, 2, 2, 2])])]
    }
}
