use crate::ops::cast::cast;
use crate::ops::comparison::eq;
use crate::ops::extreme::each_once;
use crate::ops::full::{scalar, zero};
use crate::ops::sum::{reduced, remaining, spread, sum_to, Sum};
use crate::ops::{div::div, mul::mul, scale::scale, where_::where_};
use crate::op::*;
use crate::shape::Spec;
use crate::{dispatch, err, DType, Kind, Result, Tensor};
use nncore_kernels::{math, num::Float, reduce as kernels};
use smallvec::smallvec;

/// The p of a norm.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Power {
    P(f64),
    /// Of all elements as one vector, as the Frobenius norm of a matrix is.
    Frobenius,
}
impl AttrType for Power {
    const KIND: AttrKind = AttrKind::FloatOr(&["fro"]);
    fn from_attr(a: &Attr) -> Power {
        match a {
            Attr::Choice(_) => Power::Frobenius,
            a => Power::P(f64::from_attr(a)),
        }
    }
    fn to_attr(&self) -> Attr {
        match self {
            Power::P(p) => Attr::Float(*p),
            Power::Frobenius => Attr::Choice(0),
        }
    }
}

op! {
    /// The norm `(sum |input|^p)^(1/p)` over the dimensions in `dim` (all when None or empty), which count as one vector. "fro" is
    /// p = 2; 0 counts what is not zero; infinity takes the largest absolute value, minus infinity the smallest.
    ///
    /// Shape: the input's without `dim`, or with size 1 there when `keepdim`. With `dtype` the input is cast first. Where the
    /// norm is 0 no gradient flows. Raises `ShapeError` for a dimension that is out of range or named twice, or where p is
    /// negative or infinite and there is no element; `DTypeError` for integers.
    pub Norm = "norm"(input: One @ Any) -> (output; 1) {
        p: Power = Power::Frobenius, dim: Option<Ints> = None, keepdim: bool = false, dtype: Option<DType> = None,
    }
}
impl Function for Norm {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        let p = match self.p {
            Power::P(p) => p,
            Power::Frobenius => 2.0,
        };
        vector(p, &self.dim, self.keepdim, self.dtype, ins)
    }
    fn cases() -> Vec<Case> {
        // Away from zero, where the slopes of p < 1 are steep, with both signs.
        let value = |i: u32| (0.4 + (i * 7 % 15) as f64 / 20.0) * if i.is_multiple_of(3) { -1.0 } else { 1.0 };
        let values: Vec<f64> = (0..15).map(value).collect();
        let x = Tensor::from_slice(&values, &[3, 5]).expect("a small tensor");
        let of = |p: f64| Norm { p: Power::P(p), dim: Some(smallvec![-1]), keepdim: false, dtype: None };
        let mut all: Vec<Case> = [0.0, 0.5, 1.0, 1.5, 2.0, 3.0, -1.0, f64::INFINITY, f64::NEG_INFINITY]
            .into_iter()
            .map(|p| Case { attrs: Signature::attrs(&of(p)), inputs: vec![Some(x.clone())] })
            .collect();
        all.push(case(&Norm { p: Power::Frobenius, dim: None, keepdim: true, dtype: None }, &[2, 3, 4]));
        all.push(case(&Norm { p: Power::Frobenius, dim: Some(smallvec![0, 2, 3]), keepdim: false, dtype: None }, &[2, 3, 2, 2]));
        all.push(case(&Norm { p: Power::P(2.0), dim: Some(smallvec![0]), keepdim: false, dtype: None }, &[0, 3]));
        all.push(case(&Norm { p: Power::P(3.0), dim: None, keepdim: false, dtype: None }, &[]));
        all
    }
    fn refusals() -> Vec<Refusal> {
        let of = |p| Norm { p, dim: None, keepdim: false, dtype: None };
        refusals(vec![
            (of(Power::P(f64::NAN)), given::floats(&[&[2]]), Kind::Value, "p must be a number, got NaN"),
            (of(Power::P(f64::INFINITY)), given::floats(&[&[2, 0]]), Kind::Shape, "at least one element for a norm of order inf expected, got [2, 0]"),
            (of(Power::Frobenius), vec![given::int64(&[2])], Kind::DType, "got int64; cast it, or pass dtype"),
        ])
    }
}
op! {
    /// `norm` under the name and with the arguments of `torch.linalg`: the norm of order `ord` over the dimensions in `dim` (all
    /// of them when None), which count as one vector.
    ///
    /// Shape: the input's without `dim`, or with size 1 there when `keepdim`. See `norm`.
    pub VectorNorm = "vector_norm"(x: One @ Any) -> (output; 1) {
        ord: f64 = 2.0, dim: Option<Ints> = None, keepdim: bool = false, dtype: Option<DType> = None,
    }
}
impl Function for VectorNorm {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        if self.ord.is_nan() {
            return Err(err(Kind::Value, "ord must be a number, got NaN"));
        }
        vector(self.ord, &self.dim, self.keepdim, self.dtype, ins)
    }
    fn cases() -> Vec<Case> {
        vec![case(&VectorNorm { ord: 3.0, dim: Some(smallvec![0]), keepdim: false, dtype: None }, &[3, 4])]
    }
    fn refusals() -> Vec<Refusal> {
        let of = |ord| VectorNorm { ord, dim: None, keepdim: false, dtype: None };
        refusals(vec![
            (of(f64::NAN), given::floats(&[&[2]]), Kind::Value, "ord must be a number, got NaN"),
            (of(2.0), vec![given::int64(&[2])], Kind::DType, "got int64; cast it, or pass dtype"),
            (of(-1.0), given::floats(&[&[0]]), Kind::Shape, "at least one element for a norm of order -1 expected, got [0]"),
        ])
    }
}
fn case<S: Signature>(op: &S, d: &[u32]) -> Case {
    Case { attrs: Signature::attrs(op), inputs: vec![Some(crate::ops::sample(1, d))] }
}
fn vector(p: f64, dim: &Option<Ints>, keepdim: bool, dtype: Option<DType>, ins: &[Option<&Tensor>]) -> Result<Outputs> {
    let x = ins[0].expect("a required input");
    let x = cast(x, dtype.unwrap_or(x.spec.dtype))?;
    dispatch::apply(&PNorm { p, dim: dim.clone(), keepdim }, &[Some(&x)])
}

