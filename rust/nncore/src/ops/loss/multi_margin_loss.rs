use crate::ops::cast::cast;
use crate::ops::cross_entropy::Reduction;
use crate::ops::pair_loss::{at_least, named, number, promoted, reduced};
use crate::ops::{add::add, gather::gather, index_select::index_select, mul::mul, reshape::reshape, scale::scale, sub::sub, sum::Sum};
use crate::op::*;
use crate::shape::Spec;
use crate::{dispatch, err, DType, Kind, Result, Tensor};
use nncore_kernels::loss::{self as kernels, Margin};
use smallvec::smallvec;

op! {
    /// Multi-class hinge loss: the sum over the other classes j of `max(0, margin - input[target] + input[j]) ** p`, times
    /// `weight[target]`, over the number of classes.
    ///
    /// Shapes: `input` (N, C) or (C,); `target` (N,) or (), integers in [0, C); `weight` (C,) or None. `p` is 1 or 2.
    /// `reduction`: "mean" of all rows, "sum", or "none" for each. Raises `InvalidValueError` for a label that is out of range,
    /// before anything is written.
    pub MultiMarginLoss = "multi_margin_loss"(input: One + float @ Any, target: One @ Any, weight: Optional + constant @ Any)
        -> (loss; 1) { p: i64 = 1, margin: f64 = 1.0, reduction: Reduction = Reduction::Mean }
        [input, target, p, margin, weight, reduction]
}
op! {
    /// One loss a row of `multi_margin_loss`, of (N, C) and int64 (N,).
    MultiMarginRows = "multi_margin_loss_of_rows"(input: One, target: One, weight: Optional + constant) -> (loss; 1) {
        p: i64 = 1, margin: f64 = 1.0,
    }
}
op! {
    /// Gradient of `multi_margin_loss_of_rows`.
    MultiMarginGrad = "multi_margin_loss_grad"(grad: One, input: One, target: One, weight: Optional + constant) -> (grad_input; 1) {
        p: i64 = 1, margin: f64 = 1.0,
    }
}
impl Function for MultiMarginLoss {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        named::<Self>(ins, self.run(ins))
    }
    fn cases() -> Vec<Case> {
        let case = |p, reduction, x: &[u32], labels: &[i64], t: &[u32], weight: bool| Case {
            attrs: MultiMarginLoss { p, margin: 0.8, reduction }.attrs(),
            inputs: vec![
                Some(crate::ops::sample(1, x)),
                Some(Tensor::from_slice(labels, t).expect("labels")),
                weight.then(|| crate::ops::sample_in(2, &[4], 0.5, 2.0)),
            ],
        };
        vec![
            case(1, Reduction::Mean, &[3, 4], &[3, 0, 1], &[3], false),
            case(2, Reduction::None, &[3, 4], &[3, 3, 1], &[3], true),
            case(1, Reduction::Sum, &[4], &[2], &[], true),
        ]
    }
    fn refusals() -> Vec<Refusal> {
        let s = |d: &[u32]| Some(crate::ops::sample_in(1, d, 0.1, 0.9));
        let t = |labels: &[i64]| Some(Tensor::from_slice(labels, &[labels.len() as u32]).expect("labels"));
        let op = |p| MultiMarginLoss { p, margin: 1.0, reduction: Reduction::Mean };
        refusals(vec![
            (op(1), vec![s(&[2, 4]), t(&[0, 4]), None], Kind::Value, "lie in [0, 4), got 4"),
            (op(1), vec![s(&[2, 4]), s(&[2]), None], Kind::DType, "integer labels expected, got float64"),
            (op(3), vec![s(&[2, 4]), t(&[0, 1]), None], Kind::Value, "p is 1 or 2, got 3"),
            (op(1), vec![s(&[2, 4]), t(&[0]), None], Kind::Shape, "got [2, 4] and [1]"),
            (op(1), vec![s(&[2, 4]), t(&[0, 1]), s(&[3])], Kind::Shape, "a weight of float64(4,) expected"),
        ])
    }
}
impl MultiMarginLoss {
    fn run(&self, ins: &[Option<&Tensor>]) -> Result<Tensor> {
        let own = promoted(&ins[..1])?;
        let (x, t) = (own[0].as_ref().expect("input"), ins[1].expect("target"));
        if t.spec.dtype.is_float() || t.spec.dtype == DType::Bool {
            return Err(err(Kind::DType, format!("integer labels expected, got {}", t.spec.dtype)));
        }
        let n = x.spec.rank();
        if !(1..=2).contains(&n) || t.spec.dims() != &x.spec.dims()[..n - 1] {
            let text = format!("(N, C) and (N,), or (C,) and () expected, got {:?} and {:?}", x.spec.dims(), t.spec.dims());
            return Err(err(Kind::Shape, text));
        }
        let rows = reshape(x, &[t.spec.numel() as i64, x.spec.d(n - 1) as i64])?;
        let labels = reshape(&cast(t, DType::I64)?, &[-1])?;
        let op = MultiMarginRows { p: self.p, margin: self.margin };
        let y = dispatch::apply(&op, &[Some(&rows), Some(&labels), ins[2]])?.swap_remove(0);
        reduced(&if n == 1 { reshape(&y, &[])? } else { y }, self.reduction)
    }
}
fn check_specs(x: &Spec, t: &Spec, weight: Option<&Spec>, p: i64) -> Result<()> {
    if !x.dtype.is_float() || t.dtype != DType::I64 {
        return Err(err(Kind::DType, format!("float scores and int64 labels expected, got {} and {}", x.dtype, t.dtype)));
    }
    if x.rank() != 2 || t.rank() != 1 || x.d(0) != t.d(0) {
        return Err(err(Kind::Shape, format!("(N, C) and (N,) expected, got {:?} and {:?}", x.dims(), t.dims())));
    }
    if let Some(w) = weight.filter(|w| w.dims() != &x.dims()[1..] || w.dtype != x.dtype) {
        return Err(err(Kind::Shape, format!("a weight of {}({},) expected, got {w}", x.dtype, x.d(1))));
    }
    if !(1..=2).contains(&p) {
        return Err(err(Kind::Value, format!("p is 1 or 2, got {p}")));
    }
    Ok(())
}
fn check_labels(cx: &Cpu, at: usize, classes: usize) -> Result<()> {
    match cx.get::<i64>(at).iter().find(|&&l| l < 0 || l >= classes as i64) {
        Some(l) => Err(err(Kind::Value, format!("labels of {classes} classes lie in [0, {classes}), got {l}"))),
        None => Ok(()),
    }
}
impl Op for MultiMarginRows {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        check_specs(&x[0], &x[1], x.opt(2), self.p)?;
        out.fresh(Spec::new(x[0].dtype, x[1].dims()))
    }
    const CHECKS: u32 = 0b10;
    fn check(&self, cx: &Cpu) -> Result<()> {
        check_labels(cx, 1, cx.spec(0).d(1))
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        floats!(cx.spec(0).dtype, T => {
            let p = Margin::<T> { classes: cx.spec(0).d(1), power: self.p, margin: self.margin as T, weights: cx.opt(2) };
            kernels::multi_margin(&p, cx.get(0), cx.get(1), cx.out(0));
        });
        Ok(())
    }
    const DIFFERENTIABLE: bool = true;
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::inputs(0b111)
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let (p, margin) = (self.p, self.margin);
        if cx.create_graph {
            let (t, weight) = (cx.input(1)?, if cx.has(2) { Some(cx.input(2)?) } else { None });
            return cx.through(&[0, 1, 2], |ins| composed(ins[0].as_ref().expect("input"), &t, weight.as_ref(), p, margin));
        }
        let weight = if cx.has(2) { Some(cx.input(2)?) } else { None };
        let ins = [Some(cx.dy(0)), Some(&cx.input(0)?), Some(&cx.input(1)?), weight.as_ref()];
        Ok(smallvec![Some(cx.emit_all(&MultiMarginGrad { p, margin }, &ins)?.swap_remove(0)), None, None])
    }
    fn samples() -> Samples<MultiMarginRows> {
        let labels = Tensor::from_slice(&[3i64, 0, 1], &[3]).expect("labels");
        vec![(MultiMarginRows { p: 2, margin: 0.5 }, vec![Some(crate::ops::sample(1, &[3, 4])), Some(labels), None])]
    }
}
/// The same by ops that have gradients of any order: all classes, less the label's own part, a constant.
fn composed(x: &Tensor, t: &Tensor, weight: Option<&Tensor>, p: i64, margin: f64) -> Result<Tensor> {
    let own = gather(x, 1, &reshape(t, &[-1, 1])?)?;
    let z = at_least(&add(&sub(x, &own)?, &number(margin, x)?)?, 0.0)?;
    let z = if p == 2 { mul(&z, &z)? } else { z };
    let sum = dispatch::one(&Sum { dim: Some(smallvec![1]), keepdim: false }, &[&z])?;
    let label = margin.max(0.0).powi(p as i32);
    let y = scale(&sub(&sum, &number(label, x)?)?, 1.0 / x.spec.d(1) as f64)?;
    weight.map_or(Ok(y.clone()), |w| mul(&y, &index_select(w, 0, t)?))
}
impl Op for MultiMarginGrad {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        check_specs(&x[1], &x[2], x.opt(3), self.p)?;
        out.fresh(x[1])
    }
    const CHECKS: u32 = 0b100;
    fn check(&self, cx: &Cpu) -> Result<()> {
        check_labels(cx, 2, cx.spec(1).d(1))
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        floats!(cx.spec(1).dtype, T => {
            let p = Margin::<T> { classes: cx.spec(1).d(1), power: self.p, margin: self.margin as T, weights: cx.opt(3) };
            kernels::multi_margin_gradient(&p, cx.get(1), cx.get(2), cx.get(0), cx.out(0));
        });
        Ok(())
    }
    fn samples() -> Samples<MultiMarginGrad> {
        let labels = Tensor::from_slice(&[3i64, 0, 1], &[3]).expect("labels");
        let s = |seed, d: &[u32]| Some(crate::ops::sample(seed, d));
        vec![(MultiMarginGrad { p: 1, margin: 0.5 }, vec![s(1, &[3]), s(2, &[3, 4]), Some(labels), None])]
    }
}
