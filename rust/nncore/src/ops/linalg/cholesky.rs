use crate::op::*;
use crate::ops::dense::*;
use crate::ops::mul::mul;
use crate::ops::solve::solve;
use crate::{DType, Kind, Result, Tensor};
use smallvec::smallvec;

op! {
    /// The lower triangular matrix L with positive diagonal for which `A = L @ L.T`; with `upper` its transpose.
    ///
    /// A is symmetric and positive definite: half of A and its transpose is what is read. Computed in float64. Shape:
    /// (*, n, n); the result has the same. Raises `ShapeError` unless A is square, `ValueError` unless it is positive definite.
    pub LinalgCholesky = "linalg_cholesky"(A: One + float) -> (L; 1) { upper: bool = false }
}
impl Op for LinalgCholesky {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        square(&x[0])?;
        out.fresh(x[0].contiguous())
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        for k in 0..count(cx.spec(0)) {
            let factor = read_symmetric(cx, 0, k).cholesky();
            let l = factor.ok_or_else(|| refused(cx.spec(0), k, "is not positive definite"))?.l();
            write(cx, 0, k, &if self.upper { l.transpose() } else { l })
        }
        Ok(())
    }
    const DIFFERENTIABLE: bool = true;
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::outputs(1)
    }
    /// Murray, "Differentiation of the Cholesky decomposition", 2016.
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let turn = |t: &Tensor| if self.upper { transposed(t) } else { Ok(t.clone()) };
        let (l, g) = (turn(&cx.output(0)?)?, turn(cx.dy(0))?);
        let lt = transposed(&l)?;
        let mask = lower(l.spec.d(l.spec.rank() - 1), 0.5, l.spec.dtype)?;
        let half = mul(&product(&lt, &g)?, &mask)?;
        let inner = solve(&lt, &half)?;
        Ok(smallvec![Some(symmetric(&solve(&lt, &transposed(&inner)?)?)?)])
    }
    fn cost(&self, x: Specs, outs: &Outs) -> Cost {
        let n = x[0].d(x[0].rank() - 1) as u64;
        Cost { flops: outs.numel() as u64 * n / 3, bytes: (x.bytes() + outs.bytes()) as u64 }
    }
    fn samples() -> Samples<LinalgCholesky> {
        let case = |upper, d: &[u32]| (LinalgCholesky { upper }, vec![Some(sample(1, d))]);
        vec![case(false, &[3, 3]), case(true, &[2, 2, 2]), case(false, &[1, 1]), case(false, &[0, 2, 2])]
    }
    fn refusals() -> Refusals<LinalgCholesky> {
        let op = || LinalgCholesky { upper: false };
        let negative = Tensor::from_slice(&[1.0, 0.0, 0.0, -1.0], &[2, 2]).expect("a small tensor");
        vec![
            (op(), vec![Some(sample(1, &[2, 3]))], Kind::Shape, "square"),
            (op(), given::floats(&[&[3]]), Kind::Shape, "a matrix or a batch of them expected, got a shape of [3]"),
            (op(), vec![given::zeros(DType::F64, &[2, 1, 1])], Kind::Value, "matrix 0 of the batch is not positive definite"),
            (op(), vec![Some(negative)], Kind::Value, "positive definite"),
        ]
    }
}