op! {
    /// The p-norm over dimensions: what `norm` does.
    PNorm = "p_norm"(input: One @ Any) -> (output; 1) { p: f64, dim: Option<Ints>, keepdim: bool }
}
impl Op for PNorm {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        if !x[0].dtype.is_float() {
            return Err(err(Kind::DType, format!("float32 or float64 expected, got {}; cast it, or pass dtype", x[0].dtype)));
        }
        if self.p.is_nan() {
            return Err(err(Kind::Value, "p must be a number, got NaN"));
        }
        let mask = reduced(&x[0], &self.dim)?;
        if (self.p < 0.0 || self.p.is_infinite()) && (0..x[0].rank()).any(|i| mask >> i & 1 != 0 && x[0].d(i) == 0) {
            return Err(err(Kind::Shape, format!("at least one element for a norm of order {} expected, got {:?}", self.p, x[0].dims())));
        }
        out.fresh(Spec::new(x[0].dtype, &remaining(&x[0], mask, self.keepdim)))
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        let (s, r) = (cx.spec(0), cx.spec(0).rank());
        let mask = reduced(s, &self.dim)?;
        // Valid at every index of its spec.
        floats!(s.dtype, T => unsafe {
            kernels::norm::<T>(self.p, &s.usize_dims()[..r], &s.isize_strides()[..r], mask, cx.ptr(0), cx.out(0))
        });
        Ok(())
    }
    const DIFFERENTIABLE: bool = true;
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::both(1, 1)
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let (x, dtype) = (cx.input(0)?, cx.spec(0).dtype);
        let mask = reduced(&x.spec, &self.dim)?;
        let (dy, y) = (spread(cx.dy(0), &x.spec, mask, self.keepdim)?, spread(&cx.output(0)?, &x.spec, mask, self.keepdim)?);
        if self.p.is_infinite() {
            // Those that have it share it.
            let sign = cx.emit(&PNormGrad { p: 1.0 }, &[&scalar(1.0, dtype)?, &x.detach(), &y.detach()])?;
            let hit = eq(&mul(&x.detach(), &sign)?, &y.detach())?;
            let axes: Ints = (0..x.spec.rank()).filter(|i| mask >> i & 1 != 0).map(|i| i as i64).collect();
            let ties = cast(&dispatch::one(&Sum { dim: Some(axes), keepdim: true }, &[&hit])?, dtype)?;
            let each = div(&mul(&dy, &sign)?, &ties)?;
            return Ok(smallvec![Some(where_(&hit, &each, &zero(dtype)?)?)]);
        }
        if self.p == 2.0 && cx.create_graph {
            // In ops that can be differentiated any number of times; where the norm is 0 nothing flows.
            let flat = eq(&y.detach(), &zero(dtype)?)?;
            let safe = where_(&flat, &scalar(1.0, dtype)?, &y)?;
            return Ok(smallvec![Some(where_(&flat, &zero(dtype)?, &div(&mul(&dy, &x)?, &safe)?)?)]);
        }
        Ok(smallvec![Some(cx.emit(&PNormGrad { p: self.p }, &[&dy, &x, &y])?)])
    }
    fn cost(&self, x: Specs, outs: &Outs) -> Cost {
        let each = if [0.0, 1.0, 2.0].contains(&self.p) || self.p.is_infinite() { 2 } else { 20 };
        Cost { flops: each * x[0].numel() as u64, ..each_once(x, outs) }
    }
    fn samples() -> Samples<PNorm> {
        vec![(PNorm { p: 2.0, dim: Some(smallvec![1]), keepdim: false }, vec![Some(crate::ops::sample(1, &[3, 4]))])]
    }
}

