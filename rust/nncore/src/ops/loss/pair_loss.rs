use crate::ops::cross_entropy::Reduction;
use crate::ops::{add::add, comparison, cast::cast, copy, exp::exp, expand::expand, full, log::log, mean, mul::mul};
use crate::ops::{neg::Neg, scale::scale, sub::sub, sum, where_::where_};
use crate::op::*;
use crate::shape::{broadcast, Dim, Spec};
use crate::{dispatch, err, DType, Kind, Result, Tensor};
use nncore_kernels::loss::{self as kernels, with_pair};
use smallvec::{smallvec, SmallVec};

choice! {
    /// Which loss of a prediction x and a target t.
    PairKind {
        Square = "square", Absolute = "absolute", SmoothL1 = "smooth_l1", Huber = "huber", Bce = "bce",
        BceLogits = "bce_logits", SoftMargin = "soft_margin", HingeEmbedding = "hinge_embedding",
        MarginRanking = "margin_ranking", Poisson = "poisson", PoissonLog = "poisson_log", Kl = "kl", KlLog = "kl_log",
    }
}
op! {
    /// Loss of each pair of prediction and target, or its sum or mean, in one pass. `parameter` is what the kind calls beta,
    /// delta, margin or eps.
    PairLoss = "pair_loss"(input: One @ Dense, target: One @ Dense) -> (loss; 1) {
        kind: PairKind, parameter: f64 = 1.0, reduction: Reduction = Reduction::Mean,
    }
}
op! {
    /// Gradients of `pair_loss`: by the prediction and, with `both`, by the target.
    PairLossGrad = "pair_loss_grad"(grad: One @ Dense, input: One @ Dense, target: One @ Dense) -> (grad_input, grad_target; 2) {
        kind: PairKind, parameter: f64 = 1.0, reduction: Reduction = Reduction::Mean, both: bool = false,
    }
}
impl PairKind {
    fn kernel(self, parameter: f64) -> kernels::Kind {
        use kernels::Kind::*;
        match self {
            PairKind::Square => Square,
            PairKind::Absolute => Absolute,
            PairKind::SmoothL1 => SmoothL1(parameter),
            PairKind::Huber => Huber(parameter),
            PairKind::Bce => Bce,
            PairKind::BceLogits => BceLogits,
            PairKind::SoftMargin => SoftMargin,
            PairKind::HingeEmbedding => HingeEmbedding(parameter),
            PairKind::MarginRanking => MarginRanking(parameter),
            PairKind::Poisson => Poisson(parameter),
            PairKind::PoissonLog => PoissonLog,
            PairKind::Kl => Kl,
            PairKind::KlLog => KlLog,
        }
    }
}
impl Op for PairLoss {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        let (a, t) = (&x[0], &x[1]);
        if !a.dtype.is_float() || a.dtype != t.dtype {
            return Err(err(Kind::DType, format!("floats of one dtype expected, got {} and {}", a.dtype, t.dtype)));
        }
        if a.dims() != t.dims() {
            return Err(err(Kind::Shape, format!("one shape expected, got {:?} and {:?}", a.dims(), t.dims())));
        }
        if !a.same_walk(t) {
            return Err(err(Kind::Layout, "input and target of one layout expected"));
        }
        out.fresh(if self.reduction == Reduction::None { *a } else { Spec::scalar(a.dtype) })
    }
    const CHECKS: u32 = 0b1;
    fn check(&self, cx: &Cpu) -> Result<()> {
        if self.kind != PairKind::Bce {
            return Ok(());
        }
        floats!(cx.spec(0).dtype, T => match cx.get::<T>(0).iter().find(|x| !(0.0..=1.0).contains(*x)) {
            Some(x) => Err(err(Kind::Value, format!("probabilities in [0, 1] expected, got {x}"))),
            None => Ok(()),
        })
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        floats!(cx.spec(0).dtype, T => {
            let (x, t, out) = (cx.get::<T>(0), cx.get::<T>(1), cx.out::<T>(0));
            with_pair!(self.kind.kernel(self.parameter), p => match self.reduction {
                Reduction::None => kernels::each(p, x, t, out),
                Reduction::Sum => out[0] = kernels::total(p, x, t) as T,
                Reduction::Mean => out[0] = (kernels::total(p, x, t) / x.len() as f64) as T,
            });
        });
        Ok(())
    }
    const AUTOCAST: Autocast = Autocast::High;
    const DIFFERENTIABLE: bool = true;
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::inputs(0b11)
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let PairLoss { kind, parameter, reduction } = *self;
        if cx.create_graph {
            return cx.through(&[0, 1], |ins| {
                let [Some(x), Some(t)] = ins else { unreachable!("both are given") };
                reduced(&composed(kind, parameter, x, t)?, reduction)
            });
        }
        let (x, t) = (cx.input(0)?, cx.input(1)?);
        let mut dy = cx.dy(0).clone();
        if reduction == Reduction::None && !dy.spec.same_walk(&x.spec) {
            dy = copy::like(&dy, &x.spec)?;
        }
        // A flat view: what is row-major in the grad op's eyes is any dense order that all three share.
        let op = PairLossGrad { kind, parameter, reduction, both: cx.needs(1) };
        let o = cx.emit_all(&op, &[Some(&dy), Some(&x), Some(&t)])?;
        Ok((0..2).map(|i| cx.needs(i).then(|| o[i].clone())).collect())
    }
    fn cost(&self, x: Specs, outs: &Outs) -> Cost {
        Cost { flops: 4 * x[0].numel() as u64, bytes: (x.bytes() + outs.bytes()) as u64 }
    }
    fn samples() -> Samples<PairLoss> {
        let s = |seed, low, high| Some(crate::ops::sample_in(seed, &[3, 4], low, high));
        let case = |kind, parameter, reduction, t: Option<Tensor>| (PairLoss { kind, parameter, reduction }, vec![s(1, 0.1, 0.9), t]);
        use PairKind::*;
        let with_targets = |k: (usize, (PairKind, f64))| {
            let reduction = [Reduction::Mean, Reduction::None, Reduction::Sum][k.0 % 3];
            case(k.1 .0, k.1 .1, reduction, s(2, 0.15, 0.85))
        };
        let kinds = [
            (Square, 0.0), (Absolute, 0.0), (SmoothL1, 0.3), (Huber, 0.2), (Bce, 0.0), (BceLogits, 0.0), (SoftMargin, 0.0),
            (MarginRanking, 0.2), (Poisson, 1e-3), (PoissonLog, 0.0), (Kl, 0.0), (KlLog, 0.0),
        ];
        kinds.into_iter().enumerate().map(with_targets).collect()
    }
}
impl Op for PairLossGrad {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        let (a, t) = (&x[1], &x[2]);
        if !a.same_walk(t) || a.dtype != t.dtype {
            return Err(err(Kind::Layout, "input and target of one layout and dtype expected"));
        }
        if self.reduction == Reduction::None && !x[0].same_walk(a) || self.reduction != Reduction::None && x[0].numel() != 1 {
            return Err(err(Kind::Shape, format!("a gradient like the loss expected, got {:?}", x[0].dims())));
        }
        out.fresh(*a)?;
        // Nobody asks for the other one: it holds nothing then.
        out.fresh(if self.both { *a } else { Spec::new(a.dtype, &[0]) })
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        floats!(cx.spec(1).dtype, T => {
            let (x, t) = (cx.get::<T>(1), cx.get::<T>(2));
            let g = cx.get::<T>(0);
            let mean = [g.first().map_or(0.0, |g| *g / x.len() as T)];
            let g = if self.reduction == Reduction::Mean { &mean[..] } else { g };
            let (dx, dt) = (cx.out::<T>(0), cx.out::<T>(1));
            let dt = self.both.then_some(dt);
            with_pair!(self.kind.kernel(self.parameter), p => kernels::gradients(p, x, t, g, Some(dx), dt));
        });
        Ok(())
    }
    fn samples() -> Samples<PairLossGrad> {
        let s = |seed| Some(crate::ops::sample_in(seed, &[3, 4], 0.1, 0.9));
        let case = |reduction, g| {
            (PairLossGrad { kind: PairKind::Square, parameter: 1.0, reduction, both: true }, vec![g, s(1), s(2)])
        };
        vec![case(Reduction::None, s(3)), case(Reduction::Mean, Some(Tensor::scalar(2.0f64).expect("a scalar")))]
    }
}

