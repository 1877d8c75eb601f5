use crate::ops::sum::Sum;
use crate::op::*;
use crate::shape::{Dim, Spec};
use crate::{dispatch, err, Kind, Result, Tensor};
use nncore_kernels::conv::{self, Conv, Pass};
use smallvec::smallvec;

op! {
    /// 2-D cross-correlation, as every network library calls convolution.
    ///
    /// Shapes: `input` (N, C, H, W), `weight` (O, C / groups, kH, kW), `bias` (O,) or None; the result is (N, O, H', W') with
    /// `H' = (H + 2 * padding - dilation * (kH - 1) - 1) // stride + 1`. `stride`, `padding` and `dilation` are one number or
    /// (vertical, horizontal). Activations and weights lie channels-last in memory; other layouts are copied at the door.
    /// Raises `ShapeError` where shapes do not fit or the window is larger than the padded image.
    pub Conv2d = "conv2d"(input: One + float @ ChannelsLast, weight: One + float @ ChannelsLast, bias: Optional + float) -> (output; 1) {
        stride: Pair = (1, 1), padding: Pair = (0, 0), dilation: Pair = (1, 1), groups: i64 = 1,
    }
}
/// The geometry of input `x` and weight `w` (dims as (N, C, H, W) and (O, C / groups, kH, kW)).
fn geometry(op: &Conv2d, x: &Spec, w: &Spec) -> Conv {
    let pair = |p: Pair| (p.0 as usize, p.1 as usize);
    Conv {
        n: x.d(0),
        ci: x.d(1),
        h: x.d(2),
        w: x.d(3),
        co: w.d(0),
        kh: w.d(2),
        kw: w.d(3),
        stride: pair(op.stride),
        padding: pair(op.padding),
        dilation: pair(op.dilation),
        groups: op.groups as usize,
    }
}
impl Conv2d {
    fn validate(&self, x: &Spec, w: &Spec) -> Result<()> {
        let shape = |text: String| Err(err(Kind::Shape, text));
        let positive = [self.stride.0, self.stride.1, self.dilation.0, self.dilation.1, self.groups].iter().all(|&v| v >= 1);
        if !positive || self.padding.0 < 0 || self.padding.1 < 0 {
            return Err(err(Kind::Value, "stride, dilation and groups must be at least 1, padding at least 0"));
        }
        let numbers = [self.stride, self.padding, self.dilation];
        if numbers.iter().any(|p| p.0.max(p.1) > i32::MAX as i64) || self.groups > i32::MAX as i64 {
            return Err(err(Kind::Value, "stride, padding, dilation and groups must be below 2**31"));
        }
        if x.dtype != w.dtype || !x.dtype.is_float() {
            return Err(err(Kind::DType, "floats of one dtype expected"));
        }
        if x.ndim != 4 || w.ndim != 4 {
            return shape("input (N, C, H, W) and weight (O, C / groups, kH, kW) expected".into());
        }
        let g = self.groups as usize;
        if x.d(1) != w.d(1) * g || !w.d(0).is_multiple_of(g) {
            return shape(format!("weight for {} input channels in {g} groups, got {} channels", w.d(1) * g, x.d(1)));
        }
        let c = geometry(self, x, w);
        if w.d(2) * w.d(3) == 0 || c.oh() == 0 || c.ow() == 0 {
            return shape(format!(
                "a window of {}x{} (dilation {:?}) is larger than the image of {}x{} with padding {:?}",
                w.d(2),
                w.d(3),
                self.dilation,
                x.d(2),
                x.d(3),
                self.padding
            ));
        }
        Ok(())
    }
}
impl Op for Conv2d {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        let (a, w) = (&x[0], &x[1]);
        self.validate(a, w)?;
        if let Some(b) = x.opt(2) {
            if b.dims() != &w.dims()[..1] {
                return Err(err(Kind::Shape, format!("a bias of shape ({},) expected, got {:?}", w.d(0), b.dims())));
            }
        }
        let c = geometry(self, a, w);
        out.fresh(Spec::new(a.dtype, &[a.dims()[0], w.dims()[0], c.oh() as Dim, c.ow() as Dim]).channels_last())
    }
    const SCRATCH: bool = true;
    fn scratch(&self, x: Specs) -> usize {
        floats!(x[0].dtype, T => conv::scratch_bytes::<T>(&geometry(self, &x[0], &x[1]), Pass::Forward))
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        let c = geometry(self, cx.spec(0), cx.spec(1));
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
        let (dy, x, w) = (cx.dy(0), cx.spec(0), cx.spec(1));
        let input = cx.needs(0).then(|| cx.emit(&self.input_grad(x), &[dy, &cx.input(1)?])).transpose()?;
        let weight = cx.needs(1).then(|| cx.emit(&self.weight_grad(w), &[&cx.input(0)?, dy])).transpose()?;
        let pixels = Sum { dim: Some(smallvec![0, 2, 3]), keepdim: false };
        let bias = cx.needs(2).then(|| cx.emit(&pixels, &[dy])).transpose()?;
        Ok(smallvec![input, weight, bias])
    }
    fn cost(&self, x: Specs, outs: &Outs) -> Cost {
        Cost { flops: geometry(self, &x[0], &x[1]).flops() as u64, bytes: (x.bytes() + outs.bytes()) as u64 }
    }
    fn refusals() -> Refusals<Conv2d> {
        let plain = || Conv2d { stride: (1, 1), padding: (0, 0), dilation: (1, 1), groups: 1 };
        let ins = |x: &[u32], w: &[u32]| vec![Some(crate::ops::sample(1, x)), Some(crate::ops::sample(2, w)), None];
        let fits = || ins(&[1, 4, 5, 5], &[2, 4, 3, 3]);
        let with_bias = vec![fits().swap_remove(0), fits().swap_remove(1), Some(crate::ops::sample(3, &[3]))];
        vec![
            (Conv2d { stride: (0, 1), ..plain() }, fits(), Kind::Value, "stride, dilation and groups must be at least 1"),
            (Conv2d { padding: (0, -1), ..plain() }, fits(), Kind::Value, "padding at least 0"),
            (Conv2d { dilation: (1, 1 << 40), ..plain() }, fits(), Kind::Value, "must be below 2**31"),
            (plain(), ins(&[4, 5, 5], &[2, 4, 3, 3]), Kind::Shape, "input (N, C, H, W) and weight"),
            (plain(), ins(&[1, 3, 5, 5], &[2, 4, 3, 3]), Kind::Shape, "channels"),
            (Conv2d { groups: 3, ..plain() }, fits(), Kind::Shape, "groups"),
            (plain(), ins(&[1, 4, 2, 5], &[2, 4, 3, 3]), Kind::Shape, "larger than"),
            (plain(), with_bias, Kind::Shape, "a bias of shape (2,) expected, got [3]"),
        ]
    }
    fn samples() -> Samples<Conv2d> {
        let case = |stride, padding, dilation, groups, x: &[u32], w: &[u32], bias: bool| {
            let inputs = vec![Some(crate::ops::sample(1, x)), Some(crate::ops::sample(2, w)), bias.then(|| crate::ops::sample(3, &w[..1]))];
            (Conv2d { stride, padding, dilation, groups }, inputs)
        };
        vec![
            case((1, 1), (0, 0), (1, 1), 1, &[1, 2, 4, 4], &[3, 2, 2, 2], false),
            case((2, 2), (1, 1), (1, 1), 1, &[2, 3, 5, 5], &[4, 3, 3, 3], true),
            case((1, 2), (2, 0), (2, 1), 2, &[1, 4, 5, 6], &[2, 2, 3, 2], true),
            case((1, 1), (0, 0), (1, 1), 1, &[2, 3, 3, 2], &[2, 3, 1, 1], true),
        ]
    }
}
impl Conv2d {
    fn input_grad(&self, x: &Spec) -> Conv2dInputGrad {
        let Conv2d { stride, padding, dilation, groups } = *self;
        Conv2dInputGrad { size: (x.d(2) as i64, x.d(3) as i64), stride, padding, dilation, groups }
    }
    fn weight_grad(&self, w: &Spec) -> Conv2dWeightGrad {
        let Conv2d { stride, padding, dilation, groups } = *self;
        Conv2dWeightGrad { kernel: (w.d(2) as i64, w.d(3) as i64), stride, padding, dilation, groups }
    }
}

