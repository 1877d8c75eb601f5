use crate::ops::arange::Arange;
use crate::ops::argmax::Argmax;
use crate::ops::rng::{generator, next, Uniform};
use crate::ops::{add::add, cast::cast, comparison::eq, log::log, neg::Neg, reshape::reshape, scale::scale, softmax::Softmax, sub::sub};
use crate::op::*;
use crate::{dispatch, err, DType, Kind, Result, Tensor};
use smallvec::smallvec;

op! {
    /// A draw from the Gumbel-softmax distribution: `softmax((logits + g) / tau)` along `dim`, with g = -log(-log(u)) and u
    /// uniform. With `hard` the largest becomes 1 and the others 0, with the gradient of the soft draw.
    ///
    /// `generator` is int64 `[seed, draws so far]`; each call takes one draw from it. Shape: any; the result has the same.
    /// Raises `ValueError` unless `tau` is positive. Sources: Jang, Gu and Poole, 2017; Maddison, Mnih and Teh, 2017.
    pub RandomGumbelSoftmax = "random_gumbel_softmax"(logits: One @ Any, generator: One + mutated) -> (output; 1) {
        tau: f64 = 1.0, hard: bool = false, dim: i64 = -1,
    }
}
impl Function for RandomGumbelSoftmax {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        let (x, generator) = (ins[0].expect("logits"), ins[1].expect("generator"));
        let (dtype, dim) = (x.spec.dtype, x.spec.axis(self.dim)?);
        if !dtype.is_float() {
            return Err(err(Kind::DType, format!("float32 or float64 expected, got {dtype}")));
        }
        if self.tau <= 0.0 || self.tau.is_nan() {
            return Err(err(Kind::Value, format!("tau is positive, got {}", self.tau)));
        }
        // A uniform number may be 0, whose logarithm is not finite.
        let uniform = Uniform { shape: x.spec.shape(), low: 1e-30, high: 1.0, dtype };
        let minus_log = |x: &Tensor| dispatch::one(&Neg {}, &[&log(x)?]);
        let g = minus_log(&minus_log(&dispatch::one(&uniform, &[&next(generator)?])?)?)?;
        let soft = dispatch::one(&Softmax { dim: self.dim }, &[&scale(&add(x, &g)?, 1.0 / self.tau)?])?;
        if !self.hard || x.spec.rank() == 0 {
            return Ok(smallvec![soft]);
        }
        let chosen = dispatch::one(&Argmax { dim: Some(self.dim), keepdim: true }, &[&soft.detach()])?;
        let count = x.spec.d(dim) as f64;
        let places = dispatch::one(&Arange { start: 0.0, end: count, step: 1.0, dtype: DType::I64 }, &[])?;
        let mut shape: Ints = smallvec![1; x.spec.rank()];
        shape[dim] = -1;
        let hard = cast(&eq(&reshape(&places, &shape)?, &chosen)?, dtype)?;
        // The hard values, and the slopes of the soft ones.
        Ok(smallvec![add(&hard, &sub(&soft, &soft.detach())?)?])
    }
    fn cases() -> Vec<Case> {
        let case = |tau, hard, dim, d: &[u32]| Case {
            attrs: RandomGumbelSoftmax { tau, hard, dim }.attrs(),
            inputs: vec![Some(crate::ops::sample(1, d)), Some(generator(5))],
        };
        vec![case(1.0, false, -1, &[3, 4]), case(0.5, false, 0, &[3, 2, 2])]
    }
    fn refusals() -> Vec<Refusal> {
        let op = |tau| RandomGumbelSoftmax { tau, hard: false, dim: -1 };
        refusals(vec![
            (op(0.0), vec![given::float(&[3]), Some(generator(5))], Kind::Value, "tau is positive, got 0"),
            (op(1.0), vec![given::int64(&[1]), Some(generator(5))], Kind::DType, "float32 or float64 expected, got int64"),
            (op(1.0), given::floats(&[&[3], &[2]]), Kind::DType, "a generator's state"),
        ])
    }
}