/// Sum, mean, or each loss as it is.
pub fn reduced(losses: &Tensor, reduction: Reduction) -> Result<Tensor> {
    match reduction {
        Reduction::None => Ok(losses.clone()),
        Reduction::Sum => sum::sum(losses),
        Reduction::Mean => mean::mean(losses),
    }
}
/// Tensors in their common float dtype.
pub fn promoted(ins: &[Option<&Tensor>]) -> Result<SmallVec<[Option<Tensor>; 4]>> {
    let to = ins.iter().flatten().map(|t| t.spec.dtype.to_float()).max().unwrap_or(DType::F32);
    ins.iter().map(|t| t.map(|t| cast(t, to)).transpose()).collect()
}
/// The loss of two tensors that broadcast.
pub fn pair_loss(kind: PairKind, parameter: f64, reduction: Reduction, ins: &[Option<&Tensor>]) -> Result<Tensor> {
    let op = PairLoss { kind, parameter, reduction };
    let whole = |t: &Tensor, spec: &Spec| -> Result<Tensor> {
        let t = if t.spec.dims() == spec.dims() { t.clone() } else { expand(t, &spec.shape())? };
        Ok(if t.spec.same_walk(spec) { t } else { copy::like(&t, spec)? })
    };
    let ins = promoted(&ins[..2])?;
    let (x, t) = (ins[0].as_ref().expect("input"), ins[1].as_ref().expect("target"));
    if x.spec.dims() == t.spec.dims() && x.spec.is_dense() {
        return dispatch::one(&op, &[x, &whole(t, &x.spec)?]);
    }
    let dims = broadcast(x.spec.dims(), t.spec.dims()).ok_or_else(|| {
        err(Kind::Shape, format!("shapes that broadcast expected, got {:?} and {:?}", x.spec.dims(), t.spec.dims()))
    })?;
    let spec = Spec::new(x.spec.dtype, &dims);
    dispatch::one(&op, &[&whole(x, &spec)?, &whole(t, &spec)?])
}
/// Cases for a loss of pairs.
pub fn pair_cases<S: Signature>(of: impl Fn(Reduction) -> S) -> Vec<Case> {
    let case = |reduction, x: &[Dim], t: &[Dim]| {
        let mut inputs = vec![Some(crate::ops::sample_in(1, x, 0.1, 0.9)), Some(crate::ops::sample_in(7, t, 0.15, 0.85))];
        inputs.resize(S::info().inputs.len(), None);
        Case { attrs: of(reduction).attrs(), inputs }
    };
    vec![
        case(Reduction::Mean, &[3, 4], &[3, 4]),
        case(Reduction::None, &[2, 3, 2, 2], &[2, 3, 2, 2]),
        case(Reduction::Sum, &[5, 7], &[5, 7]),
        case(Reduction::None, &[], &[]),
        case(Reduction::Sum, &[0, 3], &[0, 3]),
    ]
}
/// Of a loss of two tensors: shapes that do not broadcast.
pub fn pair_refusals<S: Signature>(op: S) -> Refusals<S> {
    vec![(op, given::floats(&[&[3, 4], &[3]]), Kind::Shape, "shapes that broadcast expected, got [3, 4] and [3]")]
}
/// A result of `S`, or its error under the name that the caller knows.
pub fn named<S: Signature>(ins: &[Option<&Tensor>], y: Result<Tensor>) -> Result<Outputs> {
    y.map(|y| smallvec![y]).map_err(|mut e| {
        e.op = S::info().name;
        e.specs = ins.iter().flatten().map(|t| t.spec).collect();
        e
    })
}
/// Refuses what must have the input's shape and has another.
pub fn same_shape(name: &str, x: &Tensor, t: &Tensor) -> Result<()> {
    if x.spec.dims() != t.spec.dims() {
        let text = format!("a {name} of the input's shape {:?} expected, got {:?}", x.spec.dims(), t.spec.dims());
        return Err(err(Kind::Shape, text));
    }
    Ok(())
}

