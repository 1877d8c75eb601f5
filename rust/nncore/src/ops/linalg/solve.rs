use crate::op::*;
use crate::ops::dense::*;
use crate::ops::expand::expand;
use crate::ops::reshape::reshape;
use crate::shape::broadcast;
use crate::{dispatch, err, DType, Kind, Result, Tensor};
use smallvec::smallvec;

op! {
    /// X with `A @ X = B`, or with `left=False` with `X @ A = B`.
    ///
    /// Computed in float64, by LU with row exchanges. Shapes: A (*, n, n), B (*, n, k) (with `left=False` (*, k, n)), whose
    /// leading dimensions broadcast; or B (n,), or as A without its last dimension, as vectors. Raises `ShapeError` where they do
    /// not fit, `ValueError` for a singular matrix.
    pub LinalgSolve = "linalg_solve"(A: One + float @ Any, B: One + float @ Any) -> (X; 1) { left: bool = true }
}
impl Function for LinalgSolve {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        let (a, b) = (ins[0].expect("a required input"), ins[1].expect("a required input"));
        let dtype = a.spec.dtype.promote(b.spec.dtype).to_float();
        let (a, b) = (crate::ops::cast::cast(a, dtype)?, crate::ops::cast::cast(b, dtype)?);
        square(&a.spec)?;
        if b.spec.rank() == 0 {
            return Err(err(Kind::Shape, "right sides of at least one dimension expected, got a 0-d tensor"));
        }
        let (n, m) = (a.spec.rank(), b.spec.rank());
        let vectors = m == 1 || m + 1 == n && b.spec.dims() == &a.spec.dims()[..n - 1];
        let wide = if vectors { columns(&b)? } else { b.clone() };
        let (a, wide) = match (self.left, vectors) {
            (false, true) => return Err(err(Kind::Shape, "vectors stand on the right: left=True expected")),
            (false, false) => (transposed(&a)?, transposed(&wide)?),
            _ => (a, wide),
        };
        let (p, q) = (a.spec.dims(), wide.spec.dims());
        let wrong = || err(Kind::Shape, format!("matrices and right sides of shapes {p:?} and {q:?} do not fit"));
        if q[q.len() - 2] != p[n - 1] {
            return Err(wrong());
        }
        let lead = broadcast(&p[..n - 2], &q[..q.len() - 2]).ok_or_else(wrong)?;
        let whole = |t: &Tensor| {
            let mut shape: Ints = lead.iter().map(|&d| d as i64).collect();
            shape.extend_from_slice(&t.spec.shape()[t.spec.rank() - 2..]);
            expand(t, &shape)
        };
        let x = dispatch::apply(&SolveSquare {}, &[Some(&whole(&a)?), Some(&whole(&wide)?)])?.swap_remove(0);
        Ok(smallvec![match (vectors, self.left) {
            (true, _) => reshape(&x, &x.spec.shape()[..x.spec.rank() - 1])?,
            (false, true) => x,
            (false, false) => transposed(&x)?,
        }])
    }
    fn cases() -> Vec<Case> {
        let case = |left, a: &[u32], b: &[u32]| Case {
            attrs: Signature::attrs(&LinalgSolve { left }),
            inputs: vec![Some(sample(1, a)), Some(crate::ops::sample(2, b))],
        };
        vec![
            case(true, &[3, 3], &[3, 2]),
            case(true, &[3, 3], &[3]),
            case(true, &[2, 2, 2], &[2, 2]),
            case(true, &[2, 2, 2], &[2, 2, 3]),
            case(true, &[3, 1, 2, 2], &[4, 2, 1]),
            case(false, &[2, 2], &[3, 2]),
            case(true, &[1, 1], &[1, 0]),
        ]
    }
    fn refusals() -> Vec<Refusal> {
        let op = |left| LinalgSolve { left };
        refusals(vec![
            (op(true), given::floats(&[&[2, 3], &[2]]), Kind::Shape, "square matrices expected"),
            (op(true), given::floats(&[&[2, 2], &[]]), Kind::Shape, "right sides of at least one dimension expected"),
            (op(true), given::floats(&[&[2, 2], &[3]]), Kind::Shape, "do not fit"),
            (op(true), given::floats(&[&[2], &[2]]), Kind::Shape, "a matrix or a batch of them expected, got a shape of [2]"),
            (op(true), vec![given::zeros(DType::F64, &[2, 1, 1]), given::float(&[2, 1, 1])], Kind::Value, "matrix 0 of the batch is singular"),
            (op(false), given::floats(&[&[2, 2], &[2]]), Kind::Shape, "left=True expected"),
            (op(true), vec![given::zeros(DType::F64, &[2, 2]), given::float(&[2])], Kind::Value, "the matrix is singular"),
        ])
    }
}
op! {
    /// `linalg_solve` of batches of equal sizes.
    SolveSquare = "solve_square"(A: One, B: One) -> (X; 1) {}
}
impl Op for SolveSquare {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        let (n, (rows, _)) = (square(&x[0])?, sizes(&x[1])?);
        let r = x[0].rank();
        if rows != n || x[1].rank() != r || x[1].dims()[..r - 2] != x[0].dims()[..r - 2] || x[0].dtype != x[1].dtype {
            return Err(err(Kind::Shape, format!("right sides of shape (*, {n}, k) expected, got {:?}", x[1].dims())));
        }
        out.fresh(x[1].contiguous())
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        for k in 0..count(cx.spec(0)) {
            let x = read(cx, 0, k).lu().solve(&read(cx, 1, k));
            write(cx, 0, k, &x.ok_or_else(|| refused(cx.spec(0), k, "is singular"))?)
        }
        Ok(())
    }
    const DIFFERENTIABLE: bool = true;
    fn keeps(&self, needs: u32) -> Keep {
        Keep::both(1, needs & 1)
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let right = solve(&transposed(&cx.input(0)?)?, cx.dy(0))?;
        let left = cx.needs(0).then(|| minus(&product(&right, &transposed(&cx.output(0)?)?)?)).transpose()?;
        Ok(smallvec![left, Some(right)])
    }
    fn cost(&self, x: Specs, outs: &Outs) -> Cost {
        let n = x[0].d(x[0].rank() - 1) as u64;
        let flops = x[0].numel() as u64 * n * 2 / 3 + outs.numel() as u64 * n * 2;
        Cost { flops, bytes: (x.bytes() + outs.bytes()) as u64 }
    }
    fn samples() -> Samples<SolveSquare> {
        let case = |a: &[u32], b: &[u32]| (SolveSquare {}, vec![Some(sample(1, a)), Some(crate::ops::sample(2, b))]);
        vec![case(&[3, 3], &[3, 2]), case(&[2, 2, 2], &[2, 2, 1])]
    }
    fn refusals() -> Refusals<SolveSquare> {
        let zeros = Tensor::from_slice(&[0.0; 4], &[2, 2]).expect("a small tensor");
        vec![(SolveSquare {}, vec![Some(zeros), Some(sample(1, &[2, 2]))], Kind::Value, "singular")]
    }
}
/// X with `a @ X = b`, for batches of equal sizes.
pub fn solve(a: &Tensor, b: &Tensor) -> Result<Tensor> {
    dispatch::one(&SolveSquare {}, &[a, b])
}
