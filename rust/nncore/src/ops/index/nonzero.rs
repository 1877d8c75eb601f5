use crate::op::*;
use crate::{DType, Result, Tensor};
use smallvec::smallvec;

op! {
    /// Where `input` is not 0 (or true): an int64 matrix with one row of indices an element, in row-major order.
    ///
    /// Shape: (count, input.ndim). How many there are depends on the values, so the host reads them: inside a captured step
    /// this is an error. NaN is not 0.
    pub Nonzero = "nonzero"(input: One @ Any) -> (output; 1) {}
}
impl Function for Nonzero {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        Ok(smallvec![nonzero(ins[0].expect("a required input"))?])
    }
    fn cases() -> Vec<Case> {
        cases()
    }
}
op! {
    /// Where `input` is not 0, as in `nonzero`; a 0-d input gives rows without entries, as in NumPy and PyTorch.
    ///
    /// Shape: (count, input.ndim).
    pub Argwhere = "argwhere"(input: One @ Any) -> (output; 1) {}
}
impl Function for Argwhere {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        Nonzero {}.call(ins)
    }
    fn cases() -> Vec<Case> {
        cases()
    }
}
fn cases() -> Vec<Case> {
    let some = Tensor::from_slice(&[0.0, 1.5, -2.0, 0.0, 0.0, f64::NAN], &[2, 3]).expect("a small tensor");
    let (none, one) = (Tensor::from_slice(&[false; 4], &[4]), Tensor::scalar(3i64));
    let all = [some, none.expect("a small tensor"), one.expect("a scalar"), crate::ops::sample(1, &[2, 0])];
    all.map(|x| Case { attrs: vec![], inputs: vec![Some(x)] }).into()
}

/// The indices of all elements that are not 0.
pub fn nonzero(x: &Tensor) -> Result<Tensor> {
    let hits: Vec<bool> = match x.spec.dtype {
        DType::Bool => x.to_vec()?,
        _ => x.to_f64s()?.iter().map(|v| *v != 0.0).collect(),
    };
    let (dims, mut rows, mut count) = (x.spec.dims(), vec![], 0);
    for (place, _) in hits.iter().enumerate().filter(|(_, hit)| **hit) {
        let (mut left, start) = (place, rows.len());
        for &d in dims.iter().rev() {
            rows.push((left % d as usize) as i64);
            left /= d as usize
        }
        rows[start..].reverse();
        count += 1
    }
    Tensor::from_slice(&rows, &[count, dims.len() as u32])
}
