use crate::ops::expand::expand;
use crate::ops::index_select::index_select;
use crate::ops::masked_fill::whole;
use crate::ops::reshape::reshape;
use crate::op::*;
use crate::{Kind, Result, Tensor};
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
        let shape = whole(x, mask)?;
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
    fn refusals() -> Vec<Refusal> {
        refusals(vec![
            (MaskedSelect {}, given::floats(&[&[2], &[2]]), Kind::DType, "the mask must be bool, got float64"),
            (MaskedSelect {}, vec![given::float(&[2, 3]), given::bools(&[4])], Kind::Shape, "broadcasts with the input's [2, 3] expected, got [4]"),
        ])
    }
}
