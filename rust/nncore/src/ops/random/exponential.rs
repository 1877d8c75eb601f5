use crate::op::*;
use crate::ops::rng::{check_ticket, float_spec, generator, seed_and_draw};
use crate::{err, DType, Kind, Result};
use nncore_kernels::random::draws::{fill, open_unit};

op! {
    /// Random numbers of `shape` with the density `lambd * exp(-lambd * x)`: element i (row-major) is a function of the ticket
    /// and i alone, by the inverse of the distribution's function.
    ///
    /// Raises `ValueError` unless `lambd > 0` and finite, `DTypeError` unless `dtype` is a float.
    Exponential = "exponential"(ticket: One) -> (output; 1) { shape: Ints, lambd: f64 = 1.0, dtype: DType = DType::F32 }
}
impl Op for Exponential {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        check_ticket(&x[0])?;
        if !(self.lambd > 0.0 && self.lambd.is_finite()) {
            return Err(err(Kind::Value, format!("lambd is positive and finite, got {}", self.lambd)));
        }
        out.fresh(float_spec(self.dtype, &self.shape)?)
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        let (seed, draw) = seed_and_draw(cx, 0);
        floats!(self.dtype, T => fill(seed, draw, cx.out::<T>(0), |b| (-open_unit(b).ln() / self.lambd) as T));
        Ok(())
    }
    fn samples() -> Samples<Exponential> {
        let case = |lambd, dtype, d: &[i64]| (Exponential { shape: d.into(), lambd, dtype }, vec![Some(generator(3))]);
        vec![case(1.0, DType::F32, &[3, 5]), case(2.5, DType::F64, &[7]), case(1.0, DType::F32, &[])]
    }
    fn refusals() -> Refusals<Exponential> {
        let op = |lambd, dtype| Exponential { shape: [2][..].into(), lambd, dtype };
        vec![
            (op(0.0, DType::F32), vec![Some(generator(3))], Kind::Value, "lambd is positive and finite, got 0"),
            (op(1.0, DType::I64), vec![Some(generator(3))], Kind::DType, "float32 or float64 expected, got int64"),
            (op(1.0, DType::F32), given::floats(&[&[2]]), Kind::DType, "a ticket is int64 of shape [2]"),
        ]
    }
}
