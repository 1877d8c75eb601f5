use crate::ops::cast::cast;
use crate::ops::cross_entropy::Reduction;
use crate::ops::pair_loss::named;
use crate::op::*;
use crate::shape::{Dims, Spec};
use crate::{dispatch, err, DType, Kind, Result, Tensor};
use nncore_kernels::loss::{self as kernels, Nll};
use smallvec::smallvec;

op! {
    /// Negative log-likelihood: `-weight[target] * input[target]`, of logarithms of probabilities.
    ///
    /// Shapes: `input` (N, C), (C,) or (N, C, d1, ...); `target` (N,), () or (N, d1, ...), integers in [0, C) or `ignore_index`;
    /// `weight` (C,) or None. "mean" divides by the sum of the weights of the labels, "none" gives the losses in the shape of
    /// the labels. Raises `InvalidValueError` for a label that is out of range, before anything is written.
    pub NllLoss = "nll_loss"(input: One + float @ Any, target: One @ Any, weight: Optional + constant @ Any) -> (loss; 1) {
        ignore_index: i64 = -100, reduction: Reduction = Reduction::Mean,
    } [input, target, weight, ignore_index, reduction]
}
op! {
    /// `nll_loss` of int64 labels. Also gives the total of the labels' weights, which its gradient reads.
    NllRows = "nll_loss_of_labels"(input: One + float, target: One, weight: Optional + constant) -> (loss, total; 1) {
        ignore_index: i64 = -100, reduction: Reduction = Reduction::Mean,
    }
}
op! {
    /// Gradient of `nll_loss` with respect to the scores.
    NllLossGrad = "nll_loss_grad"(grad: One, target: One, total: One + constant, weight: Optional + constant) -> (grad_input; 1) {
        classes: i64, ignore_index: i64 = -100, reduction: Reduction = Reduction::Mean,
    } [grad, target, total, classes, weight, ignore_index, reduction]
}
/// Where classes lie: (C,), (N, C) or (N, C, ...).
fn axis(rank: usize) -> usize {
    usize::from(rank > 1)
}
fn without(x: &Spec, at: usize) -> Dims {
    x.dims().iter().enumerate().filter(|(i, _)| *i != at).map(|(_, &d)| d).collect()
}
fn labels(of: &Spec, classes: usize) -> (usize, usize) {
    // Positions after the batch: a lone label is one.
    (classes, (1..of.rank()).map(|i| of.d(i)).product())
}
fn check_labels(cx: &Cpu, at: usize, classes: usize, ignore: i64) -> Result<()> {
    let labels = cx.get::<i64>(at);
    match labels.iter().position(|&l| l != ignore && (l < 0 || l >= classes as i64)) {
        Some(i) => {
            Err(err(Kind::Value, format!("target[{i}] is {}, labels of {classes} classes lie in [0, {classes})", labels[i])))
        }
        None => Ok(()),
    }
}
fn check_weight(w: Option<&Spec>, dtype: DType, classes: usize) -> Result<()> {
    match w {
        Some(w) if w.dtype != dtype || w.shape()[..] != [classes as i64] => {
            Err(err(Kind::Shape, format!("a weight of {dtype}({classes},) expected, got {w}")))
        }
        _ => Ok(()),
    }
}
impl Function for NllLoss {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        let run = || {
            let t = ins[1].expect("target");
            if t.spec.dtype.is_float() || t.spec.dtype == DType::Bool {
                return Err(err(Kind::DType, format!("integer labels expected, got {}", t.spec.dtype)));
            }
            let op = NllRows { ignore_index: self.ignore_index, reduction: self.reduction };
            let t = cast(t, DType::I64)?;
            Ok(dispatch::apply(&op, &[ins[0], Some(&t), ins[2]])?.swap_remove(0))
        };
        named::<Self>(ins, run())
    }
    fn cases() -> Vec<Case> {
        let case = |reduction, x: &[u32], labels: &[i64], t: &[u32], weight: bool| Case {
            attrs: NllLoss { ignore_index: -1, reduction }.attrs(),
            inputs: vec![
                Some(crate::ops::sample_in(1, x, -3.0, 0.0)),
                Some(Tensor::from_slice(labels, t).expect("labels")),
                weight.then(|| crate::ops::sample_in(2, &[4], 0.5, 2.0)),
            ],
        };
        vec![
            case(Reduction::Mean, &[3, 4], &[3, 0, 1], &[3], false),
            case(Reduction::Mean, &[3, 4], &[3, -1, 1], &[3], true),
            case(Reduction::Sum, &[4], &[2], &[], true),
            case(Reduction::None, &[2, 4, 3], &[0, 1, 2, 3, -1, 1], &[2, 3], true),
            case(Reduction::Sum, &[0, 4], &[], &[0], false),
        ]
    }
    fn refusals() -> Vec<Refusal> {
        let s = |d: &[u32]| Some(crate::ops::sample_in(1, d, 0.1, 0.9));
        let t = |labels: &[i64]| Some(Tensor::from_slice(labels, &[labels.len() as u32]).expect("labels"));
        let op = || NllLoss { ignore_index: -100, reduction: Reduction::Mean };
        refusals(vec![
            (op(), vec![s(&[2, 4]), t(&[0, 4]), None], Kind::Value, "target[1] is 4, labels of 4 classes lie in [0, 4)"),
            (op(), vec![s(&[2, 4]), t(&[-1, 0]), None], Kind::Value, "target[0] is -1"),
            (op(), vec![s(&[2, 4]), t(&[0]), None], Kind::Shape, "labels of shape [2] expected, got [1]"),
            (op(), vec![s(&[2, 4]), s(&[2]), None], Kind::DType, "integer labels expected, got float64"),
            (op(), vec![s(&[2, 4]), t(&[0, 1]), s(&[3])], Kind::Shape, "a weight of float64(4,) expected"),
        ])
    }
}
impl Op for NllRows {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        let (a, t) = (&x[0], &x[1]);
        if !a.dtype.is_float() || t.dtype != DType::I64 {
            return Err(err(Kind::DType, format!("float scores and integer labels expected, got {} and {}", a.dtype, t.dtype)));
        }
        let expected = without(a, axis(a.rank()));
        if a.rank() == 0 || t.dims() != &expected[..] {
            return Err(err(Kind::Shape, format!("labels of shape {:?} expected, got {:?}", &expected[..], t.dims())));
        }
        check_weight(x.opt(2), a.dtype, a.d(axis(a.rank())))?;
        out.fresh(if self.reduction == Reduction::None { Spec::new(a.dtype, t.dims()) } else { Spec::scalar(a.dtype) })?;
        out.fresh(Spec::scalar(a.dtype))
    }
    const CHECKS: u32 = 0b10;
    fn check(&self, cx: &Cpu) -> Result<()> {
        check_labels(cx, 1, cx.spec(0).d(axis(cx.spec(0).rank())), self.ignore_index)
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        let (classes, positions) = labels(cx.spec(1), cx.spec(0).d(axis(cx.spec(0).rank())));
        floats!(cx.spec(0).dtype, T => {
            let p = Nll::<T> { classes, positions, weights: cx.opt(2), ignore: self.ignore_index };
            let out = cx.out::<T>(0);
            let (x, t) = (cx.get(0), cx.get(1));
            let (sum, total) = match self.reduction {
                Reduction::None => kernels::nll(&p, x, t, Some(&mut *out)),
                _ => kernels::nll(&p, x, t, None),
            };
            match self.reduction {
                Reduction::None => {}
                Reduction::Sum => out[0] = sum as T,
                Reduction::Mean => out[0] = (sum / total) as T,
            }
            cx.out::<T>(1)[0] = total as T;
        });
        Ok(())
    }
    const AUTOCAST: Autocast = Autocast::High;
    const DIFFERENTIABLE: bool = true;
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::both(0b110, 0b10)
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let Some(dy) = cx.opt_dy(0) else { return Ok(smallvec![None, None, None]) };
        let weight = if cx.has(2) { Some(cx.input(2)?) } else { None };
        let x = cx.spec(0);
        let op = NllLossGrad {
            classes: x.d(axis(x.rank())) as i64,
            ignore_index: self.ignore_index,
            reduction: self.reduction,
        };
        let ins = [Some(dy), Some(&cx.input(1)?), Some(&cx.output(1)?.detach()), weight.as_ref()];
        Ok(smallvec![Some(cx.emit_all(&op, &ins)?.swap_remove(0)), None, None])
    }
    fn cost(&self, x: Specs, outs: &Outs) -> Cost {
        // One score of each row is read.
        Cost { flops: 2 * x[1].numel() as u64, bytes: (2 * x[1].bytes() + outs.bytes()) as u64 }
    }
    fn samples() -> Samples<NllRows> {
        let labels = Tensor::from_slice(&[3i64, 0, 1], &[3]).expect("labels");
        let op = NllRows { ignore_index: 0, reduction: Reduction::Mean };
        vec![(op, vec![Some(crate::ops::sample(1, &[3, 4])), Some(labels), Some(crate::ops::sample_in(2, &[4], 0.5, 2.0))])]
    }
}
impl Op for NllLossGrad {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        let (g, t) = (&x[0], &x[1]);
        let fits = if self.reduction == Reduction::None { g.dims() == t.dims() } else { g.numel() == 1 };
        if !fits || !g.dtype.is_float() || t.dtype != DType::I64 {
            return Err(err(Kind::Shape, format!("a gradient like the loss expected, got {g} with labels {t}")));
        }
        check_weight(x.opt(3), g.dtype, self.classes as usize)?;
        let mut dims: Dims = t.dims().into();
        dims.insert(axis(t.rank() + 1), self.classes as u32);
        out.fresh(Spec::new(g.dtype, &dims))
    }
    const CHECKS: u32 = 0b10;
    fn check(&self, cx: &Cpu) -> Result<()> {
        check_labels(cx, 1, self.classes as usize, self.ignore_index)
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        let (classes, positions) = labels(cx.spec(1), self.classes as usize);
        floats!(cx.spec(0).dtype, T => {
            let p = Nll::<T> { classes, positions, weights: cx.opt(3), ignore: self.ignore_index };
            let g = cx.get::<T>(0);
            let mean = [g.first().map_or(0.0, |g| g / cx.get::<T>(2)[0])];
            let g = if self.reduction == Reduction::Mean { &mean[..] } else { g };
            kernels::nll_gradient(&p, cx.get(1), g, cx.out(0));
        });
        Ok(())
    }
    const DIFFERENTIABLE: bool = true;
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::inputs(0b1010)
    }
    /// It is linear in `grad`: what comes back is the loss of its own gradient.
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let weight = if cx.has(3) { Some(cx.input(3)?) } else { None };
        let op = NllRows { ignore_index: self.ignore_index, reduction: self.reduction };
        let y = cx.emit_all(&op, &[Some(cx.dy(0)), Some(&cx.input(1)?), weight.as_ref()])?.swap_remove(0);
        Ok(smallvec![Some(y), None, None, None])
    }
    fn cost(&self, x: Specs, outs: &Outs) -> Cost {
        Cost { flops: x[1].numel() as u64, bytes: (x[1].bytes() + outs.bytes()) as u64 }
    }
    fn samples() -> Samples<NllLossGrad> {
        let case = |reduction, g: &[u32]| {
            let labels = Tensor::from_slice(&[3i64, 0, 1], &[3]).expect("labels");
            let total = Tensor::scalar(2.0f64).expect("a scalar");
            let op = NllLossGrad { classes: 4, ignore_index: 0, reduction };
            (op, vec![Some(crate::ops::sample(1, g)), Some(labels), Some(total), None])
        };
        vec![case(Reduction::None, &[3]), case(Reduction::Mean, &[])]
    }
}
