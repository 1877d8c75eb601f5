//! Convolution of any number of dimensions as one op, with its gradients: what `conv1d` … `conv_transpose3d` run.
use crate::op::*;
use crate::ops::sum::Sum;
use crate::ops::window::{count, last_dims, reach, sized, sizes, spatial, text, Triple};
use crate::shape::{Dim, Spec};
use crate::{err, Kind, Result};
use nncore_kernels::conv::{self, Conv, Pass};
use smallvec::smallvec;

/// Where the window goes. Three ops share it: the convolution and its two gradients.
#[derive(Clone, Copy, Debug)]
pub struct Slide {
    pub stride: Triple,
    /// Zeros before the image and after it; after it, fewer than none are places that no window begins at.
    pub before: Triple,
    pub after: Triple,
    pub dilation: Triple,
    pub groups: i64,
}
impl Slide {
    /// The size of what a kernel gives, sliding over an image.
    pub fn output(&self, size: Triple, kernel: Triple) -> Triple {
        let reach = reach(kernel, self.dilation);
        std::array::from_fn(|a| count(size[a] + self.before[a] + self.after[a], reach[a], self.stride[a]))
    }
    pub fn convolution(&self) -> Convolution {
        let Slide { stride, before, after, dilation, groups } = *self;
        Convolution { stride, before, after, dilation, groups }
    }
    pub fn input_grad(&self, size: Triple) -> ConvolutionInputGrad {
        let Slide { stride, before, after, dilation, groups } = *self;
        ConvolutionInputGrad { size, stride, before, after, dilation, groups }
    }
    fn weight_grad(&self, kernel: Triple) -> ConvolutionWeightGrad {
        let Slide { stride, before, after, dilation, groups } = *self;
        ConvolutionWeightGrad { kernel, stride, before, after, dilation, groups }
    }
    /// What kernels want to know, of input `x`, weight `w` and output `y`.
    fn geometry(&self, x: &Spec, w: &Spec, y: &Spec) -> Conv {
        Conv {
            n: x.d(0),
            ci: x.d(1),
            co: w.d(0),
            groups: self.groups as usize,
            input: sizes(spatial(x)),
            kernel: sizes(spatial(w)),
            output: sizes(spatial(y)),
            stride: sizes(self.stride),
            padding: sizes(self.before),
            dilation: sizes(self.dilation),
        }
    }
    /// What holds for all three: numbers in range, floats of one dtype with batch and channels.
    fn check(&self, specs: [&Spec; 2]) -> Result<usize> {
        let least = [(self.stride, 1), (self.dilation, 1), (self.before, 0), ([self.groups; 3], 1)];
        if least.iter().any(|(t, least)| t.iter().any(|v| v < least || *v > i32::MAX as i64)) {
            return Err(err(Kind::Value, "stride, dilation and groups must be at least 1, padding at least 0, all below 2**31"));
        }
        if specs[0].dtype != specs[1].dtype || !specs[0].dtype.is_float() {
            return Err(err(Kind::DType, "floats of one dtype expected"));
        }
        let rank = specs[0].rank();
        if !(3..=5).contains(&rank) || specs[1].rank() != rank {
            return Err(err(Kind::Shape, "(N, C, ...) and (O, C / groups, ...) with one to three more dimensions expected"));
        }
        Ok(rank - 2)
    }
    /// The output's size, which must not be empty.
    fn slide(&self, size: Triple, w: &Spec, n: usize) -> Result<Triple> {
        let kernel = spatial(w);
        let out = if kernel.contains(&0) { [0; 3] } else { self.output(size, kernel) };
        if out.contains(&0) {
            let padding: Triple = std::array::from_fn(|a| self.before[a] + self.after[a]);
            return Err(err(
                Kind::Shape,
                format!(
                    "a window of {} with dilation {} is empty or larger than the image of {} with {} of padding",
                    text(kernel, n),
                    text(self.dilation, n),
                    text(size, n),
                    text(padding, n)
                ),
            ));
        }
        Ok(out)
    }
}
/// A bias for each of `channels`.
fn check_bias(bias: Option<&Spec>, channels: usize) -> Result<()> {
    match bias {
        Some(b) if b.dims() != [channels as Dim] => {
            Err(err(Kind::Shape, format!("a bias of shape ({channels},) expected, got {:?}", b.dims())))
        }
        _ => Ok(()),
    }
}
/// The gradient of a bias: the sum over all but channels.
fn bias_grad(cx: &GradCx) -> Result<Option<crate::Tensor>> {
    let dims: Ints = (0..cx.dy(0).spec.rank() as i64).filter(|d| *d != 1).collect();
    cx.needs(2).then(|| cx.emit(&Sum { dim: Some(dims), keepdim: false }, &[cx.dy(0)])).transpose()
}