op! {
    /// Gradient of `conv2d` with respect to its input, of height and width `size`.
    Conv2dInputGrad = "conv2d_input_grad"(grad: One @ ChannelsLast, weight: One @ ChannelsLast) -> (grad_input; 1) {
        size: Pair, stride: Pair = (1, 1), padding: Pair = (0, 0), dilation: Pair = (1, 1), groups: i64 = 1,
    }
}
impl Conv2dInputGrad {
    fn forward(&self) -> Conv2d {
        Conv2d { stride: self.stride, padding: self.padding, dilation: self.dilation, groups: self.groups }
    }
    fn input(&self, dy: &Spec, w: &Spec) -> Spec {
        let (n, c) = (dy.dims()[0], w.dims()[1] * self.groups as Dim);
        Spec::new(dy.dtype, &[n, c, self.size.0 as Dim, self.size.1 as Dim]).channels_last()
    }
}
impl Op for Conv2dInputGrad {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        out.fresh(self.input(&x[0], &x[1]))
    }
    const SCRATCH: bool = true;
    fn scratch(&self, x: Specs) -> usize {
        let c = geometry(&self.forward(), &self.input(&x[0], &x[1]), &x[1]);
        floats!(x[0].dtype, T => conv::scratch_bytes::<T>(&c, Pass::InputGrad))
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        let c = geometry(&self.forward(), cx.out_spec(0), cx.spec(1));
        floats!(cx.out_spec(0).dtype, T => unsafe { conv::input_grad::<T>(&c, cx.ptr(0), cx.ptr(1), cx.out_ptr(0), cx.scratch) });
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
        let f = self.forward();
        let dy = match cx.needs(0) {
            true => Some(cx.emit_all(&f, &[Some(cx.dy(0)), Some(&cx.input(1)?), None])?.swap_remove(0)),
            false => None,
        };
        let w = cx.needs(1).then(|| cx.emit(&f.weight_grad(cx.spec(1)), &[cx.dy(0), &cx.input(0)?])).transpose()?;
        Ok(smallvec![dy, w])
    }
    fn cost(&self, x: Specs, outs: &Outs) -> Cost {
        let c = geometry(&self.forward(), &outs[0].spec, &x[1]);
        Cost { flops: c.flops() as u64, bytes: (x.bytes() + outs.bytes()) as u64 }
    }
    fn samples() -> Samples<Conv2dInputGrad> {
        let op = Conv2dInputGrad { size: (5, 5), stride: (2, 2), padding: (1, 1), dilation: (1, 1), groups: 1 };
        vec![(op, vec![Some(crate::ops::sample(1, &[2, 4, 3, 3])), Some(crate::ops::sample(2, &[4, 3, 3, 3]))])]
    }
}

