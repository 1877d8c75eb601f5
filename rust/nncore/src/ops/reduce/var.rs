use crate::ops::extreme::each_once;
use crate::ops::mean::count;
use crate::ops::sum::{reduced, remaining, spread};
use crate::ops::{add::add, comparison::eq, div::div, mul::mul, scale::scale, sub::sub, where_::where_};
use crate::op::*;
use crate::shape::Spec;
use crate::{dispatch, err, Kind, Result, Tensor};
use nncore_kernels::{num::Number, reduce as kernels};
use smallvec::smallvec;

macro_rules! spreads {
    ($($S:ident = $name:literal -> ($($out:ident),*; $returns:tt), $root:literal, $doc:literal, $more:literal;)*) => { $(
        op! {
            #[doc = $doc]
            #[doc = $more]
            ///
            /// Shape: the input's without `dim`, or with size 1 there when `keepdim`. Of too few elements the result is NaN, or
            /// infinite. Integers become float32. Raises `ShapeError` for a dimension that is out of range or named twice.
            pub $S = $name(input: One + float @ Any) -> ($($out),*; $returns) {
                dim: Option<Ints> = None, correction: f64 = 1.0, keepdim: bool = false,
            }
        }
        impl Function for $S {
            fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
                let both = Moments { dim: self.dim.clone(), correction: self.correction, keepdim: self.keepdim, root: $root };
                let mut outs = dispatch::apply(&both, ins)?;
                outs.truncate($returns);
                Ok(outs)
            }
            fn cases() -> Vec<Case> {
                let case = |dim: Option<Ints>, correction, keepdim, d: &[u32]| {
                    let op = $S { dim, correction, keepdim };
                    Case { attrs: Signature::attrs(&op), inputs: vec![Some(crate::ops::sample(1, d))] }
                };
                vec![
                    case(None, 1.0, false, &[3, 4]),
                    case(Some(smallvec![0, -1]), 0.0, true, &[2, 3, 4]),
                    case(Some(smallvec![0, 2, 3]), 1.0, false, &[2, 3, 4, 2]),
                    case(Some(smallvec![1]), 0.5, false, &[3, 37]),
                    case(Some(smallvec![0]), 1.0, false, &[5, 0]),
                    case(None, 0.0, false, &[]),
                ]
            }
            fn refusals() -> Vec<Refusal> {
                let op = $S { dim: None, correction: f64::NAN, keepdim: false };
                refusals(vec![(op, given::floats(&[&[2]]), Kind::Value, "correction must be a number, got NaN")])
            }
        }
    )* };
}
spreads! {
    Var = "var" -> (output; 1), false,
        " Variance over the dimensions in `dim` (all when None or empty): squared deviations from the mean, divided by their number",
        " less `correction`.";
    Std = "std" -> (output; 1), true,
        " Standard deviation over the dimensions in `dim` (all when None or empty): the root of `var`. Where it is 0 no gradient",
        " flows.";
    VarMean = "var_mean" -> (var, mean; 2), false,
        " Variance and mean over the dimensions in `dim` (all when None or empty), in one pass: `var` and `mean` say more.",
        " The variance divides by the number of elements less `correction`.";
    StdMean = "std_mean" -> (std, mean; 2), true,
        " Standard deviation and mean over the dimensions in `dim` (all when None or empty), in one pass: `std` and `mean` say more.",
        " The standard deviation divides by the number of elements less `correction`.";
}

op! {
    /// Variance (its root when `root`) and mean, in one pass over memory.
    Moments = "moments"(input: One + float @ Any) -> (spread, mean; 2) {
        dim: Option<Ints>, correction: f64, keepdim: bool, root: bool,
    }
}
impl Moments {
    /// What the squares are divided by.
    fn degrees(&self, x: &Spec, mask: u32) -> f64 {
        (count(x, mask) - self.correction).max(0.0)
    }
}
impl Op for Moments {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        if self.correction.is_nan() {
            return Err(err(Kind::Value, "correction must be a number, got NaN"));
        }
        let spec = Spec::new(x[0].dtype, &remaining(&x[0], reduced(&x[0], &self.dim)?, self.keepdim));
        out.fresh(spec)?;
        out.fresh(spec)
    }
    const SCRATCH: bool = true;
    fn scratch(&self, x: Specs) -> usize {
        let mask = reduced(&x[0], &self.dim).expect("infer");
        remaining(&x[0], mask, false).iter().map(|d| *d as usize).product::<usize>() * size_of::<[f64; 2]>()
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        let (s, r) = (cx.spec(0), cx.spec(0).rank());
        let mask = reduced(s, &self.dim)?;
        // Of nothing there is no deviation, whatever the correction.
        let degrees = if count(s, mask) == 0.0 { 0.0 } else { self.degrees(s, mask) };
        if cx.out_spec(0).numel() == 0 {
            return Ok(());
        }
        floats!(s.dtype, T => {
            let (spread, mean) = (cx.out::<T>(0), cx.out::<T>(1));
            // The scratch is ours, and has as many pairs as there are outputs; any bits are a float.
            let pairs = unsafe { std::slice::from_raw_parts_mut(cx.scratch as *mut [f64; 2], mean.len()) };
            // Valid at every index of its spec.
            unsafe { kernels::moments(&s.usize_dims()[..r], &s.isize_strides()[..r], mask, cx.ptr::<T>(0), pairs) };
            for ((spread, mean), [m, squares]) in spread.iter_mut().zip(mean).zip(pairs) {
                let v = *squares / degrees;
                *spread = T::of(if self.root { v.sqrt() } else { v });
                *mean = T::of(*m);
            }
        });
        Ok(())
    }
    const DIFFERENTIABLE: bool = true;
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::both(1, if self.root { 0b11 } else { 0b10 })
    }
    /// `2 (x - mean) / degrees` for the variance, `(x - mean) / (degrees std)` for its root, `1 / count` for the mean.
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let x = cx.spec(0);
        let mask = reduced(x, &self.dim)?;
        let wide = |t: &Tensor| spread(t, x, mask, self.keepdim);
        let mut all = None;
        if let Some(dy) = cx.opt_dy(0) {
            let centred = sub(&cx.input(0)?, &wide(&cx.output(1)?)?)?;
            let each = if self.root {
                let std = cx.output(0)?;
                let g = scale(dy, 1.0 / self.degrees(x, mask))?;
                let zero = crate::ops::full::zero(x.dtype)?;
                let flat = eq(&std.detach(), &zero)?;
                let safe = where_(&flat, &crate::ops::full::scalar(1.0, x.dtype)?, &std)?;
                where_(&flat, &zero, &div(&g, &safe)?)?
            } else {
                scale(dy, 2.0 / self.degrees(x, mask))?
            };
            all = Some(mul(&centred, &wide(&each)?)?);
        }
        if let Some(dy) = cx.opt_dy(1) {
            let even = wide(&scale(dy, 1.0 / count(x, mask))?)?;
            all = Some(match all {
                Some(g) => add(&g, &even)?,
                None => even,
            });
        }
        Ok(smallvec![all])
    }
    fn cost(&self, x: Specs, outs: &Outs) -> Cost {
        Cost { flops: 5 * x[0].numel() as u64, ..each_once(x, outs) }
    }
    fn samples() -> Samples<Moments> {
        let case = |dim: Option<Ints>, root, d: &[u32]| {
            (Moments { dim, correction: 1.0, keepdim: false, root }, vec![Some(crate::ops::sample(1, d))])
        };
        vec![case(None, false, &[3, 4]), case(Some(smallvec![0]), true, &[3, 4])]
    }
}
