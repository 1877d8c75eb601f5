use crate::ops::cumsum::axis_of;
use crate::ops::extreme::ordered;
use crate::ops::gather::scatter;
use crate::op::*;
use crate::shape::Spec;
use crate::{dispatch, err, DType, Kind, Result, Tensor};
use nncore_kernels::sort as kernels;
use smallvec::smallvec;

op! {
    /// Sorts along dimension `dim`, as (values, indices). NaN counts as the largest.
    ///
    /// Shapes: the input's, for both; indices are int64. Equal elements keep their order, whether `stable` or not. The gradient
    /// goes to the elements that `indices` name. Raises `ShapeError` for a dimension that is out of range.
    pub Sort = "sort"(input: One) -> (values, indices; 2) { dim: i64 = -1, descending: bool = false, stable: bool = false }
}
impl Op for Sort {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        x[0].axis(self.dim)?;
        out.fresh(x[0].contiguous())?;
        out.fresh(x[0].contiguous().with_dtype(DType::I64))
    }
    const SCRATCH: bool = true;
    fn scratch(&self, x: Specs) -> usize {
        ordered!(x[0].dtype, T => kernels::scratch::<T>(axis_of(&x[0], self.dim)))
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        let axis = axis_of(cx.spec(0), self.dim);
        // The scratch is as large as `scratch` says.
        ordered!(cx.spec(0).dtype, T => unsafe {
            kernels::sort::<T>(axis, self.descending, cx.get(0), cx.out(0), cx.out(1), cx.scratch)
        });
        Ok(())
    }
    const DIFFERENTIABLE: bool = true;
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::outputs(0b10)
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        Ok(smallvec![to_places(cx, self.dim)?])
    }
    fn cost(&self, x: Specs, outs: &Outs) -> Cost {
        comparisons(x, outs, self.dim)
    }
    fn samples() -> Samples<Sort> {
        let case = |dim, descending, d: &[u32]| {
            (Sort { dim, descending, stable: false }, vec![Some(crate::ops::sample(1, d))])
        };
        vec![
            case(-1, false, &[3, 7]),
            case(0, true, &[6, 2]),
            case(1, false, &[2, 5, 2, 2]),
            case(0, false, &[]),
            case(1, false, &[2, 0]),
            (Sort { dim: 0, descending: false, stable: false }, vec![Some(apart(300))]),
        ]
    }
}
op! {
    /// The indices that sort along dimension `dim`: those of `sort`. NaN counts as the largest.
    ///
    /// Shape: the input's; int64. Equal elements keep their order. Raises `ShapeError` for a dimension that is out of range.
    pub Argsort = "argsort"(input: One) -> (indices; 1) { dim: i64 = -1, descending: bool = false, stable: bool = false }
}
impl Function for Argsort {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        let sort = Sort { dim: self.dim, descending: self.descending, stable: self.stable };
        Ok(smallvec![dispatch::apply(&sort, &[Some(&ins[0].expect("a required input").detach())])?.swap_remove(1)])
    }
    fn cases() -> Vec<Case> {
        Sort::cases()
    }
}
op! {
    /// The `k` largest elements along dimension `dim` (the smallest, unless `largest`), in order, as (values, indices). NaN counts
    /// as the largest.
    ///
    /// Shapes: the input's with `k` at `dim`, for both; indices are int64. Of equal elements the first ones are taken. They come
    /// in order, whether `sorted` or not. The gradient goes to the elements that `indices` name. Raises `ShapeError` for a
    /// dimension that is out of range, or a k that is larger than its size.
    pub Topk = "topk"(input: One) -> (values, indices; 2) { k: i64, dim: i64 = -1, largest: bool = true, sorted: bool = true }
}
impl Op for Topk {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        let axis = x[0].axis(self.dim)?;
        let n = x[0].dims().get(axis).map_or(1, |d| *d as i64);
        if !(0..=n).contains(&self.k) {
            return Err(err(Kind::Shape, format!("k from 0 to {n}, the size of dim {}, expected, got {}", self.dim, self.k)));
        }
        let mut shape = x[0].shape();
        match shape.get_mut(axis) {
            Some(d) => *d = self.k,
            // Of a number alone there is one, or a vector of none.
            None if self.k == 0 => shape.push(0),
            None => {}
        }
        let spec = Spec::checked(x[0].dtype, &shape)?;
        out.fresh(spec)?;
        out.fresh(spec.with_dtype(DType::I64))
    }
    const SCRATCH: bool = true;
    fn scratch(&self, x: Specs) -> usize {
        ordered!(x[0].dtype, T => kernels::scratch::<T>(axis_of(&x[0], self.dim)))
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        let (axis, k) = (axis_of(cx.spec(0), self.dim), self.k as usize);
        // The scratch is as large as `scratch` says.
        ordered!(cx.spec(0).dtype, T => unsafe {
            kernels::top::<T>(axis, k, self.largest, cx.get(0), cx.out(0), cx.out(1), cx.scratch)
        });
        Ok(())
    }
    const DIFFERENTIABLE: bool = true;
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::outputs(0b10)
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        Ok(smallvec![to_places(cx, self.dim)?])
    }
    fn cost(&self, x: Specs, outs: &Outs) -> Cost {
        comparisons(x, outs, self.dim)
    }
    fn samples() -> Samples<Topk> {
        let case = |k, dim, largest, d: &[u32]| {
            (Topk { k, dim, largest, sorted: true }, vec![Some(crate::ops::sample(1, d))])
        };
        vec![
            case(2, -1, true, &[3, 7]),
            case(3, 0, false, &[6, 2]),
            case(4, 1, true, &[2, 5, 3]),
            case(1, 0, true, &[]),
            case(0, 0, true, &[4, 2]),
            (Topk { k: 5, dim: 0, largest: true, sorted: true }, vec![Some(apart(300))]),
        ]
    }
    fn refusals() -> Refusals<Topk> {
        let op = |k| Topk { k, dim: -1, largest: true, sorted: true };
        vec![
            (op(4), given::floats(&[&[2, 3]]), Kind::Shape, "k from 0 to 3, the size of dim -1, expected, got 4"),
            (op(-1), given::floats(&[&[2, 3]]), Kind::Shape, "expected, got -1"),
        ]
    }
}

/// The gradient of `values` goes where `indices` say.
fn to_places(cx: &GradCx, dim: i64) -> Result<Option<Tensor>> {
    let Some(dy) = cx.opt_dy(0) else { return Ok(None) };
    Ok(Some(scatter(dy, &cx.output(1)?.detach(), cx.spec(0), dim)?))
}
/// n log n comparisons a line.
pub fn comparisons(x: Specs, outs: &Outs, dim: i64) -> Cost {
    let n = axis_of(&x[0], dim).n.max(2) as f64;
    Cost { flops: (x[0].numel() as f64 * n.log2()) as u64, bytes: (x.bytes() + outs.bytes()) as u64 }
}
/// Numbers in no order, none near another: differences would swap them.
fn apart(n: u32) -> Tensor {
    let values: Vec<f64> = (0..n as u64).map(|i| (i * 7919 % n as u64) as f64 / n as f64 - 0.5).collect();
    Tensor::from_slice(&values, &[n]).expect("a small tensor")
}
