use crate::op::*;
use crate::ops::dense::*;
use crate::{dispatch, DType, Kind, Result, Tensor};
use smallvec::smallvec;

op! {
    /// The inverses of matrices. Where it is multiplied with something, `linalg_solve` is faster and more precise.
    ///
    /// Computed in float64. Shape: (*, n, n); the result has the same. Raises `ShapeError` unless A is square, `ValueError` where
    /// it is singular.
    pub LinalgInv = "linalg_inv"(A: One + float) -> (output; 1) {}
}
impl Op for LinalgInv {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        square(&x[0])?;
        out.fresh(x[0].contiguous())
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        for k in 0..count(cx.spec(0)) {
            let inverse = read(cx, 0, k).lu().try_inverse();
            write(cx, 0, k, &inverse.ok_or_else(|| refused(cx.spec(0), k, "is singular"))?)
        }
        Ok(())
    }
    const DIFFERENTIABLE: bool = true;
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::outputs(1)
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let t = transposed(&cx.output(0)?)?;
        Ok(smallvec![Some(minus(&product(&product(&t, cx.dy(0))?, &t)?)?)])
    }
    fn cost(&self, x: Specs, outs: &Outs) -> Cost {
        let n = x[0].d(x[0].rank() - 1) as u64;
        Cost { flops: outs.numel() as u64 * n * 2, bytes: (x.bytes() + outs.bytes()) as u64 }
    }
    fn samples() -> Samples<LinalgInv> {
        let case = |d: &[u32]| (LinalgInv {}, vec![Some(sample(1, d))]);
        vec![case(&[3, 3]), case(&[2, 2, 2]), case(&[1, 1]), case(&[0, 3, 3])]
    }
    fn refusals() -> Refusals<LinalgInv> {
        let zeros = Tensor::from_slice(&[0.0; 8], &[2, 2, 2]).expect("a small tensor");
        vec![
            (LinalgInv {}, given::floats(&[&[3]]), Kind::Shape, "a matrix or a batch of them expected, got a shape of [3]"),
            (LinalgInv {}, vec![given::zeros(DType::F64, &[2, 2])], Kind::Value, "the matrix is singular"),
            (LinalgInv {}, vec![Some(zeros)], Kind::Value, "matrix 0 of the batch is singular"),
            (LinalgInv {}, vec![Some(sample(1, &[3, 2]))], Kind::Shape, "square"),
        ]
    }
}
/// The inverses.
pub fn inv(x: &Tensor) -> Result<Tensor> {
    dispatch::one(&LinalgInv {}, &[x])
}
