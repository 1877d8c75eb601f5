use crate::ops::expand::expand;
use crate::ops::gather::gather;
use crate::ops::index_select::IndexSelect;
use crate::ops::reshape::reshape;
use crate::op::*;
use crate::shape::broadcast;
use crate::{dispatch, err, DType, Kind, Result, Tensor};
use smallvec::smallvec;

op! {
    /// The elements at `index`, counted through the whole input in row-major order; negative entries count from the end.
    ///
    /// Shape: that of `index`, which is int64. Raises `DTypeError` for another dtype, `ValueError` for an entry out of range.
    pub Take = "take"(input: One @ Any, index: One @ Any) -> (output; 1) {}
}
impl Function for Take {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        let (x, index) = (ins[0].expect("a required input"), ins[1].expect("a required input"));
        let (flat, places) = (reshape(x, &[-1])?, reshape(index, &[-1])?);
        let picked = dispatch::apply(&IndexSelect { dim: 0 }, &[Some(&flat), Some(&places)])?.swap_remove(0);
        Ok(smallvec![reshape(&picked, &index.spec.shape())?])
    }
    fn cases() -> Vec<Case> {
        let case = |d: &[u32], index: &[i64], di: &[u32]| {
            let index = Tensor::from_slice(index, di).expect("a small tensor");
            Case { attrs: vec![], inputs: vec![Some(crate::ops::sample(1, d)), Some(index)] }
        };
        vec![case(&[], &[0], &[]), case(&[2, 3], &[5, 0, -1, 2], &[2, 2]), case(&[4], &[], &[0, 2]), case(&[3], &[1], &[])]
    }
    fn refusals() -> Vec<Refusal> {
        refusals(vec![
            (Take {}, vec![given::float(&[2, 3]), given::int64(&[6])], Kind::Value, "index 6 (element 0 of the index) is out of range for size 6"),
            (Take {}, given::floats(&[&[3], &[1]]), Kind::DType, "index must be int64, got float64"),
            (Take {}, vec![given::float(&[0]), given::int64(&[0])], Kind::Value, "out of range for size 0"),
        ])
    }
}

op! {
    /// The elements at `indices` along `dim`, which broadcast with the input elsewhere; without `dim` as `take`.
    ///
    /// This is what `argmax` and its kin point to: their indices need `keepdim`. Shape: the broadcast one, with the size of
    /// `indices` at `dim`. Raises `DTypeError` unless they are int64, `ShapeError` where they do not fit, `ValueError` for an
    /// entry out of range.
    pub TakeAlongDim = "take_along_dim"(input: One @ Any, indices: One @ Any) -> (output; 1) { dim: Option<i64> = None }
}
impl Function for TakeAlongDim {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        let (x, index) = (ins[0].expect("a required input"), ins[1].expect("a required input"));
        let Some(dim) = self.dim else {
            let index = reshape(index, &[-1])?;
            return Take {}.call(&[Some(x), Some(&index)]);
        };
        if index.spec.dtype != DType::I64 {
            return Err(err(Kind::DType, format!("the indices must be int64, got {}", index.spec.dtype)));
        }
        let axis = x.spec.axis(dim)?;
        let wrong = || {
            let (a, b) = (index.spec.dims(), x.spec.dims());
            err(Kind::Shape, format!("indices of shape {a:?} do not broadcast with {b:?} but for dim {axis}"))
        };
        if index.spec.rank() != x.spec.rank() {
            return Err(wrong());
        }
        if x.spec.rank() == 0 {
            return Ok(smallvec![gather(x, dim, index)?]);
        }
        let (mut a, mut b) = (x.spec.shape(), index.spec.shape());
        let (long, picked) = (std::mem::replace(&mut a[axis], 1), std::mem::replace(&mut b[axis], 1));
        let dims = |v: &Ints| v.iter().map(|&d| d as u32).collect::<Vec<_>>();
        let common: Ints = broadcast(&dims(&a), &dims(&b)).ok_or_else(wrong)?.iter().map(|&d| d as i64).collect();
        let sized = |n: i64| {
            let mut shape = common.clone();
            shape[axis] = n;
            shape
        };
        Ok(smallvec![gather(&expand(x, &sized(long))?, dim, &expand(index, &sized(picked))?)?])
    }
    fn cases() -> Vec<Case> {
        let case = |dim, d: &[u32], index: &[i64], di: &[u32]| {
            let index = Tensor::from_slice(index, di).expect("a small tensor");
            let op = TakeAlongDim { dim };
            Case { attrs: Signature::attrs(&op), inputs: vec![Some(crate::ops::sample(1, d)), Some(index)] }
        };
        vec![
            case(Some(1), &[2, 3], &[2, 0], &[2, 1]),
            case(Some(-1), &[2, 3], &[2, 0, 1, -1], &[1, 4]),
            case(Some(0), &[3, 1], &[2, 2, 0], &[1, 3]),
            case(None, &[2, 3], &[5, 0], &[2, 1]),
        ]
    }
    fn refusals() -> Vec<Refusal> {
        let op = |dim| TakeAlongDim { dim };
        refusals(vec![
            (op(Some(0)), given::floats(&[&[3], &[1]]), Kind::DType, "the indices must be int64, got float64"),
            (op(Some(1)), vec![given::float(&[2, 3]), given::zeros(DType::I64, &[3, 1])], Kind::Shape, "indices of shape [3, 1] do not broadcast with [2, 3] but for dim 1"),
            (op(Some(0)), vec![given::float(&[2, 3]), given::int64(&[0])], Kind::Shape, "indices of shape [1] do not broadcast"),
            (op(None), vec![given::float(&[3]), given::int64(&[3])], Kind::Value, "index 3"),
        ])
    }
}