macro_rules! slides {
    ($($S:ident)*) => { $(impl $S {
        fn at(&self) -> Slide {
            let $S { stride, before, after, dilation, groups, .. } = *self;
            Slide { stride, before, after, dilation, groups }
        }
    })* };
}
slides!(Convolution ConvolutionInputGrad ConvolutionWeightGrad);

/// Sums without a term, where an operand is empty: the bias, or zeros. The kernels know no such thing. Was it so?
fn without_terms(cx: &Cpu) -> bool {
    let empty = cx.spec(0).numel() == 0 || cx.spec(1).numel() == 0;
    if empty {
        floats!(cx.out_spec(0).dtype, T => {
            let channels = cx.out_spec(0).d(1).max(1);
            let bias = if cx.ins.len() > 2 { cx.opt::<T>(2) } else { None };
            for row in cx.out::<T>(0).chunks_mut(channels) {
                match bias {
                    Some(b) => row.copy_from_slice(b),
                    None => row.fill(0.0),
                }
            }
        });
    }
    empty
}

op! {
    /// Cross-correlation over images of one to three dimensions: input (N, C, ...), weight (O, C / groups, ...).
    Convolution = "convolution"(input: One + float @ ChannelsLast, weight: One + float @ ChannelsLast, bias: Optional + float)
        -> (output; 1) {
        stride: Triple = [1; 3], before: Triple = [0; 3], after: Triple = [0; 3], dilation: Triple = [1; 3], groups: i64 = 1,
    }
}
impl Op for Convolution {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        let (a, w) = (&x[0], &x[1]);
        let n = self.at().check([a, w])?;
        let g = self.groups as usize;
        if a.d(1) != w.d(1) * g || !w.d(0).is_multiple_of(g) {
            let text = match w.d(0).is_multiple_of(g) {
                true => format!("weight for {} input channels in {g} groups, got {} channels", w.d(1) * g, a.d(1)),
                false => format!("{} output channels do not divide into {g} groups", w.d(0)),
            };
            return Err(err(Kind::Shape, text));
        }
        check_bias(x.opt(2), w.d(0))?;
        let size = self.at().slide(spatial(a), w, n)?;
        out.fresh(sized(a.dtype, a.dims()[0], w.dims()[0], size, n)?)
    }
    const SCRATCH: bool = true;
    fn scratch(&self, x: Specs) -> usize {
        let size = self.at().output(spatial(&x[0]), spatial(&x[1]));
        let Ok(y) = sized(x[0].dtype, x[0].dims()[0], x[1].dims()[0], size, x[0].rank() - 2) else { return 0 };
        let c = self.at().geometry(&x[0], &x[1], &y);
        floats!(x[0].dtype, T => conv::scratch_bytes::<T>(&c, Pass::Forward))
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        if without_terms(cx) {
            return Ok(());
        }
        let c = self.at().geometry(cx.spec(0), cx.spec(1), cx.out_spec(0));
        floats!(cx.out_spec(0).dtype, T => unsafe {
            conv::forward::<T>(&c, cx.ptr(0), cx.ptr(1), cx.ptr_or_null(2), cx.out_ptr(0), cx.scratch)
        });
        Ok(())
    }
    fn keeps(&self, needs: u32) -> Keep {
        Keep::crossed(needs)
    }
    const DIFFERENTIABLE: bool = true;
    const AUTOCAST: Autocast = Autocast::Low;
    const PRECISION: Option<Precision> = Some(Precision::Highest);
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let (at, dy) = (self.at(), cx.dy(0));
        let op = at.input_grad(spatial(cx.spec(0)));
        let input = match cx.needs(0) {
            true => Some(cx.emit_all(&op, &[Some(dy), Some(&cx.input(1)?), None])?.swap_remove(0)),
            false => None,
        };
        let op = at.weight_grad(spatial(cx.spec(1)));
        let weight = cx.needs(1).then(|| cx.emit(&op, &[&cx.input(0)?, dy])).transpose()?;
        Ok(smallvec![input, weight, bias_grad(cx)?])
    }
    fn cost(&self, x: Specs, outs: &Outs) -> Cost {
        let c = self.at().geometry(&x[0], &x[1], &outs[0].spec);
        Cost { flops: c.flops() as u64, bytes: (x.bytes() + outs.bytes()) as u64 }
    }
    fn samples() -> Samples<Convolution> {
        let case = |stride, before, after, dilation, groups, x: &[u32], w: &[u32]| {
            let inputs = vec![Some(crate::ops::sample(1, x)), Some(crate::ops::sample(2, w)), None];
            (Convolution { stride, before, after, dilation, groups }, inputs)
        };
        // More zeros behind than before, and fewer than none.
        vec![
            case([1; 3], [0, 1, 0], [0, 2, 1], [1; 3], 1, &[1, 2, 3, 4], &[2, 2, 4, 2]),
            case([1, 2, 1], [0, 0, 1], [0, -1, 1], [1; 3], 2, &[1, 2, 5, 3], &[2, 1, 2, 2]),
        ]
    }
}

