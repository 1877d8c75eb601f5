use crate::ops::cross_entropy::Reduction;
use crate::ops::pair_loss::{at_least, named, number, promoted, reduced};
use crate::ops::{add::add, comparison::eq, div::div, mul::mul, sqrt::sqrt, sub::sub, sum::Sum, where_::where_};
use crate::op::*;
use crate::shape::broadcast;
use crate::{dispatch, err, Kind, Result, Tensor};
use smallvec::smallvec;

op! {
    /// Of pairs of vectors: `1 - cos` of their angle where the target is 1, `max(0, cos - margin)` where it is -1.
    ///
    /// Shapes: (N, D), (N, D) and (N,), or (D,), (D,) and (); the first two broadcast. `reduction`: "mean" of all
    /// pairs, "sum", or "none" for each.
    pub CosineEmbeddingLoss = "cosine_embedding_loss"(input1: One + float @ Any, input2: One + float @ Any, target: One @ Any)
        -> (loss; 1) { margin: f64 = 0.0, reduction: Reduction = Reduction::Mean }
}
impl Function for CosineEmbeddingLoss {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        named::<Self>(ins, self.run(ins))
    }
    fn cases() -> Vec<Case> {
        let case = |reduction, d: &[u32], t: Tensor| Case {
            attrs: CosineEmbeddingLoss { margin: -0.9, reduction }.attrs(),
            inputs: vec![Some(crate::ops::sample(1, d)), Some(crate::ops::sample(2, d)), Some(t)],
        };
        let labels = || Tensor::from_slice(&[1i64, -1, -1], &[3]).expect("labels");
        vec![
            case(Reduction::Mean, &[3, 4], labels()),
            case(Reduction::None, &[3, 2], labels()),
            case(Reduction::Sum, &[4], Tensor::scalar(-1i64).expect("a label")),
        ]
    }
    fn refusals() -> Vec<Refusal> {
        let op = || CosineEmbeddingLoss { margin: 0.0, reduction: Reduction::Mean };
        refusals(vec![
            (op(), given::floats(&[&[3, 4], &[3, 4], &[4]]), Kind::Shape, "expected, got [3, 4], [3, 4] and [4]"),
            (op(), given::floats(&[&[], &[], &[]]), Kind::Shape, "expected, got [], [] and []"),
            (op(), given::floats(&[&[3, 4], &[3, 5], &[3]]), Kind::Shape, "expected, got [3, 4], [3, 5] and [3]"),
        ])
    }
}
impl CosineEmbeddingLoss {
    fn run(&self, ins: &[Option<&Tensor>]) -> Result<Tensor> {
        let own = promoted(&ins[..2])?;
        let (a, b, t) = (own[0].as_ref().expect("input1"), own[1].as_ref().expect("input2"), ins[2].expect("target"));
        let n = a.spec.rank();
        let whole = broadcast(a.spec.dims(), b.spec.dims()).filter(|_| (1..=2).contains(&n) && b.spec.rank() == n);
        if whole.is_none_or(|dims| t.spec.dims() != &dims[..n - 1]) {
            let given = format!("{:?}, {:?} and {:?}", a.spec.dims(), b.spec.dims(), t.spec.dims());
            let text = format!("(N, D), (N, D) and (N,), or (D,), (D,) and () expected, got {given}");
            return Err(err(Kind::Shape, text));
        }
        let total = |x: &Tensor, y: &Tensor| {
            dispatch::one(&Sum { dim: Some(smallvec![-1]), keepdim: false }, &[&mul(x, y)?])
        };
        let long = |x: &Tensor| -> Result<Tensor> {
            let s = total(x, x)?;
            add(&s, &number(1e-12, &s)?)
        };
        let cos = div(&total(a, b)?, &sqrt(&mul(&long(a)?, &long(b)?)?)?)?;
        let (one, zero) = (number(1.0, &cos)?, number(0.0, &cos)?);
        let is = |v: f64| eq(t, &number(v, t)?);
        let near = where_(&is(1.0)?, &sub(&one, &cos)?, &zero)?;
        let far = where_(&is(-1.0)?, &at_least(&sub(&cos, &number(self.margin, &cos)?)?, 0.0)?, &zero)?;
        reduced(&add(&near, &far)?, self.reduction)
    }
}
