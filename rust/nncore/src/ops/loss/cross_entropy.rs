use crate::ops::{add::add, cast::cast, class_probabilities::ClassProbabilities, mean, mul::mul, neg::Neg, reshape::reshape, softmax::log_softmax, sum::Sum};
use crate::op::*;
use crate::shape::Spec;
use crate::{dispatch, err, DType, Kind, Result, Tensor};
use nncore_kernels::num::Number;
use nncore_kernels::softmax::{self as kernels, Classes};
use smallvec::smallvec;

choice! {
    /// What becomes of the losses of a batch.
    Reduction { None = "none", Mean = "mean", Sum = "sum" }
}
op! {
    /// Softmax cross-entropy: `-log(softmax(input)[target])`, from unnormalised logits.
    ///
    /// Shapes: `input` (N, C), (C,) or (N, C, d1, ...); `target` of class labels (N,), () or (N, d1, ...), integers in [0, C)
    /// or `ignore_index`; or of class probabilities, floats in the shape of `input`. `weight` (C,) rescales classes. "mean"
    /// divides by the sum of the weights of the labels (of probabilities: by the number of rows), "none" gives the losses in the shape of the
    /// labels. `label_smoothing` in [0, 1] mixes the target with a uniform distribution. Raises `InvalidValueError` for a
    /// label that is out of range and for a probability that is negative, infinite or NaN, before anything is written.
    pub CrossEntropy = "cross_entropy"(input: One + float @ Any, target: One @ Any, weight: Optional + constant @ Any) -> (loss; 1) {
        ignore_index: i64 = -100, reduction: Reduction = Reduction::Mean, label_smoothing: f64 = 0.0,
    }
}
op! {
    /// `cross_entropy` of rows: logits (N, C), labels (N,). Also gives the probabilities and the labels' total weight, which
    /// the gradient reads.
    SoftmaxCrossEntropy = "softmax_cross_entropy"(input: One, target: One, weight: Optional + constant) -> (loss, probabilities, total; 1) {
        ignore_index: i64 = -100, reduction: Reduction = Reduction::Mean, label_smoothing: f64 = 0.0,
    }
}
op! {
    /// Gradient of `softmax_cross_entropy` with respect to the logits.
    SoftmaxCrossEntropyGrad = "softmax_cross_entropy_grad"(grad: One, probabilities: One, target: One, total: One, weight: Optional)
        -> (grad_input; 1) { ignore_index: i64 = -100, reduction: Reduction = Reduction::Mean, label_smoothing: f64 = 0.0 }
}
fn check_labels(cx: &Cpu, at: usize, classes: usize, ignore: i64) -> Result<()> {
    let labels = cx.get::<i64>(at);
    match labels.iter().position(|&l| l != ignore && (l < 0 || l >= classes as i64)) {
        Some(i) => Err(err(Kind::Value, format!("target[{i}] is {}, labels of {classes} classes lie in [0, {classes})", labels[i]))),
        None => Ok(()),
    }
}
fn check_specs(x: Specs, target: usize, weight: usize, smoothing: f64) -> Result<()> {
    let (a, t) = (&x[0], &x[target]);
    if !a.dtype.is_float() || t.dtype != DType::I64 {
        return Err(err(Kind::DType, format!("float logits and integer labels expected, got {} and {}", a.dtype, t.dtype)));
    }
    if a.ndim != 2 || t.ndim != 1 || a.d(0) != t.d(0) {
        return Err(err(Kind::Shape, format!("logits (N, C) and labels (N,) expected, got {:?} and {:?}", a.dims(), t.dims())));
    }
    if let Some(w) = x.opt(weight) {
        if w.dtype != a.dtype || w.dims() != &a.dims()[1..] {
            return Err(err(Kind::Shape, format!("a weight of {}({},) expected, got {w}", a.dtype, a.d(1))));
        }
    }
    if !(0.0..=1.0).contains(&smoothing) {
        return Err(err(Kind::Value, format!("label_smoothing lies in [0, 1], got {smoothing}")));
    }
    Ok(())
}
impl Op for SoftmaxCrossEntropy {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        check_specs(x, 1, 2, self.label_smoothing)?;
        let a = &x[0];
        out.fresh(match self.reduction {
            Reduction::None => Spec::new(a.dtype, &a.dims()[..1]),
            _ => Spec::scalar(a.dtype),
        })?;
        out.fresh(a.contiguous())?;
        out.fresh(Spec::scalar(a.dtype))
    }
    const CHECKS: u32 = 0b10;
    fn check(&self, cx: &Cpu) -> Result<()> {
        check_labels(cx, 1, cx.spec(0).d(1), self.ignore_index)
    }
    const SCRATCH: bool = true;
    fn scratch(&self, x: Specs) -> usize {
        2 * x[0].d(0) * x[0].dtype.size()
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        let (n, count) = (cx.spec(0).d(0), cx.spec(0).d(1));
        floats!(cx.spec(0).dtype, T => {
            let classes = Classes::<T> { count, weights: cx.opt(2), smoothing: self.label_smoothing, ignore: Some(self.ignore_index) };
            // The scratch is aligned and holds two rows of n.
            let rows = match n {
                0 => &mut [],
                _ => unsafe { std::slice::from_raw_parts_mut(cx.scratch as *mut T, 2 * n) },
            };
            let (losses, weights) = rows.split_at_mut(n);
            kernels::cross_entropy(&classes, cx.get(0), cx.get(1), cx.out(1), losses, weights);
            let sum = |v: &[T]| v.iter().map(|v| v.f64()).sum::<f64>();
            let total = sum(weights);
            cx.out::<T>(2)[0] = T::of(total);
            match self.reduction {
                Reduction::None => cx.out::<T>(0).copy_from_slice(losses),
                Reduction::Sum => cx.out::<T>(0)[0] = T::of(sum(losses)),
                Reduction::Mean => cx.out::<T>(0)[0] = T::of(sum(losses) / total),
            }
        });
        Ok(())
    }
    const AUTOCAST: Autocast = Autocast::High;
    const DIFFERENTIABLE: bool = true;
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::both(0b110, 0b110)
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let SoftmaxCrossEntropy { ignore_index, reduction, label_smoothing } = *self;
        let op = SoftmaxCrossEntropyGrad { ignore_index, reduction, label_smoothing };
        // Nothing outside sees the other outputs.
        let Some(dy) = cx.opt_dy(0) else { return Ok(smallvec![None, None, None]) };
        let weight = if cx.has(2) { Some(cx.input(2)?) } else { None };
        let (p, total) = (cx.output(1)?.detach(), cx.output(2)?.detach());
        let ins = [Some(dy), Some(&p), Some(&cx.input(1)?), Some(&total), weight.as_ref()];
        Ok(smallvec![Some(cx.emit_all(&op, &ins)?.swap_remove(0)), None, None])
    }
    fn cost(&self, x: Specs, outs: &Outs) -> Cost {
        Cost { flops: 8 * x[0].numel() as u64, bytes: (x.bytes() + outs.bytes()) as u64 }
    }
    fn samples() -> Samples<SoftmaxCrossEntropy> {
        let op = SoftmaxCrossEntropy { ignore_index: -100, reduction: Reduction::Sum, label_smoothing: 0.1 };
        vec![(op, vec![Some(crate::ops::sample(1, &[3, 4])), Some(labels(&[3, 0, 1])), None])]
    }
}
impl Op for SoftmaxCrossEntropyGrad {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        out.fresh(x[1])
    }
    const CHECKS: u32 = 0b100;
    fn check(&self, cx: &Cpu) -> Result<()> {
        check_labels(cx, 2, cx.spec(1).d(1), self.ignore_index)
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        let count = cx.spec(1).d(1);
        floats!(cx.spec(1).dtype, T => {
            let classes = Classes::<T> { count, weights: cx.opt(4), smoothing: self.label_smoothing, ignore: Some(self.ignore_index) };
            let dy = cx.get::<T>(0);
            let mean = [if dy.is_empty() { 0.0 } else { dy[0] / cx.get::<T>(3)[0] }];
            let scale = if self.reduction == Reduction::Mean { &mean[..] } else { dy };
            kernels::cross_entropy_grad(&classes, cx.get(1), cx.get(2), scale, cx.out(0));
        });
        Ok(())
    }
    fn samples() -> Samples<SoftmaxCrossEntropyGrad> {
        let op = SoftmaxCrossEntropyGrad { ignore_index: -100, reduction: Reduction::Mean, label_smoothing: 0.1 };
        let p = Some(crate::ops::sample_in(1, &[3, 4], 0.1, 0.4));
        let (one, three) = (Tensor::scalar(1.0f64).expect("a scalar"), Tensor::scalar(3.0f64).expect("a scalar"));
        vec![(op, vec![Some(one), p, Some(labels(&[3, 0, 1])), Some(three), None])]
    }
}
fn labels(values: &[i64]) -> Tensor {
    Tensor::from_slice(values, &[values.len() as u32]).expect("labels")
}