op! {
    /// Gradient of `convolution` with respect to its input, of the given size; as a forward pass, a transposed convolution.
    ConvolutionInputGrad = "convolution_input_grad"(grad: One + float @ ChannelsLast, weight: One + float @ ChannelsLast,
        bias: Optional + float) -> (grad_input; 1) {
        size: Triple = [1; 3], stride: Triple = [1; 3], before: Triple = [0; 3], after: Triple = [0; 3],
        dilation: Triple = [1; 3], groups: i64 = 1,
    }
}
impl ConvolutionInputGrad {
    fn input(&self, dy: &Spec, w: &Spec) -> Result<Spec> {
        sized(dy.dtype, dy.dims()[0], w.dims()[1] * self.groups as Dim, self.size, dy.rank() - 2)
    }
}
impl Op for ConvolutionInputGrad {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        let (dy, w) = (&x[0], &x[1]);
        let n = self.at().check([dy, w])?;
        let g = self.groups as usize;
        if dy.d(1) != w.d(0) || !w.d(0).is_multiple_of(g) {
            let text = format!("weight for {} channels in {g} groups, got {} channels", w.d(0), dy.d(1));
            return Err(err(Kind::Shape, text));
        }
        check_bias(x.opt(2), w.d(1) * g)?;
        if self.size.iter().any(|v| *v < 0) || self.at().slide(self.size, w, n)? != spatial(dy) {
            let text = format!("a size of {} does not belong to {:?}", text(self.size, n), last_dims(dy));
            return Err(err(Kind::Shape, text));
        }
        out.fresh(self.input(dy, w)?)
    }
    const SCRATCH: bool = true;
    fn scratch(&self, x: Specs) -> usize {
        let Ok(input) = self.input(&x[0], &x[1]) else { return 0 };
        let c = self.at().geometry(&input, &x[1], &x[0]);
        floats!(x[0].dtype, T => conv::scratch_bytes::<T>(&c, Pass::InputGrad))
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        if without_terms(cx) {
            return Ok(());
        }
        let c = self.at().geometry(cx.out_spec(0), cx.spec(1), cx.spec(0));
        floats!(cx.out_spec(0).dtype, T => unsafe {
            conv::input_grad::<T>(&c, cx.ptr(0), cx.ptr(1), cx.ptr_or_null(2), cx.out_ptr(0), cx.scratch)
        });
        Ok(())
    }
    fn keeps(&self, needs: u32) -> Keep {
        Keep::crossed(needs)
    }
    const DIFFERENTIABLE: bool = true;
    const AUTOCAST: Autocast = Autocast::Low;
    const PRECISION: Option<Precision> = Some(Precision::Highest);
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        // Bilinear in the gradient and the weight, as the forward pass is in the input and the weight.
        let at = self.at();
        let dy = match cx.needs(0) {
            true => Some(cx.emit_all(&at.convolution(), &[Some(cx.dy(0)), Some(&cx.input(1)?), None])?.swap_remove(0)),
            false => None,
        };
        let op = at.weight_grad(spatial(cx.spec(1)));
        let w = cx.needs(1).then(|| cx.emit(&op, &[cx.dy(0), &cx.input(0)?])).transpose()?;
        Ok(smallvec![dy, w, bias_grad(cx)?])
    }
    fn cost(&self, x: Specs, outs: &Outs) -> Cost {
        let c = self.at().geometry(&outs[0].spec, &x[1], &x[0]);
        Cost { flops: c.flops() as u64, bytes: (x.bytes() + outs.bytes()) as u64 }
    }
    fn samples() -> Samples<ConvolutionInputGrad> {
        let pad = [0, 1, 1];
        let op = ConvolutionInputGrad {
            size: [1, 5, 5],
            stride: [1, 2, 2],
            before: pad,
            after: pad,
            dilation: [1; 3],
            groups: 1,
        };
        vec![(op, vec![Some(crate::ops::sample(1, &[2, 4, 3, 3])), Some(crate::ops::sample(2, &[4, 3, 3, 3])), None])]
    }
}

