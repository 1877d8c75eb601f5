use crate::ops::{div::div, mul::mul, neg::neg, scale::scale};
use crate::op::*;
use crate::{dispatch, Result, Tensor};
use nncore_kernels::num::Float;
use smallvec::smallvec;

op! {
    /// `input * input`, elementwise. Integers wrap.
    ///
    /// Shape: any; the result has the same.
    pub Square = "square"(input: One @ Any) -> (output; 1) {}
}
impl Pointwise for Square {
    #[inline(always)]
    fn eval<T: Float>(&self, [x, ..]: [T; 3]) -> T {
        x * x
    }
    const INTEGERS: bool = true;
    fn eval_int(&self, [x, ..]: [i64; 3]) -> i64 {
        x.wrapping_mul(x)
    }
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::inputs(1)
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        Ok(smallvec![Some(scale(&mul(cx.dy(0), &cx.input(0)?)?, 2.0)?)])
    }
}

op! {
    /// `1 / input`, elementwise. Integers become float32.
    ///
    /// Shape: any; the result has the same. Zero gives an infinity of its sign.
    pub Reciprocal = "reciprocal"(input: One + float @ Any) -> (output; 1) {}
}
impl Pointwise for Reciprocal {
    #[inline(always)]
    fn eval<T: Float>(&self, [x, ..]: [T; 3]) -> T {
        T::ONE / x
    }
    const COST: usize = 3;
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::outputs(1)
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        Ok(smallvec![Some(neg(&mul(cx.dy(0), &square(&cx.output(0)?)?)?)?)])
    }
    const SAMPLES: (f64, f64) = (0.5, 2.0);
}

op! {
    /// `1 / sqrt(input)`, elementwise. Integers become float32.
    ///
    /// Shape: any; the result has the same. Zero gives an infinity of its sign, a negative number NaN.
    pub Rsqrt = "rsqrt"(input: One + float @ Any) -> (output; 1) {}
}
impl Pointwise for Rsqrt {
    #[inline(always)]
    fn eval<T: Float>(&self, [x, ..]: [T; 3]) -> T {
        T::ONE / x.sqrt()
    }
    const COST: usize = 6;
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::both(1, 1)
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        // -1/2 x^(-3/2)
        let g = mul(cx.dy(0), &cx.output(0)?)?;
        Ok(smallvec![Some(scale(&div(&g, &cx.input(0)?)?, -0.5)?)])
    }
    const SAMPLES: (f64, f64) = (0.5, 2.0);
}

/// `x^2`.
pub fn square(x: &Tensor) -> Result<Tensor> {
    dispatch::one(&Square {}, &[x])
}
/// `1 / x`.
pub fn reciprocal(x: &Tensor) -> Result<Tensor> {
    dispatch::one(&Reciprocal {}, &[x])
}
/// `1 / sqrt(x)`.
pub fn rsqrt(x: &Tensor) -> Result<Tensor> {
    dispatch::one(&Rsqrt {}, &[x])
}
