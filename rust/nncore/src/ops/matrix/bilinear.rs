use crate::op::*;
use crate::ops::add::add;
use crate::ops::matmul::product_of;
use crate::ops::mul::mul;
use crate::ops::permute::Permute;
use crate::ops::reshape::reshape;
use crate::ops::sum::Sum;
use crate::{dispatch, err, Kind, Result, Tensor};
use smallvec::smallvec;

op! {
    /// Bilinear map: `y[k] = input1 @ weight[k] @ input2 + bias[k]`.
    ///
    /// Shapes: `input1` (*, n), `input2` (*, m), `weight` (out, n, m), `bias` (out,) or None; the result is (*, out). Raises
    /// `ShapeError` where they do not fit.
    pub Bilinear = "bilinear"(
        input1: One + float @ Any, input2: One + float @ Any, weight: One + float @ Any, bias: Optional + float @ Any
    ) -> (output; 1) {}
}
impl Function for Bilinear {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        let (x, z, w) =
            (ins[0].expect("a required input"), ins[1].expect("a required input"), ins[2].expect("a required input"));
        let (mut lead, mut other) = (x.spec.shape(), z.spec.shape());
        let last = (lead.pop(), other.pop());
        let fits = w.spec.rank() == 3 && lead == other && last == (Some(w.spec.d(1) as i64), Some(w.spec.d(2) as i64));
        let bias_fits = ins[3].is_none_or(|b| b.spec.dims() == &w.spec.dims()[..w.spec.rank().min(1)]);
        if !fits || !bias_fits {
            let (a, b, c) = (x.spec.dims(), z.spec.dims(), w.spec.dims());
            let text = format!("inputs (*, n) and (*, m), a weight (out, n, m) and a bias (out,) expected, got {a:?}, {b:?}, {c:?}");
            return Err(err(Kind::Shape, text));
        }
        let (out, n, m) = (w.spec.d(0) as i64, w.spec.d(1) as i64, w.spec.d(2) as i64);
        let rows: i64 = lead.iter().product();
        let wide = reshape(&dispatch::one(&Permute { dims: smallvec![1, 0, 2] }, &[w])?, &[n, out * m])?;
        let half = reshape(&product_of(&reshape(x, &[rows, n])?, &wide)?, &[rows, out, m])?;
        let both = mul(&half, &reshape(z, &[rows, 1, m])?)?;
        let mut y = dispatch::one(&Sum { dim: Some(smallvec![2]), keepdim: false }, &[&both])?;
        if let Some(b) = ins[3] {
            y = add(&y, b)?
        }
        lead.push(out);
        Ok(smallvec![reshape(&y, &lead)?])
    }
    fn cases() -> Vec<Case> {
        let case = |a: &[u32], b: &[u32], w: &[u32], bias: bool| Case {
            attrs: vec![],
            inputs: vec![
                Some(crate::ops::sample(1, a)),
                Some(crate::ops::sample(2, b)),
                Some(crate::ops::sample(3, w)),
                bias.then(|| crate::ops::sample(4, &w[..1])),
            ],
        };
        vec![
            case(&[3, 2], &[3, 4], &[5, 2, 4], true),
            case(&[2, 3, 2], &[2, 3, 4], &[1, 2, 4], false),
            case(&[2], &[4], &[3, 2, 4], true),
        ]
    }
    fn refusals() -> Vec<Refusal> {
        refusals(vec![
            (Bilinear {}, [given::floats(&[&[3, 2], &[3, 4], &[5, 4, 2]]), vec![None]].concat(), Kind::Shape, "a weight (out, n, m) and a bias (out,) expected, got [3, 2], [3, 4], [5, 4, 2]"),
            (Bilinear {}, [given::floats(&[&[3, 2], &[2, 4], &[5, 2, 4]]), vec![None]].concat(), Kind::Shape, "got [3, 2], [2, 4]"),
            (Bilinear {}, given::floats(&[&[3, 2], &[3, 4], &[5, 2, 4], &[4]]), Kind::Shape, "a bias (out,) expected"),
            (Bilinear {}, [given::floats(&[&[], &[], &[5, 2, 4]]), vec![None]].concat(), Kind::Shape, "got [], []"),
        ])
    }
}
