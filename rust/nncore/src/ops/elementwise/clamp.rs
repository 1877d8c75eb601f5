use crate::ops::pass::{pass_above, pass_larger};
use crate::ops::sum::sum_to;
use crate::op::*;
use crate::{dispatch, err, Kind, Result, Tensor};
use nncore_kernels::num::{Element, Float};
use smallvec::smallvec;

op! {
    /// `input` moved into [`min`, `max`], elementwise; a bound that is None bounds nothing. Bounds are numbers or tensors.
    ///
    /// Shapes: any that broadcast; the result has the broadcast shape. Dtypes promote. NaN in input or bound gives NaN; where
    /// `min > max` the result is `max`. The gradient passes between the bounds, ends not included, else it flows to the bound; where
    /// input and a bound that requires a gradient are equal, each gets half. Raises `ValueError` where both bounds are None.
    pub Clamp = "clamp"(input: One + promote @ Any, min: Optional + promote @ Any, max: Optional + promote @ Any)
        -> (output; 1) {}
}
impl Function for Clamp {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        match (ins[1], ins[2]) {
            (Some(_), Some(_)) => dispatch::apply(&ClampBoth {}, ins),
            (Some(_), None) => dispatch::apply(&ClampMin {}, &ins[..2]),
            (None, Some(_)) => dispatch::apply(&ClampMax {}, &[ins[0], ins[2]]),
            (None, None) => Err(err(Kind::Value, "one of min and max must be given, got None for both")),
        }
    }
    fn cases() -> Vec<Case> {
        let case = |x: &[u32], min: Option<&[u32]>, max: Option<&[u32]>| {
            let low = min.map(|d| crate::ops::sample_in(2, d, -1.0, 0.0));
            let high = max.map(|d| crate::ops::sample_in(3, d, -0.2, 1.0));
            Case { attrs: vec![], inputs: vec![Some(crate::ops::sample_in(1, x, -2.0, 2.0)), low, high] }
        };
        vec![
            case(&[3, 4], Some(&[]), Some(&[])),
            case(&[3, 4], Some(&[4]), None),
            case(&[2, 3, 2, 2], None, Some(&[])),
            case(&[3, 1], Some(&[2, 1, 4]), Some(&[4])),
            case(&[], Some(&[]), None),
            case(&[0, 2], Some(&[2]), Some(&[])),
        ]
    }
    fn refusals() -> Vec<Refusal> {
        refusals(vec![
            (Clamp {}, vec![given::float(&[2]), None, None], Kind::Value, "one of min and max must be given, got None for both"),
            (Clamp {}, vec![given::float(&[2, 3]), given::float(&[4]), None], Kind::Shape, "do not broadcast: [2, 3] with [4]"),
            (Clamp {}, vec![given::float(&[2, 3]), given::float(&[]), given::float(&[4])], Kind::Shape, "do not broadcast"),
        ])
    }
}

/// NaN in either wins.
#[inline(always)]
fn raised<T: Element>(x: T, low: T) -> T {
    if x < low || low.partial_cmp(&low).is_none() {
        low
    } else {
        x
    }
}
#[inline(always)]
fn lowered<T: Element>(x: T, high: T) -> T {
    if x > high || high.partial_cmp(&high).is_none() {
        high
    } else {
        x
    }
}

op! {
    /// `clamp` from below.
    ClampMin = "clamp_min"(input: One + promote @ Any, min: One + promote @ Any) -> (output; 1) {}
}
impl Pointwise for ClampMin {
    #[inline(always)]
    fn eval<T: Float>(&self, [x, low, _]: [T; 3]) -> T {
        raised(x, low)
    }
    const INTEGERS: bool = true;
    const BOOLS: bool = true;
    fn eval_int(&self, [x, low, _]: [i64; 3]) -> i64 {
        raised(x, low)
    }
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::inputs(0b11)
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let (x, low) = (cx.input(0)?, cx.input(1)?);
        let share = if cx.needs(1) { pass_larger } else { pass_above };
        let inside = || sum_to(&share(cx.dy(0), &x, &low)?, cx.spec(0).dims());
        let bound = || sum_to(&pass_larger(cx.dy(0), &low, &x)?, cx.spec(1).dims());
        Ok(smallvec![cx.needs(0).then(inside).transpose()?, cx.needs(1).then(bound).transpose()?])
    }
}

op! {
    /// `clamp` from above.
    ClampMax = "clamp_max"(input: One + promote @ Any, max: One + promote @ Any) -> (output; 1) {}
}
impl Pointwise for ClampMax {
    #[inline(always)]
    fn eval<T: Float>(&self, [x, high, _]: [T; 3]) -> T {
        lowered(x, high)
    }
    const INTEGERS: bool = true;
    const BOOLS: bool = true;
    fn eval_int(&self, [x, high, _]: [i64; 3]) -> i64 {
        lowered(x, high)
    }
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::inputs(0b11)
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let (x, high) = (cx.input(0)?, cx.input(1)?);
        let share = if cx.needs(1) { pass_larger } else { pass_above };
        let inside = || sum_to(&share(cx.dy(0), &high, &x)?, cx.spec(0).dims());
        let bound = || sum_to(&pass_larger(cx.dy(0), &x, &high)?, cx.spec(1).dims());
        Ok(smallvec![cx.needs(0).then(inside).transpose()?, cx.needs(1).then(bound).transpose()?])
    }
}

op! {
    /// `clamp` from both sides.
    ClampBoth = "clamp_both"(input: One + promote @ Any, min: One + promote @ Any, max: One + promote @ Any) -> (output; 1) {}
}
impl Pointwise for ClampBoth {
    #[inline(always)]
    fn eval<T: Float>(&self, [x, low, high]: [T; 3]) -> T {
        lowered(raised(x, low), high)
    }
    const INTEGERS: bool = true;
    const BOOLS: bool = true;
    fn eval_int(&self, [x, low, high]: [i64; 3]) -> i64 {
        lowered(raised(x, low), high)
    }
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::inputs(0b111)
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let (dy, x, low, high) = (cx.dy(0), cx.input(0)?, cx.input(1)?, cx.input(2)?);
        let share = if cx.needs(1) || cx.needs(2) { pass_larger } else { pass_above };
        // The upper bound is applied last.
        let risen = dispatch::one(&ClampMin {}, &[&x, &low])?;
        let below = share(dy, &high, &risen)?;
        let inside = || sum_to(&share(&below, &x, &low)?, cx.spec(0).dims());
        let lower = || sum_to(&share(&below, &low, &x)?, cx.spec(1).dims());
        let upper = || sum_to(&pass_larger(dy, &risen, &high)?, cx.spec(2).dims());
        Ok(smallvec![
            cx.needs(0).then(inside).transpose()?,
            cx.needs(1).then(lower).transpose()?,
            cx.needs(2).then(upper).transpose()?
        ])
    }
}
