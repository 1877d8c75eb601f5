//! What the ops of linear algebra share: batches of matrices, which are computed one after the other in float64.
use crate::op::*;
use crate::ops::arange::Arange;
use crate::ops::cast::cast;
use crate::ops::comparison::Ge;
use crate::ops::eye::Eye;
use crate::ops::matmul::matmul;
use crate::ops::permute::Permute;
use crate::ops::reshape::reshape;
use crate::ops::scale::scale;
use crate::ops::sub::sub;
use crate::shape::Spec;
use crate::{dispatch, err, DType, Kind, Result, Tensor};
pub use nalgebra::DMatrix;

/// Rows and columns of the matrices in a batch of floats.
pub fn sizes(s: &Spec) -> Result<(usize, usize)> {
    if !s.dtype.is_float() {
        return Err(err(Kind::DType, format!("float32 or float64 expected, got {}", s.dtype)));
    }
    match s.rank() {
        0 | 1 => Err(err(Kind::Shape, format!("a matrix or a batch of them expected, got a shape of {:?}", s.dims()))),
        n => Ok((s.d(n - 2), s.d(n - 1))),
    }
}
/// The rows of square matrices.
pub fn square(s: &Spec) -> Result<usize> {
    match sizes(s)? {
        (r, c) if r == c => Ok(r),
        _ => Err(err(Kind::Shape, format!("square matrices expected, got a shape of {:?}", s.dims()))),
    }
}
/// The sizes of the batch, and others behind them.
pub fn with(s: &Spec, last: &[usize]) -> Result<Spec> {
    let mut shape: Ints = s.shape()[..s.rank() - 2].into();
    shape.extend(last.iter().map(|&d| d as i64));
    Spec::checked(s.dtype, &shape)
}
/// How many matrices a batch has; of those without elements none.
pub fn count(s: &Spec) -> usize {
    if s.numel() == 0 {
        return 0;
    }
    s.dims()[..s.rank() - 2].iter().map(|&d| d as usize).product()
}
/// Batches, where matrices without elements have a result too.
pub fn all(s: &Spec) -> usize {
    s.dims()[..s.rank() - 2].iter().map(|&d| d as usize).product()
}
/// Matrix `k` of input `i`.
pub fn read(cx: &Cpu, i: usize, k: usize) -> DMatrix<f64> {
    let s = cx.spec(i);
    let (r, c) = (s.d(s.rank() - 2), s.d(s.rank() - 1));
    let range = k * r * c..(k + 1) * r * c;
    match s.dtype {
        DType::F32 => DMatrix::from_row_iterator(r, c, cx.get::<f32>(i)[range].iter().map(|v| *v as f64)),
        _ => DMatrix::from_row_slice(r, c, &cx.get::<f64>(i)[range]),
    }
}
/// Matrix `k` of input `i` plus its transpose, halved: what is symmetric but for rounding.
pub fn read_symmetric(cx: &Cpu, i: usize, k: usize) -> DMatrix<f64> {
    let m = read(cx, i, k);
    (&m + m.transpose()) * 0.5
}
/// Writes a matrix as the `k`-th of output `i`; a column is a vector.
pub fn write(cx: &Cpu, i: usize, k: usize, m: &DMatrix<f64>) {
    let (at, cols) = (k * m.len(), m.ncols());
    let place = |j: usize| m[(j / cols, j % cols)];
    match cx.out_spec(i).dtype {
        DType::F32 => cx.out::<f32>(i)[at..at + m.len()].iter_mut().enumerate().for_each(|(j, y)| *y = place(j) as f32),
        _ => cx.out::<f64>(i)[at..at + m.len()].iter_mut().enumerate().for_each(|(j, y)| *y = place(j)),
    }
}
/// The error of one matrix of several.
pub fn refused(s: &Spec, k: usize, what: &str) -> Box<crate::Error> {
    let which = if count(s) > 1 { format!("matrix {k} of the batch") } else { "the matrix".into() };
    err(Kind::Value, format!("{which} {what}"))
}
/// NaN everywhere.
pub fn endless(dims: &[u32]) -> Option<Tensor> {
    let n = dims.iter().product::<u32>() as usize;
    Some(Tensor::from_slice(&vec![f64::NAN; n], dims).expect("a small tensor"))
}
/// A matrix for samples that is well conditioned, and whose eigenvalues and singular values are far apart.
pub fn sample(seed: u64, dims: &[u32]) -> Tensor {
    let values = crate::ops::sample(seed, dims).to_f64s().expect("a sample");
    let (r, c) = (dims[dims.len() - 2] as usize, dims[dims.len() - 1] as usize);
    let one = |(at, v): (usize, f64)| {
        let (i, j) = (at / c % r, at % c);
        v * 0.5 + if i == j { 1.5 + i as f64 } else { 0.0 }
    };
    Tensor::from_slice(&values.into_iter().enumerate().map(one).collect::<Vec<_>>(), dims).expect("a small tensor")
}

/// The transpose of each matrix, as a view.
pub fn transposed(x: &Tensor) -> Result<Tensor> {
    let n = x.spec.rank() as i64;
    let mut dims: Ints = (0..n).collect();
    dims.swap(n as usize - 1, n as usize - 2);
    dispatch::one(&Permute { dims }, &[x])
}
/// `a @ b`, in batches.
pub fn product(a: &Tensor, b: &Tensor) -> Result<Tensor> {
    matmul(a, b)
}
/// The unit matrix.
pub fn unit(n: usize, dtype: DType) -> Result<Tensor> {
    Ok(dispatch::apply(&Eye { n: n as i64, m: None, dtype }, &[])?.swap_remove(0))
}
/// Ones below the diagonal and `diagonal` on it.
pub fn lower(n: usize, diagonal: f64, dtype: DType) -> Result<Tensor> {
    let count = Arange { start: 0.0, end: n as f64, step: 1.0, dtype: DType::I64 };
    let count = dispatch::apply(&count, &[])?.swap_remove(0);
    let below = dispatch::one(&Ge {}, &[&reshape(&count, &[n as i64, 1])?, &count])?;
    sub(&cast(&below, dtype)?, &scale(&unit(n, dtype)?, 1.0 - diagonal)?)
}
/// A batch of vectors as columns.
pub fn columns(x: &Tensor) -> Result<Tensor> {
    crate::ops::squeeze::unsqueeze(x, -1)
}
/// A batch of vectors as rows.
pub fn rows(x: &Tensor) -> Result<Tensor> {
    crate::ops::squeeze::unsqueeze(x, -2)
}
/// Half the sum of each matrix and its transpose.
pub fn symmetric(x: &Tensor) -> Result<Tensor> {
    scale(&crate::ops::add::add(x, &transposed(x)?)?, 0.5)
}
/// `-x`.
pub fn minus(x: &Tensor) -> Result<Tensor> {
    dispatch::one(&crate::ops::neg::Neg {}, &[x])
}
