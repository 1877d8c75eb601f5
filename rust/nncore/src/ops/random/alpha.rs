use crate::ops::dropout::{check_p, Dropout};
use crate::ops::full::{self, Full};
use crate::ops::rng::{generator, next};
use crate::ops::{add::add, mul::mul, scale::scale, sub::sub};
use crate::op::*;
use crate::{dispatch, err, Kind, Result, Tensor};
use smallvec::smallvec;

op! {
    /// Dropout of whole channels: while `training`, each channel of each sample is zeroed with probability `p` and the others
    /// are divided by `1 - p`; otherwise the input as it is.
    ///
    /// `generator` is int64 `[seed, draws so far]`; each call takes one draw from it. Shape: (N, C, ...); the result has the
    /// same. Raises `ValueError` unless `0 <= p < 1`. Source: Tompson et al., 2015.
    pub RandomFeatureDropout = "random_feature_dropout"(input: One @ Any, generator: One + mutated) -> (output; 1) {
        p: f64 = 0.5, training: bool = true,
    }
}
op! {
    /// Alpha dropout: while `training`, elements dropped with probability `p` take SELU's lower limit, and all are scaled and
    /// shifted so that mean and variance stay; otherwise the input as it is. With `features` whole channels are dropped.
    ///
    /// `generator` is int64 `[seed, draws so far]`; each call takes one draw from it. Shape: any, (N, C, ...) with `features`;
    /// the result has the same. Raises `ValueError` unless `0 <= p < 1`. Source: Klambauer et al., 2017.
    pub RandomAlphaDropout = "random_alpha_dropout"(input: One @ Any, generator: One + mutated) -> (output; 1) {
        p: f64 = 0.5, training: bool = true, features: bool = false,
    }
}
/// SELU's lower limit, `-alpha * scale`.
const LIMIT: f64 = -1.758_099_340_847_376_6;

/// `1 / (1 - p)` where something is kept, else 0: for each element, or for each channel of each sample.
fn mask(x: &Tensor, generator: &Tensor, p: f64, features: bool) -> Result<Tensor> {
    if !x.spec.dtype.is_float() {
        return Err(err(Kind::DType, format!("float32 or float64 expected, got {}", x.spec.dtype)));
    }
    let mut shape = x.spec.shape();
    if features {
        if shape.len() < 2 {
            return Err(err(Kind::Shape, format!("an input (N, C, ...) expected, got {:?}", x.spec.dims())));
        }
        shape[2..].fill(1);
    }
    let ones = dispatch::one(&Full { shape, value: 1.0, dtype: x.spec.dtype }, &[])?;
    dispatch::one(&Dropout { p }, &[&ones, &next(generator)?])
}
impl Function for RandomFeatureDropout {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        let (x, generator) = (ins[0].expect("input"), ins[1].expect("generator"));
        check_p(self.p)?;
        if !self.training || self.p == 0.0 {
            return Ok(smallvec![x.clone()]);
        }
        Ok(smallvec![mul(x, &mask(x, generator, self.p, true)?)?])
    }
    fn cases() -> Vec<Case> {
        let case = |p, training, d: &[u32]| Case {
            attrs: RandomFeatureDropout { p, training }.attrs(),
            inputs: vec![Some(crate::ops::sample(1, d)), Some(generator(5))],
        };
        vec![case(0.5, true, &[3, 4, 2, 2]), case(0.2, true, &[2, 3]), case(0.5, false, &[2, 3, 4])]
    }
    fn refusals() -> Vec<Refusal> {
        let op = |p| RandomFeatureDropout { p, training: true };
        refusals(vec![
            (op(1.0), vec![given::float(&[2, 3]), Some(generator(5))], Kind::Value, "0 <= p < 1, got 1"),
            (op(-0.5), vec![given::float(&[2, 3]), Some(generator(5))], Kind::Value, "got -0.5"),
            (op(0.5), vec![given::int64(&[1]), Some(generator(5))], Kind::DType, "float32 or float64 expected, got int64"),
            (op(0.5), given::floats(&[&[2, 3], &[2]]), Kind::DType, "a generator's state is int64 of shape [2], got float64(2,)"),
            (op(0.5), vec![given::float(&[3]), Some(generator(5))], Kind::Shape, "an input (N, C, ...) expected, got [3]"),
        ])
    }
}
impl Function for RandomAlphaDropout {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        let (x, generator) = (ins[0].expect("input"), ins[1].expect("generator"));
        check_p(self.p)?;
        if !self.training || self.p == 0.0 {
            return Ok(smallvec![x.clone()]);
        }
        let p = self.p;
        let (a, number) = (1.0 / ((1.0 - p) * (1.0 + p * LIMIT * LIMIT)).sqrt(), |v: f64| full::scalar(v, x.spec.dtype));
        // a (x kept + limit (1 - kept)) + b, with b = -a p limit: all but x depends on the mask alone.
        let kept = scale(&mask(x, generator, p, self.features)?, 1.0 - p)?;
        let rest = add(&scale(&sub(&number(1.0)?, &kept)?, a * LIMIT)?, &number(-a * p * LIMIT)?)?;
        Ok(smallvec![add(&mul(x, &scale(&kept, a)?)?, &rest)?])
    }
    fn cases() -> Vec<Case> {
        let case = |p, training, features, d: &[u32]| Case {
            attrs: RandomAlphaDropout { p, training, features }.attrs(),
            inputs: vec![Some(crate::ops::sample(1, d)), Some(generator(5))],
        };
        vec![case(0.5, true, false, &[3, 40]), case(0.2, true, true, &[2, 3, 4]), case(0.5, false, false, &[4])]
    }
    fn refusals() -> Vec<Refusal> {
        let op = |p| RandomAlphaDropout { p, training: true, features: false };
        refusals(vec![
            (RandomAlphaDropout { features: true, ..op(0.5) }, vec![given::float(&[3]), Some(generator(5))], Kind::Shape, "an input (N, C, ...) expected, got [3]"),
            (op(1.0), vec![given::float(&[2, 3]), Some(generator(5))], Kind::Value, "0 <= p < 1, got 1"),
            (op(-0.5), vec![given::float(&[2, 3]), Some(generator(5))], Kind::Value, "got -0.5"),
            (op(0.5), vec![given::int64(&[1]), Some(generator(5))], Kind::DType, "float32 or float64 expected, got int64"),
            (op(0.5), given::floats(&[&[2, 3], &[2]]), Kind::DType, "a generator's state is int64 of shape [2], got float64(2,)"),
        ])
    }
}
