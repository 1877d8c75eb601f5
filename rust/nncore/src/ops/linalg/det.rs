use crate::op::*;
use crate::ops::dense::*;
use crate::ops::inv::inv;
use crate::ops::mul::mul;
use crate::{Kind, Result, Tensor};
use smallvec::smallvec;

op! {
    /// The determinants of matrices.
    ///
    /// Computed in float64. Shape: (*, n, n) gives (*,). Raises `ShapeError` unless A is square. The gradient is that of a matrix
    /// that can be inverted; of a singular one it raises `ValueError`.
    pub LinalgDet = "linalg_det"(A: One + float) -> (output; 1) {}
}
impl Op for LinalgDet {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        square(&x[0])?;
        out.fresh(with(&x[0], &[])?)
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        for k in 0..all(cx.spec(0)) {
            write(cx, 0, k, &DMatrix::from_element(1, 1, determinant(read(cx, 0, k))))
        }
        Ok(())
    }
    const DIFFERENTIABLE: bool = true;
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::both(1, 1)
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let factor = mul(cx.dy(0), &cx.output(0)?)?;
        Ok(smallvec![Some(mul(&columns(&columns(&factor)?)?, &transposed(&inv(&cx.input(0)?)?)?)?)])
    }
    fn samples() -> Samples<LinalgDet> {
        let case = |d: &[u32]| (LinalgDet {}, vec![Some(sample(1, d))]);
        vec![case(&[3, 3]), case(&[2, 2, 2]), case(&[1, 1]), case(&[0, 3, 3])]
    }
    fn refusals() -> Refusals<LinalgDet> {
        vec![
            (LinalgDet {}, given::floats(&[&[2, 3]]), Kind::Shape, "square matrices expected, got a shape of [2, 3]"),
            (LinalgDet {}, given::floats(&[&[3]]), Kind::Shape, "a matrix or a batch of them expected, got a shape of [3]"),
        ]
    }
}
fn determinant(m: DMatrix<f64>) -> f64 {
    if m.is_empty() {
        return 1.0;
    }
    m.lu().determinant()
}

op! {
    /// The signs of determinants, and the logarithms of their absolute values: (sign, logabsdet). Of a singular matrix these are
    /// 0 and minus infinity.
    ///
    /// Computed in float64. Shape: (*, n, n) gives (*,) twice. Raises `ShapeError` unless A is square.
    pub LinalgSlogdet = "linalg_slogdet"(A: One + float) -> (sign, logabsdet; 2) {}
}
impl Op for LinalgSlogdet {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        square(&x[0])?;
        out.fresh(with(&x[0], &[])?)?;
        out.fresh(with(&x[0], &[])?)
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        for k in 0..all(cx.spec(0)) {
            let m = read(cx, 0, k);
            let (mut sign, mut log) = (1.0, 0.0);
            if !m.is_empty() {
                let lu = m.lu();
                sign = lu.p().determinant::<f64>();
                for d in lu.u().diagonal().iter() {
                    sign *= if *d == 0.0 { 0.0 } else { d.signum() };
                    log += d.abs().ln()
                }
            }
            write(cx, 0, k, &DMatrix::from_element(1, 1, sign));
            write(cx, 1, k, &DMatrix::from_element(1, 1, log))
        }
        Ok(())
    }
    const DIFFERENTIABLE: bool = true;
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::inputs(1)
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let Some(g) = cx.opt_dy(1) else { return Ok(smallvec![None]) };
        Ok(smallvec![Some(mul(&columns(&columns(g)?)?, &transposed(&inv(&cx.input(0)?)?)?)?)])
    }
    fn samples() -> Samples<LinalgSlogdet> {
        let turned = Tensor::from_slice(&[0.5, 2.0, -1.0, 0.25], &[2, 2]).expect("a small tensor");
        let case = |x: Tensor| (LinalgSlogdet {}, vec![Some(x)]);
        vec![case(sample(1, &[3, 3])), case(sample(2, &[2, 2, 2])), case(turned)]
    }
    fn refusals() -> Refusals<LinalgSlogdet> {
        vec![
            (LinalgSlogdet {}, given::floats(&[&[2, 3]]), Kind::Shape, "square matrices expected, got a shape of [2, 3]"),
            (LinalgSlogdet {}, given::floats(&[&[3]]), Kind::Shape, "a matrix or a batch of them expected, got a shape of [3]"),
        ]
    }
}
