use crate::op::*;
use crate::ops::add::add;
use crate::ops::cast::cast;
use crate::ops::matmul::{matmul, product_of};
use crate::ops::mul::mul;
use crate::ops::reshape::reshape;
use crate::ops::scale::scale;
use crate::ops::sum::Sum;
use crate::{err, Kind, Result, Tensor};
use smallvec::smallvec;

/// `beta * input + alpha * product`, where the input must broadcast to the product's shape. With `beta=0` the input is not
/// read, so that its NaNs do not matter.
fn with(input: &Tensor, product: &Tensor, beta: f64, alpha: f64) -> Result<Outputs> {
    if input.spec.broadcast_to(product.spec.dims()).is_none() {
        let (a, b) = (input.spec.dims(), product.spec.dims());
        return Err(err(Kind::Shape, format!("an input of shape {a:?} does not broadcast to the product's {b:?}")));
    }
    let input = cast(input, product.spec.dtype.promote(input.spec.dtype))?;
    let scaled = |t: &Tensor, by: f64| if by == 1.0 { Ok(t.clone()) } else { scale(t, by) };
    let product = scaled(product, alpha)?;
    Ok(smallvec![if beta == 0.0 { product } else { add(&scaled(&input, beta)?, &product)? }])
}
fn three<'a>(ins: &[Option<&'a Tensor>], want: (usize, usize), what: &str) -> Result<(&'a Tensor, &'a Tensor, &'a Tensor)> {
    let (x, a, b) =
        (ins[0].expect("a required input"), ins[1].expect("a required input"), ins[2].expect("a required input"));
    if (a.spec.rank(), b.spec.rank()) != want {
        let text = format!("{what} expected, got shapes {:?} and {:?}", a.spec.dims(), b.spec.dims());
        return Err(err(Kind::Shape, text));
    }
    Ok((x, a, b))
}
fn cases<S: Signature>(op: impl Fn(f64, f64) -> S, shapes: &[[&[u32]; 3]]) -> Vec<Case> {
    let ins = |s: &[&[u32]; 3]| s.iter().zip(1..).map(|(d, k)| Some(crate::ops::sample(k, d))).collect::<Vec<_>>();
    let case = |beta, alpha, s: &[&[u32]; 3]| Case { attrs: Signature::attrs(&op(beta, alpha)), inputs: ins(s) };
    let mut all: Vec<Case> = shapes.iter().map(|s| case(1.0, 1.0, s)).collect();
    all.extend([case(0.5, -2.0, &shapes[0]), case(0.0, 1.0, &shapes[0])]);
    all
}

