use crate::ops::square::square;
use crate::ops::{exp::exp, mul::mul, neg::neg, scale::scale};
use crate::op::*;
use crate::{Result, Tensor};
use nncore_kernels::math;

/// `2 / sqrt(pi) e^(-x^2)`.
fn slope(x: &Tensor) -> Result<Tensor> {
    scale(&exp(&neg(&square(x)?)?)?, std::f64::consts::FRAC_2_SQRT_PI)
}

unary! {
    /// The error function, `2 / sqrt(pi)` times the integral of `e^(-t^2)` from 0 to `input`, elementwise. Integers become
    /// float32.
    ///
    /// Shape: any; the result has the same, within [-1, 1].
    Erf = "erf" erf { math::erf, cost 14, samples -2.0 to 2.0, from input |g, x| mul(g, &slope(x)?)? }
    /// `1 - erf(input)`, elementwise, with full precision where that is small. Integers become float32.
    ///
    /// Shape: any; the result has the same, within [0, 2].
    Erfc = "erfc" erfc { math::erfc, cost 18, samples -2.0 to 2.0, from input |g, x| neg(&mul(g, &slope(x)?)?)? }
}
