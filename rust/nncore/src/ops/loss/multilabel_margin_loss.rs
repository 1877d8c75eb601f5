use crate::ops::cast::cast;
use crate::ops::cross_entropy::Reduction;
use crate::ops::pair_loss::{named, promoted, reduced};
use crate::ops::{mul::mul, reshape::reshape};
use crate::op::*;
use crate::shape::Spec;
use crate::{dispatch, err, DType, Kind, Result, Tensor};
use nncore_kernels::loss as kernels;
use smallvec::smallvec;

op! {
    /// Hinge loss of rows with several labels each: the sum of `max(0, 1 - input[label] + input[other])` over a row's labels and
    /// the classes that are none of them, over the number of classes.
    ///
    /// Shapes: `input` (N, C) or (C,), `target` the same: a row's labels, integers in [0, C), end at the first -1. `reduction`:
    /// "mean" of all rows, "sum", or "none" for each. Raises `ValueError` for a label that is out of range, before anything is
    /// written.
    pub MultilabelMarginLoss = "multilabel_margin_loss"(input: One + float @ Any, target: One @ Any) -> (loss; 1) {
        reduction: Reduction = Reduction::Mean,
    }
}
op! {
    /// One loss a row of `multilabel_margin_loss`, of (N, C) and int64 (N, C).
    MultilabelMarginRows = "multilabel_margin_loss_of_rows"(input: One, target: One) -> (loss; 1) {}
}
op! {
    /// The slopes of `multilabel_margin_loss_of_rows` by its input: constants, but where a hinge bends.
    MultilabelMarginSlopes = "multilabel_margin_loss_slopes"(input: One, target: One) -> (slopes; 1) {}
}
impl Function for MultilabelMarginLoss {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        named::<Self>(ins, self.run(ins))
    }
    fn cases() -> Vec<Case> {
        let case = |reduction, d: &[u32], labels: &[i64]| Case {
            attrs: MultilabelMarginLoss { reduction }.attrs(),
            inputs: vec![
                Some(crate::ops::sample(1, d)),
                Some(Tensor::from_slice(labels, d).expect("labels")),
            ],
        };
        let labels = [3, 0, -1, 1, -1, 0, 0, 0, 2, 1, 0, 3];
        vec![
            case(Reduction::Mean, &[3, 4], &labels),
            case(Reduction::None, &[3, 4], &labels),
            case(Reduction::Sum, &[4], &[3, 0, -1, 1]),
            case(Reduction::Sum, &[0, 4], &[]),
        ]
    }
    fn refusals() -> Vec<Refusal> {
        let x = |d: &[u32]| Some(crate::ops::sample(1, d));
        let t = |labels: &[i64]| Some(Tensor::from_slice(labels, &[labels.len() as u32]).expect("labels"));
        let op = || MultilabelMarginLoss { reduction: Reduction::Mean };
        refusals(vec![
            (op(), vec![x(&[3]), t(&[0, 3, -1])], Kind::Value, "lie in [-1, 3), got 3"),
            (op(), vec![x(&[3]), t(&[0, -2, 1])], Kind::Value, "lie in [-1, 3), got -2"),
            (op(), vec![x(&[3]), t(&[0, -1])], Kind::Shape, "got [3] and [2]"),
            (op(), vec![x(&[3]), x(&[3])], Kind::DType, "integer labels expected"),
        ])
    }
}
impl MultilabelMarginLoss {
    fn run(&self, ins: &[Option<&Tensor>]) -> Result<Tensor> {
        let own = promoted(&ins[..1])?;
        let (x, t) = (own[0].as_ref().expect("input"), ins[1].expect("target"));
        if t.spec.dtype.is_float() || t.spec.dtype == DType::Bool {
            return Err(err(Kind::DType, format!("integer labels expected, got {}", t.spec.dtype)));
        }
        let n = x.spec.rank();
        if !(1..=2).contains(&n) || t.spec.dims() != x.spec.dims() {
            let text = format!("(N, C) or (C,) for both expected, got {:?} and {:?}", x.spec.dims(), t.spec.dims());
            return Err(err(Kind::Shape, text));
        }
        let t = cast(t, DType::I64)?;
        if n == 2 {
            return reduced(&dispatch::one(&MultilabelMarginRows {}, &[x, &t])?, self.reduction);
        }
        let row = |t: &Tensor| reshape(t, &[1, t.spec.d(0) as i64]);
        let y = dispatch::one(&MultilabelMarginRows {}, &[&row(x)?, &row(&t)?])?;
        reduced(&reshape(&y, &[])?, self.reduction)
    }
}
fn check_specs(x: Specs) -> Result<()> {
    if !x[0].dtype.is_float() || x[1].dtype != DType::I64 || x[0].rank() != 2 || x[0].dims() != x[1].dims() {
        return Err(err(Kind::Shape, format!("floats (N, C) and int64 (N, C) expected, got {} and {}", x[0], x[1])));
    }
    Ok(())
}
fn check_labels(cx: &Cpu) -> Result<()> {
    let classes = cx.spec(0).d(1) as i64;
    match cx.get::<i64>(1).iter().find(|l| !(-1..classes).contains(*l)) {
        Some(l) => Err(err(Kind::Value, format!("labels of {classes} classes lie in [-1, {classes}), got {l}"))),
        None => Ok(()),
    }
}
impl Op for MultilabelMarginRows {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        check_specs(x)?;
        out.fresh(Spec::new(x[0].dtype, &x[0].dims()[..1]))
    }
    const CHECKS: u32 = 0b10;
    fn check(&self, cx: &Cpu) -> Result<()> {
        check_labels(cx)
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        floats!(cx.spec(0).dtype, T => kernels::multilabel_margin::<T>(cx.spec(0).d(1), cx.get(0), cx.get(1), cx.out(0)));
        Ok(())
    }
    const DIFFERENTIABLE: bool = true;
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::inputs(0b11)
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let slopes = cx.emit(&MultilabelMarginSlopes {}, &[&cx.input(0)?.detach(), &cx.input(1)?])?;
        let dy = reshape(cx.dy(0), &[cx.spec(0).d(0) as i64, 1])?;
        Ok(smallvec![Some(mul(&dy, &slopes)?), None])
    }
    fn cost(&self, x: Specs, outs: &Outs) -> Cost {
        let classes = x[0].dims()[1] as u64;
        Cost { flops: 3 * x[0].numel() as u64 * classes / 4, bytes: (x.bytes() + outs.bytes()) as u64 }
    }
    fn refusals() -> Refusals<MultilabelMarginRows> {
        vec![(MultilabelMarginRows {}, given::floats(&[&[2, 3], &[2, 3]]), Kind::Shape, "int64 (N, C) expected")]
    }
    fn samples() -> Samples<MultilabelMarginRows> {
        let labels = Tensor::from_slice(&[1i64, -1, 0, 2, 0, -1], &[2, 3]).expect("labels");
        vec![(MultilabelMarginRows {}, vec![Some(crate::ops::sample(1, &[2, 3])), Some(labels)])]
    }
}
impl Op for MultilabelMarginSlopes {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        check_specs(x)?;
        out.fresh(x[0].contiguous())
    }
    const CHECKS: u32 = 0b10;
    fn check(&self, cx: &Cpu) -> Result<()> {
        check_labels(cx)
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        let classes = cx.spec(0).d(1);
        floats!(cx.spec(0).dtype, T => kernels::multilabel_margin_slopes::<T>(classes, cx.get(0), cx.get(1), cx.out(0)));
        Ok(())
    }
    fn samples() -> Samples<MultilabelMarginSlopes> {
        let labels = Tensor::from_slice(&[1i64, -1, 0, 2, 0, -1], &[2, 3]).expect("labels");
        vec![(MultilabelMarginSlopes {}, vec![Some(crate::ops::sample(1, &[2, 3])), Some(labels)])]
    }
}
