use crate::ops::square::square;
use crate::ops::{add::add, exp::exp, full::scalar, mul::mul, scale::scale, sigmoid::sigmoid, sub::sub};
use crate::op::*;
use crate::{dispatch, Result, Tensor};
use nncore_kernels::{math, num::Float};
use smallvec::smallvec;

choice! {
    /// How `gelu` is computed.
    Approximate { None = "none", Tanh = "tanh" }
}
op! {
    /// Gaussian error linear unit, elementwise: `input * P(X <= input)` for a standard normal X. With `approximate="tanh"`:
    /// `0.5 * input * (1 + tanh(sqrt(2 / pi) * (input + 0.044715 * input ** 3)))`. Integers become float32.
    ///
    /// Shape: any; the result has the same. Source: Hendrycks and Gimpel, 2016 (arXiv 1606.08415).
    pub Gelu = "gelu"(input: One + float @ Any) -> (output; 1) { approximate: Approximate = Approximate::None }
}
impl Function for Gelu {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        match self.approximate {
            Approximate::None => dispatch::apply(&GeluErf {}, ins),
            Approximate::Tanh => dispatch::apply(&GeluTanh {}, ins),
        }
    }
    fn cases() -> Vec<Case> {
        let case = |a: Approximate, d: &[u32]| Case {
            attrs: vec![a.to_attr()],
            inputs: vec![Some(crate::ops::sample_in(1, d, -4.0, 4.0))],
        };
        vec![case(Approximate::None, &[3, 4]), case(Approximate::Tanh, &[2, 3, 2, 2]), case(Approximate::None, &[])]
    }
}

op! {
    /// `gelu` by the normal distribution itself.
    GeluErf = "gelu_erf"(input: One + float @ Any) -> (output; 1) {}
}
impl Pointwise for GeluErf {
    #[inline(always)]
    fn eval<T: Float>(&self, [x, ..]: [T; 3]) -> T {
        math::gelu(x)
    }
    const COST: usize = 20;
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::inputs(1)
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        Ok(smallvec![Some(cx.emit(&GeluErfGrad {}, &[cx.dy(0), &cx.input(0)?])?)])
    }
    const SAMPLES: (f64, f64) = (-4.0, 4.0);
}

op! {
    /// Gradient of `gelu_erf`: `grad * (P(X <= input) + input * density(input))`.
    GeluErfGrad = "gelu_erf_grad"(grad: One @ Any, input: One @ Any) -> (grad_input; 1) {}
}
impl Pointwise for GeluErfGrad {
    const BROADCASTS: bool = false;
    #[inline(always)]
    fn eval<T: Float>(&self, [dy, x, _]: [T; 3]) -> T {
        let (probability, density) = math::normal(x);
        dy * (probability + x * density)
    }
    const COST: usize = 20;
    fn keeps(&self, needs: u32) -> Keep {
        Keep::inputs(0b10 | (needs >> 1 & 1))
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let (g, x) = (cx.dy(0), cx.input(1)?);
        let left = cx.needs(0).then(|| cx.emit(self, &[g, &x])).transpose()?;
        // The slope's slope is (2 - x^2) times the density.
        let right = || {
            let square = square(&x)?;
            let density = scale(&exp(&scale(&square, -0.5)?)?, 0.398_942_280_401_432_7)?;
            let bend = mul(&density, &sub(&scalar(2.0, x.spec.dtype)?, &square)?)?;
            mul(&mul(g, &cx.input(0)?)?, &bend)
        };
        Ok(smallvec![left, cx.needs(1).then(right).transpose()?])
    }
}

/// `sqrt(8 / pi)`: the tanh is taken of half of what the sigmoid is.
const RATE: f64 = 1.595_769_121_605_730_7;
const CUBIC: f64 = 0.044_715;

op! {
    /// `gelu` by a hyperbolic tangent, as `input * sigmoid(sqrt(8 / pi) * (input + 0.044715 * input ** 3))`.
    GeluTanh = "gelu_tanh"(input: One + float @ Any) -> (output; 1) {}
}
impl Pointwise for GeluTanh {
    #[inline(always)]
    fn eval<T: Float>(&self, [x, ..]: [T; 3]) -> T {
        x * math::sigmoid(bent(x))
    }
    const COST: usize = 14;
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::inputs(1)
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        Ok(smallvec![Some(cx.emit(&GeluTanhGrad {}, &[cx.dy(0), &cx.input(0)?])?)])
    }
    const SAMPLES: (f64, f64) = (-4.0, 4.0);
}
#[inline(always)]
fn bent<T: Float>(x: T) -> T {
    T::of(RATE) * (T::of(CUBIC) * x * x).mul_add(x, x)
}

op! {
    /// Gradient of `gelu_tanh`.
    GeluTanhGrad = "gelu_tanh_grad"(grad: One @ Any, input: One @ Any) -> (grad_input; 1) {}
}
impl Pointwise for GeluTanhGrad {
    const BROADCASTS: bool = false;
    #[inline(always)]
    fn eval<T: Float>(&self, [dy, x, _]: [T; 3]) -> T {
        let s = math::sigmoid(bent(x));
        let slope = T::of(RATE) * (T::of(3.0 * CUBIC) * x).mul_add(x, T::ONE);
        dy * (s + x * (s * (T::ONE - s)) * slope)
    }
    const COST: usize = 16;
    fn keeps(&self, needs: u32) -> Keep {
        Keep::inputs(0b10 | (needs >> 1 & 1))
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let (g, x) = (cx.dy(0), cx.input(1)?);
        let left = cx.needs(0).then(|| cx.emit(self, &[g, &x])).transpose()?;
        // With u = RATE (x + CUBIC x^3) and s its sigmoid: s (1 - s) (2 u' + x u'' + x u'^2 (1 - 2 s)).
        let right = || {
            let one = scalar(1.0, x.spec.dtype)?;
            let square = square(&x)?;
            let u = scale(&mul(&x, &add(&scale(&square, CUBIC)?, &one)?)?, RATE)?;
            let first = scale(&add(&scale(&square, 3.0 * CUBIC)?, &one)?, RATE)?;
            let second = scale(&x, 6.0 * CUBIC * RATE)?;
            let s = sigmoid(&u)?;
            let bell = mul(&s, &sub(&one, &s)?)?;
            let turn = mul(&mul(&first, &first)?, &sub(&one, &scale(&s, 2.0)?)?)?;
            let bend = add(&scale(&first, 2.0)?, &mul(&x, &add(&second, &turn)?)?)?;
            mul(&mul(g, &cx.input(0)?)?, &mul(&bell, &bend)?)
        };
        Ok(smallvec![left, cx.needs(1).then(right).transpose()?])
    }
}

/// `x P(X <= x)`.
pub fn gelu(x: &Tensor, approximate: Approximate) -> Result<Tensor> {
    Ok(Gelu { approximate }.call(&[Some(x)])?.swap_remove(0))
}
