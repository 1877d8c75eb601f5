use crate::op::*;
use crate::ops::rng::{check_ticket, float_spec, generator, seed_and_draw};
use crate::{err, DType, Kind, Result};
use nncore_kernels::quantile::{normal_cdf, normal_quantile};
use nncore_kernels::random::draws::{fill, open_unit};

op! {
    /// Random numbers of `shape`, normal with `mean` and standard deviation `std` given that they lie in [a, b]: element i
    /// (row-major) is a function of the ticket and i alone, by the inverse of the distribution's function, so that nothing
    /// piles up at the ends.
    ///
    /// Raises `ValueError` unless `std >= 0` and `a <= b`, or where an end is NaN; `DTypeError` unless `dtype` is a float.
    TruncNormal = "trunc_normal"(ticket: One) -> (output; 1) {
        shape: Ints, mean: f64 = 0.0, std: f64 = 1.0, a: f64 = -2.0, b: f64 = 2.0, dtype: DType = DType::F32,
    }
}
impl Op for TruncNormal {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        check_ticket(&x[0])?;
        if !(self.std >= 0.0 && self.std.is_finite() && self.mean.is_finite() && self.a <= self.b) {
            let text = format!(
                "a finite mean, a finite std >= 0 and a <= b expected, got {}, {}, {} and {}",
                self.mean, self.std, self.a, self.b
            );
            return Err(err(Kind::Value, text));
        }
        out.fresh(float_spec(self.dtype, &self.shape)?)
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        let (seed, draw) = seed_and_draw(cx, 0);
        // The lower tail holds the digits: what lies above the mean is mirrored.
        let (low, high) = ((self.a - self.mean) / self.std, (self.b - self.mean) / self.std);
        let mirrored = low > 0.0;
        let (low, high) = if mirrored { (-high, -low) } else { (low, high) };
        let (from, to) = (normal_cdf(low), normal_cdf(high));
        let sign = if mirrored { -1.0 } else { 1.0 };
        let one = |bits: u64| {
            if self.std == 0.0 {
                return self.mean.clamp(self.a, self.b);
            }
            let z = sign * normal_quantile((to - from).mul_add(open_unit(bits), from));
            // Rounding may reach past an end.
            self.std.mul_add(z, self.mean).clamp(self.a, self.b)
        };
        floats!(self.dtype, T => fill(seed, draw, cx.out::<T>(0), |b| one(b) as T));
        Ok(())
    }
    fn cost(&self, _x: Specs, outs: &Outs) -> Cost {
        Cost { flops: 60 * outs.numel() as u64, bytes: outs.bytes() as u64 }
    }
    fn samples() -> Samples<TruncNormal> {
        let case = |mean, std, a, b, dtype, d: &[i64]| {
            (TruncNormal { shape: d.into(), mean, std, a, b, dtype }, vec![Some(generator(3))])
        };
        vec![
            case(0.0, 1.0, -2.0, 2.0, DType::F32, &[3, 5]),
            case(1.0, 0.5, 3.0, f64::INFINITY, DType::F64, &[7]),
            case(0.0, 0.0, -1.0, 1.0, DType::F32, &[]),
        ]
    }
    fn refusals() -> Refusals<TruncNormal> {
        let op = |std, a| TruncNormal { shape: [2][..].into(), mean: 0.0, std, a, b: 2.0, dtype: DType::F32 };
        vec![
            (op(-1.0, -2.0), vec![Some(generator(3))], Kind::Value, "a finite std >= 0 and a <= b expected, got 0, -1, -2 and 2"),
            (op(1.0, 3.0), vec![Some(generator(3))], Kind::Value, "got 0, 1, 3 and 2"),
        ]
    }
}
