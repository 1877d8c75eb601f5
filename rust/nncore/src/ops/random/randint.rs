use crate::op::*;
use crate::ops::rng::{check_ticket, generator, seed_and_draw};
use crate::shape::Spec;
use crate::{err, DType, Kind, Result};
use nncore_kernels::random::draws::{below, fill};

op! {
    /// Random integers of `shape` in [low, high), int64: element i (row-major) is a function of the ticket and i alone.
    ///
    /// Raises `ValueError` unless `low < high`.
    Randint = "randint"(ticket: One) -> (output; 1) { shape: Ints, low: i64, high: i64 }
}
impl Op for Randint {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        check_ticket(&x[0])?;
        if self.low >= self.high {
            return Err(err(Kind::Value, format!("low < high expected, got {} and {}", self.low, self.high)));
        }
        out.fresh(Spec::checked(DType::I64, &self.shape)?)
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        let (seed, draw) = seed_and_draw(cx, 0);
        let (low, n) = (self.low, self.high.wrapping_sub(self.low) as u64);
        fill(seed, draw, cx.out::<i64>(0), |b| low.wrapping_add(below(b, n) as i64));
        Ok(())
    }
    fn samples() -> Samples<Randint> {
        let case = |low, high, d: &[i64]| (Randint { shape: d.into(), low, high }, vec![Some(generator(3))]);
        vec![case(0, 10, &[3, 5]), case(-7, -6, &[2]), case(i64::MIN, i64::MAX, &[])]
    }
    fn refusals() -> Refusals<Randint> {
        let op = |low, high, n: i64| Randint { shape: [n][..].into(), low, high };
        vec![
            (op(3, 3, 2), vec![Some(generator(3))], Kind::Value, "low < high expected, got 3 and 3"),
            (op(0, 3, -1), vec![Some(generator(3))], Kind::Shape, "must not be negative, got -1"),
            (op(0, 3, 2), given::floats(&[&[2]]), Kind::DType, "a ticket is int64 of shape [2], got float64(2,)"),
        ]
    }
}