op! {
    /// Gradient of `convolution` with respect to its weight, whose window has the size `kernel`.
    ConvolutionWeightGrad = "convolution_weight_grad"(input: One @ ChannelsLast, grad: One @ ChannelsLast) -> (grad_weight; 1) {
        kernel: Triple, stride: Triple, before: Triple, after: Triple, dilation: Triple, groups: i64,
    }
}
impl ConvolutionWeightGrad {
    fn weight(&self, x: &Spec, dy: &Spec) -> Result<Spec> {
        sized(x.dtype, dy.dims()[1], x.dims()[1] / self.groups as Dim, self.kernel, x.rank() - 2)
    }
}
impl Op for ConvolutionWeightGrad {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        let (a, dy) = (&x[0], &x[1]);
        let n = self.at().check([a, dy])?;
        let w = self.weight(a, dy)?;
        if self.at().slide(spatial(a), &w, n)? != spatial(dy) || a.dims()[0] != dy.dims()[0] {
            let text = format!("a kernel of {} does not belong to these", text(self.kernel, n));
            return Err(err(Kind::Shape, text));
        }
        out.fresh(w)
    }
    const SCRATCH: bool = true;
    fn scratch(&self, x: Specs) -> usize {
        let Ok(w) = self.weight(&x[0], &x[1]) else { return 0 };
        let c = self.at().geometry(&x[0], &w, &x[1]);
        floats!(x[0].dtype, T => conv::scratch_bytes::<T>(&c, Pass::WeightGrad))
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        if without_terms(cx) {
            return Ok(());
        }
        let c = self.at().geometry(cx.spec(0), cx.out_spec(0), cx.spec(1));
        floats!(cx.out_spec(0).dtype, T => unsafe { conv::weight_grad::<T>(&c, cx.ptr(0), cx.ptr(1), cx.out_ptr(0), cx.scratch) });
        Ok(())
    }
    fn keeps(&self, needs: u32) -> Keep {
        Keep::crossed(needs)
    }
    const DIFFERENTIABLE: bool = true;
    const AUTOCAST: Autocast = Autocast::Low;
    const PRECISION: Option<Precision> = Some(Precision::Highest);
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let at = self.at();
        let op = at.input_grad(spatial(cx.spec(0)));
        let x = match cx.needs(0) {
            true => Some(cx.emit_all(&op, &[Some(&cx.input(1)?), Some(cx.dy(0)), None])?.swap_remove(0)),
            false => None,
        };
        let dy = match cx.needs(1) {
            true => Some(cx.emit_all(&at.convolution(), &[Some(&cx.input(0)?), Some(cx.dy(0)), None])?.swap_remove(0)),
            false => None,
        };
        Ok(smallvec![x, dy])
    }
    fn cost(&self, x: Specs, outs: &Outs) -> Cost {
        let c = self.at().geometry(&x[0], &outs[0].spec, &x[1]);
        Cost { flops: c.flops() as u64, bytes: (x.bytes() + outs.bytes()) as u64 }
    }
    fn samples() -> Samples<ConvolutionWeightGrad> {
        let pad = [0, 1, 1];
        let op = ConvolutionWeightGrad {
            kernel: [1, 3, 3],
            stride: [1, 2, 2],
            before: pad,
            after: pad,
            dilation: [1; 3],
            groups: 1,
        };
        vec![(op, vec![Some(crate::ops::sample(1, &[2, 3, 5, 5])), Some(crate::ops::sample(2, &[2, 4, 3, 3]))])]
    }
}
