use crate::ops::pass::pass_ge;
use crate::ops::{full::zero, mul::mul, reshape::reshape, sum::sum_to};
use crate::op::*;
use crate::{dispatch, err, Kind, Result, Tensor};
use nncore_kernels::num::Float;
use smallvec::smallvec;

op! {
    /// `input` where positive, else `weight * input`, with a learned weight for each channel, or one for all.
    ///
    /// Shapes: `input` (N, C, *), or with fewer dimensions one channel; `weight` (C,), (1,) or 0-d; the result has the
    /// input's shape. Integers become float32. Raises `ShapeError` for another number of weights.
    /// Source: He et al., 2015 (arXiv 1502.01852).
    pub Prelu = "prelu"(input: One + float @ Any, weight: One + float @ Any) -> (output; 1) {}
}
impl Function for Prelu {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        let (x, w) = (ins[0].expect("a required input"), ins[1].expect("a required input"));
        let channels = if x.spec.rank() > 1 { x.spec.d(1) } else { 1 };
        if w.spec.rank() > 1 || w.spec.numel() != 1 && w.spec.numel() != channels {
            let text = format!("one weight or {channels} expected, one for each channel, got {:?}", w.spec.dims());
            return Err(err(Kind::Shape, text));
        }
        // (C, 1, ...) broadcasts along dimension 1.
        let mut shape = Ints::from_elem(1, x.spec.rank().saturating_sub(1).max(w.spec.rank().min(x.spec.rank())));
        if let Some(first) = shape.first_mut() {
            *first = w.spec.numel() as i64;
        }
        dispatch::apply(&PreluChannels {}, &[Some(x), Some(&reshape(w, &shape)?)])
    }
    fn cases() -> Vec<Case> {
        let case = |x: &[u32], w: &[u32]| Case {
            attrs: vec![],
            inputs: vec![Some(crate::ops::sample_in(1, x, -2.0, 2.0)), Some(crate::ops::sample(2, w))],
        };
        vec![
            case(&[3, 4], &[4]),
            case(&[2, 3, 2, 2], &[3]),
            case(&[2, 3, 5], &[1]),
            case(&[5], &[1]),
            case(&[], &[1]),
            case(&[2, 3], &[]),
            case(&[0, 3], &[3]),
        ]
    }
    fn refusals() -> Vec<Refusal> {
        refusals(vec![
            (Prelu {}, given::floats(&[&[2, 3], &[2]]), Kind::Shape, "one weight or 3 expected, one for each channel, got [2]"),
            (Prelu {}, given::floats(&[&[2, 3], &[3, 1]]), Kind::Shape, "got [3, 1]"),
        ])
    }
}

op! {
    /// `prelu` with weights that broadcast.
    PreluChannels = "prelu_channels"(input: One + float @ Any, weight: One + float @ Any) -> (output; 1) {}
}
impl Pointwise for PreluChannels {
    #[inline(always)]
    fn eval<T: Float>(&self, [x, w, _]: [T; 3]) -> T {
        // Computed before the choice, as in `leaky_relu`: no branch in the loop.
        let scaled = w * x;
        if x > T::ZERO {
            x
        } else {
            scaled
        }
    }
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::inputs(0b11)
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let (dy, x, w) = (cx.dy(0), cx.input(0)?, cx.input(1)?);
        let left = || sum_to(&cx.emit(&PreluInputGrad {}, &[dy, &x, &w])?, cx.spec(0).dims());
        // dy x where 0 >= x.
        let right = || sum_to(&pass_ge(&mul(dy, &x)?, &zero(x.spec.dtype)?, &x)?, cx.spec(1).dims());
        Ok(smallvec![cx.needs(0).then(left).transpose()?, cx.needs(1).then(right).transpose()?])
    }
}

op! {
    /// Gradient of `prelu` by its input: `grad` where `input` is positive, else `weight * grad`.
    PreluInputGrad = "prelu_input_grad"(grad: One @ Any, input: One @ Any, weight: One @ Any) -> (grad_input; 1) {}
}
impl Pointwise for PreluInputGrad {
    #[inline(always)]
    fn eval<T: Float>(&self, [dy, x, w]: [T; 3]) -> T {
        let scaled = w * dy;
        if x > T::ZERO {
            dy
        } else {
            scaled
        }
    }
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::inputs(0b111)
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let (g, x) = (cx.dy(0), cx.input(1)?);
        let by_grad = || sum_to(&cx.emit(self, &[g, &x, &cx.input(2)?])?, cx.spec(0).dims());
        let by_weight =
            || sum_to(&pass_ge(&mul(g, &cx.input(0)?)?, &zero(x.spec.dtype)?, &x)?, cx.spec(2).dims());
        Ok(smallvec![cx.needs(0).then(by_grad).transpose()?, None, cx.needs(2).then(by_weight).transpose()?])
    }
}
