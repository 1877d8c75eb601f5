use crate::ops::layer_norm::standardized;
use crate::ops::{add::add, copy, div::div, full, mul::mul, permute::Permute, reshape::reshape, scale::scale, sqrt::sqrt, sub::sub, sum::Sum};
use crate::op::*;
use crate::shape::Spec;
use crate::{dispatch, err, DType, Kind, Result, Tensor};
use nncore_kernels::norm::{self, Planes};
use smallvec::smallvec;

op! {
    /// Batch normalization over every dimension but the second: `(x - mean) / sqrt(var + eps) * weight + bias`.
    ///
    /// Shapes: `input` (N, C) or (N, C, ...); statistics, `weight` and `bias` (C,) or None. With `training` the batch's own
    /// mean and biased variance normalise, and `running_mean` and `running_var` move towards the batch's mean and *unbiased*
    /// variance by `momentum`, in place; without it they normalise. With a `momentum` of None they become the plain averages
    /// over all batches: the newest one counts `1 / num_batches_tracked`, an int64 number that counts it already.
    /// Raises `ShapeError` where sizes do not fit, or a training batch has one value a channel.
    /// Source: Ioffe and Szegedy, 2015.
    pub BatchNorm = "batch_norm"(input: One + float @ Any, running_mean: Optional @ Any, running_var: Optional @ Any,
        weight: Optional @ Any, bias: Optional @ Any, num_batches_tracked: Optional + constant @ Any) -> (output; 1) {
        training: bool = false, momentum: Option<f64> = Some(0.1), eps: f64 = 1e-5,
    } [input, running_mean, running_var, weight, bias, training, momentum, eps, num_batches_tracked]
}
impl Function for BatchNorm {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        self.run(ins).map(|y| smallvec![y]).map_err(|mut e| {
            e.op = "batch_norm";
            e.specs = ins.iter().flatten().map(|t| t.spec).collect();
            e
        })
    }
    fn cases() -> Vec<Case> {
        let case = |training| Case {
            attrs: BatchNorm { training, momentum: Some(0.1), eps: 1e-5 }.attrs(),
            inputs: [sample_inputs(&[4, 3, 2, 2], !training), vec![None]].concat(),
        };
        // In training the statistics are changed: that case is the internal op's own.
        let mut without = case(true);
        without.inputs[1] = None;
        without.inputs[2] = None;
        vec![case(false), without]
    }
    fn refusals() -> Vec<Refusal> {
        let op = |training, eps| BatchNorm { training, momentum: Some(0.1), eps };
        let ins = || [sample_inputs(&[4, 3, 2, 2], true), vec![None]].concat();
        let with = |k: usize, t: Option<Tensor>| {
            let mut ins = ins();
            ins[k] = t;
            ins
        };
        refusals(vec![
            (op(true, 0.0), ins(), Kind::Value, "eps must be positive in training and at least 0 outside, got 0"),
            (op(false, -1.0), ins(), Kind::Value, "got -1"),
            (op(false, f64::NAN), ins(), Kind::Value, "got NaN"),
            (op(false, 1e-5), with(0, given::float(&[3])), Kind::Shape, "an input (N, C, ...) expected, got [3]"),
            (op(false, 1e-5), with(0, given::zeros(DType::I64, &[2, 3])), Kind::DType, "float32 or float64 expected, got int64"),
            (op(false, 1e-5), with(1, given::float(&[2])), Kind::Shape, "running_mean of float64(3,) expected, got float64(2,)"),
            (op(false, 1e-5), with(2, given::float(&[2])), Kind::Shape, "running_var of float64(3,) expected, got float64(2,)"),
            (op(false, 1e-5), with(3, given::float(&[2])), Kind::Shape, "weight of float64(3,) expected, got float64(2,)"),
            (op(false, 1e-5), with(4, given::float(&[2])), Kind::Shape, "bias of float64(3,) expected, got float64(2,)"),
            (op(false, 1e-5), with(1, None), Kind::Value, "running_mean is needed outside training, got None"),
            (op(false, 1e-5), with(2, None), Kind::Value, "running_var is needed outside training, got None"),
            (op(true, 1e-5), with(0, given::float(&[1, 3])), Kind::Shape, "more than one value a channel, got [1, 3]"),
            (BatchNorm { training: true, momentum: None, eps: 1e-5 }, ins(), Kind::Value, "num_batches_tracked"),
        ])
    }
}
impl BatchNorm {
    fn run(&self, ins: &[Option<&Tensor>]) -> Result<Tensor> {
        let x = ins[0].expect("input");
        let least = if self.training { f64::MIN_POSITIVE } else { 0.0 };
        if self.eps.is_nan() || self.eps < least {
            let text = format!("eps must be positive in training and at least 0 outside, got {}", self.eps);
            return Err(dispatch::tag_tensors(err(Kind::Value, text), Self::info(), ins));
        }
        let apply = |x: &Tensor| -> Result<Tensor> {
            let (momentum, eps) = (self.momentum, self.eps);
            let count = if momentum.is_none() { ins[5] } else { None };
            let ins = [Some(x), ins[1], ins[2], ins[3], ins[4], count];
            let mut outs = match self.training {
                true => dispatch::apply(&BatchNormTraining { momentum, eps }, &ins)?,
                false => dispatch::apply(&BatchNormInference { eps }, &ins[..5])?,
            };
            Ok(outs.swap_remove(0))
        };
        match x.spec.rank() {
            0..=2 => apply(x),
            // Row-major memory is walked plane by plane where planes are long enough.
            n if (2..n).map(|i| x.spec.d(i)).product::<usize>() >= PLANE && !x.spec.is_channels_last() => apply(x),
            // Else the kernels walk rows of channels: those of four dimensions lie so, others are turned.
            4 => apply(&copy::to_layout(x, Layout::ChannelsLast)?),
            n => {
                let mut order: Ints = (0..n as i64).filter(|&d| d != 1).collect();
                order.push(1);
                let rows = dispatch::one(&Permute { dims: order }, &[x])?;
                let y = apply(&reshape(&rows, &[-1, x.spec.d(1) as i64])?)?;
                let mut back: Ints = (0..n as i64 - 1).collect();
                back.insert(1, n as i64 - 1);
                dispatch::one(&Permute { dims: back }, &[&reshape(&y, &rows.spec.shape())?])
            }
        }
    }
}
fn sample_inputs(dims: &[u32], positive: bool) -> Vec<Option<Tensor>> {
    let c = [dims[1]];
    let var = if positive { crate::ops::sample_in(3, &c, 0.5, 1.5) } else { crate::ops::sample_in(3, &c, 0.9, 1.1) };
    vec![
        Some(crate::ops::sample(1, dims)),
        Some(crate::ops::sample(2, &c)),
        Some(var),
        Some(crate::ops::sample(4, &c)),
        Some(crate::ops::sample(5, &c)),
    ]
}
/// From this many positions on planes are walked by themselves.
const PLANE: usize = 16;
/// How the kernels see a dense input: by planes, or by rows of channels.
fn planes(x: &Spec) -> Option<Planes> {
    let positions = (2..x.rank()).map(|i| x.d(i)).product();
    let own = x.rank() > 2 && positions > 1 && x.d(1) > 1 && x.is_contiguous();
    own.then(|| Planes { samples: x.d(0), channels: x.d(1), positions })
}
/// Bytes for two float64 numbers of each plane.
fn plane_bytes(x: &Spec) -> usize {
    planes(x).map_or(0, |p| 16 * p.samples * p.channels)
}
/// The scratch of [`plane_bytes`].
fn plane_sums<'a>(cx: &Cpu<'a>, p: &Planes) -> &'a mut [[f64; 2]] {
    match p.samples * p.channels {
        0 => &mut [],
        // It is aligned and as long as that.
        n => unsafe { std::slice::from_raw_parts_mut(cx.scratch.cast(), n) },
    }
}
/// The gradient of a result, laid out as the input is.
fn laid(dy: &Tensor, x: &Tensor) -> Result<Tensor> {
    if dy.spec.same_walk(&x.spec) { Ok(dy.clone()) } else { copy::like(dy, &x.spec) }
}
/// (N, C, ...), and (C,) for all that is given per channel.
fn check(x: Specs, required: &[usize]) -> Result<Spec> {
    let a = &x[0];
    if !a.dtype.is_float() {
        return Err(err(Kind::DType, format!("float32 or float64 expected, got {}", x[0].dtype)));
    }
    if a.ndim < 2 {
        return Err(err(Kind::Shape, format!("an input (N, C, ...) expected, got {:?}", a.dims())));
    }
    let names = ["input", "running_mean", "running_var", "weight", "bias"];
    for (i, name) in names.iter().enumerate().skip(1) {
        match x.opt(i) {
            Some(s) if s.dims() != &a.dims()[1..2] || s.dtype != a.dtype => {
                return Err(err(Kind::Shape, format!("{name} of {}({},) expected, got {s}", a.dtype, a.d(1))));
            }
            None if required.contains(&i) => return Err(err(Kind::Value, format!("{name} is needed outside training, got None"))),
            _ => {}
        }
    }
    Ok(Spec::new(a.dtype, &a.dims()[1..2]))
}
/// (C,) in a shape that broadcasts to (N, C, ...).
fn channels(t: &Tensor, x: &Spec) -> Result<Tensor> {
    let mut shape: Ints = smallvec![1; x.rank() - 1];
    shape[0] = -1;
    reshape(t, &shape)
}
/// Every dimension but the second.
fn others(x: &Spec) -> Ints {
    (0..x.rank() as i64).filter(|&d| d != 1).collect()
}
fn scaled(y: &Tensor, weight: Option<&Tensor>) -> Result<Tensor> {
    weight.map_or(Ok(y.clone()), |w| mul(y, &channels(w, &y.spec)?))
}
fn by_bias(cx: &GradCx, dy: &Tensor) -> Result<Tensor> {
    cx.emit(&Sum { dim: Some(others(&dy.spec)), keepdim: false }, &[dy])
}
op! {
    /// `batch_norm` in training. Also gives the batch's mean and `1 / sqrt(var + eps)`, which its gradient reads.
    BatchNormTraining = "batch_norm_training"(input: One @ Dense, running_mean: Optional + mutated,
        running_var: Optional + mutated, weight: Optional, bias: Optional, num_batches_tracked: Optional + constant)
        -> (output, mean, rstd; 1) { momentum: Option<f64> = Some(0.1), eps: f64 = 1e-5 }
}
impl Op for BatchNormTraining {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        let c = check(x, &[])?;
        if x[0].numel() == x[0].d(1) && x[0].numel() > 0 {
            return Err(err(Kind::Shape, format!("training needs more than one value a channel, got {:?}", x[0].dims())));
        }
        let counted = x.opt(5).is_some_and(|s| s.dtype == DType::I64 && s.numel() == 1);
        if self.momentum.is_none() && (x.opt(1).is_some() || x.opt(2).is_some()) && !counted {
            return Err(err(Kind::Value, "a momentum of None takes the number of batches, int64, in num_batches_tracked"));
        }
        out.fresh(x[0])?;
        out.fresh(c)?;
        out.fresh(c)
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        let momentum = self.momentum.unwrap_or_else(|| cx.opt::<i64>(5).map_or(0.0, |n| 1.0 / n[0].max(1) as f64));
        floats!(cx.spec(0).dtype, T => {
            let (x, mean, rstd) = (cx.get::<T>(0), cx.out::<T>(1), cx.out::<T>(2));
            // The variance is in the place of its root's inverse until the running one has moved.
            let planes = planes(cx.spec(0));
            match &planes {
                Some(p) => norm::planes_statistics(p, x, mean, rstd, plane_sums(cx, p)),
                None => norm::statistics(x, mean, rstd),
            }
            let n = x.len() / mean.len().max(1);
            let unbias = n as f64 / (n.max(2) - 1) as f64;
            let (m, u) = (momentum as T, unbias as T);
            // A batch of nothing has no statistics: the running ones stay.
            if n > 0 && cx.has(1) {
                cx.mutated::<T>(1).iter_mut().zip(&*mean).for_each(|(r, v)| *r += m * (*v - *r))
            }
            if n > 0 && cx.has(2) {
                cx.mutated::<T>(2).iter_mut().zip(&*rstd).for_each(|(r, v)| *r += m * (*v * u - *r))
            }
            rstd.iter_mut().for_each(|v| *v = 1.0 / (*v + self.eps as T).sqrt());
            match &planes {
                Some(p) => norm::planes_normalize(p, x, mean, rstd, cx.opt(3), cx.opt(4), cx.out(0)),
                None => norm::normalize(x, mean, rstd, cx.opt(3), cx.opt(4), cx.out(0)),
            }
        });
        Ok(())
    }
    const SCRATCH: bool = true;
    fn scratch(&self, x: Specs) -> usize {
        plane_bytes(&x[0])
    }
    const AUTOCAST: Autocast = Autocast::High;
    const DIFFERENTIABLE: bool = true;
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::both(0b1001, 0b110)
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let Some(dy) = cx.opt_dy(0) else { return Ok(smallvec![None; 6]) };
        if cx.create_graph {
            let mut grads = cx.through(&[0, 3], |ins| {
                let x = ins[0].as_ref().expect("input");
                scaled(&standardized(x, &others(&x.spec), self.eps, true)?, ins[1].as_ref())
            })?;
            grads[4] = cx.needs(4).then(|| by_bias(cx, dy)).transpose()?;
            return Ok(grads);
        }
        let weight = if cx.has(3) { Some(cx.input(3)?) } else { None };
        let (mean, rstd) = (cx.output(1)?.detach(), cx.output(2)?.detach());
        let x = cx.input(0)?;
        let ins = [Some(&laid(dy, &x)?), Some(&x), Some(&mean), Some(&rstd), weight.as_ref()];
        let o = cx.emit_all(&BatchNormGrad { training: true }, &ins)?;
        let pick = |i: usize, o: &Tensor| cx.needs(i).then(|| o.clone());
        Ok(smallvec![pick(0, &o[0]), None, None, pick(3, &o[1]), pick(4, &o[2]), None])
    }
    fn cost(&self, x: Specs, outs: &Outs) -> Cost {
        Cost { flops: 8 * x[0].numel() as u64, bytes: (2 * x.bytes() + outs.bytes()) as u64 }
    }
    fn samples() -> Samples<BatchNormTraining> {
        let case = |momentum, count: Option<i64>| {
            let count = count.map(|n| Tensor::scalar(n).expect("a scalar"));
            (BatchNormTraining { momentum, eps: 1e-5 }, [sample_inputs(&[4, 3, 2, 2], false), vec![count]].concat())
        };
        let mut rows = case(Some(0.1), None);
        rows.1[0] = rows.1[0].as_ref().map(|x| copy::to_layout(x, Layout::ChannelsLast).expect("a copy"));
        vec![case(Some(0.1), None), case(None, Some(4)), rows]
    }
}

