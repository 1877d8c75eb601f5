use crate::op::*;
use crate::shape::Spec;
use crate::{dispatch, err, DType, Kind, Result, Tensor};
use nncore_kernels::{num::Float, random};

op! {
    /// Takes the next draw from a generator: gives its `state`, int64 `[seed, draws so far]`, and counts one draw in place.
    ///
    /// The result is a ticket: what ops that need random numbers take. They are pure functions of it.
    RngNext = "rng_next"(state: One + mutated) -> (ticket; 1) {}
}
impl Op for RngNext {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        pair(&x[0], "a generator's state")?;
        out.fresh(x[0])
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        let state = cx.mutated::<i64>(0);
        cx.out::<i64>(0).copy_from_slice(state);
        state[1] = state[1].wrapping_add(1);
        Ok(())
    }
    fn samples() -> Samples<RngNext> {
        vec![(RngNext {}, vec![Some(generator(7))])]
    }
    fn refusals() -> Refusals<RngNext> {
        vec![
            (RngNext {}, given::floats(&[&[2]]), Kind::DType, "a generator's state is int64 of shape [2], got float64(2,)"),
            (RngNext {}, vec![given::int64(&[1, 2, 3])], Kind::DType, "got int64(3,)"),
        ]
    }
}
fn pair(s: &Spec, what: &str) -> Result<()> {
    if s.dtype != DType::I64 || s.dims() != [2] {
        return Err(err(Kind::DType, format!("{what} is int64 of shape [2], got {s}")));
    }
    Ok(())
}
/// Is this a ticket?
pub fn check_ticket(s: &Spec) -> Result<()> {
    pair(s, "a ticket")
}
/// Seed and draw that a ticket (input `i`) stands for.
pub fn seed_and_draw(cx: &Cpu, i: usize) -> (u64, u64) {
    let t = cx.get::<i64>(i);
    (t[0] as u64, t[1] as u64)
}
/// A generator's state.
pub fn generator(seed: i64) -> Tensor {
    Tensor::from_slice(&[seed, 0], &[2]).expect("two numbers")
}
/// The next draw of a generator.
pub fn next(state: &Tensor) -> Result<Tensor> {
    dispatch::one(&RngNext {}, &[state])
}

op! {
    /// Random numbers of `shape`, uniform in [low, high): element i (row-major) is a function of the ticket and i alone, by
    /// Philox 4x32-10.
    ///
    /// Raises `ValueError` unless `low <= high` and both are finite, `DTypeError` unless `dtype` is a float.
    Uniform = "uniform"(ticket: One) -> (output; 1) { shape: Ints, low: f64 = 0.0, high: f64 = 1.0, dtype: DType = DType::F32 }
}
impl Op for Uniform {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        check_ticket(&x[0])?;
        if !(self.low <= self.high && self.low.is_finite() && self.high.is_finite()) {
            return Err(err(Kind::Value, format!("finite low <= high expected, got {} and {}", self.low, self.high)));
        }
        out.fresh(float_spec(self.dtype, &self.shape)?)
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        let (seed, draw) = seed_and_draw(cx, 0);
        floats!(self.dtype, T => {
            random::uniform(seed, draw, cx.out::<T>(0));
            if (self.low, self.high) != (0.0, 1.0) {
                stretch(self.low as T, self.high as T, cx.out::<T>(0))
            }
        });
        Ok(())
    }
    fn samples() -> Samples<Uniform> {
        let case = |low, high, dtype, d: &[i64]| (Uniform { shape: d.into(), low, high, dtype }, vec![Some(generator(3))]);
        vec![
            case(0.0, 1.0, DType::F32, &[3, 50]),
            case(-2.0, 3.0, DType::F64, &[7]),
            case(0.0, 1.0, DType::F32, &[]),
            case(1.0, 1.0, DType::F32, &[0, 2]),
        ]
    }
    fn refusals() -> Refusals<Uniform> {
        let op = |low, high, dtype| Uniform { shape: [2][..].into(), low, high, dtype };
        vec![
            (op(1.0, 0.0, DType::F32), vec![Some(generator(3))], Kind::Value, "finite low <= high expected, got 1 and 0"),
            (op(0.0, f64::INFINITY, DType::F32), vec![Some(generator(3))], Kind::Value, "got 0 and inf"),
            (op(0.0, 1.0, DType::I64), vec![Some(generator(3))], Kind::DType, "float32 or float64 expected, got int64"),
        ]
    }
}
nncore_kernels::simd! {
    fn stretch<T: Float>(low: T, high: T, out: &mut [T]) {
        for y in out {
            let x = y.mul_add(high - low, low);
            // Rounding may reach the end, which is not part of the range.
            *y = if x < high { x } else { low }
        }
    }
    fn shift<T: Float>(mean: T, std: T, out: &mut [T]) {
        for y in out {
            *y = y.mul_add(std, mean)
        }
    }
}
/// Fresh floats of that shape.
pub fn float_spec(dtype: DType, shape: &Ints) -> Result<Spec> {
    if !dtype.is_float() {
        return Err(err(Kind::DType, format!("float32 or float64 expected, got {dtype}")));
    }
    Spec::checked(dtype, shape)
}

op! {
    /// Random numbers of `shape`, normal with `mean` and standard deviation `std`: element i (row-major) is a function of the
    /// ticket and i alone, by Philox 4x32-10 and Box and Muller's method.
    ///
    /// Raises `ValueError` unless `std >= 0` and both are finite, `DTypeError` unless `dtype` is a float.
    Normal = "normal"(ticket: One) -> (output; 1) { shape: Ints, mean: f64 = 0.0, std: f64 = 1.0, dtype: DType = DType::F32 }
}
impl Op for Normal {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        check_ticket(&x[0])?;
        if !(self.std >= 0.0 && self.std.is_finite() && self.mean.is_finite()) {
            return Err(err(Kind::Value, format!("a finite mean and std >= 0 expected, got {} and {}", self.mean, self.std)));
        }
        out.fresh(float_spec(self.dtype, &self.shape)?)
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        let (seed, draw) = seed_and_draw(cx, 0);
        floats!(self.dtype, T => {
            random::normal(seed, draw, cx.out::<T>(0));
            if (self.mean, self.std) != (0.0, 1.0) {
                shift(self.mean as T, self.std as T, cx.out::<T>(0))
            }
        });
        Ok(())
    }
    fn cost(&self, _x: Specs, outs: &Outs) -> Cost {
        Cost { flops: 60 * outs.numel() as u64, bytes: outs.bytes() as u64 }
    }
    fn samples() -> Samples<Normal> {
        let case = |mean, std, dtype, d: &[i64]| (Normal { shape: d.into(), mean, std, dtype }, vec![Some(generator(3))]);
        vec![
            case(0.0, 1.0, DType::F32, &[3, 50]),
            case(-2.0, 3.0, DType::F64, &[7]),
            case(0.0, 1.0, DType::F32, &[]),
            case(0.0, 0.0, DType::F32, &[0]),
        ]
    }
    fn refusals() -> Refusals<Normal> {
        let op = |mean, std, dtype| Normal { shape: [2][..].into(), mean, std, dtype };
        vec![
            (op(0.0, -1.0, DType::F32), vec![Some(generator(3))], Kind::Value, "a finite mean and std >= 0 expected, got 0 and -1"),
            (op(f64::NAN, 1.0, DType::F32), vec![Some(generator(3))], Kind::Value, "got NaN and 1"),
            (op(0.0, 1.0, DType::Bool), vec![Some(generator(3))], Kind::DType, "got bool"),
        ]
    }
}