/// A number beside a tensor.
pub fn number(value: f64, x: &Tensor) -> Result<Tensor> {
    full::scalar(value, x.spec.dtype)
}
/// `x > value`, or `x >= value`.
pub fn beyond(x: &Tensor, value: f64, equal: bool) -> Result<Tensor> {
    let v = number(value, x)?;
    match equal {
        true => dispatch::one(&comparison::Ge {}, &[x, &v]),
        false => dispatch::one(&comparison::Gt {}, &[x, &v]),
    }
}
/// The larger of x and a number; the gradient flows where x is the larger, and at a tie.
pub fn at_least(x: &Tensor, value: f64) -> Result<Tensor> {
    // Asked the other way round, NaN would become the number.
    let v = number(value, x)?;
    where_(&dispatch::one(&comparison::Lt {}, &[x, &v])?, &v, x)
}
/// -1, 0 or 1 as a constant; `zero` is what 0 gives.
fn sign(x: &Tensor, zero: f64) -> Result<Tensor> {
    let x = x.detach();
    let low = where_(&beyond(&x, 0.0, true)?, &number(zero, &x)?, &number(-1.0, &x)?)?;
    where_(&beyond(&x, 0.0, false)?, &number(1.0, &x)?, &low)
}
pub fn absolute(x: &Tensor) -> Result<Tensor> {
    mul(x, &sign(x, 0.0)?)
}
/// `ln(1 + e^x)`; its slope at 0 is 1/2 from either side.
fn softplus(x: &Tensor) -> Result<Tensor> {
    let s = sign(x, 1.0)?;
    let high = where_(&beyond(&s, 0.0, false)?, x, &number(0.0, x)?)?;
    let e = exp(&scale(&mul(x, &s)?, -1.0)?)?;
    add(&high, &log(&add(&e, &number(1.0, x)?)?)?)
}
/// The losses by ops that have gradients of any order.
fn composed(kind: PairKind, k: f64, x: &Tensor, t: &Tensor) -> Result<Tensor> {
    let one_minus = |a: &Tensor| sub(&number(1.0, a)?, a);
    match kind {
        PairKind::Square => {
            let d = sub(x, t)?;
            mul(&d, &d)
        }
        PairKind::Absolute => absolute(&sub(x, t)?),
        PairKind::SmoothL1 | PairKind::Huber => {
            let smooth = kind == PairKind::SmoothL1;
            let d = sub(x, t)?;
            let (far, square) = (absolute(&d)?, mul(&d, &d)?);
            let line = sub(&far, &number(0.5 * k, x)?)?;
            // A beta of 0 leaves no room for the curve.
            let beyond = beyond(&far, k, smooth)?;
            let curve = scale(&square, if smooth { 0.5 / k.max(f64::MIN_POSITIVE) } else { 0.5 })?;
            where_(&beyond, &scale(&line, if smooth { 1.0 } else { k })?, &curve)
        }
        PairKind::Bce => {
            let yes = mul(t, &at_least(&log(x)?, -100.0)?)?;
            let no = mul(&one_minus(t)?, &at_least(&log(&one_minus(x)?)?, -100.0)?)?;
            scale(&add(&yes, &no)?, -1.0)
        }
        PairKind::BceLogits => sub(&softplus(x)?, &mul(x, t)?),
        PairKind::SoftMargin => softplus(&dispatch::one(&Neg {}, &[&mul(t, x)?])?),
        PairKind::HingeEmbedding => {
            let zero = number(0.0, x)?;
            let is = |v: f64| comparison::eq(t, &number(v, t)?);
            let apart = where_(&is(1.0)?, &zero, &at_least(&sub(&number(k, x)?, x)?, 0.0)?)?;
            add(&apart, &where_(&is(-1.0)?, &zero, x)?)
        }
        PairKind::MarginRanking => at_least(&sub(&number(k, x)?, &mul(t, x)?)?, 0.0),
        PairKind::Poisson => sub(x, &mul(t, &log(&add(x, &number(k, x)?)?)?)?),
        PairKind::PoissonLog => sub(&exp(x)?, &mul(t, x)?),
        PairKind::Kl => {
            let positive = beyond(t, 0.0, false)?;
            let safe = where_(&positive, t, &number(1.0, t)?)?;
            sub(&mul(&safe, &log(&safe)?)?, &mul(t, x)?)
        }
        PairKind::KlLog => mul(&exp(t)?, &sub(t, x)?),
    }
}
