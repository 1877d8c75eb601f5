use crate::op::*;
use crate::ops::dense::*;
use crate::ops::mul::mul;
use crate::ops::qr::{LinalgQr, QrMode};
use crate::ops::solve::LinalgSolve;
use crate::ops::sub::sub;
use crate::ops::sum::Sum;
use crate::{dispatch, err, DType, Kind, Result, Tensor};
use smallvec::smallvec;

op! {
    /// X for which `A @ X - B` is smallest, and the sums of squares that are left of each column: (solution, residuals).
    ///
    /// A has full rank: of m rows and n columns with m below n, X is the smallest of those that solve exactly. Computed in
    /// float64, by QR. Shapes: A (*, m, n) and B (*, m, k); X is (*, n, k); the residuals are (*, k) where m is above n, else
    /// (0,). Raises `ShapeError` where they do not fit, `ValueError` for a matrix of lower rank.
    pub LinalgLstsq = "linalg_lstsq"(A: One + float @ Any, B: One + float @ Any) -> (solution, residuals; 2) {}
}
impl Function for LinalgLstsq {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        let (a, b) = (ins[0].expect("a required input"), ins[1].expect("a required input"));
        let dtype = a.spec.dtype.promote(b.spec.dtype).to_float();
        let (a, b) = (crate::ops::cast::cast(a, dtype)?, crate::ops::cast::cast(b, dtype)?);
        let ((m, n), (rows, _)) = (sizes(&a.spec)?, sizes(&b.spec)?);
        if rows != m {
            let text = format!("right sides of {m} rows expected, got a shape of {:?}", b.spec.dims());
            return Err(err(Kind::Shape, text));
        }
        let qr = |x: &Tensor| dispatch::apply(&LinalgQr { mode: QrMode::Reduced }, &[Some(x)]);
        let solve = |r: &Tensor, b: &Tensor| LinalgSolve { left: true }.call(&[Some(r), Some(b)]);
        if m < n {
            let f = qr(&transposed(&a)?)?;
            let x = product(&f[0], &solve(&transposed(&f[1])?, &b)?[0])?;
            let none = crate::ops::full::Full { shape: smallvec![0], value: 0.0, dtype };
            return Ok(smallvec![x, dispatch::apply(&none, &[])?.swap_remove(0)]);
        }
        let f = qr(&a)?;
        let x = solve(&f[1], &product(&transposed(&f[0])?, &b)?)?.swap_remove(0);
        if m == n {
            let none = crate::ops::full::Full { shape: smallvec![0], value: 0.0, dtype };
            return Ok(smallvec![x, dispatch::apply(&none, &[])?.swap_remove(0)]);
        }
        let left = sub(&product(&a, &x)?, &b)?;
        let sum = Sum { dim: Some(smallvec![-2]), keepdim: false };
        Ok(smallvec![x, dispatch::one(&sum, &[&mul(&left, &left)?])?])
    }
    fn cases() -> Vec<Case> {
        let case = |a: &[u32], b: &[u32]| Case {
            attrs: vec![],
            inputs: vec![Some(sample(1, a)), Some(crate::ops::sample(2, b))],
        };
        vec![case(&[4, 2], &[4, 3]), case(&[3, 3], &[3, 1]), case(&[2, 4], &[2, 2]), case(&[2, 3, 2], &[2, 3, 1])]
    }
    fn refusals() -> Vec<Refusal> {
        refusals(vec![
            (LinalgLstsq {}, given::floats(&[&[3, 2], &[2, 1]]), Kind::Shape, "right sides of 3 rows expected, got a shape of [2, 1]"),
            (LinalgLstsq {}, vec![given::zeros(DType::F64, &[3, 2]), given::float(&[3, 1])], Kind::Value, "the matrix is singular"),
            (LinalgLstsq {}, given::floats(&[&[3, 2], &[3]]), Kind::Shape, "a matrix or a batch of them expected, got a shape of [3]"),
        ])
    }
}
