use crate::ops::max::{along_cases, along_ops, back_along, both, case, extreme_spec, ordered, over_cases, share};
use crate::ops::sum::{reduce, reduced};
use crate::op::*;
use crate::{dispatch, DType, Result, Tensor};
use nncore_kernels::reduce as kernels;
use smallvec::smallvec;

op! {
    /// The smallest element along `dim`, as (values, indices); without `dim` the smallest of all, as one 0-d tensor. NaN counts as
    /// the smallest.
    ///
    /// Shape: the input's without `dim`, or with size 1 there when `keepdim`. Indices are int64, of the first such element.
    /// Along `dim` the gradient goes to the element that `indices` names; without `dim` equal ones share it evenly, as in
    /// `amin`. Raises `ShapeError` for a dimension that is out of range or empty.
    pub Min = "min"(input: One @ Any) -> (values, indices; 2) { dim: Option<i64> = None, keepdim: bool = false }
}
impl Function for Min {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        match self.dim {
            Some(dim) => dispatch::apply(&MinDim { dim, keepdim: self.keepdim }, ins),
            None => dispatch::apply(&Amin { dim: None, keepdim: self.keepdim }, ins),
        }
    }
    fn cases() -> Vec<Case> {
        along_cases().into_iter().map(|(dim, keepdim, x)| case(&Min { dim, keepdim }, x)).collect()
    }
}
op! {
    /// The smallest elements over the dimensions in `dim` (all of them when None). NaN counts as the smallest.
    ///
    /// Shape: the input's without `dim`, or with size 1 there when `keepdim`. Equal elements share the gradient evenly.
    /// Raises `ShapeError` for a dimension that is out of range, named twice or empty.
    pub Amin = "amin"(input: One @ Any) -> (output; 1) { dim: Option<Ints> = None, keepdim: bool = false }
}
impl Op for Amin {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        out.fresh(extreme_spec(&x[0], &self.dim, self.keepdim)?)
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        let mask = reduced(cx.spec(0), &self.dim)?;
        ordered!(cx.spec(0).dtype, T => reduce(cx, mask, kernels::min::<T>));
        Ok(())
    }
    const DIFFERENTIABLE: bool = true;
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::both(1, 1)
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        Ok(smallvec![Some(share(cx, &self.dim, self.keepdim)?)])
    }
    fn cost(&self, x: Specs, outs: &Outs) -> Cost {
        Cost { flops: x[0].numel() as u64, bytes: (x.bytes() + outs.bytes()) as u64 }
    }
    fn samples() -> Samples<Amin> {
        over_cases().into_iter().map(|(dim, keepdim, x)| (Amin { dim, keepdim }, vec![x])).collect()
    }
}
op! {
    /// The smallest element along one dimension, and where it is: what `min` does with `dim`.
    MinDim = "min_dim"(input: One @ Any) -> (values, indices; 2) { dim: i64, keepdim: bool = false }
}
impl Op for MinDim {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        let values = extreme_spec(&x[0], &Some(smallvec![self.dim]), self.keepdim)?;
        out.fresh(values)?;
        out.fresh(values.with_dtype(DType::I64))
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        ordered!(cx.spec(0).dtype, T => both::<T>(cx, self.dim, kernels::argmin::<T>));
        Ok(())
    }
    const DIFFERENTIABLE: bool = true;
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::outputs(0b10)
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        Ok(smallvec![back_along(cx, self.dim)?])
    }
    fn cost(&self, x: Specs, outs: &Outs) -> Cost {
        Cost { flops: x[0].numel() as u64, bytes: (x.bytes() + outs.bytes()) as u64 }
    }
    fn samples() -> Samples<MinDim> {
        along_ops().into_iter().map(|(dim, keepdim, x)| (MinDim { dim, keepdim }, vec![x])).collect()
    }
}
