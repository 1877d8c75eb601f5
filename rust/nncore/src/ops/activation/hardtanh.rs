use crate::op::*;
use crate::{dispatch, err, Kind, Result, Tensor};
use nncore_kernels::num::Float;
use smallvec::smallvec;

op! {
    /// `input` moved into [`min_val`, `max_val`], elementwise. NaN stays NaN.
    ///
    /// Shape: any; the result has the same. The gradient at the bounds is 0. Raises `ValueError` where
    /// `min_val > max_val`.
    pub Hardtanh = "hardtanh"(input: One @ Any) -> (output; 1) { min_val: f64 = -1.0, max_val: f64 = 1.0 }
}
impl Pointwise for Hardtanh {
    #[inline(always)]
    fn eval<T: Float>(&self, [x, ..]: [T; 3]) -> T {
        let (low, high) = (T::of(self.min_val), T::of(self.max_val));
        let y = if x < low { low } else { x };
        if y > high {
            high
        } else {
            y
        }
    }
    const INTEGERS: bool = true;
    fn eval_int(&self, [x, ..]: [i64; 3]) -> i64 {
        x.max(self.min_val as i64).min(self.max_val as i64)
    }
    fn valid(&self) -> Result<()> {
        if self.min_val > self.max_val {
            let text = format!("min_val <= max_val expected, got {} and {}", self.min_val, self.max_val);
            return Err(err(Kind::Value, text));
        }
        Ok(())
    }
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::inputs(1)
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        Ok(smallvec![Some(hardtanh_grad(cx.dy(0), &cx.input(0)?, self.min_val, self.max_val)?)])
    }
    fn sample_ops() -> Vec<Hardtanh> {
        [(-1.0, 1.0), (0.25, 1.5)].map(|(min_val, max_val)| Hardtanh { min_val, max_val }).into()
    }
    fn refusals() -> Refusals<Hardtanh> {
        vec![
            (Hardtanh { min_val: 2.0, max_val: 1.0 }, given::floats(&[&[2]]), Kind::Value, "min_val <= max_val expected, got 2 and 1"),
        ]
    }
}

op! {
    /// Gradient of `hardtanh`: `grad` between the bounds, else 0.
    HardtanhGrad = "hardtanh_grad"(grad: One @ Any, input: One @ Any) -> (grad_input; 1) { min_val: f64, max_val: f64 }
}
impl Pointwise for HardtanhGrad {
    const BROADCASTS: bool = false;
    #[inline(always)]
    fn eval<T: Float>(&self, [dy, x, _]: [T; 3]) -> T {
        if (x > T::of(self.min_val)) & (x < T::of(self.max_val)) {
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
    fn sample_ops() -> Vec<HardtanhGrad> {
        vec![HardtanhGrad { min_val: -0.5, max_val: 1.0 }]
    }
}

op! {
    /// `min(max(input, 0), 6)`, elementwise. NaN stays NaN.
    ///
    /// Shape: any; the result has the same. The gradient at 0 and 6 is 0.
    pub Relu6 = "relu6"(input: One @ Any) -> (output; 1) {}
}
impl Function for Relu6 {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        dispatch::apply(&Hardtanh { min_val: 0.0, max_val: 6.0 }, ins)
    }
    fn cases() -> Vec<Case> {
        let case = |d: &[u32]| Case { attrs: vec![], inputs: vec![Some(crate::ops::sample_in(1, d, -6.0, 12.0))] };
        [&[3, 4][..], &[2, 3, 2, 2], &[], &[2, 0]].map(case).into()
    }
    fn refusals() -> Vec<Refusal> {
        refusals(vec![
            (Relu6 {}, vec![given::bools(&[2])], Kind::DType, "numbers expected, got bool"),
        ])
    }
}

/// `grad` where `low < x < high`.
pub fn hardtanh_grad(grad: &Tensor, x: &Tensor, min_val: f64, max_val: f64) -> Result<Tensor> {
    dispatch::one(&HardtanhGrad { min_val, max_val }, &[grad, x])
}
