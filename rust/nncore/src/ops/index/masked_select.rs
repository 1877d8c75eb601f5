use crate::ops::expand::expand;
use crate::ops::index_select::index_select;
use crate::ops::reshape::reshape;
use crate::op::*;
use crate::shape::broadcast;
use crate::{err, DType, Kind, Result, Tensor};
use smallvec::smallvec;

op! {
    /// The elements of `input` where `mask` is true, in row-major order, as a vector.
    ///
    /// Shapes: any two that broadcast. How long the result is depends on the mask's values, so the host reads them: inside a
    /// captured step this is an error (multiply by the mask, or use `where`). Raises `DTypeError` unless the mask is bool.
    pub MaskedSelect = "masked_select"(input: One @ Any, mask: One @ Any) -> (output; 1) {}
}
impl Function for MaskedSelect {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        let (x, mask) = (ins[0].expect("a required input"), ins[1].expect("a required input"));
        if mask.spec.dtype != DType::Bool {
            return Err(err(Kind::DType, format!("the mask must be bool, got {}", mask.spec.dtype)));
        }
        let wrong = || err(Kind::Shape, "the mask's shape does not broadcast with the input's");
        let shape: Ints = broadcast(x.spec.dims(), mask.spec.dims()).ok_or_else(wrong)?.iter().map(|&d| d as i64).collect();
        let hits = expand(mask, &shape)?.to_vec::<bool>()?;
        let places: Vec<i64> = (0i64..).zip(&hits).filter(|(_, hit)| **hit).map(|(i, _)| i).collect();
        let index = Tensor::from_slice(&places, &[places.len() as u32])?;
        Ok(smallvec![index_select(&reshape(&expand(x, &shape)?, &[-1])?, 0, &index)?])
    }
    fn cases() -> Vec<Case> {
        let mask = |v: &[bool], d: &[u32]| Some(Tensor::from_slice(v, d).expect("a small tensor"));
        let (x, row) = (Some(crate::ops::sample(1, &[2, 3])), mask(&[true, false, true], &[3]));
        let none = (Some(crate::ops::sample(2, &[2])), mask(&[false, false], &[2]));
        [(x, row), none].map(|(x, m)| Case { attrs: vec![], inputs: vec![x, m] }).into()
    }
}