op! {
    /// `batch_norm` outside training: the running statistics normalise. Also gives `1 / sqrt(running_var + eps)`.
    BatchNormInference = "batch_norm_inference"(input: One @ Dense, running_mean: Optional, running_var: Optional,
        weight: Optional, bias: Optional) -> (output, rstd; 1) { eps: f64 = 1e-5 }
}
impl Op for BatchNormInference {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        let c = check(x, &[1, 2])?;
        out.fresh(x[0])?;
        out.fresh(c)
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        floats!(cx.spec(0).dtype, T => {
            let rstd = cx.out::<T>(1);
            norm::rstd(cx.get(2), self.eps, rstd);
            match planes(cx.spec(0)) {
                Some(p) => norm::planes_normalize::<T>(&p, cx.get(0), cx.get(1), rstd, cx.opt(3), cx.opt(4), cx.out(0)),
                None => norm::normalize(cx.get::<T>(0), cx.get(1), rstd, cx.opt(3), cx.opt(4), cx.out(0)),
            }
        });
        Ok(())
    }
    const AUTOCAST: Autocast = Autocast::High;
    const DIFFERENTIABLE: bool = true;
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::both(0b1111, 0b10)
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let Some(dy) = cx.opt_dy(0) else { return Ok(smallvec![None, None, None, None, None]) };
        if cx.create_graph {
            let mut grads = cx.through(&[0, 1, 2, 3], |ins| {
                let [Some(x), Some(mean), Some(var), weight] = ins else { unreachable!("the statistics are given") };
                let eps = full::scalar(self.eps, x.spec.dtype)?;
                let std = channels(&sqrt(&add(var, &eps)?)?, &x.spec)?;
                scaled(&div(&sub(x, &channels(mean, &x.spec)?)?, &std)?, weight.as_ref())
            })?;
            grads[4] = cx.needs(4).then(|| by_bias(cx, dy)).transpose()?;
            return Ok(grads);
        }
        let weight = if cx.has(3) { Some(cx.input(3)?) } else { None };
        let rstd = cx.output(1)?.detach();
        let x = cx.input(0)?;
        let ins = [Some(&laid(dy, &x)?), Some(&x), Some(&cx.input(1)?), Some(&rstd), weight.as_ref()];
        let o = cx.emit_all(&BatchNormGrad { training: false }, &ins)?;
        let pick = |i: usize, o: &Tensor| cx.needs(i).then(|| o.clone());
        let scaled = |o: &Tensor| weight.as_ref().map_or(Ok(o.clone()), |w| mul(o, w));
        // By the mean: -sum(dy) * weight * rstd; by the variance: -1/2 * sum(dy * (x - mean) * rstd) * weight * rstd^2.
        let mean = cx.needs(1).then(|| scale(&mul(&scaled(&o[2])?, &rstd)?, -1.0)).transpose()?;
        let var = cx.needs(2).then(|| scale(&mul(&scaled(&o[1])?, &mul(&rstd, &rstd)?)?, -0.5)).transpose()?;
        Ok(smallvec![pick(0, &o[0]), mean, var, pick(3, &o[1]), pick(4, &o[2])])
    }
    fn samples() -> Samples<BatchNormInference> {
        let mut plain = sample_inputs(&[4, 3], true);
        plain[3] = None;
        plain[4] = None;
        let op = || BatchNormInference { eps: 1e-5 };
        vec![(op(), sample_inputs(&[4, 3, 2, 2], true)), (op(), plain)]
    }
}