op! {
    /// `beta * input + alpha * (mat1 @ mat2)`. With `beta=0` the input is not read.
    ///
    /// Shapes: (M, K) and (K, N); the input broadcasts to (M, N). Raises `ShapeError` where they do not fit.
    pub Addmm = "addmm"(input: One + float @ Any, mat1: One + float @ Any, mat2: One + float @ Any) -> (output; 1) {
        beta: f64 = 1.0, alpha: f64 = 1.0,
    }
}
impl Function for Addmm {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        let (x, a, b) = three(ins, (2, 2), "two matrices")?;
        with(x, &product_of(a, b)?, self.beta, self.alpha)
    }
    fn cases() -> Vec<Case> {
        cases(|beta, alpha| Addmm { beta, alpha }, &[[&[2, 4], &[2, 3], &[3, 4]], [&[4], &[2, 3], &[3, 4]], [&[], &[0, 3], &[3, 2]]])
    }
    fn refusals() -> Vec<Refusal> {
        let op = || Addmm { beta: 1.0, alpha: 1.0 };
        refusals(vec![
            (op(), given::floats(&[&[2], &[2, 3], &[4, 2]]), Kind::Shape, "(M, K) and (K, N) expected, got [2, 3] and [4, 2]"),
            (op(), given::floats(&[&[5], &[2, 3], &[3, 4]]), Kind::Shape, "an input of shape [5] does not broadcast to the product's [2, 4]"),
            (op(), given::floats(&[&[4], &[3], &[3, 4]]), Kind::Shape, "two matrices expected, got shapes [3] and [3, 4]"),
        ])
    }
}
op! {
    /// `beta * input + alpha * (batch1 @ batch2)`. With `beta=0` the input is not read.
    ///
    /// Shapes: (B, M, K) and (B, K, N); the input broadcasts to (B, M, N). Raises `ShapeError` where they do not fit.
    pub Baddbmm = "baddbmm"(input: One + float @ Any, batch1: One + float @ Any, batch2: One + float @ Any) -> (output; 1) {
        beta: f64 = 1.0, alpha: f64 = 1.0,
    }
}
impl Function for Baddbmm {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        let (x, a, b) = three(ins, (3, 3), "two batches of matrices")?;
        with(x, &product_of(a, b)?, self.beta, self.alpha)
    }
    fn cases() -> Vec<Case> {
        cases(|beta, alpha| Baddbmm { beta, alpha }, &[[&[2, 2, 4], &[2, 2, 3], &[2, 3, 4]], [&[2, 1, 1], &[2, 2, 3], &[2, 3, 4]]])
    }
    fn refusals() -> Vec<Refusal> {
        let op = || Baddbmm { beta: 1.0, alpha: 1.0 };
        refusals(vec![
            (op(), given::floats(&[&[1], &[2, 2, 3], &[3, 3, 2]]), Kind::Shape, "got [2, 2, 3] and [3, 3, 2]"),
            (op(), given::floats(&[&[5], &[2, 2, 3], &[2, 3, 4]]), Kind::Shape, "does not broadcast to the product's [2, 2, 4]"),
            (op(), given::floats(&[&[4], &[2, 3], &[3, 4]]), Kind::Shape, "two batches of matrices expected"),
        ])
    }
}
op! {
    /// `beta * input + alpha * (sum of batch1[i] @ batch2[i])`. With `beta=0` the input is not read.
    ///
    /// Shapes: (B, M, K) and (B, K, N); the input broadcasts to (M, N). Raises `ShapeError` where they do not fit.
    pub Addbmm = "addbmm"(input: One + float @ Any, batch1: One + float @ Any, batch2: One + float @ Any) -> (output; 1) {
        beta: f64 = 1.0, alpha: f64 = 1.0,
    }
}
impl Function for Addbmm {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        let (x, a, b) = three(ins, (3, 3), "two batches of matrices")?;
        let all = product_of(a, b)?;
        let sum = crate::dispatch::one(&Sum { dim: Some(smallvec![0]), keepdim: false }, &[&all])?;
        with(x, &sum, self.beta, self.alpha)
    }
    fn cases() -> Vec<Case> {
        cases(|beta, alpha| Addbmm { beta, alpha }, &[[&[2, 4], &[3, 2, 3], &[3, 3, 4]]])
    }
    fn refusals() -> Vec<Refusal> {
        let op = || Addbmm { beta: 1.0, alpha: 1.0 };
        refusals(vec![
            (op(), given::floats(&[&[1], &[2, 2, 3], &[2, 4, 2]]), Kind::Shape, "got [2, 2, 3] and [2, 4, 2]"),
            (op(), given::floats(&[&[5], &[2, 2, 3], &[2, 3, 4]]), Kind::Shape, "does not broadcast to the product's [2, 4]"),
            (op(), given::floats(&[&[4], &[2, 3], &[3, 4]]), Kind::Shape, "two batches of matrices expected"),
        ])
    }
}
op! {
    /// `beta * input + alpha * (mat @ vec)`. With `beta=0` the input is not read.
    ///
    /// Shapes: (M, K) and (K,); the input broadcasts to (M,). Raises `ShapeError` where they do not fit.
    pub Addmv = "addmv"(input: One + float @ Any, mat: One + float @ Any, vec: One + float @ Any) -> (output; 1) {
        beta: f64 = 1.0, alpha: f64 = 1.0,
    }
}
impl Function for Addmv {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        let (x, a, b) = three(ins, (2, 1), "a matrix and a vector")?;
        with(x, &matmul(a, b)?, self.beta, self.alpha)
    }
    fn cases() -> Vec<Case> {
        cases(|beta, alpha| Addmv { beta, alpha }, &[[&[2], &[2, 3], &[3]], [&[1], &[2, 3], &[3]]])
    }
    fn refusals() -> Vec<Refusal> {
        let op = || Addmv { beta: 1.0, alpha: 1.0 };
        refusals(vec![
            (op(), given::floats(&[&[2], &[2, 3], &[4]]), Kind::Shape, "expected, got"),
            (op(), given::floats(&[&[3], &[2, 3], &[3]]), Kind::Shape, "does not broadcast to the product's [2]"),
            (op(), given::floats(&[&[2], &[2, 3], &[3, 1]]), Kind::Shape, "a matrix and a vector expected"),
        ])
    }
}
op! {
    /// `beta * input + alpha * (all products of two vectors' elements)`. With `beta=0` the input is not read.
    ///
    /// Shapes: (M,) and (N,); the input broadcasts to (M, N). Raises `ShapeError` where they do not fit.
    pub Addr = "addr"(input: One + float @ Any, vec1: One + float @ Any, vec2: One + float @ Any) -> (output; 1) {
        beta: f64 = 1.0, alpha: f64 = 1.0,
    }
}
impl Function for Addr {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        let (x, a, b) = three(ins, (1, 1), "two vectors")?;
        with(x, &mul(&reshape(a, &[a.spec.d(0) as i64, 1])?, b)?, self.beta, self.alpha)
    }
    fn cases() -> Vec<Case> {
        cases(|beta, alpha| Addr { beta, alpha }, &[[&[2, 3], &[2], &[3]], [&[3], &[2], &[3]]])
    }
    fn refusals() -> Vec<Refusal> {
        let op = || Addr { beta: 1.0, alpha: 1.0 };
        refusals(vec![
            (op(), given::floats(&[&[4], &[2], &[3]]), Kind::Shape, "does not broadcast to the product's [2, 3]"),
            (op(), given::floats(&[&[2], &[2, 3], &[3]]), Kind::Shape, "two vectors expected, got shapes [2, 3] and [3]"),
        ])
    }
}
