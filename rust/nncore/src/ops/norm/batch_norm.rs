use crate::ops::{mul::mul, permute::Permute, reshape::reshape, scale::scale};
use crate::op::*;
use crate::shape::Spec;
use crate::{dispatch, err, Kind, Result, Tensor};
use nncore_kernels::norm;
use smallvec::smallvec;

op! {
    /// Batch normalization over every dimension but the second: `(x - mean) / sqrt(var + eps) * weight + bias`.
    ///
    /// Shapes: `input` (N, C) or (N, C, ...); statistics, `weight` and `bias` (C,) or None. With `training` the batch's own
    /// mean and biased variance normalise, and `running_mean` and `running_var` move towards the batch's mean and *unbiased*
    /// variance by `momentum`, in place; without it they normalise. Raises `ShapeError` where sizes do not fit, or a training
    /// batch has one value a channel. Source: Ioffe and Szegedy, 2015.
    pub BatchNorm = "batch_norm"(input: One + float @ Any, running_mean: Optional @ Any, running_var: Optional @ Any,
        weight: Optional @ Any, bias: Optional @ Any) -> (output; 1) {
        training: bool = false, momentum: f64 = 0.1, eps: f64 = 1e-5,
    }
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
            attrs: BatchNorm { training, momentum: 0.1, eps: 1e-5 }.attrs(),
            inputs: sample_inputs(&[4, 3, 2, 2], !training),
        };
        // In training the statistics are changed: that case is the internal op's own.
        let mut without = case(true);
        without.inputs[1] = None;
        without.inputs[2] = None;
        vec![case(false), without]
    }
    fn refusals() -> Vec<Refusal> {
        let op = |training, eps| BatchNorm { training, momentum: 0.1, eps };
        let ins = || sample_inputs(&[4, 3, 2, 2], true);
        refusals(vec![
            (op(true, 0.0), ins(), Kind::Value, "eps must be positive in training and at least 0 outside, got 0"),
            (op(false, -1.0), ins(), Kind::Value, "got -1"),
            (op(false, f64::NAN), ins(), Kind::Value, "got NaN"),
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
            let ins = [Some(x), ins[1], ins[2], ins[3], ins[4]];
            let mut outs = match self.training {
                true => dispatch::apply(&BatchNormTraining { momentum: self.momentum, eps: self.eps }, &ins)?,
                false => dispatch::apply(&BatchNormInference { eps: self.eps }, &ins)?,
            };
            Ok(outs.swap_remove(0))
        };
        match x.spec.rank() {
            // The kernels walk rows of channels: these two lie so, others are turned.
            0..=2 | 4 => apply(x),
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
/// (N, C, ...), and (C,) for all that is given per channel.
fn check(x: Specs, required: &[usize]) -> Result<Spec> {
    let a = &x[0];
    if !a.dtype.is_float() {
        return Err(err(Kind::DType, "float32 or float64 expected"));
    }
    if a.ndim < 2 {
        return Err(err(Kind::Shape, "an input (N, C, ...) expected"));
    }
    let names = ["input", "running_mean", "running_var", "weight", "bias"];
    for (i, name) in names.iter().enumerate().skip(1) {
        match x.opt(i) {
            Some(s) if s.dims() != &a.dims()[1..2] || s.dtype != a.dtype => {
                return Err(err(Kind::Shape, format!("{name} of {}({},) expected, got {s}", a.dtype, a.d(1))));
            }
            None if required.contains(&i) => return Err(err(Kind::Value, format!("{name} is needed outside training"))),
            _ => {}
        }
    }
    Ok(Spec::new(a.dtype, &a.dims()[1..2]))
}
op! {
    /// `batch_norm` in training. Also gives the batch's mean and `1 / sqrt(var + eps)`, which its gradient reads.
    BatchNormTraining = "batch_norm_training"(input: One @ ChannelsLast, running_mean: Optional + mutated,
        running_var: Optional + mutated, weight: Optional, bias: Optional) -> (output, mean, rstd; 1) { momentum: f64 = 0.1, eps: f64 = 1e-5 }
}
impl Op for BatchNormTraining {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        let c = check(x, &[])?;
        if x[0].numel() == x[0].d(1) && x[0].numel() > 0 {
            return Err(err(Kind::Shape, format!("training needs more than one value a channel, got {:?}", x[0].dims())));
        }
        out.fresh(x[0])?;
        out.fresh(c)?;
        out.fresh(c)
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        floats!(cx.spec(0).dtype, T => {
            let (x, mean, rstd) = (cx.get::<T>(0), cx.out::<T>(1), cx.out::<T>(2));
            // The variance is in the place of its root's inverse until the running one has moved.
            norm::statistics(x, mean, rstd);
            let n = x.len() / mean.len().max(1);
            let unbias = n as f64 / (n.max(2) - 1) as f64;
            let (m, u) = (self.momentum as T, unbias as T);
            if cx.has(1) {
                cx.mutated::<T>(1).iter_mut().zip(&*mean).for_each(|(r, v)| *r += m * (*v - *r))
            }
            if cx.has(2) {
                cx.mutated::<T>(2).iter_mut().zip(&*rstd).for_each(|(r, v)| *r += m * (*v * u - *r))
            }
            rstd.iter_mut().for_each(|v| *v = 1.0 / (*v + self.eps as T).sqrt());
            norm::normalize(x, mean, rstd, cx.opt(3), cx.opt(4), cx.out(0));
        });
        Ok(())
    }
    const AUTOCAST: Autocast = Autocast::High;
    const DIFFERENTIABLE: bool = true;
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::both(0b1001, 0b110)
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let weight = if cx.has(3) { Some(cx.input(3)?) } else { None };
        let (mean, rstd) = (cx.output(1)?.detach(), cx.output(2)?.detach());
        let ins = [Some(cx.dy(0)), Some(&cx.input(0)?), Some(&mean), Some(&rstd), weight.as_ref()];
        let o = cx.emit_all(&BatchNormGrad { training: true }, &ins)?;
        let pick = |i: usize, o: &Tensor| cx.needs(i).then(|| o.clone());
        Ok(smallvec![pick(0, &o[0]), None, None, pick(3, &o[1]), pick(4, &o[2])])
    }
    fn cost(&self, x: Specs, outs: &Outs) -> Cost {
        Cost { flops: 8 * x[0].numel() as u64, bytes: (2 * x.bytes() + outs.bytes()) as u64 }
    }
    fn samples() -> Samples<BatchNormTraining> {
        vec![(BatchNormTraining { momentum: 0.1, eps: 1e-5 }, sample_inputs(&[4, 3, 2, 2], false))]
    }
}

op! {
    /// `batch_norm` outside training: the running statistics normalise. Also gives `1 / sqrt(running_var + eps)`.
    BatchNormInference = "batch_norm_inference"(input: One @ ChannelsLast, running_mean: Optional, running_var: Optional,
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
            norm::normalize(cx.get::<T>(0), cx.get(1), rstd, cx.opt(3), cx.opt(4), cx.out(0));
        });
        Ok(())
    }
    const AUTOCAST: Autocast = Autocast::High;
    const DIFFERENTIABLE: bool = true;
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::both(0b1011, 0b10)
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let Some(dy) = cx.opt_dy(0) else { return Ok(smallvec![None, None, None, None, None]) };
        let weight = if cx.has(3) { Some(cx.input(3)?) } else { None };
        let rstd = cx.output(1)?.detach();
        let ins = [Some(dy), Some(&cx.input(0)?), Some(&cx.input(1)?), Some(&rstd), weight.as_ref()];
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
    BatchNormGrad = "batch_norm_grad"(grad: One @ ChannelsLast, input: One @ ChannelsLast, mean: One, rstd: One, weight: Optional)
        -> (grad_input, grad_weight, grad_bias; 3) { training: bool = true }
}
impl Op for BatchNormGrad {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        out.fresh(x[1])?;
        out.fresh(x[2])?;
        out.fresh(x[2])
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        floats!(cx.spec(1).dtype, T => {
            let (dw, db) = (cx.out::<T>(1), cx.out::<T>(2));
            let weight = cx.opt(4);
            norm::gradient(cx.get::<T>(1), cx.get(0), cx.get(2), cx.get(3), weight, self.training, Some(cx.out(0)), dw, db);
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
