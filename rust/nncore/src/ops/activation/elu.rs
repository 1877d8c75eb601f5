use crate::op::*;
use crate::{dispatch, err, Kind, Result, Tensor};
use nncore_kernels::{math, num::Float};
use smallvec::smallvec;

op! {
    /// Exponential linear unit, elementwise: `input` where positive, else `alpha * (e^input - 1)`. Integers become float32.
    ///
    /// Shape: any; the result has the same. Source: Clevert et al., 2015 (arXiv 1511.07289).
    pub Elu = "elu"(input: One + float @ Any) -> (output; 1) { alpha: f64 = 1.0 }
}
impl Function for Elu {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        dispatch::apply(&EluScaled { alpha: self.alpha, scale: 1.0, rate: 1.0 }, ins)
    }
    fn cases() -> Vec<Case> {
        cases(&[&[Attr::Float(1.0)], &[Attr::Float(0.5)]])
    }
}

op! {
    /// Self-normalising exponential linear unit, elementwise: `elu` with `alpha` 1.6733, times 1.0507. Integers become float32.
    ///
    /// Shape: any; the result has the same. Source: Klambauer et al., 2017 (arXiv 1706.02515).
    pub Selu = "selu"(input: One + float @ Any) -> (output; 1) {}
}
impl Function for Selu {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        let (alpha, scale) = (1.673_263_242_354_377_2, 1.050_700_987_355_480_5);
        dispatch::apply(&EluScaled { alpha, scale, rate: 1.0 }, ins)
    }
    fn cases() -> Vec<Case> {
        cases(&[&[]])
    }
}

op! {
    /// Continuously differentiable exponential linear unit, elementwise: `input` where positive, else
    /// `alpha * (e^(input / alpha) - 1)`. Integers become float32.
    ///
    /// Shape: any; the result has the same. Raises `ValueError` where `alpha` is 0. Source: Barron, 2017 (arXiv 1704.07483).
    pub Celu = "celu"(input: One + float @ Any) -> (output; 1) { alpha: f64 = 1.0 }
}
impl Function for Celu {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        if self.alpha == 0.0 {
            return Err(err(Kind::Value, format!("alpha must not be 0, got {}", self.alpha)));
        }
        dispatch::apply(&EluScaled { alpha: self.alpha, scale: 1.0, rate: 1.0 / self.alpha }, ins)
    }
    fn cases() -> Vec<Case> {
        cases(&[&[Attr::Float(1.0)], &[Attr::Float(2.5)]])
    }
    fn refusals() -> Vec<Refusal> {
        refusals(vec![
            (Celu { alpha: 0.0 }, given::floats(&[&[2]]), Kind::Value, "alpha must not be 0, got 0"),
        ])
    }
}
fn cases(attrs: &[&[Attr]]) -> Vec<Case> {
    let shapes: [&[u32]; 4] = [&[3, 4], &[2, 3, 2, 2], &[], &[2, 0]];
    let inputs = |d: &&[u32]| vec![Some(crate::ops::sample_in(1, d, -3.0, 3.0))];
    attrs.iter().flat_map(|a| shapes.iter().map(|d| Case { attrs: a.to_vec(), inputs: inputs(d) })).collect()
}

op! {
    /// `scale * input` where positive, else `scale * alpha * (e^(rate * input) - 1)`.
    EluScaled = "elu_scaled"(input: One + float @ Any) -> (output; 1) { alpha: f64, scale: f64, rate: f64 }
}
impl Pointwise for EluScaled {
    #[inline(always)]
    fn eval<T: Float>(&self, [x, ..]: [T; 3]) -> T {
        let left = T::of(self.alpha * self.scale) * math::expm1(x * T::of(self.rate));
        let right = x * T::of(self.scale);
        if x > T::ZERO {
            right
        } else {
            left
        }
    }
    const COST: usize = 10;
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::inputs(1)
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let op = EluScaledGrad { left: self.alpha * self.scale * self.rate, right: self.scale, rate: self.rate };
        Ok(smallvec![Some(cx.emit(&op, &[cx.dy(0), &cx.input(0)?])?)])
    }
    fn sample_ops() -> Vec<EluScaled> {
        vec![EluScaled { alpha: 1.5, scale: 1.25, rate: 0.5 }]
    }
}

op! {
    /// Gradient of `elu_scaled`: `right * grad` where `input` is positive, else `left * grad * e^(rate * input)`.
    EluScaledGrad = "elu_scaled_grad"(grad: One @ Any, input: One @ Any) -> (grad_input; 1) { left: f64, right: f64, rate: f64 }
}
impl Pointwise for EluScaledGrad {
    const BROADCASTS: bool = false;
    #[inline(always)]
    fn eval<T: Float>(&self, [dy, x, _]: [T; 3]) -> T {
        // Both sides first: an exponential on one side of the choice would be a branch.
        let left = dy * (T::of(self.left) * math::exp(x * T::of(self.rate)));
        let right = dy * T::of(self.right);
        if x > T::ZERO {
            right
        } else {
            left
        }
    }
    const COST: usize = 10;
    fn keeps(&self, needs: u32) -> Keep {
        Keep::inputs(0b10 | (needs >> 1 & 1))
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let (g, x) = (cx.dy(0), cx.input(1)?);
        let by_grad = cx.needs(0).then(|| cx.emit(self, &[g, &x])).transpose()?;
        // The exponential again, and nothing on the right.
        let bend = EluScaledGrad { left: self.left * self.rate, right: 0.0, rate: self.rate };
        let by_input = || cx.emit(&bend, &[&crate::ops::mul::mul(g, &cx.input(0)?)?, &x]);
        Ok(smallvec![by_grad, cx.needs(1).then(by_input).transpose()?])
    }
    fn sample_ops() -> Vec<EluScaledGrad> {
        vec![EluScaledGrad { left: 0.9375, right: 1.25, rate: 0.5 }]
    }
}

/// `x` or `alpha (e^x - 1)`.
pub fn elu(x: &Tensor, alpha: f64) -> Result<Tensor> {
    Ok(Elu { alpha }.call(&[Some(x)])?.swap_remove(0))
}
