use crate::op::*;
use crate::ops::add::add;
use crate::ops::dense::*;
use crate::ops::div::div;
use crate::ops::mul::mul;
use crate::ops::sub::sub;
use crate::{dispatch, Kind, Result, Tensor};
use smallvec::smallvec;

op! {
    /// Eigenvalues of symmetric matrices, in ascending order, and eigenvectors as columns: `A = V @ diag(L) @ V.T`.
    ///
    /// Half of A and its transpose is what is read. Computed in float64. The largest number of each eigenvector (the first of
    /// several) is positive. Shapes: A (*, n, n), L (*, n), V (*, n, n). Raises `ShapeError` unless A is square. The gradient of
    /// eigenvectors is finite only where no eigenvalue occurs twice.
    pub LinalgEigh = "linalg_eigh"(A: One + float) -> (eigenvalues, eigenvectors; 2) {}
}
impl Op for LinalgEigh {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        let n = square(&x[0])?;
        out.fresh(with(&x[0], &[n])?)?;
        out.fresh(x[0].contiguous())
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        for k in 0..count(cx.spec(0)) {
            let m = read_symmetric(cx, 0, k);
            if m.is_empty() {
                continue;
            }
            if m.iter().any(|v| !v.is_finite()) {
                return Err(refused(cx.spec(0), k, "has a number that is not finite"));
            }
            let found = m.symmetric_eigen();
            let mut order: Vec<usize> = (0..found.eigenvalues.len()).collect();
            order.sort_by(|a, b| found.eigenvalues[*a].total_cmp(&found.eigenvalues[*b]));
            let n = order.len();
            write(cx, 0, k, &DMatrix::from_fn(n, 1, |i, _| found.eigenvalues[order[i]]));
            let mut vectors = DMatrix::from_fn(n, n, |i, j| found.eigenvectors[(i, order[j])]);
            upright(&mut vectors, None);
            write(cx, 1, k, &vectors)
        }
        Ok(())
    }
    const DIFFERENTIABLE: bool = true;
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::outputs(0b11)
    }
    /// Giles, "An extended collection of matrix derivative results", 2008, section 3.1.
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let (values, v) = (cx.output(0)?, cx.output(1)?);
        let vt = transposed(&v)?;
        let (n, dtype) = (square(cx.spec(0))?, values.spec.dtype);
        let diagonal = unit(n, dtype)?;
        let mut inner = cx.opt_dy(0).map(|g| mul(&columns(g)?, &diagonal)).transpose()?;
        if let Some(g) = cx.opt_dy(1) {
            // Differences of eigenvalues, with ones on the diagonal, whose numerators are zero.
            let gaps = add(&sub(&rows(&values)?, &columns(&values)?)?, &diagonal)?;
            let off = sub(&product(&vt, g)?, &mul(&product(&vt, g)?, &diagonal)?)?;
            let part = div(&off, &gaps)?;
            inner = Some(match inner {
                None => part,
                Some(d) => add(&d, &part)?,
            })
        }
        let Some(inner) = inner else { return Ok(smallvec![None]) };
        Ok(smallvec![Some(symmetric(&product(&product(&v, &inner)?, &vt)?)?)])
    }
    fn cost(&self, x: Specs, outs: &Outs) -> Cost {
        let n = x[0].d(x[0].rank() - 1) as u64;
        Cost { flops: x[0].numel() as u64 * n * 9, bytes: (x.bytes() + outs.bytes()) as u64 }
    }
    fn samples() -> Samples<LinalgEigh> {
        let case = |d: &[u32]| (LinalgEigh {}, vec![Some(sample(1, d))]);
        vec![case(&[3, 3]), case(&[2, 2, 2]), case(&[1, 1]), case(&[0, 2, 2])]
    }
    fn refusals() -> Refusals<LinalgEigh> {
        let nan = Tensor::from_slice(&[f64::NAN; 4], &[2, 2]).expect("a small tensor");
        vec![
            (LinalgEigh {}, given::floats(&[&[3]]), Kind::Shape, "a matrix or a batch of them expected, got a shape of [3]"),
            (LinalgEigh {}, vec![endless(&[2, 1, 1])], Kind::Value, "matrix 0 of the batch has a number that is not finite"),
            (LinalgEigh {}, vec![Some(nan)], Kind::Value, "not finite"),
            (LinalgEigh {}, vec![Some(sample(1, &[2, 3]))], Kind::Shape, "square"),
        ]
    }
}
/// Turns columns so that the largest number of each (the first of several) is positive, and rows of `twin` with them.
pub fn upright(m: &mut DMatrix<f64>, mut twin: Option<&mut DMatrix<f64>>) {
    for j in 0..m.ncols() {
        let largest = m.column(j).iter().fold(0.0f64, |most, v| if v.abs() > most.abs() * (1.0 + 1e-12) { *v } else { most });
        if largest < 0.0 {
            m.column_mut(j).neg_mut();
            if let Some(t) = twin.as_deref_mut() {
                t.row_mut(j).neg_mut()
            }
        }
    }
}

op! {
    /// Eigenvalues of symmetric matrices, in ascending order. Their gradient is finite even where some are equal.
    ///
    /// Shapes: A (*, n, n) gives (*, n). Otherwise as `linalg_eigh`.
    pub LinalgEigvalsh = "linalg_eigvalsh"(A: One + float @ Any) -> (eigenvalues; 1) {}
}
impl Function for LinalgEigvalsh {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        Ok(smallvec![dispatch::apply(&LinalgEigh {}, ins)?.swap_remove(0)])
    }
    fn cases() -> Vec<Case> {
        let case = |d: &[u32]| Case { attrs: vec![], inputs: vec![Some(sample(1, d))] };
        vec![case(&[3, 3]), case(&[2, 2, 2])]
    }
    fn refusals() -> Vec<Refusal> {
        refusals(vec![
            (LinalgEigvalsh {}, given::floats(&[&[3]]), Kind::Shape, "a matrix or a batch of them expected, got a shape of [3]"),
            (LinalgEigvalsh {}, vec![endless(&[2, 1, 1])], Kind::Value, "matrix 0 of the batch has a number that is not finite"),
            (LinalgEigvalsh {}, vec![endless(&[1, 1])], Kind::Value, "the matrix has a number that is not finite"),
            (LinalgEigvalsh {}, given::floats(&[&[2, 3]]), Kind::Shape, "square matrices expected, got a shape of [2, 3]"),
        ])
    }
}
