//! Sums and means that pass over NaN, and both extremes at once.
use crate::ops::comparison::eq;
use crate::ops::extreme::{case, each_once, over_cases, Amax, Amin};
use crate::ops::mean::as_float;
use crate::ops::sum::{reduce, reduced, remaining, spread};
use crate::ops::{cast::cast, div::div, full::zero, where_::where_};
use crate::op::*;
use crate::shape::Spec;
use crate::{dispatch, err, DType, Kind, Result, Tensor};
use nncore_kernels::reduce as kernels;
use smallvec::smallvec;

op! {
    /// Sum over the dimensions in `dim` (all of them when None or empty), in which NaN counts as 0.
    ///
    /// Shape: the input's without `dim`, or with size 1 there when `keepdim`. Integers and bool give int64, as in `sum`; `dtype`
    /// casts first. No gradient flows to a NaN. Raises `ShapeError` for a dimension that is out of range or named twice.
    pub Nansum = "nansum"(input: One @ Any) -> (output; 1) {
        dim: Option<Ints> = None, keepdim: bool = false, dtype: Option<DType> = None,
    }
}
impl Function for Nansum {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        let (dim, keepdim) = (self.dim.clone(), self.keepdim);
        let x = ins[0].expect("a required input");
        match self.dtype.unwrap_or(x.spec.dtype) {
            dtype if dtype.is_float() => dispatch::apply(&NansumFloat { dim, keepdim }, &[Some(&cast(x, dtype)?)]),
            _ => crate::ops::sum::SumAs { dim, keepdim, dtype: self.dtype }.call(ins),
        }
    }
    fn cases() -> Vec<Case> {
        nan_cases().into_iter().map(|(dim, keepdim, x)| case(&Nansum { dim, keepdim, dtype: None }, x)).collect()
    }
}
op! {
    /// What `nansum` does with floats.
    NansumFloat = "nansum_float"(input: One @ Any) -> (output; 1) { dim: Option<Ints> = None, keepdim: bool = false }
}
impl Op for NansumFloat {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        if !x[0].dtype.is_float() {
            return Err(err(Kind::DType, format!("float32 or float64 expected, got {}", x[0].dtype)));
        }
        out.fresh(Spec::new(x[0].dtype, &remaining(&x[0], reduced(&x[0], &self.dim)?, self.keepdim)))
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        let mask = reduced(cx.spec(0), &self.dim)?;
        floats!(cx.spec(0).dtype, T => reduce(cx, mask, kernels::nansum::<T>));
        Ok(())
    }
    const DIFFERENTIABLE: bool = true;
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::inputs(1)
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let x = cx.input(0)?.detach();
        let dy = spread(cx.dy(0), &x.spec, reduced(&x.spec, &self.dim)?, self.keepdim)?;
        Ok(smallvec![Some(where_(&eq(&x, &x)?, &dy, &zero(x.spec.dtype)?)?)])
    }
    fn cost(&self, x: Specs, outs: &Outs) -> Cost {
        each_once(x, outs)
    }
    fn samples() -> Samples<NansumFloat> {
        nan_cases().into_iter().map(|(dim, keepdim, x)| (NansumFloat { dim, keepdim }, vec![x])).collect()
    }
    fn refusals() -> Refusals<NansumFloat> {
        vec![
            (NansumFloat { dim: None, keepdim: false }, vec![given::int64(&[2])], Kind::DType, "float32 or float64 expected, got int64"),
        ]
    }
}
op! {
    /// Mean over the dimensions in `dim` (all of them when None or empty) of the elements that are not NaN.
    ///
    /// Shape: the input's without `dim`, or with size 1 there when `keepdim`. Of nothing but NaN it is NaN. Integers become
    /// float32; `dtype` casts first. No gradient flows to a NaN. Raises `ShapeError` for a dimension that is out of range or
    /// named twice, `DTypeError` for a dtype that is no float.
    pub Nanmean = "nanmean"(input: One + float @ Any) -> (output; 1) {
        dim: Option<Ints> = None, keepdim: bool = false, dtype: Option<DType> = None,
    }
}
impl Function for Nanmean {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        let x = ins[0].expect("a required input");
        let x = as_float(x, self.dtype.unwrap_or(x.spec.dtype.to_float()))?;
        let (dim, keepdim) = (self.dim.clone(), self.keepdim);
        let total = dispatch::one(&NansumFloat { dim: dim.clone(), keepdim }, &[&x])?;
        let plain = x.detach();
        let many = dispatch::one(&crate::ops::any::CountNonzero { dim: dim.clone() }, &[&eq(&plain, &plain)?])?;
        let many = crate::ops::reshape::reshape(&cast(&many, x.spec.dtype)?, &total.spec.shape())?;
        Ok(smallvec![div(&total, &many)?])
    }
    fn cases() -> Vec<Case> {
        nan_cases().into_iter().map(|(dim, keepdim, x)| case(&Nanmean { dim, keepdim, dtype: None }, x)).collect()
    }
    fn refusals() -> Vec<Refusal> {
        let op = Nanmean { dim: None, keepdim: false, dtype: Some(DType::I64) };
        refusals(vec![(op, given::floats(&[&[3]]), Kind::DType, "dtype is float32 or float64, got int64")])
    }
}
/// The cases of all reductions without the empty one. NaN in samples would leave finite differences nothing to say.
fn nan_cases() -> Vec<(Option<Ints>, bool, Option<Tensor>)> {
    over_cases()
}

op! {
    /// The smallest and the largest element along `dim`, or of all when None. NaN counts as both.
    ///
    /// Shape: the input's without `dim`, or with size 1 there when `keepdim`. Equal elements share the gradient evenly.
    /// Raises `ShapeError` for a dimension that is out of range or empty.
    pub Aminmax = "aminmax"(input: One @ Any) -> (min, max; 2) { dim: Option<i64> = None, keepdim: bool = false }
}
impl Function for Aminmax {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        let (dim, keepdim): (Option<Ints>, _) = (self.dim.map(|d| smallvec![d]), self.keepdim);
        let mut outs = dispatch::apply(&Amin { dim: dim.clone(), keepdim }, ins)?;
        outs.extend(dispatch::apply(&Amax { dim, keepdim }, ins)?);
        Ok(outs)
    }
    fn cases() -> Vec<Case> {
        crate::ops::extreme::along_cases().into_iter().map(|(dim, keepdim, x)| case(&Aminmax { dim, keepdim }, x)).collect()
    }
    fn refusals() -> Vec<Refusal> {
        refusals(given::nothing(Aminmax { dim: None, keepdim: false }))
    }
}
