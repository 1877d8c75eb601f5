use crate::op::*;
use crate::ops::rng::{check_ticket, generator, seed_and_draw};
use crate::shape::Spec;
use crate::{err, DType, Kind, Result};
use nncore_kernels::random::draws::{bits, open_unit};

op! {
    /// Indices drawn with the weights in each row of `input`: with `replacement` any number of them, else each at most once.
    ///
    /// The weights are not negative and need not add up to 1. Shapes: (K,) gives (num_samples,), (N, K) gives
    /// (N, num_samples); the result is int64. Raises `ValueError` for a weight that is negative or not finite, a row without a
    /// positive one, and, without replacement, for more samples than there are positive weights.
    Multinomial = "multinomial"(input: One, ticket: One) -> (output; 1) { num_samples: i64, replacement: bool = false }
}
impl Op for Multinomial {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        check_ticket(&x[1])?;
        if !x[0].dtype.is_float() {
            return Err(err(Kind::DType, format!("float32 or float64 expected, got {}", x[0].dtype)));
        }
        if !(1..=2).contains(&x[0].rank()) || x[0].d(x[0].rank() - 1) == 0 {
            let text = format!("weights of shape (K,) or (N, K), one at least, expected, got {:?}", x[0].dims());
            return Err(err(Kind::Shape, text));
        }
        let k = x[0].d(x[0].rank() - 1) as i64;
        if self.num_samples < 1 || !self.replacement && self.num_samples > k {
            let text = format!("num_samples lies in 1..={k} without replacement, and is positive, got {}", self.num_samples);
            return Err(err(Kind::Value, text));
        }
        let mut shape = x[0].shape();
        shape[x[0].rank() - 1] = self.num_samples;
        out.fresh(Spec::checked(DType::I64, &shape)?)
    }
    const CHECKS: u32 = 1;
    fn check(&self, cx: &Cpu) -> Result<()> {
        for row in rows(cx) {
            if let Some(w) = row.iter().find(|w| !(**w >= 0.0 && w.is_finite())) {
                return Err(err(Kind::Value, format!("a weight is not negative and finite, got {w}")));
            }
            let positive = row.iter().filter(|w| **w > 0.0).count();
            if positive < if self.replacement { 1 } else { self.num_samples as usize } {
                let text = format!("{positive} positive weights are too few for {} samples", self.num_samples);
                return Err(err(Kind::Value, text));
            }
        }
        Ok(())
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        let (seed, draw) = seed_and_draw(cx, 1);
        let n = self.num_samples as usize;
        for (r, (row, out)) in rows(cx).into_iter().zip(cx.out::<i64>(0).chunks_exact_mut(n)).enumerate() {
            if self.replacement {
                let mut sums = row;
                let total = sums.iter_mut().fold(0.0, |sum, w| {
                    *w += sum;
                    *w
                });
                for (k, y) in out.iter_mut().enumerate() {
                    let at = open_unit(bits(seed, draw, r * n + k)) * total;
                    // The first sum above it: a weight of 0 adds nothing, so it is never the first. Rounding may reach the end.
                    let found = sums.partition_point(|s| *s <= at);
                    *y = if found < sums.len() { found } else { sums.partition_point(|s| *s < total) } as i64
                }
                continue;
            }
            // The smallest of exponential times with these rates come first (Efraimidis and Spirakis, 2006).
            let k = row.len();
            let time = |(j, w): (usize, &f64)| (-open_unit(bits(seed, draw, r * k + j)).ln() / w, j);
            let mut times: Vec<(f64, usize)> = row.iter().enumerate().filter(|(_, w)| **w > 0.0).map(time).collect();
            times.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            out.iter_mut().zip(times).for_each(|(y, (_, j))| *y = j as i64)
        }
        Ok(())
    }
    fn samples() -> Samples<Multinomial> {
        let w = |d: &[u32]| Some(crate::ops::sample_in(1, d, 0.1, 1.0));
        vec![
            (Multinomial { num_samples: 3, replacement: false }, vec![w(&[2, 5]), Some(generator(3))]),
            (Multinomial { num_samples: 7, replacement: true }, vec![w(&[4]), Some(generator(3))]),
        ]
    }
    fn refusals() -> Refusals<Multinomial> {
        let op = |num_samples, replacement| Multinomial { num_samples, replacement };
        let below = Some(crate::Tensor::from_slice(&[0.5, -1.0], &[2]).expect("a small tensor"));
        vec![
            (op(0, true), vec![given::float(&[3]), Some(generator(3))], Kind::Value, "and is positive, got 0"),
            (op(4, false), vec![given::float(&[3]), Some(generator(3))], Kind::Value, "num_samples lies in 1..=3 without replacement, and is positive, got 4"),
            (op(1, true), vec![given::float(&[2, 0]), Some(generator(3))], Kind::Shape, "one at least, expected, got [2, 0]"),
            (op(1, true), vec![given::float(&[1, 1, 1]), Some(generator(3))], Kind::Shape, "weights of shape (K,) or (N, K)"),
            (op(1, true), vec![given::zeros(DType::F64, &[3]), Some(generator(3))], Kind::Value, "0 positive weights are too few for 1 samples"),
            (op(1, true), vec![below, Some(generator(3))], Kind::Value, "a weight is not negative and finite, got -1"),
            (op(1, true), vec![given::int64(&[1]), Some(generator(3))], Kind::DType, "got int64"),
        ]
    }
}
/// The weights as float64.
fn rows(cx: &Cpu) -> Vec<Vec<f64>> {
    let s = cx.spec(0);
    let k = s.d(s.rank() - 1).max(1);
    match s.dtype {
        DType::F32 => cx.get::<f32>(0).chunks_exact(k).map(|r| r.iter().map(|w| *w as f64).collect()).collect(),
        _ => cx.get::<f64>(0).chunks_exact(k).map(|r| r.to_vec()).collect(),
    }
}
