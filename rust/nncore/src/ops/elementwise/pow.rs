use crate::ops::comparison::{eq, Ge};
use crate::ops::logical::LogicalAnd;
use crate::ops::square::{reciprocal, rsqrt, square};
use crate::ops::{full::scalar, log::log, mul::mul, scale::scale, sqrt::sqrt, sub::sub, sum::sum_to, where_::where_};
use crate::op::*;
use crate::{dispatch, err, Kind, Result, Tensor};
use nncore_kernels::{math, num::Float};
use smallvec::smallvec;

op! {
    /// `input` to the power of `exponent`, elementwise, with broadcasting and promotion.
    ///
    /// Shapes: any two that broadcast; the result has the broadcast shape. A negative number to a fractional power is NaN.
    /// Integers stay integers and wrap; a tensor of negative exponents then gives 0, but for bases 1 and -1, and a negative
    /// number as the exponent raises `ValueError`.
    pub Pow = "pow"(input: One + promote @ Any, exponent: One + promote @ Any) -> (output; 1) {}
}
impl Pointwise for Pow {
    #[inline(always)]
    fn eval<T: Float>(&self, [x, y, _]: [T; 3]) -> T {
        math::pow(x, y)
    }
    const COST: usize = 30;
    const INTEGERS: bool = true;
    fn eval_int(&self, [x, y, _]: [i64; 3]) -> i64 {
        whole_power(x, y)
    }
    fn keeps(&self, needs: u32) -> Keep {
        Keep::both(0b11, needs >> 1 & 1)
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let (dy, x, y) = (cx.dy(0), cx.input(0)?, cx.input(1)?);
        let zero = scalar(0.0, x.spec.dtype)?;
        let left = || -> Result<Tensor> {
            // y x^(y - 1), and 0 for y = 0 even where x^-1 is infinite.
            let power = pow(&x, &sub(&y, &scalar(1.0, x.spec.dtype)?)?)?;
            let g = where_(&eq(&y, &zero)?, &zero, &mul(dy, &mul(&y, &power)?)?)?;
            sum_to(&g, cx.spec(0).dims())
        };
        let right = || -> Result<Tensor> {
            // x^y ln x, and 0 where 0^y is flat.
            let flat = cx.emit(&LogicalAnd {}, &[&eq(&x, &zero)?, &cx.emit(&Ge {}, &[&y, &zero])?])?;
            let g = mul(dy, &where_(&flat, &zero, &mul(&cx.output(0)?, &log(&x)?)?)?)?;
            sum_to(&g, cx.spec(1).dims())
        };
        Ok(smallvec![cx.needs(0).then(left).transpose()?, cx.needs(1).then(right).transpose()?])
    }
    const SAMPLES: (f64, f64) = (0.25, 2.0);
}
/// Integers' powers, as PyTorch has them for negative exponents.
fn whole_power(x: i64, y: i64) -> i64 {
    match (x, y) {
        (_, 0..) => {
            let (mut base, mut rest, mut p) = (x, y, 1i64);
            while rest > 0 {
                if rest & 1 == 1 {
                    p = p.wrapping_mul(base);
                }
                base = base.wrapping_mul(base);
                rest >>= 1;
            }
            p
        }
        (1, _) => 1,
        (-1, _) => 1 - 2 * (y & 1),
        _ => 0,
    }
}

