use crate::ops::cast::cast;
use crate::ops::extreme::each_once;
use crate::ops::index_select::around;
use crate::ops::mul::mul;
use crate::ops::pad::shifted;
use crate::op::*;
use crate::shape::Spec;
use crate::{dispatch, err, DType, Kind, Result, Tensor};
use nncore_kernels::scan::{self, Axis, Order};
use smallvec::smallvec;

/// A dimension with what lies around it, for the kernels.
pub fn axis_of(s: &Spec, dim: i64) -> Axis {
    let a = around(s, s.axis(dim).expect("infer"));
    Axis { outer: a.outer, n: a.n, inner: a.inner }
}

macro_rules! running {
    ($($S:ident = $name:literal, $Internal:ident = $internal:literal, $kernel:ident, $keeps:literal, $doc:literal;)*) => { $(
        op! {
            #[doc = $doc]
            ///
            /// Shape: the input's. Integers and bool give int64; `dtype` casts first. Floats run in float64. Raises `ShapeError` for a
            /// dimension that is out of range.
            pub $S = $name(input: One @ Any) -> (output; 1) { dim: i64, dtype: Option<DType> = None }
        }
        impl Function for $S {
            fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
                let x = wide(ins[0].expect("a required input"), self.dtype)?;
                dispatch::apply(&$Internal { dim: self.dim, reverse: false, exclusive: false }, &[Some(&x)])
            }
            fn cases() -> Vec<Case> {
                let case = |dim, d: &[u32]| {
                    let op = $S { dim, dtype: None };
                    Case { attrs: Signature::attrs(&op), inputs: vec![Some(crate::ops::sample_in(1, d, -1.5, 1.5))] }
                };
                vec![case(0, &[5]), case(1, &[9, 4]), case(-2, &[2, 3, 4]), case(1, &[2, 3, 2, 2]), case(0, &[]), case(0, &[0, 2])]
            }
            fn refusals() -> Vec<Refusal> {
                let op = $S { dim: 0, dtype: Some(DType::Bool) };
                refusals(vec![(op, given::floats(&[&[2]]), Kind::DType, "a dtype of numbers expected, got bool")])
            }
        }
        op! {
            /// Running sums or products along `dim`: from the end when `reverse`, without the element itself when `exclusive`.
            $Internal = $internal(input: One) -> (output; 1) { dim: i64, reverse: bool, exclusive: bool }
        }
        impl Op for $Internal {
            fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
                if x[0].dtype == DType::Bool {
                    return Err(err(Kind::DType, "numbers expected, got bool"));
                }
                x[0].axis(self.dim)?;
                out.fresh(x[0].contiguous())
            }
            fn cpu(&self, cx: &Cpu) -> Result<()> {
                let order = Order { reverse: self.reverse, exclusive: self.exclusive };
                numbers!(cx.spec(0).dtype, T => scan::$kernel::<T>(axis_of(cx.spec(0), self.dim), order, cx.get(0), cx.out(0)));
                Ok(())
            }
            const DIFFERENTIABLE: bool = true;
            fn keeps(&self, _needs: u32) -> Keep {
                Keep::inputs($keeps)
            }
            fn grad(&self, cx: &GradCx) -> Result<Grads> {
                self.back(cx)
            }
            fn cost(&self, x: Specs, outs: &Outs) -> Cost {
                each_once(x, outs)
            }
            fn samples() -> Samples<$Internal> {
                let case = |dim, reverse, exclusive, d: &[u32]| {
                    ($Internal { dim, reverse, exclusive }, vec![Some(crate::ops::sample_in(1, d, -1.5, 1.5))])
                };
                vec![
                    case(0, false, false, &[5]),
                    case(1, true, false, &[2, 4]),
                    case(-2, false, true, &[2, 3, 4]),
                    case(1, true, true, &[10, 3]),
                ]
            }
            fn refusals() -> Refusals<$Internal> {
                let op = $Internal { dim: 0, reverse: false, exclusive: false };
                vec![(op, vec![given::bools(&[2])], Kind::DType, "numbers expected, got bool")]
            }
        }
    )* };
}
running! {
    Cumsum = "cumsum", SumsAlong = "sums_along", cumsum, 0, " Running sums along dimension `dim`: each element and all before it.";
    Cumprod = "cumprod", ProductsAlong = "products_along", cumprod, 1, " Running products along dimension `dim`: each element and all before it.";
}
impl SumsAlong {
    /// The running sum of `dy` in the other direction.
    fn back(&self, cx: &GradCx) -> Result<Grads> {
        Ok(smallvec![Some(cx.emit(&SumsAlong { reverse: !self.reverse, ..*self }, &[cx.dy(0)])?)])
    }
}
impl ProductsAlong {
    /// Element k moves what comes after it: the product of all before it, times `s[k] = dy[k] + x[k + 1] s[k + 1]`. No division,
    /// so that zeros are no exception.
    fn back(&self, cx: &GradCx) -> Result<Grads> {
        let (x, dy) = (cx.input(0)?, cx.dy(0));
        if x.spec.rank() == 0 {
            return Ok(smallvec![(!self.exclusive).then(|| dy.clone())]);
        }
        let axis = x.spec.axis(self.dim)?;
        let next = |t: &Tensor| shifted(t, axis, if self.reverse { 1 } else { -1 });
        let dy = if self.exclusive { next(dy)? } else { dy.clone() };
        let after = cx.emit(&LinearAlong { dim: self.dim, reverse: !self.reverse }, &[&next(&x)?, &dy])?;
        let before = cx.emit(&ProductsAlong { exclusive: true, ..*self }, &[&x])?;
        Ok(smallvec![Some(mul(&before, &after)?)])
    }
}
/// The input as `dtype`; integers, unless told, as int64.
pub fn wide(x: &Tensor, dtype: Option<DType>) -> Result<Tensor> {
    if dtype == Some(DType::Bool) {
        return Err(err(Kind::DType, "a dtype of numbers expected, got bool"));
    }
    cast(x, dtype.unwrap_or(if x.spec.dtype.is_float() { x.spec.dtype } else { DType::I64 }))
}

