use crate::ops::square::{rsqrt, square};
use crate::ops::{add::add, div::div, full::scalar, mul::mul, neg::neg, sub::sub};
use crate::op::*;
use crate::{Result, Tensor};
use nncore_kernels::math;

/// `1 / sqrt(1 - x^2)`.
fn slope_of_arc(x: &Tensor) -> Result<Tensor> {
    rsqrt(&sub(&scalar(1.0, x.spec.dtype)?, &square(x)?)?)
}

unary! {
    /// The sine of `input` in radians, elementwise. Integers become float32.
    ///
    /// Shape: any; the result has the same. An infinity gives NaN.
    Sin = "sin" sin {
        math::sin, cost 8, samples -4.0 to 4.0, from input |g, x| mul(g, &cos(x)?)?,
        rare math::trig_is_rare, math::sin_slow
    }
    /// The cosine of `input` in radians, elementwise. Integers become float32.
    ///
    /// Shape: any; the result has the same. An infinity gives NaN.
    Cos = "cos" cos {
        math::cos, cost 8, samples -4.0 to 4.0, from input |g, x| neg(&mul(g, &sin(x)?)?)?,
        rare math::trig_is_rare, math::cos_slow
    }
    /// The tangent of `input` in radians, elementwise. Integers become float32.
    ///
    /// Shape: any; the result has the same. An infinity gives NaN.
    Tan = "tan" tan {
        math::tan, cost 10, samples -1.25 to 1.25, from output |g, y| add(g, &mul(g, &square(y)?)?)?,
        rare math::trig_is_rare, math::tan_slow
    }
    /// The arc sine, elementwise, in [-pi/2, pi/2]. Integers become float32.
    ///
    /// Shape: any; the result has the same. NaN outside [-1, 1], where the gradient is infinite at the ends.
    Asin = "asin" asin {
        math::asin, cost 10, samples -0.9 to 0.9, from input |g, x| mul(g, &slope_of_arc(x)?)?
    }
    /// The arc cosine, elementwise, in [0, pi]. Integers become float32.
    ///
    /// Shape: any; the result has the same. NaN outside [-1, 1], where the gradient is infinite at the ends.
    Acos = "acos" acos {
        math::acos, cost 10, samples -0.9 to 0.9, from input |g, x| neg(&mul(g, &slope_of_arc(x)?)?)?
    }
    /// The arc tangent, elementwise, in [-pi/2, pi/2]. Integers become float32.
    ///
    /// Shape: any; the result has the same. Of two sides of a triangle: `atan2`.
    Atan = "atan" atan {
        math::atan, cost 10, samples -3.0 to 3.0,
        from input |g, x| div(g, &add(&scalar(1.0, x.spec.dtype)?, &square(x)?)?)?
    }
    /// The hyperbolic sine, elementwise. Integers become float32.
    ///
    /// Shape: any; the result has the same.
    Sinh = "sinh" sinh { math::sinh, cost 12, samples -2.0 to 2.0, from input |g, x| mul(g, &cosh(x)?)? }
    /// The hyperbolic cosine, elementwise. Integers become float32.
    ///
    /// Shape: any; the result has the same.
    Cosh = "cosh" cosh { math::cosh, cost 12, samples -2.0 to 2.0, from input |g, x| mul(g, &sinh(x)?)? }
}