op! {
    /// Gradient of `conv2d` with respect to its weight, of height and width `kernel`.
    Conv2dWeightGrad = "conv2d_weight_grad"(input: One @ ChannelsLast, grad: One @ ChannelsLast) -> (grad_weight; 1) {
        kernel: Pair, stride: Pair = (1, 1), padding: Pair = (0, 0), dilation: Pair = (1, 1), groups: i64 = 1,
    }
}
impl Conv2dWeightGrad {
    fn forward(&self) -> Conv2d {
        Conv2d { stride: self.stride, padding: self.padding, dilation: self.dilation, groups: self.groups }
    }
    fn weight(&self, x: &Spec, dy: &Spec) -> Spec {
        let (o, i) = (dy.dims()[1], x.dims()[1] / self.groups as Dim);
        Spec::new(x.dtype, &[o, i, self.kernel.0 as Dim, self.kernel.1 as Dim]).channels_last()
    }
}
impl Op for Conv2dWeightGrad {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        out.fresh(self.weight(&x[0], &x[1]))
    }
    const SCRATCH: bool = true;
    fn scratch(&self, x: Specs) -> usize {
        let c = geometry(&self.forward(), &x[0], &self.weight(&x[0], &x[1]));
        floats!(x[0].dtype, T => conv::scratch_bytes::<T>(&c, Pass::WeightGrad))
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        let c = geometry(&self.forward(), cx.spec(0), cx.out_spec(0));
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
        let f = self.forward();
        let x = cx.needs(0).then(|| cx.emit(&f.input_grad(cx.spec(0)), &[&cx.input(1)?, cx.dy(0)])).transpose()?;
        let dy = match cx.needs(1) {
            true => Some(cx.emit_all(&f, &[Some(&cx.input(0)?), Some(cx.dy(0)), None])?.swap_remove(0)),
            false => None,
        };
        Ok(smallvec![x, dy])
    }
    fn cost(&self, x: Specs, outs: &Outs) -> Cost {
        let c = geometry(&self.forward(), &x[0], &outs[0].spec);
        Cost { flops: c.flops() as u64, bytes: (x.bytes() + outs.bytes()) as u64 }
    }
    fn samples() -> Samples<Conv2dWeightGrad> {
        let op = Conv2dWeightGrad { kernel: (3, 3), stride: (2, 2), padding: (1, 1), dilation: (1, 1), groups: 1 };
        vec![(op, vec![Some(crate::ops::sample(1, &[2, 3, 5, 5])), Some(crate::ops::sample(2, &[2, 4, 3, 3]))])]
    }
}

/// `conv2d` with one stride and padding for both axes.
pub fn conv2d(x: &Tensor, weight: &Tensor, bias: Option<&Tensor>, stride: i64, padding: i64) -> Result<Tensor> {
    let op = Conv2d { stride: (stride, stride), padding: (padding, padding), dilation: (1, 1), groups: 1 };
    Ok(dispatch::apply(&op, &[Some(x), Some(weight), bias])?.swap_remove(0))
}