op! {
    /// `pow` with a number as the exponent: the common ones are ops of their own.
    PowNumber = "pow_number"(input: One @ Any) -> (output; 1) { exponent: f64 }
}
impl Function for PowNumber {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        let x = ins[0].expect("a required input");
        let (e, float) = (self.exponent, x.spec.dtype.is_float());
        if !float && e < 0.0 {
            let text = format!("integers have no negative powers, got the exponent {e}; write it as a float");
            return Err(err(Kind::Value, text));
        }
        let y = match (e, float) {
            (2.0, _) => square(x)?,
            (3.0, true) => dispatch::one(&Cube {}, &[x])?,
            (0.5, true) => sqrt(x)?,
            (-0.5, true) => rsqrt(x)?,
            (-1.0, true) => reciprocal(x)?,
            _ => dispatch::one(&PowFixed { exponent: e }, &[x])?,
        };
        Ok(smallvec![y])
    }
    fn cases() -> Vec<Case> {
        let case = |e: f64| Case { attrs: vec![Attr::Float(e)], inputs: vec![Some(crate::ops::sample_in(1, &[3, 4], 0.5, 2.0))] };
        [2.0, 3.0, 0.5, -0.5, -1.0, 1.5].map(case).into()
    }
    fn refusals() -> Vec<Refusal> {
        refusals(vec![
            (PowNumber { exponent: -1.0 }, vec![given::int64(&[2])], Kind::Value, "integers have no negative powers, got the exponent -1"),
            (PowNumber { exponent: 2.0 }, vec![given::bools(&[2])], Kind::DType, "numbers expected, got bool"),
        ])
    }
}

op! {
    /// `input^exponent` for any constant exponent.
    PowFixed = "pow_fixed"(input: One @ Any) -> (output; 1) { exponent: f64 }
}
impl Pointwise for PowFixed {
    #[inline(always)]
    fn eval<T: Float>(&self, [x, ..]: [T; 3]) -> T {
        math::pow(x, T::of(self.exponent))
    }
    const COST: usize = 26;
    const INTEGERS: bool = true;
    fn eval_int(&self, [x, ..]: [i64; 3]) -> i64 {
        whole_power(x, self.exponent as i64)
    }
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::inputs(1)
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        if self.exponent == 0.0 {
            return Ok(smallvec![Some(crate::ops::full::zeros_like(cx.dy(0))?)]);
        }
        let power = pow_number(&cx.input(0)?, self.exponent - 1.0)?;
        Ok(smallvec![Some(scale(&mul(cx.dy(0), &power)?, self.exponent)?)])
    }
    fn sample_ops() -> Vec<PowFixed> {
        [1.5, -2.0, 4.0].map(|exponent| PowFixed { exponent }).into()
    }
    const SAMPLES: (f64, f64) = (0.5, 2.0);
}

op! {
    /// The third power, elementwise.
    Cube = "pow_3"(input: One @ Any) -> (output; 1) {}
}
impl Pointwise for Cube {
    #[inline(always)]
    fn eval<T: Float>(&self, [x, ..]: [T; 3]) -> T {
        x * x * x
    }
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::inputs(1)
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        Ok(smallvec![Some(scale(&mul(cx.dy(0), &square(&cx.input(0)?)?)?, 3.0)?)])
    }
}

op! {
    /// A number to the power of a tensor.
    NumberPow = "number_pow"(exponent: One @ Any) -> (output; 1) { base: f64 }
}
impl Pointwise for NumberPow {
    #[inline(always)]
    fn eval<T: Float>(&self, [y, ..]: [T; 3]) -> T {
        math::pow(T::of(self.base), y)
    }
    const COST: usize = 26;
    const INTEGERS: bool = true;
    fn eval_int(&self, [y, ..]: [i64; 3]) -> i64 {
        whole_power(self.base as i64, y)
    }
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::both((self.base == 0.0) as u32, 1)
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let g = scale(&mul(cx.dy(0), &cx.output(0)?)?, self.base.ln())?;
        if self.base != 0.0 {
            return Ok(smallvec![Some(g)]);
        }
        let zero = scalar(0.0, g.spec.dtype)?;
        Ok(smallvec![Some(where_(&cx.emit(&Ge {}, &[&cx.input(0)?, &zero])?, &zero, &g)?)])
    }
    fn sample_ops() -> Vec<NumberPow> {
        [2.0, 0.3, 1.0].map(|base| NumberPow { base }).into()
    }
}

/// `x^y`.
pub fn pow(x: &Tensor, y: &Tensor) -> Result<Tensor> {
    dispatch::one(&Pow {}, &[x, y])
}
/// `x^e`.
pub fn pow_number(x: &Tensor, exponent: f64) -> Result<Tensor> {
    Ok(PowNumber { exponent }.call(&[Some(x)])?.swap_remove(0))
}