op! {
    /// The linear recurrence `output[i] = input[i] + factor[i] * output[i - 1]` along `dim`, from the end when `reverse`.
    LinearAlong = "linear_along"(factor: One, input: One) -> (output; 1) { dim: i64, reverse: bool }
}
impl Op for LinearAlong {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        x[0].axis(self.dim)?;
        if x[0].dims() != x[1].dims() || x[0].dtype != x[1].dtype || !x[0].dtype.is_float() {
            let text = format!("two floats of one shape expected, got {} and {}", x[0], x[1]);
            return Err(err(Kind::Shape, text));
        }
        out.fresh(x[0].contiguous())
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        let axis = axis_of(cx.spec(0), self.dim);
        floats!(cx.spec(0).dtype, T => scan::linear::<T>(axis, self.reverse, cx.get(0), cx.get(1), cx.out(0)));
        Ok(())
    }
    const DIFFERENTIABLE: bool = true;
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::both(1, 1)
    }
    /// `g[i] = dy[i] + factor[i + 1] g[i + 1]` for the input, times the output before it for the factor.
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let (factor, y) = (cx.input(0)?, cx.output(0)?);
        let axis = factor.spec.axis(self.dim)?;
        let one = if self.reverse { -1 } else { 1 };
        let back = LinearAlong { dim: self.dim, reverse: !self.reverse };
        let g = cx.emit(&back, &[&shifted(&factor, axis, -one)?, cx.dy(0)])?;
        Ok(smallvec![Some(mul(&g, &shifted(&y, axis, one)?)?), Some(g)])
    }
    fn cost(&self, x: Specs, outs: &Outs) -> Cost {
        Cost { flops: 2 * x[0].numel() as u64, ..each_once(x, outs) }
    }
    fn samples() -> Samples<LinearAlong> {
        let case = |dim, reverse, d: &[u32]| {
            let inputs = vec![Some(crate::ops::sample(1, d)), Some(crate::ops::sample(2, d))];
            (LinearAlong { dim, reverse }, inputs)
        };
        vec![case(0, false, &[4]), case(1, true, &[2, 3]), case(0, false, &[3, 2])]
    }
    fn refusals() -> Refusals<LinearAlong> {
        vec![
            (LinearAlong { dim: 0, reverse: false }, given::floats(&[&[2], &[3]]), Kind::Shape, "two floats of one shape expected, got"),
        ]
    }
}
