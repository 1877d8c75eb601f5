//! One element of a rank: `kthvalue`, `median`, `nanmedian`; and `quantile`, which lies between two.
use crate::ops::cumsum::axis_of;
use crate::ops::extreme::{along_cases, back_along, case, extreme_spec, ordered};
use crate::ops::reshape::reshape;
use crate::ops::sort::comparisons;
use crate::op::*;
use crate::{dispatch, err, DType, Kind, Result, Tensor};
use nncore_kernels::sort::{self as kernels, Rank};
use smallvec::smallvec;

choice! {
    /// Which element of a line.
    Which { Kth = "kth", Median = "median", NanMedian = "nanmedian" }
}
op! {
    /// The element of a rank along a dimension, and where it is: the k-th smallest (from 1), or one in the middle.
    RankAlong = "rank_along"(input: One) -> (values, indices; 2) { which: Which, k: i64, dim: i64, keepdim: bool }
}
impl Op for RankAlong {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        let values = extreme_spec(&x[0], &Some(smallvec![self.dim]), self.keepdim)?;
        let n = axis_of(&x[0], self.dim).n as i64;
        if self.which == Which::Kth && !(1..=n).contains(&self.k) {
            return Err(err(Kind::Value, format!("k from 1 to {n}, the size of dim {}, expected, got {}", self.dim, self.k)));
        }
        out.fresh(values)?;
        out.fresh(values.with_dtype(DType::I64))
    }
    const SCRATCH: bool = true;
    fn scratch(&self, x: Specs) -> usize {
        ordered!(x[0].dtype, T => kernels::scratch::<T>(axis_of(&x[0], self.dim)))
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        let axis = axis_of(cx.spec(0), self.dim);
        let rank = match self.which {
            Which::Kth => Rank::Kth(self.k as usize - 1),
            Which::Median => Rank::Median,
            Which::NanMedian => Rank::NanMedian,
        };
        // The scratch is as large as `scratch` says.
        ordered!(cx.spec(0).dtype, T => unsafe {
            kernels::select::<T>(axis, rank, cx.get(0), cx.out(0), cx.out(1), cx.scratch)
        });
        Ok(())
    }
    const DIFFERENTIABLE: bool = true;
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::outputs(0b10)
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        Ok(smallvec![back_along(cx, self.dim)?])
    }
    fn cost(&self, x: Specs, outs: &Outs) -> Cost {
        comparisons(x, outs, self.dim)
    }
    fn samples() -> Samples<RankAlong> {
        vec![(RankAlong { which: Which::Kth, k: 2, dim: 0, keepdim: true }, vec![Some(crate::ops::sample(1, &[4, 2]))])]
    }
    fn refusals() -> Refusals<RankAlong> {
        let of = |k| RankAlong { which: Which::Kth, k, dim: 0, keepdim: false };
        vec![
            (of(0), given::floats(&[&[3]]), Kind::Value, "k from 1 to 3, the size of dim 0, expected, got 0"),
            (of(1), given::floats(&[&[0]]), Kind::Shape, "at least one element to choose from expected, got size 0"),
        ]
    }
}

op! {
    /// The `k`-th smallest element along dimension `dim`, counted from 1, as (values, indices). NaN counts as the largest.
    ///
    /// Shape: the input's without `dim`, or with size 1 there when `keepdim`. Indices are int64; of equal elements the earlier
    /// has the lower rank. The gradient goes to the element that `indices` names. Raises `ShapeError` for a dimension that is
    /// out of range or empty, `ValueError` for a k that is.
    pub Kthvalue = "kthvalue"(input: One @ Any) -> (values, indices; 2) { k: i64, dim: i64 = -1, keepdim: bool = false }
}
impl Function for Kthvalue {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        dispatch::apply(&RankAlong { which: Which::Kth, k: self.k, dim: self.dim, keepdim: self.keepdim }, ins)
    }
    fn cases() -> Vec<Case> {
        let of = |k, dim, keepdim, d: &[u32]| case(&Kthvalue { k, dim, keepdim }, Some(crate::ops::sample(1, d)));
        vec![of(2, -1, false, &[3, 7]), of(3, 0, true, &[5, 2]), of(1, 1, false, &[2, 3, 2]), of(1, 0, false, &[])]
    }
    fn refusals() -> Vec<Refusal> {
        let of = |k| Kthvalue { k, dim: -1, keepdim: false };
        refusals(vec![
            (of(4), given::floats(&[&[2, 3]]), Kind::Value, "k from 1 to 3, the size of dim -1, expected, got 4"),
            (of(1), given::floats(&[&[2, 0]]), Kind::Shape, "at least one element to choose from expected, got size 0"),
        ])
    }
}
macro_rules! medians {
    ($($S:ident = $name:literal, $which:ident, $doc:literal, $nan:literal;)*) => { $(
        op! {
            #[doc = $doc]
            #[doc = $nan]
            ///
            /// Shape: the input's without `dim`, or with size 1 there when `keepdim`. Of an even number of elements it is the lower of
            /// the two in the middle; of no elements at all, NaN. Indices are int64. The gradient goes to one element. Raises `ShapeError` for a dimension that
            /// is out of range or empty.
            pub $S = $name(input: One @ Any) -> (values, indices; 2) { dim: Option<i64> = None, keepdim: bool = false }
        }
        impl Function for $S {
            fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
                let (x, which) = (ins[0].expect("a required input"), Which::$which);
                if let Some(dim) = self.dim {
                    return dispatch::apply(&RankAlong { which, k: 0, dim, keepdim: self.keepdim }, ins);
                }
                let one = match x.spec.numel() == 0 && x.spec.dtype.is_float() {
                    true => crate::ops::full::scalar(f64::NAN, x.spec.dtype)?,
                    false => dispatch::one(&RankAlong { which, k: 0, dim: 0, keepdim: false }, &[&reshape(x, &[-1])?])?,
                };
                let ones: Ints = smallvec![1; if self.keepdim { x.spec.rank() } else { 0 }];
                Ok(smallvec![reshape(&one, &ones)?])
            }
            fn cases() -> Vec<Case> {
                // An empty line has no median.
                along_cases().into_iter().map(|(dim, keepdim, x)| case(&$S { dim, keepdim }, x)).collect()
            }
            fn refusals() -> Vec<Refusal> {
                refusals(given::nothing($S { dim: Some(0), keepdim: false }))
            }
        }
    )* };
}
medians! {
    Median = "median", Median, " The median along `dim`, as (values, indices); without `dim` that of all elements, as one 0-d tensor.",
        " NaN where there is one.";
    Nanmedian = "nanmedian", NanMedian, " The median along `dim` of what is not NaN, as (values, indices); without `dim` that of all elements, as one 0-d",
        " tensor. NaN where there is nothing else.";
}
