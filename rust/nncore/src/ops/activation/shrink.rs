use crate::ops::{sub::sub, tanh::tanh};
use crate::op::*;
use crate::{err, Kind, Result, Tensor};
use nncore_kernels::num::Float;
use smallvec::smallvec;

fn check(lambd: f64) -> Result<()> {
    match lambd >= 0.0 {
        true => Ok(()),
        false => Err(err(Kind::Value, format!("lambd >= 0 expected, got {lambd}"))),
    }
}

op! {
    /// `input` moved towards 0 by `lambd`, and 0 where it is nearer than that, elementwise. Integers become float32.
    ///
    /// Shape: any; the result has the same. Raises `ValueError` unless `lambd >= 0`.
    pub Softshrink = "softshrink"(input: One + float @ Any) -> (output; 1) { lambd: f64 = 0.5 }
}
impl Pointwise for Softshrink {
    #[inline(always)]
    fn eval<T: Float>(&self, [x, ..]: [T; 3]) -> T {
        let l = T::of(self.lambd);
        // A zero of the input's sign; NaN stays NaN.
        let inner = if x < -l { x + l } else { x * T::ZERO };
        if x > l {
            x - l
        } else {
            inner
        }
    }
    fn valid(&self) -> Result<()> {
        check(self.lambd)
    }
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::inputs(1)
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        Ok(smallvec![Some(cx.emit(&ShrinkGrad { lambd: self.lambd }, &[cx.dy(0), &cx.input(0)?])?)])
    }
    fn refusals() -> Refusals<Softshrink> {
        vec![
            (Softshrink { lambd: -1.0 }, given::floats(&[&[2]]), Kind::Value, "lambd >= 0 expected, got -1"),
            (Softshrink { lambd: f64::NAN }, given::floats(&[&[2]]), Kind::Value, "got NaN"),
        ]
    }
}

op! {
    /// `input`, and 0 where it is within `lambd` of 0, elementwise: nowhere, where `lambd` is negative. Integers become float32.
    ///
    /// Shape: any; the result has the same. Raises `ValueError` where `lambd` is NaN.
    pub Hardshrink = "hardshrink"(input: One + float @ Any) -> (output; 1) { lambd: f64 = 0.5 }
}
impl Pointwise for Hardshrink {
    #[inline(always)]
    fn eval<T: Float>(&self, [x, ..]: [T; 3]) -> T {
        if x.abs() <= T::of(self.lambd) {
            T::ZERO
        } else {
            x
        }
    }
    fn valid(&self) -> Result<()> {
        match self.lambd.is_nan() {
            true => Err(err(Kind::Value, "lambd must be a number, got NaN")),
            false => Ok(()),
        }
    }
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::inputs(1)
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        Ok(smallvec![Some(cx.emit(&ShrinkGrad { lambd: self.lambd }, &[cx.dy(0), &cx.input(0)?])?)])
    }
    fn refusals() -> Refusals<Hardshrink> {
        vec![
            (Hardshrink { lambd: f64::NAN }, given::floats(&[&[2]]), Kind::Value, "got NaN"),
        ]
    }
}

op! {
    /// Gradient of `softshrink` and `hardshrink`: 0 where `input` is within `lambd` of 0, else `grad`.
    ShrinkGrad = "shrink_grad"(grad: One @ Any, input: One @ Any) -> (grad_input; 1) { lambd: f64 }
}
impl Pointwise for ShrinkGrad {
    const BROADCASTS: bool = false;
    #[inline(always)]
    fn eval<T: Float>(&self, [dy, x, _]: [T; 3]) -> T {
        if x.abs() > T::of(self.lambd) {
            dy
        } else {
            T::ZERO
        }
    }
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::inputs(0b10)
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        Ok(smallvec![cx.needs(0).then(|| cx.emit(self, &[cx.dy(0), &cx.input(1)?])).transpose()?, None])
    }
    fn sample_ops() -> Vec<ShrinkGrad> {
        vec![ShrinkGrad { lambd: 0.5 }]
    }
}

op! {
    /// `input - tanh(input)`, elementwise. Integers become float32.
    ///
    /// Shape: any; the result has the same.
    pub Tanhshrink = "tanhshrink"(input: One + float @ Any) -> (output; 1) {}
}
impl Function for Tanhshrink {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        let x = ins[0].expect("a required input");
        Ok(smallvec![sub(x, &tanh(x)?)?])
    }
    fn cases() -> Vec<Case> {
        let case = |d: &[u32]| Case { attrs: vec![], inputs: vec![Some(crate::ops::sample_in(1, d, -2.0, 2.0))] };
        [&[3, 4][..], &[2, 3, 2, 2], &[], &[2, 0]].map(case).into()
    }
}
