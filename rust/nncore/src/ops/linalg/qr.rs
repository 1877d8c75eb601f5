use crate::op::*;
use crate::ops::add::add;
use crate::ops::dense::*;
use crate::ops::mul::mul;
use crate::ops::solve::solve;
use crate::ops::sub::sub;
use crate::{err, Kind, Result};
use smallvec::smallvec;

choice! {
    /// How much of the factors there is.
    QrMode { Reduced = "reduced", Complete = "complete" }
}
op! {
    /// Q with orthonormal columns and R, upper triangular, with `A = Q @ R`. R's diagonal is not negative.
    ///
    /// Computed in float64. Shapes: A (*, m, n); Q (*, m, k) and R (*, k, n), where k is the smaller of m and n, or m with
    /// `mode="complete"`. Raises `ShapeError` for less than a matrix. There is a gradient where m is at least n and the columns
    /// are independent, and with "complete" where m is n.
    pub LinalgQr = "linalg_qr"(A: One + float) -> (Q, R; 2) { mode: QrMode = QrMode::Reduced }
}
impl Op for LinalgQr {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        let (m, n) = sizes(&x[0])?;
        let k = if self.mode == QrMode::Complete { m } else { m.min(n) };
        out.fresh(with(&x[0], &[m, k])?)?;
        out.fresh(with(&x[0], &[k, n])?)
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        for k in 0..all(cx.spec(0)) {
            let (q, r) = factors(read(cx, 0, k), self.mode == QrMode::Complete);
            write(cx, 0, k, &q);
            write(cx, 1, k, &r)
        }
        Ok(())
    }
    const DIFFERENTIABLE: bool = true;
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::outputs(0b11)
    }
    /// Walter and Lehmann, "Algorithmic differentiation of linear algebra functions", 2010.
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let (m, n) = sizes(cx.spec(0))?;
        if m < n || self.mode == QrMode::Complete && m != n {
            return Err(err(Kind::NoGradient, "has a gradient where rows are no fewer than columns, and Q as wide as A"));
        }
        let (q, r) = (cx.output(0)?, cx.output(1)?);
        let left = cx.opt_dy(1).map(|g| product(&r, &transposed(g)?)).transpose()?;
        let right = cx.opt_dy(0).map(|g| product(&transposed(g)?, &q)).transpose()?;
        let inner = match (left, right) {
            (Some(a), Some(b)) => sub(&a, &b)?,
            (Some(a), None) => a,
            (None, Some(b)) => minus(&b)?,
            (None, None) => return Ok(smallvec![None]),
        };
        // The lower triangle, copied to the upper one.
        let below = mul(&inner, &lower(n, 1.0, q.spec.dtype)?)?;
        let strict = mul(&inner, &lower(n, 0.0, q.spec.dtype)?)?;
        let mut sum = product(&q, &add(&below, &transposed(&strict)?)?)?;
        if let Some(g) = cx.opt_dy(0) {
            sum = add(g, &sum)?
        }
        Ok(smallvec![Some(transposed(&solve(&r, &transposed(&sum)?)?)?)])
    }
    fn cost(&self, x: Specs, outs: &Outs) -> Cost {
        let n = x[0].d(x[0].rank() - 1) as u64;
        Cost { flops: x[0].numel() as u64 * n * 4, bytes: (x.bytes() + outs.bytes()) as u64 }
    }
    fn samples() -> Samples<LinalgQr> {
        let case = |mode, d: &[u32]| (LinalgQr { mode }, vec![Some(sample(1, d))]);
        vec![
            case(QrMode::Reduced, &[3, 3]),
            case(QrMode::Reduced, &[4, 2]),
            case(QrMode::Reduced, &[2, 3, 2]),
            case(QrMode::Complete, &[2, 2]),
        ]
    }
    fn refusals() -> Refusals<LinalgQr> {
        vec![
            (LinalgQr { mode: QrMode::Reduced }, given::floats(&[&[3]]), Kind::Shape, "a matrix or a batch of them expected, got a shape of [3]"),
        ]
    }
}
/// Q and R of one matrix.
fn factors(m: DMatrix<f64>, complete: bool) -> (DMatrix<f64>, DMatrix<f64>) {
    let (rows, cols) = m.shape();
    if m.is_empty() {
        let k = if complete { rows } else { 0 };
        return (DMatrix::identity(rows, k), DMatrix::zeros(k, cols));
    }
    let qr = m.qr();
    let (mut q, mut r) = (qr.q(), qr.r());
    for k in 0..r.nrows() {
        if r[(k, k)] < 0.0 {
            r.row_mut(k).neg_mut();
            q.column_mut(k).neg_mut()
        }
    }
    if complete && rows > r.nrows() {
        q = completed(&q);
        r = r.resize_vertically(rows, 0.0)
    }
    (q, r)
}
/// Orthonormal columns with others behind them, until they are a basis.
pub fn completed(q: &DMatrix<f64>) -> DMatrix<f64> {
    let (rows, k) = q.shape();
    let mut wide = q.clone().resize_horizontally(k + rows, 0.0);
    wide.view_mut((0, k), (rows, rows)).fill_with_identity();
    let mut basis = wide.qr().q();
    basis.view_mut((0, 0), (rows, k)).copy_from(q);
    basis
}
