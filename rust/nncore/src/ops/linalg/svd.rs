use crate::op::*;
use crate::ops::add::add;
use crate::ops::dense::*;
use crate::ops::div::div;
use crate::ops::eigh::upright;
use crate::ops::mul::mul;
use crate::ops::qr::completed;
use crate::ops::sub::sub;
use crate::{dispatch, err, Kind, Result, Tensor};
use smallvec::smallvec;

op! {
    /// Singular values, in descending order, and vectors: `A = U @ diag(S) @ Vh`, where U's columns and Vh's rows are orthonormal.
    ///
    /// Computed in float64. The largest number of each column of U (the first of several) is positive. Shapes: A (*, m, n),
    /// S (*, k), where k is the smaller of m and n; U (*, m, m) and Vh (*, n, n) with `full_matrices`, else (*, m, k) and (*, k, n).
    /// Raises `ShapeError` for less than a matrix. There is a gradient without `full_matrices` or where m is n; that of vectors is
    /// finite only where no singular value is 0 or occurs twice.
    pub LinalgSvd = "linalg_svd"(A: One + float) -> (U, S, Vh; 3) { full_matrices: bool = true }
}
impl Op for LinalgSvd {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        let (m, n) = sizes(&x[0])?;
        let k = m.min(n);
        let (u, v) = if self.full_matrices { (m, n) } else { (k, k) };
        out.fresh(with(&x[0], &[m, u])?)?;
        out.fresh(with(&x[0], &[k])?)?;
        out.fresh(with(&x[0], &[v, n])?)
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        for k in 0..all(cx.spec(0)) {
            let a = read(cx, 0, k);
            let (m, n) = a.shape();
            if a.is_empty() {
                if self.full_matrices {
                    write(cx, 0, k, &DMatrix::identity(m, m));
                    write(cx, 2, k, &DMatrix::identity(n, n))
                }
                continue;
            }
            if a.iter().any(|v| !v.is_finite()) {
                return Err(refused(cx.spec(0), k, "has a number that is not finite"));
            }
            let found = a.svd(true, true);
            let (mut u, mut v) = (found.u.expect("asked for"), found.v_t.expect("asked for"));
            upright(&mut u, Some(&mut v));
            if self.full_matrices {
                u = if u.ncols() < m { completed(&u) } else { u };
                v = if v.nrows() < n { completed(&v.transpose()).transpose() } else { v }
            }
            write(cx, 0, k, &u);
            write(cx, 1, k, &DMatrix::from_fn(m.min(n), 1, |i, _| found.singular_values[i]));
            write(cx, 2, k, &v)
        }
        Ok(())
    }
    const DIFFERENTIABLE: bool = true;
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::outputs(0b111)
    }
    /// Townsend, "Differentiating the singular value decomposition", 2016.
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let (m, n) = sizes(cx.spec(0))?;
        let vectors = cx.opt_dy(0).is_some() || cx.opt_dy(2).is_some();
        if self.full_matrices && m != n {
            return Err(err(Kind::NoGradient, "has a gradient with full_matrices=False, or for square matrices"));
        }
        let (u, s, vh) = (cx.output(0)?, cx.output(1)?, cx.output(2)?);
        let (k, dtype) = (m.min(n), s.spec.dtype);
        let (ut, diagonal) = (transposed(&u)?, unit(k, dtype)?);
        let mut inner = cx.opt_dy(1).map(|g| mul(&columns(g)?, &diagonal)).transpose()?;
        let plus = |sum: &mut Option<Tensor>, part: Tensor| -> Result<()> {
            *sum = Some(match sum.take() {
                None => part,
                Some(s) => add(&s, &part)?,
            });
            Ok(())
        };
        // What leaves the spaces that the vectors span.
        let mut outside = None;
        if vectors {
            let squares = mul(&s, &s)?;
            let gaps = add(&sub(&rows(&squares)?, &columns(&squares)?)?, &diagonal)?;
            let skew = |x: &Tensor| sub(x, &transposed(x)?);
            if let Some(g) = cx.opt_dy(0) {
                let inside = product(&ut, g)?;
                plus(&mut inner, mul(&div(&skew(&inside)?, &gaps)?, &rows(&s)?)?)?;
                if m > k {
                    let left = div(&sub(g, &product(&u, &inside)?)?, &rows(&s)?)?;
                    plus(&mut outside, product(&left, &vh)?)?
                }
            }
            if let Some(g) = cx.opt_dy(2) {
                let inside = product(&vh, &transposed(g)?)?;
                plus(&mut inner, mul(&columns(&s)?, &div(&skew(&inside)?, &gaps)?)?)?;
                if n > k {
                    let right = div(&sub(g, &product(&transposed(&inside)?, &vh)?)?, &columns(&s)?)?;
                    plus(&mut outside, product(&u, &right)?)?
                }
            }
        }
        let Some(inner) = inner else { return Ok(smallvec![None]) };
        let mut all = Some(product(&product(&u, &inner)?, &vh)?);
        if let Some(part) = outside {
            plus(&mut all, part)?
        }
        Ok(smallvec![all])
    }
    fn cost(&self, x: Specs, outs: &Outs) -> Cost {
        let n = x[0].d(x[0].rank() - 1) as u64;
        Cost { flops: x[0].numel() as u64 * n * 12, bytes: (x.bytes() + outs.bytes()) as u64 }
    }
    fn samples() -> Samples<LinalgSvd> {
        let case = |full_matrices, d: &[u32]| (LinalgSvd { full_matrices }, vec![Some(sample(1, d))]);
        vec![
            case(true, &[3, 3]),
            case(false, &[4, 2]),
            case(false, &[2, 3]),
            case(false, &[2, 3, 2]),
            case(true, &[1, 1]),
        ]
    }
    fn refusals() -> Refusals<LinalgSvd> {
        let nan = Tensor::from_slice(&[f64::NAN; 4], &[2, 2]).expect("a small tensor");
        let op = || LinalgSvd { full_matrices: true };
        vec![
            (op(), vec![Some(nan)], Kind::Value, "not finite"),
            (op(), vec![Some(crate::ops::sample(1, &[3]))], Kind::Shape, "a matrix"),
        ]
    }
}
op! {
    /// Singular values, in descending order. Their gradient is finite even where some are equal.
    ///
    /// Shapes: A (*, m, n) gives (*, k), where k is the smaller of m and n. Otherwise as `linalg_svd`.
    pub LinalgSvdvals = "linalg_svdvals"(A: One + float @ Any) -> (S; 1) {}
}
impl Function for LinalgSvdvals {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        Ok(smallvec![dispatch::apply(&LinalgSvd { full_matrices: false }, ins)?.swap_remove(1)])
    }
    fn cases() -> Vec<Case> {
        let case = |d: &[u32]| Case { attrs: vec![], inputs: vec![Some(sample(1, d))] };
        vec![case(&[3, 3]), case(&[2, 2, 4]), case(&[3, 2])]
    }
    fn refusals() -> Vec<Refusal> {
        refusals(vec![
            (LinalgSvdvals {}, vec![endless(&[2, 1, 1])], Kind::Value, "matrix 0 of the batch has a number that is not finite"),
            (LinalgSvdvals {}, vec![endless(&[1, 1])], Kind::Value, "the matrix has a number that is not finite"),
            (LinalgSvdvals {}, given::floats(&[&[3]]), Kind::Shape, "a matrix or a batch of them expected, got a shape of [3]"),
        ])
    }
}
