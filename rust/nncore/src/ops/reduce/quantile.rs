//! Values below which a given part of the elements lies.
use crate::ops::extreme::extreme_spec;
use crate::ops::gather::Gather;
use crate::ops::lerp::lerp;
use crate::ops::movedim::Movedim;
use crate::ops::reshape::reshape;
use crate::ops::sort::Sort;
use crate::op::*;
use crate::shape::Spec;
use crate::{dispatch, err, DType, Kind, Result, Tensor};
use nncore_kernels::num::Float;
use smallvec::smallvec;

choice! {
    /// What to take where a quantile lies between two elements.
    Between { Linear = "linear", Lower = "lower", Higher = "higher", Midpoint = "midpoint", Nearest = "nearest" }
}
macro_rules! quantiles {
    ($($S:ident = $name:literal, $skips:literal, $doc:literal, $nan:literal;)*) => { $(
        op! {
            #[doc = $doc]
            #[doc = $nan]
            ///
            /// `q` is a number or a vector of numbers in [0, 1]. `interpolation` says what to take where a quantile lies between two
            /// elements: "linear" in proportion, "lower", "higher", "midpoint" or "nearest" (the even place of two as near).
            /// Shape: the input's without `dim`, or with size 1 there when `keepdim`; with a vector `q`, its size in front.
            /// Integers become float32. Raises `ShapeError` for a dimension that is out of range or empty or a `q` of more
            /// dimensions, `ValueError` for a `q` outside.
            pub $S = $name(input: One + float @ Any, q: One + float + constant) -> (output; 1) {
                dim: Option<i64> = None, keepdim: bool = false, interpolation: Between = Between::Linear,
            }
        }
        impl Function for $S {
            fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
                let (x, q) = (ins[0].expect("a required input"), ins[1].expect("a required input"));
                let of = Of { dim: self.dim, keepdim: self.keepdim, interpolation: self.interpolation, skips: $skips };
                Ok(smallvec![of.run(x, q)?])
            }
            fn cases() -> Vec<Case> {
                cases().into_iter().map(|(of, inputs)| Case { attrs: $S::of(of).attrs(), inputs }).collect()
            }
            fn refusals() -> Vec<Refusal> {
                let of = |dim| $S::of(Of { dim, keepdim: false, interpolation: Between::Linear, skips: $skips });
                let x = |d: &[u32]| Some(crate::ops::sample(1, d));
                let one = |q: f64| Tensor::scalar(q).ok();
                refusals(vec![
                    (of(None), vec![x(&[3]), one(1.5)], Kind::Value, "in [0, 1] expected, got 1.5"),
                    (of(None), vec![x(&[0]), one(0.5)], Kind::Shape, "at least one element to choose from expected, got size 0"),
                    (of(None), vec![x(&[3]), x(&[1, 1])], Kind::Shape, "a number or a vector"),
                    (of(Some(3)), vec![x(&[3]), one(0.5)], Kind::Shape, "dim 3 is out of range"),
                    (of(None), vec![x(&[3]), x(&[1])], Kind::Value, "in [0, 1] expected"),
                    (
                        $S { keepdim: true, ..of(Some(0)) },
                        vec![x(&[1; 8]), Tensor::from_slice(&[0.5], &[1]).ok()],
                        Kind::Shape,
                        "at most 8 dimensions, got 9",
                    ),
                ])
            }
        }
        impl $S {
            fn of(of: Of) -> $S {
                $S { dim: of.dim, keepdim: of.keepdim, interpolation: of.interpolation }
            }
        }
    )* };
}
quantiles! {
    Quantile = "quantile", false, " The values below which the part `q` of the elements lies: along `dim`, or of all elements when None.",
        " NaN where there is one.";
    Nanquantile = "nanquantile", true, " The values below which the part `q` of the elements lies that are not NaN: along `dim`, or of all elements when",
        " None. NaN where there is nothing else.";
}
/// What the two have in common.
struct Of {
    dim: Option<i64>,
    keepdim: bool,
    interpolation: Between,
    skips: bool,
}
impl Of {
    fn run(&self, x: &Tensor, q: &Tensor) -> Result<Tensor> {
        let dtype = x.spec.dtype.to_float();
        let (x, q) = (crate::ops::cast::cast(x, dtype)?, crate::ops::cast::cast(&q.detach(), dtype)?);
        if q.spec.rank() > 1 {
            return Err(err(Kind::Shape, format!("q is a number or a vector, got shape {:?}", q.spec.dims())));
        }
        let left = extreme_spec(&x.spec, &self.dim.map(|d| smallvec![d]), self.keepdim)?;
        // Lines of what goes, one after the other.
        let lines = match self.dim {
            Some(dim) if x.spec.rank() > 0 => {
                Movedim { source: smallvec![dim], destination: smallvec![-1] }.call(&[Some(&x)])?.swap_remove(0)
            }
            _ => reshape(&x, &[1, -1])?,
        };
        let n = lines.spec.d(lines.spec.rank() - 1) as i64;
        let rows = lines.spec.numel() as i64 / n;
        let sorted = dispatch::one(&Sort { dim: -1, descending: false, stable: false }, &[&reshape(&lines, &[rows, n])?])?;
        let places = QuantilePlaces { interpolation: self.interpolation, skips: self.skips };
        let places = dispatch::apply(&places, &[Some(&sorted.detach()), Some(&q)])?;
        let at = |place: &Tensor| dispatch::one(&Gather { dim: -1 }, &[&sorted, place]);
        let mut y = at(&places[0])?;
        if matches!(self.interpolation, Between::Linear | Between::Midpoint) {
            y = lerp(&y, &at(&places[1])?, &places[2])?;
        }
        let mut shape = left.shape();
        if q.spec.rank() == 1 {
            y = crate::ops::permute::t(&y)?;
            shape.insert(0, q.spec.numel() as i64);
        }
        reshape(&y, &shape)
    }
}
op! {
    /// Where quantiles lie in sorted lines: the places before and behind, and how far it is from one to the other.
    QuantilePlaces = "quantile_places"(sorted: One, q: One) -> (below, above, weight; 3) {
        interpolation: Between, skips: bool,
    }
}
impl Op for QuantilePlaces {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        if x[0].rank() != 2 || x[1].rank() > 1 || !x[0].dtype.is_float() || x[0].dtype != x[1].dtype {
            return Err(err(Kind::Shape, format!("lines of floats and numbers of their dtype expected, got {} and {}", x[0], x[1])));
        }
        let dims = [x[0].dims()[0], x[1].numel() as u32];
        out.fresh(Spec::new(DType::I64, &dims))?;
        out.fresh(Spec::new(DType::I64, &dims))?;
        out.fresh(Spec::new(x[0].dtype, &dims))
    }
    const CHECKS: u32 = 0b10;
    fn check(&self, cx: &Cpu) -> Result<()> {
        floats!(cx.spec(1).dtype, T => match cx.get::<T>(1).iter().find(|q| !(0.0..=1.0).contains(*q)) {
            Some(q) => Err(err(Kind::Value, format!("q in [0, 1] expected, got {q}"))),
            None => Ok(()),
        })
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        floats!(cx.spec(0).dtype, T => self.fill::<T>(cx));
        Ok(())
    }
    fn refusals() -> Refusals<QuantilePlaces> {
        let op = QuantilePlaces { interpolation: Between::Linear, skips: false };
        vec![(op, given::floats(&[&[3], &[2]]), Kind::Shape, "lines of floats and numbers of their dtype expected")]
    }
    fn samples() -> Samples<QuantilePlaces> {
        let sorted = Tensor::from_slice(&[-1.0, 0.0, 2.0, 0.5, 1.0, 1.5], &[2, 3]).expect("a small tensor");
        let q = Tensor::from_slice(&[0.3, 1.0], &[2]).expect("a small tensor");
        vec![(QuantilePlaces { interpolation: Between::Linear, skips: false }, vec![Some(sorted), Some(q)])]
    }
}
impl QuantilePlaces {
    fn fill<T: Float>(&self, cx: &Cpu) {
        let (n, q) = (cx.spec(0).d(1), cx.get::<T>(1));
        let (below, above, weight) = (cx.out::<i64>(0), cx.out::<i64>(1), cx.out::<T>(2));
        for (row, line) in cx.get::<T>(0).chunks_exact(n).enumerate() {
            // NaN lies behind all others.
            let numbers = line.partition_point(|v| !v.is_nan());
            for (k, part) in q.iter().enumerate() {
                let at = match numbers < n && !self.skips {
                    true => T::of((n - 1) as f64),
                    false => *part * T::of(numbers.max(1) as f64 - 1.0),
                };
                let at = match self.interpolation {
                    Between::Lower => at.floor(),
                    Between::Higher => at.ceil(),
                    Between::Nearest => T::of(at.f64().round_ties_even()),
                    _ => at,
                };
                let i = row * q.len() + k;
                (below[i], above[i]) = (at.floor().f64() as i64, at.ceil().f64() as i64);
                weight[i] = if self.interpolation == Between::Midpoint { T::of(0.5) } else { at - at.floor() };
            }
        }
    }
}

fn cases() -> Vec<(Of, Vec<Option<Tensor>>)> {
    let case = |q: &[f64], dim, keepdim, interpolation, skips, d: &[u32]| {
        let q = if q.len() == 1 { Tensor::scalar(q[0]) } else { Tensor::from_slice(q, &[q.len() as u32]) };
        let inputs = vec![Some(crate::ops::sample(1, d)), Some(q.expect("a small tensor"))];
        (Of { dim, keepdim, interpolation, skips }, inputs)
    };
    use Between::*;
    vec![
        case(&[0.3], None, false, Linear, false, &[3, 4]),
        case(&[0.1, 0.6, 1.0], Some(0), true, Linear, false, &[5, 2]),
        case(&[0.4], Some(-1), false, Lower, false, &[2, 3, 4]),
        case(&[0.4, 0.9], Some(1), false, Higher, false, &[2, 6, 2]),
        case(&[0.55], Some(1), true, Midpoint, false, &[3, 7]),
        case(&[0.35, 0.8], None, true, Nearest, false, &[2, 5]),
        case(&[0.5], Some(0), false, Linear, false, &[]),
        case(&[0.5], Some(1), false, Linear, false, &[0, 3]),
    ]
}
