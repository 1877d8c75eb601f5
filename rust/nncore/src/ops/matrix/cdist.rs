use crate::ops::pair_loss::{named, promoted};
use crate::ops::pairwise_distance::norm_along;
use crate::ops::{expand::expand, permute::t, reshape::reshape, squeeze::unsqueeze, sub::sub};
use crate::op::*;
use crate::shape::{broadcast, Spec};
use crate::{dispatch, err, Kind, Result, Tensor};
use nncore_kernels::distance::{self as kernels, Pairs};
use smallvec::smallvec;

choice! {
    /// How PyTorch finds Euclidean distances.
    ComputeMode {
        IfNecessary = "use_mm_for_euclid_dist_if_necessary", Always = "use_mm_for_euclid_dist",
        Never = "donot_use_mm_for_euclid_dist",
    }
}
op! {
    /// Distances of all pairs of rows: the `p`-norm of each row of `x1` less each row of `x2`.
    ///
    /// Shapes: (*, P, M) and (*, R, M), whose leading sizes broadcast, to (*, P, R). `p` is at least 0 and may be infinite; 0
    /// counts the numbers that differ. Distances come from differences, whatever `compute_mode` says: it is there for PyTorch's
    /// signature. Where a distance is 0 no gradient flows. Raises `ShapeError` where shapes do not fit, `ValueError` for a
    /// negative `p`.
    pub Cdist = "cdist"(x1: One + float @ Any, x2: One + float @ Any) -> (output; 1) {
        p: f64 = 2.0, compute_mode: ComputeMode = ComputeMode::IfNecessary,
    }
}
op! {
    /// `cdist` of (B, P, M) and (B, R, M).
    PairDistances = "pair_distances"(x1: One, x2: One) -> (output; 1) { p: f64 }
}
op! {
    /// Gradient of `pair_distances` by `x1`.
    PairDistancesGrad = "pair_distances_grad"(grad: One, x1: One, x2: One, output: One) -> (grad_x1; 1) { p: f64 }
}
impl Function for Cdist {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        named::<Self>(ins, self.run(ins))
    }
    fn cases() -> Vec<Case> {
        let case = |p, a: &[u32], b: &[u32]| Case {
            attrs: Cdist { p, compute_mode: ComputeMode::IfNecessary }.attrs(),
            inputs: vec![Some(crate::ops::sample(1, a)), Some(crate::ops::sample(2, b))],
        };
        vec![
            case(2.0, &[3, 4], &[5, 4]),
            case(1.0, &[2, 3, 19], &[2, 2, 19]),
            case(f64::INFINITY, &[2, 1, 2, 3], &[2, 3, 3]),
            case(1.5, &[3, 2], &[2, 2]),
            case(0.0, &[2, 3], &[2, 3]),
            case(2.0, &[0, 3], &[2, 3]),
        ]
    }
    fn refusals() -> Vec<Refusal> {
        let op = |p| Cdist { p, compute_mode: ComputeMode::IfNecessary };
        let s = |d: &[u32]| Some(crate::ops::sample(1, d));
        refusals(vec![
            (op(2.0), vec![s(&[2, 3]), s(&[2, 4])], Kind::Shape, "got [2, 3] and [2, 4]"),
            (op(2.0), vec![s(&[3]), s(&[2, 3])], Kind::Shape, "got [3] and [2, 3]"),
            (op(2.0), vec![s(&[2, 2, 3]), s(&[3, 2, 3])], Kind::Shape, "got [2, 2, 3] and [3, 2, 3]"),
            (op(-1.0), vec![s(&[2, 3]), s(&[2, 3])], Kind::Value, "p >= 0 expected, got -1"),
        ])
    }
}
impl Cdist {
    fn run(&self, ins: &[Option<&Tensor>]) -> Result<Tensor> {
        let own = promoted(ins)?;
        let (a, b) = (own[0].as_ref().expect("x1"), own[1].as_ref().expect("x2"));
        if self.p.is_nan() || self.p < 0.0 {
            return Err(err(Kind::Value, format!("p >= 0 expected, got {}", self.p)));
        }
        let (n, m) = (a.spec.rank(), b.spec.rank());
        let lead = match n.min(m) >= 2 && a.spec.d(n - 1) == b.spec.d(m - 1) {
            true => broadcast(&a.spec.dims()[..n - 2], &b.spec.dims()[..m - 2]),
            false => None,
        };
        let Some(lead) = lead else {
            let text = format!("(*, P, M) and (*, R, M) expected, got {:?} and {:?}", a.spec.dims(), b.spec.dims());
            return Err(err(Kind::Shape, text));
        };
        let mut shape: Ints = lead.iter().map(|d| *d as i64).collect();
        let batch: i64 = shape.iter().product();
        let flat = |x: &Tensor| -> Result<Tensor> {
            let (rows, width) = (x.spec.d(x.spec.rank() - 2) as i64, x.spec.d(x.spec.rank() - 1) as i64);
            let mut whole = shape.clone();
            whole.extend([rows, width]);
            reshape(&expand(x, &whole)?, &[batch, rows, width])
        };
        let y = dispatch::one(&PairDistances { p: self.p }, &[&flat(a)?, &flat(b)?])?;
        shape.extend([a.spec.d(n - 2) as i64, b.spec.d(m - 2) as i64]);
        reshape(&y, &shape)
    }
}
/// What the distances of two stacks of rows look like.
fn distances(a: &Spec, b: &Spec) -> Result<Spec> {
    let fits = a.rank() == 3 && b.rank() == 3 && a.d(0) == b.d(0) && a.d(2) == b.d(2);
    if !fits || a.dtype != b.dtype || !a.dtype.is_float() {
        return Err(err(Kind::Shape, format!("floats (B, P, M) and (B, R, M) expected, got {a} and {b}")));
    }
    Ok(Spec::new(a.dtype, &[a.dims()[0], a.dims()[1], b.dims()[1]]))
}
fn pairs(p: f64, a: &Spec, b: &Spec) -> Pairs {
    Pairs { rows: a.d(1), others: b.d(1), width: a.d(2), p }
}
impl Op for PairDistances {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        out.fresh(distances(&x[0], &x[1])?)
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        let pairs = pairs(self.p, cx.spec(0), cx.spec(1));
        floats!(cx.spec(0).dtype, T => kernels::distances::<T>(&pairs, cx.get(0), cx.get(1), cx.out(0)));
        Ok(())
    }
    const DIFFERENTIABLE: bool = true;
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::both(0b11, 1)
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let p = self.p;
        if p == 0.0 {
            // A count does not move.
            return Ok(smallvec![None, None]);
        }
        if cx.create_graph {
            return cx.through(&[0, 1], |ins| {
                let [Some(a), Some(b)] = ins else { unreachable!("both are given") };
                norm_along(&sub(&unsqueeze(a, 2)?, &unsqueeze(b, 1)?)?, p, -1, false)
            });
        }
        let (dy, a, b, y) = (cx.dy(0), cx.input(0)?, cx.input(1)?, cx.output(0)?.detach());
        let op = PairDistancesGrad { p };
        let first = || cx.emit(&op, &[dy, &a, &b, &y]);
        let second = || cx.emit(&op, &[&t(dy)?, &b, &a, &t(&y)?]);
        Ok(smallvec![cx.needs(0).then(first).transpose()?, cx.needs(1).then(second).transpose()?])
    }
    fn cost(&self, x: Specs, outs: &Outs) -> Cost {
        let each = if [1.0, 2.0].contains(&self.p) { 3 } else { 20 };
        Cost { flops: each * (outs.numel() * x[0].d(2)) as u64, bytes: (x.bytes() + outs.bytes()) as u64 }
    }
    fn refusals() -> Refusals<PairDistances> {
        vec![(PairDistances { p: 2.0 }, given::floats(&[&[2, 3], &[2, 3]]), Kind::Shape, "(B, P, M) and (B, R, M) expected")]
    }
    fn samples() -> Samples<PairDistances> {
        let s = |seed, d: &[u32]| Some(crate::ops::sample(seed, d));
        vec![(PairDistances { p: 2.0 }, vec![s(1, &[2, 2, 3]), s(2, &[2, 1, 3])])]
    }
}
impl Op for PairDistancesGrad {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        let far = distances(&x[1], &x[2])?;
        if x[0].dims() != far.dims() || x[3].dims() != far.dims() || x[0].dtype != far.dtype || x[3].dtype != far.dtype {
            return Err(err(Kind::Shape, format!("a gradient and distances like {far} expected, got {} and {}", x[0], x[3])));
        }
        out.fresh(x[1].contiguous())
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        let pairs = pairs(self.p, cx.spec(1), cx.spec(2));
        floats!(cx.spec(1).dtype, T => {
            kernels::distances_gradient::<T>(&pairs, cx.get(0), cx.get(1), cx.get(2), cx.get(3), cx.out(0))
        });
        Ok(())
    }
    fn cost(&self, x: Specs, outs: &Outs) -> Cost {
        Cost { flops: 4 * (x[0].numel() * x[1].d(2)) as u64, bytes: (x.bytes() + outs.bytes()) as u64 }
    }
    fn refusals() -> Refusals<PairDistancesGrad> {
        let shapes: [&[u32]; 4] = [&[1, 2, 1], &[1, 2, 3], &[1, 2, 3], &[1, 2, 2]];
        vec![(PairDistancesGrad { p: 2.0 }, given::floats(&shapes), Kind::Shape, "a gradient and distances like float64(1, 2, 2)")]
    }
    fn samples() -> Samples<PairDistancesGrad> {
        let s = |seed, d: &[u32]| Some(crate::ops::sample(seed, d));
        let far = Some(crate::ops::sample_in(4, &[2, 2, 1], 1.0, 2.0));
        vec![(PairDistancesGrad { p: 2.0 }, vec![s(1, &[2, 2, 1]), s(2, &[2, 2, 3]), s(3, &[2, 1, 3]), far])]
    }
}