op! {
    /// Gradients of `batch_norm`: input, weight and bias in one pass. In `training` mean and deviation depend on the input.
    BatchNormGrad = "batch_norm_grad"(grad: One @ Dense, input: One @ Dense, mean: One, rstd: One, weight: Optional)
        -> (grad_input, grad_weight, grad_bias; 3) { training: bool = true }
}
impl Op for BatchNormGrad {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        if !x[0].same_walk(&x[1]) {
            return Err(err(Kind::Layout, "gradient and input of one layout expected"));
        }
        out.fresh(x[1])?;
        out.fresh(x[2])?;
        out.fresh(x[2])
    }
    const SCRATCH: bool = true;
    fn scratch(&self, x: Specs) -> usize {
        plane_bytes(&x[1])
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        floats!(cx.spec(1).dtype, T => {
            let (dw, db) = (cx.out::<T>(1), cx.out::<T>(2));
            let weight = cx.opt(4);
            let (x, dy, mean, rstd, dx) = (cx.get::<T>(1), cx.get(0), cx.get(2), cx.get(3), cx.out(0));
            match planes(cx.spec(1)) {
                Some(p) => {
                    let sums = plane_sums(cx, &p);
                    norm::planes_gradient(&p, x, dy, mean, rstd, weight, self.training, dx, dw, db, sums)
                }
                None => norm::gradient(x, dy, mean, rstd, weight, self.training, Some(dx), dw, db),
            }
        });
        Ok(())
    }
    fn cost(&self, x: Specs, outs: &Outs) -> Cost {
        Cost { flops: 12 * x[1].numel() as u64, bytes: (2 * x.bytes() + outs.bytes()) as u64 }
    }
    fn samples() -> Samples<BatchNormGrad> {
        let c = |seed| Some(crate::ops::sample_in(seed, &[3], 0.5, 1.5));
        let inputs = vec![Some(crate::ops::sample(1, &[4, 3])), Some(crate::ops::sample(2, &[4, 3])), c(3), c(4), c(5)];
        vec![(BatchNormGrad { training: true }, inputs)]
    }
}