impl Function for CrossEntropy {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        let (x, t) = (ins[0].expect("input"), ins[1].expect("target"));
        if ins[2].is_some_and(|w| w.requires_grad()) {
            let mut e = err(Kind::NoGradient, "weight is a constant of the loss; pass weight.detach()");
            e.op = "cross_entropy";
            return Err(e);
        }
        let y = match t.spec.dtype.is_float() {
            false => self.of_labels(x, t, ins[2]),
            true => self.of_probabilities(x, t, ins[2]),
        };
        y.map(|y| smallvec![y]).map_err(|mut e| {
            e.op = "cross_entropy";
            e.specs = ins.iter().flatten().map(|t| t.spec).collect();
            e
        })
    }
    fn refusals() -> Vec<Refusal> {
        let op = |label_smoothing| CrossEntropy { ignore_index: -1, reduction: Reduction::Mean, label_smoothing };
        let x = || Some(crate::ops::sample(1, &[3, 4]));
        let w = |n| Some(crate::ops::sample_in(2, &[n], 0.5, 2.0));
        let soft = |d: &[u32]| Some(crate::ops::sample_in(3, d, 0.1, 0.4));
        refusals(vec![
            (op(0.0), vec![x(), Some(labels(&[0, 4, 1])), None], Kind::Value, "4"),
            (op(0.0), vec![given::float(&[]), Some(labels(&[0])), None], Kind::Shape, "at least one dimension expected, got a 0-d tensor"),
            (op(0.0), vec![given::zeros(DType::I64, &[3, 4]), Some(labels(&[0, 1, 2])), None], Kind::DType, "float logits and integer labels expected, got int64 and int64"),
            (op(0.0), vec![x(), Some(labels(&[0, 1])), None], Kind::Shape, "3"),
            (op(1.5), vec![x(), Some(labels(&[0, 1, 2])), None], Kind::Value, "label_smoothing lies in [0, 1], got 1.5"),
            (op(0.0), vec![x(), Some(labels(&[0, 1, 2])), w(3)], Kind::Shape, "a weight of float64(4,) expected"),
            (op(0.0), vec![x(), soft(&[3, 4]), w(1)], Kind::Shape, "a weight for each of the 4 classes expected"),
            (op(0.0), vec![x(), soft(&[3, 5]), None], Kind::Shape, "in the shape of the logits"),
        ])
    }
    fn cases() -> Vec<Case> {
        let case = |reduction, label_smoothing, x: &[u32], target: Tensor, weight: bool| Case {
            attrs: CrossEntropy { ignore_index: -1, reduction, label_smoothing }.attrs(),
            inputs: vec![Some(crate::ops::sample(1, x)), Some(target), weight.then(|| crate::ops::sample_in(2, &[4], 0.5, 2.0))],
        };
        let spatial = Tensor::from_slice(&[0i64, 1, 2, 3, -1, 1], &[3, 2]).expect("labels");
        let soft = crate::ops::sample_in(5, &[3, 4], 0.1, 0.4);
        vec![
            case(Reduction::Mean, 0.0, &[3, 4], labels(&[3, 0, 1]), false),
            case(Reduction::Mean, 0.1, &[3, 4], labels(&[3, -1, 1]), true),
            case(Reduction::Sum, 0.2, &[3, 4], labels(&[3, 0, 0]), false),
            case(Reduction::None, 0.0, &[3, 4], labels(&[2, 0, 1]), true),
            case(Reduction::None, 0.0, &[3, 4, 2], spatial, false),
            case(Reduction::Mean, 0.1, &[3, 4], soft, true),
        ]
    }
}
impl CrossEntropy {
    fn of_labels(&self, x: &Tensor, t: &Tensor, weight: Option<&Tensor>) -> Result<Tensor> {
        let (n, shape) = (x.spec.rank(), x.spec.shape());
        // (C,) is a row; (N, C, d1, ...) is a row for each position.
        let rows = match n {
            0 => return Err(err(Kind::Shape, "logits of at least one dimension expected, got a 0-d tensor")),
            1 => reshape(x, &[1, shape[0]])?,
            2 => x.clone(),
            _ => {
                let mut order: Ints = (0..n as i64).filter(|&d| d != 1).collect();
                order.push(1);
                let last = dispatch::one(&crate::ops::permute::Permute { dims: order }, &[x])?;
                reshape(&last, &[-1, shape[1]])?
            }
        };
        let expected: Ints = shape.iter().enumerate().filter(|(i, _)| *i != if n == 1 { 0 } else { 1 }).map(|(_, &d)| d).collect();
        if t.spec.shape() != expected {
            return Err(err(Kind::Shape, format!("labels of shape {:?} expected, got {:?}", &expected[..], t.spec.dims())));
        }
        let flat = reshape(&cast(t, DType::I64)?, &[rows.spec.d(0) as i64])?;
        let CrossEntropy { ignore_index, reduction, label_smoothing } = *self;
        let op = SoftmaxCrossEntropy { ignore_index, reduction, label_smoothing };
        let y = dispatch::apply(&op, &[Some(&rows), Some(&flat), weight])?.swap_remove(0);
        match reduction {
            Reduction::None if n != 2 => reshape(&y, &expected),
            _ => Ok(y),
        }
    }
    fn of_probabilities(&self, x: &Tensor, t: &Tensor, weight: Option<&Tensor>) -> Result<Tensor> {
        if x.spec.dims() != t.spec.dims() {
            return Err(err(
                Kind::Shape,
                format!("a float target holds class probabilities in the shape of the logits, {:?}; labels must be integers", x.spec.dims()),
            ));
        }
        if !(0.0..=1.0).contains(&self.label_smoothing) {
            return Err(err(Kind::Value, format!("label_smoothing lies in [0, 1], got {}", self.label_smoothing)));
        }
        dispatch::apply(&ClassProbabilities {}, &[Some(t)])?;
        let dim = if x.spec.rank() == 1 { 0 } else { 1 };
        let classes = x.spec.d(dim) as f64;
        let mut t = cast(t, x.spec.dtype)?;
        if self.label_smoothing > 0.0 {
            let number = |value: f64| constant(value, x.spec.dtype);
            t = add(&mul(&t, &number(1.0 - self.label_smoothing)?)?, &number(self.label_smoothing / classes)?)?;
        }
        if let Some(w) = weight {
            if w.spec.dims() != [x.spec.dims()[dim]] {
                return Err(err(Kind::Shape, format!("a weight for each of the {classes} classes expected, got {}", w.spec)));
            }
            let mut shape: Ints = smallvec![1; x.spec.rank()];
            shape[dim] = -1;
            t = mul(&t, &reshape(w, &shape)?)?;
        }
        let terms = mul(&t, &log_softmax(x, dim as i64)?)?;
        let losses = dispatch::one(&Neg {}, &[&dispatch::one(&Sum { dim: Some(smallvec![dim as i64]), keepdim: false }, &[&terms])?])?;
        match self.reduction {
            Reduction::None => Ok(losses),
            Reduction::Sum => crate::ops::sum::sum(&losses),
            Reduction::Mean => mean::mean(&losses),
        }
    }
}
fn constant(value: f64, dtype: DType) -> Result<Tensor> {
    Ok(dispatch::apply(&crate::ops::full::Full { shape: Ints::new(), value, dtype }, &[])?.swap_remove(0))
}

/// The mean cross-entropy of logits (N, C) and labels (N,).
pub fn cross_entropy(x: &Tensor, labels: &Tensor) -> Result<Tensor> {
    let op = CrossEntropy { ignore_index: -100, reduction: Reduction::Mean, label_smoothing: 0.0 };
    Ok(op.call(&[Some(x), Some(labels), None])?.swap_remove(0))
}