op! {
    /// Gradient of the p-norm for finite p: `grad * sign(input) * (|input| / output)^(p - 1)`; 0 where input or output is.
    PNormGrad = "p_norm_grad"(grad: One @ Any, input: One @ Any, output: One @ Any) -> (grad_input; 1) { p: f64 }
}
impl Pointwise for PNormGrad {
    #[inline(always)]
    fn eval<T: Float>(&self, [dy, x, y]: [T; 3]) -> T {
        let signed = if x < T::ZERO { -dy } else { dy };
        let g = match self.p {
            0.0 => T::ZERO,
            1.0 => signed,
            2.0 => dy * x / y,
            p => signed * math::exp(T::of(p - 1.0) * (math::ln(x.abs()) - math::ln(y))),
        };
        if x == T::ZERO || y == T::ZERO {
            T::ZERO
        } else {
            g
        }
    }
    const COST: usize = 8;
    const FLOPS: u64 = 20;
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::inputs(0b111)
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let (g, dy, x, y) = (cx.dy(0), cx.input(0)?, cx.input(1)?, cx.input(2)?);
        let to_dy = cx.emit(self, &[g, &x, &y])?;
        let slope = scale(&mul(&to_dy, &dy)?, self.p - 1.0)?;
        let over = |t: &Tensor, factor: f64, i: usize| -> Result<Option<Tensor>> {
            let none = zero(x.spec.dtype)?;
            let flat = eq(&t.detach(), &none)?;
            let each = div(&slope, &where_(&flat, &scalar(1.0, x.spec.dtype)?, t)?)?;
            Ok(Some(sum_to(&scale(&where_(&flat, &none, &each)?, factor)?, cx.spec(i).dims())?))
        };
        Ok(smallvec![Some(sum_to(&to_dy, cx.spec(0).dims())?), over(&x, 1.0, 1)?, over(&y, -1.0, 2)?])
    }
    fn sample_ops() -> Vec<PNormGrad> {
        vec![PNormGrad { p: 3.0 }]
    }
    const SAMPLES: (f64, f64) = (0.5, 2.0);
}
