use crate::ops::sigmoid::{sigmoid, SigmoidGrad};
use crate::ops::{mul::mul, slice::narrow};
use crate::op::*;
use crate::{dispatch, err, Kind, Result, Tensor};
use nncore_kernels::{math, num::Float};
use smallvec::smallvec;

op! {
    /// Gated linear unit: the first half of `input` along `dim`, times the sigmoid of the second half.
    ///
    /// Shape: the result is half as large along `dim`. Integers become float32. Raises `ShapeError` where the size along
    /// `dim` is odd, or there is no such dimension. Source: Dauphin et al., 2016 (arXiv 1612.08083).
    pub Glu = "glu"(input: One + float @ Any) -> (output; 1) { dim: i64 = -1 }
}
impl Function for Glu {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        let x = ins[0].expect("a required input");
        if x.spec.rank() == 0 {
            return Err(err(Kind::Shape, "at least one dimension expected, got a 0-d tensor"));
        }
        let axis = x.spec.axis(self.dim)?;
        let size = x.spec.d(axis) as i64;
        if size % 2 != 0 {
            return Err(err(Kind::Shape, format!("an even size along dim {} expected, got {size}", self.dim)));
        }
        let (a, b) = (narrow(x, axis as i64, 0, size / 2)?, narrow(x, axis as i64, size / 2, size)?);
        dispatch::apply(&Gate {}, &[Some(&a), Some(&b)])
    }
    fn cases() -> Vec<Case> {
        let case = |dim: i64, d: &[u32]| Case {
            attrs: vec![Attr::Int(dim)],
            inputs: vec![Some(crate::ops::sample_in(1, d, -3.0, 3.0))],
        };
        vec![case(-1, &[3, 4]), case(0, &[4, 3]), case(1, &[2, 4, 3, 2]), case(-1, &[2, 0]), case(-2, &[0, 2, 3])]
    }
}

op! {
    /// `input * sigmoid(gate)`.
    Gate = "glu_gate"(input: One + float @ Any, gate: One + float @ Any) -> (output; 1) {}
}
impl Pointwise for Gate {
    const BROADCASTS: bool = false;
    #[inline(always)]
    fn eval<T: Float>(&self, [a, b, _]: [T; 3]) -> T {
        a * math::sigmoid(b)
    }
    const COST: usize = 12;
    fn keeps(&self, needs: u32) -> Keep {
        Keep::inputs(0b10 | (needs >> 1 & 1))
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let (dy, b) = (cx.dy(0), cx.input(1)?);
        let left = cx.needs(0).then(|| cx.emit(self, &[dy, &b])).transpose()?;
        let right = || cx.emit(&SigmoidGrad {}, &[&mul(dy, &cx.input(0)?)?, &sigmoid(&b)?]);
        Ok(smallvec![left, cx.needs(1).then(right).transpose()?])
    }
}
