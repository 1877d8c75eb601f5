//! What refusals are given: small inputs, by shape or by value. And refusals that several ops share.
use super::*;
use crate::dtype::DType;
use crate::shape::Dim;

/// A float64 input of this shape.
pub fn float(dims: &[Dim]) -> Option<Tensor> {
    Some(crate::ops::sample(1, dims))
}
/// Float64 inputs of these shapes.
pub fn floats(shapes: &[&[Dim]]) -> Vec<Option<Tensor>> {
    shapes.iter().map(|d| float(d)).collect()
}
/// Zeros of that dtype.
pub fn zeros(dtype: DType, dims: &[Dim]) -> Option<Tensor> {
    let n = dims.iter().map(|&d| d as usize).product();
    let zeros = Tensor::from_slice(&vec![0i64; n], dims).expect("a small tensor");
    Some(crate::ops::cast::cast(&zeros, dtype).expect("a cast"))
}
/// A vector of int64.
pub fn int64(values: &[i64]) -> Option<Tensor> {
    Some(Tensor::from_slice(values, &[values.len() as Dim]).expect("a small tensor"))
}
/// A bool input, true everywhere.
pub fn bools(dims: &[Dim]) -> Option<Tensor> {
    let n = dims.iter().map(|&d| d as usize).product();
    Some(Tensor::from_slice(&vec![true; n], dims).expect("a small tensor"))
}

/// Of an op on two tensors: shapes that do not broadcast.
pub fn apart<S>(op: S) -> Refusals<S> {
    vec![(op, floats(&[&[2, 3], &[4]]), Kind::Shape, "shapes do not broadcast: [2, 3] with [4]")]
}
/// Of an op that chooses an element: none to choose from.
pub fn nothing<S>(op: S) -> Refusals<S> {
    vec![(op, floats(&[&[0]]), Kind::Shape, "at least one element to choose from expected, got size 0")]
}
