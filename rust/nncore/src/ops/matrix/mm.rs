use crate::op::*;
use crate::ops::matmul::{matmul, product_of};
use crate::ops::mul::mul;
use crate::ops::permute::t;
use crate::ops::reshape::reshape;
use crate::{err, Kind, Result, Tensor};
use smallvec::smallvec;

/// Refuses operands of other ranks, with a text that says which ones are meant.
fn ranks(a: &Tensor, b: &Tensor, want: (usize, usize), what: &str) -> Result<()> {
    if (a.spec.rank(), b.spec.rank()) == want {
        return Ok(());
    }
    Err(err(Kind::Shape, format!("{what} expected, got shapes {:?} and {:?}", a.spec.dims(), b.spec.dims())))
}
fn two<'a>(ins: &[Option<&'a Tensor>]) -> (&'a Tensor, &'a Tensor) {
    (ins[0].expect("a required input"), ins[1].expect("a required input"))
}
fn case(a: &[u32], b: &[u32]) -> Case {
    Case { attrs: vec![], inputs: vec![Some(crate::ops::sample(1, a)), Some(crate::ops::sample(2, b))] }
}

op! {
    /// Product of two matrices: (M, K) and (K, N) give (M, N). `matmul` takes batches too.
    ///
    /// Raises `ShapeError` for other shapes.
    pub Mm = "mm"(input: One + float @ Any, mat2: One + float @ Any) -> (output; 1) {}
}
impl Function for Mm {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        let (a, b) = two(ins);
        ranks(a, b, (2, 2), "two matrices")?;
        Ok(smallvec![product_of(a, b)?])
    }
    fn cases() -> Vec<Case> {
        vec![case(&[3, 4], &[4, 5]), case(&[1, 4], &[4, 1]), case(&[2, 0], &[0, 3])]
    }
    fn refusals() -> Vec<Refusal> {
        refusals(vec![
            (Mm {}, given::floats(&[&[2, 3], &[2, 3]]), Kind::Shape, "(M, K) and (K, N) expected, got"),
            (Mm {}, given::floats(&[&[3], &[3, 2]]), Kind::Shape, "two matrices expected, got shapes"),
        ])
    }
}
op! {
    /// Products of two batches of matrices: (B, M, K) and (B, K, N) give (B, M, N). Nothing broadcasts, unlike in `matmul`.
    ///
    /// Raises `ShapeError` for other shapes.
    pub Bmm = "bmm"(input: One + float @ Any, mat2: One + float @ Any) -> (output; 1) {}
}
impl Function for Bmm {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        let (a, b) = two(ins);
        ranks(a, b, (3, 3), "two batches of matrices")?;
        Ok(smallvec![product_of(a, b)?])
    }
    fn cases() -> Vec<Case> {
        vec![case(&[2, 3, 4], &[2, 4, 5]), case(&[0, 3, 4], &[0, 4, 5]), case(&[1, 1, 3], &[1, 3, 1])]
    }
    fn refusals() -> Vec<Refusal> {
        refusals(vec![
            (Bmm {}, given::floats(&[&[2, 2, 3], &[3, 3, 2]]), Kind::Shape, "(M, K) and (K, N) expected, got"),
            (Bmm {}, given::floats(&[&[2, 3], &[3, 2]]), Kind::Shape, "two batches of matrices expected, got shapes"),
        ])
    }
}
op! {
    /// Product of a matrix and a vector: (M, K) and (K,) give (M,).
    ///
    /// Raises `ShapeError` for other shapes.
    pub Mv = "mv"(input: One + float @ Any, vec: One + float @ Any) -> (output; 1) {}
}
impl Function for Mv {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        let (a, b) = two(ins);
        ranks(a, b, (2, 1), "a matrix and a vector")?;
        Ok(smallvec![matmul(a, b)?])
    }
    fn cases() -> Vec<Case> {
        vec![case(&[3, 4], &[4]), case(&[3, 0], &[0])]
    }
    fn refusals() -> Vec<Refusal> {
        refusals(vec![
            (Mv {}, given::floats(&[&[2, 3], &[2]]), Kind::Shape, "(M, K) and (K, N) expected, got"),
            (Mv {}, given::floats(&[&[3], &[3]]), Kind::Shape, "a matrix and a vector expected, got shapes"),
        ])
    }
}
op! {
    /// The sum of the products of two vectors' elements: (K,) and (K,) give a 0-d tensor.
    ///
    /// Raises `ShapeError` for other shapes.
    pub Dot = "dot"(input: One + float @ Any, tensor: One + float @ Any) -> (output; 1) {}
}
impl Function for Dot {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        let (a, b) = two(ins);
        ranks(a, b, (1, 1), "two vectors")?;
        if a.spec.d(0) != b.spec.d(0) {
            let text = format!("vectors of one length expected, got {} and {}", a.spec.d(0), b.spec.d(0));
            return Err(err(Kind::Shape, text));
        }
        Ok(smallvec![matmul(a, b)?])
    }
    fn cases() -> Vec<Case> {
        vec![case(&[4], &[4]), case(&[0], &[0])]
    }
    fn refusals() -> Vec<Refusal> {
        refusals(vec![
            (Dot {}, given::floats(&[&[2], &[3]]), Kind::Shape, "vectors of one length expected, got 2 and 3"),
            (Dot {}, given::floats(&[&[2, 3], &[3]]), Kind::Shape, "two vectors expected, got shapes [2, 3] and [3]"),
        ])
    }
}
op! {
    /// `dot`, under the name that it has where numbers are complex.
    ///
    /// Shapes and errors as there.
    pub Vdot = "vdot"(input: One + float @ Any, other: One + float @ Any) -> (output; 1) {}
}
impl Function for Vdot {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        Dot {}.call(ins)
    }
    fn cases() -> Vec<Case> {
        vec![case(&[5], &[5])]
    }
    fn refusals() -> Vec<Refusal> {
        refusals(vec![
            (Vdot {}, given::floats(&[&[2], &[3]]), Kind::Shape, "vectors of one length expected, got 2 and 3"),
            (Vdot {}, given::floats(&[&[2, 3], &[3]]), Kind::Shape, "two vectors expected, got shapes [2, 3] and [3]"),
        ])
    }
}
op! {
    /// Sums of products over the last dimensions of both: (*, K) and (+, K) give (*, +). A 0-d tensor multiplies the other.
    ///
    /// Raises `ShapeError` where the last sizes differ.
    pub Inner = "inner"(input: One + float @ Any, other: One + float @ Any) -> (output; 1) {}
}
impl Function for Inner {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        let (a, b) = two(ins);
        if a.spec.rank() == 0 || b.spec.rank() == 0 {
            return Ok(smallvec![mul(a, b)?]);
        }
        let (mut s, q) = (a.spec.shape(), b.spec.shape());
        let (k, n) = (s.pop().expect("a dimension"), q[q.len() - 1]);
        if k != n {
            return Err(err(Kind::Shape, format!("last dimensions of one size expected, got {k} and {n}")));
        }
        let rows = |t: &Tensor, lead: &[i64]| reshape(t, &[lead.iter().product(), k]);
        let y = product_of(&rows(a, &s)?, &t(&rows(b, &q[..q.len() - 1])?)?)?;
        s.extend_from_slice(&q[..q.len() - 1]);
        Ok(smallvec![reshape(&y, &s)?])
    }
    fn cases() -> Vec<Case> {
        vec![case(&[4], &[4]), case(&[2, 3], &[4, 5, 3]), case(&[], &[3]), case(&[2, 0], &[3, 0])]
    }
    fn refusals() -> Vec<Refusal> {
        refusals(vec![
            (Inner {}, given::floats(&[&[2, 3], &[2, 4]]), Kind::Shape, "last dimensions of one size expected, got 3 and 4"),
        ])
    }
}
op! {
    /// All products of two vectors' elements: (M,) and (N,) give (M, N).
    ///
    /// Raises `ShapeError` for other shapes.
    pub Outer = "outer"(input: One + promote @ Any, vec2: One + promote @ Any) -> (output; 1) {}
}
impl Function for Outer {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        let (a, b) = two(ins);
        ranks(a, b, (1, 1), "two vectors")?;
        Ok(smallvec![mul(&reshape(a, &[a.spec.d(0) as i64, 1])?, b)?])
    }
    fn cases() -> Vec<Case> {
        vec![case(&[3], &[4]), case(&[0], &[2])]
    }
    fn refusals() -> Vec<Refusal> {
        refusals(vec![
            (Outer {}, given::floats(&[&[2, 3], &[3]]), Kind::Shape, "two vectors expected, got shapes [2, 3] and [3]"),
        ])
    }
}
