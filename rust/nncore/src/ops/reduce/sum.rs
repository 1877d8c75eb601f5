use crate::ops::{cast::cast, expand::expand, reshape::reshape};
use crate::op::*;
use crate::shape::{Dim, Dims, Spec};
use crate::{dispatch, err, DType, Kind, Result, Tensor};
use nncore_kernels::reduce;
use smallvec::smallvec;

op! {
    /// Sum over the dimensions in `dim` (all of them when None or empty). The order of additions is fixed, and float32 is added
    /// up in float64, from short runs.
    ///
    /// Shape: the input's without `dim`, or with size 1 there when `keepdim`. Integers and bool give int64; an empty sum is 0.
    /// `dtype` casts first, and is the result's. Raises `ShapeError` for a dimension that is out of range or named twice.
    pub SumAs = "sum"(input: One @ Any) -> (output; 1) {
        dim: Option<Ints> = None, keepdim: bool = false, dtype: Option<DType> = None,
    }
}
impl Function for SumAs {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        let sum = Sum { dim: self.dim.clone(), keepdim: self.keepdim };
        let Some(dtype) = self.dtype else { return dispatch::apply(&sum, ins) };
        let x = cast(ins[0].expect("a required input"), dtype)?;
        let mut outs = dispatch::apply(&sum, &[Some(&x)])?;
        // Integers are added up in int64.
        outs[0] = cast(&outs[0], dtype)?;
        Ok(outs)
    }
    fn cases() -> Vec<Case> {
        let of = |sum: Sum, dtype| SumAs { dim: sum.dim, keepdim: sum.keepdim, dtype }.attrs();
        let mut all: Vec<Case> =
            Sum::samples().into_iter().map(|(sum, inputs)| Case { attrs: of(sum, None), inputs }).collect();
        let inputs = vec![Some(crate::ops::sample(1, &[2, 3]))];
        all.push(Case { attrs: of(Sum { dim: Some(smallvec![]), keepdim: false }, Some(DType::F64)), inputs });
        all
    }
}
op! {
    /// What `sum` does once the dtype is known.
    Sum = "sum_over"(input: One @ Any) -> (output; 1) { dim: Option<Ints> = None, keepdim: bool = false }
}
/// The dimensions to reduce, as bits: all of them where none is named.
pub fn reduced(x: &Spec, dim: &Option<Ints>) -> Result<u32> {
    match dim {
        Some(dim) if !dim.is_empty() => listed(x, dim),
        _ => Ok((1u32 << x.rank()) - 1),
    }
}
/// The dimensions in a list, as bits.
pub fn listed(x: &Spec, dim: &[i64]) -> Result<u32> {
    let mut mask = 0u32;
    for &d in dim {
        let bit = 1 << x.axis(d)?;
        if mask & bit != 0 {
            return Err(err(Kind::Shape, format!("dim {d} is named twice in {dim:?}")));
        }
        mask |= bit
    }
    // A 0-d tensor takes dim 0, of which it has none.
    Ok(mask & ((1u32 << x.rank()) - 1))
}
/// The shape that is left.
pub fn remaining(x: &Spec, mask: u32, keepdim: bool) -> Dims {
    let keep = |(i, &d): (usize, &Dim)| match (mask >> i & 1 != 0, keepdim) {
        (false, _) => Some(d),
        (true, true) => Some(1),
        (true, false) => None,
    };
    x.dims().iter().enumerate().filter_map(keep).collect()
}
/// The gradient of a reduction, spread over what was reduced: `dy` with sizes of 1 there again, expanded to the input.
pub fn spread(dy: &Tensor, x: &Spec, mask: u32, keepdim: bool) -> Result<Tensor> {
    let kept: Ints = remaining(x, mask, true).iter().map(|&d| d as i64).collect();
    let dy = if keepdim { dy.clone() } else { reshape(dy, &kept)? };
    expand(&dy, &x.shape())
}
impl Op for Sum {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        let mask = reduced(&x[0], &self.dim)?;
        let dtype = if x[0].dtype.is_float() { x[0].dtype } else { DType::I64 };
        out.fresh(Spec::new(dtype, &remaining(&x[0], mask, self.keepdim)))
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        let mask = reduced(cx.spec(0), &self.dim)?;
        match cx.spec(0).dtype {
            DType::F32 => reduce(cx, mask, reduce::sum::<f32>),
            DType::F64 => reduce(cx, mask, reduce::sum::<f64>),
            DType::I64 => reduce(cx, mask, reduce::sum::<i64>),
            DType::I32 => widen::<i32>(cx, mask, |x| x as i64),
            DType::U8 => widen::<u8>(cx, mask, |x| x as i64),
            DType::Bool => widen::<bool>(cx, mask, |x| x as i64),
        }
        Ok(())
    }
    const DIFFERENTIABLE: bool = true;
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let mask = reduced(cx.spec(0), &self.dim)?;
        Ok(smallvec![Some(spread(cx.dy(0), cx.spec(0), mask, self.keepdim)?)])
    }
    fn cost(&self, x: Specs, outs: &Outs) -> Cost {
        Cost { flops: x[0].numel() as u64, bytes: (x.bytes() + outs.bytes()) as u64 }
    }
    fn samples() -> Samples<Sum> {
        let case = |dim: Option<Ints>, keepdim, d: &[u32]| (Sum { dim, keepdim }, vec![Some(crate::ops::sample(1, d))]);
        vec![
            case(None, false, &[3, 4]),
            case(Some(smallvec![0, 2]), true, &[2, 3, 4]),
            case(Some(smallvec![-1]), false, &[3, 37]),
            case(Some(smallvec![0]), false, &[0, 3]),
            case(None, false, &[]),
        ]
    }
}
/// A reduction of the kernels' kind, from input 0 into output 0.
pub fn reduce<A, B>(cx: &Cpu, mask: u32, kernel: unsafe fn(&[usize], &[isize], u32, *const A, &mut [B])) {
    let (s, r) = (cx.spec(0), cx.spec(0).rank());
    // Valid at every index of its spec.
    unsafe { kernel(&s.usize_dims()[..r], &s.isize_strides()[..r], mask, cx.ptr(0), cx.out(0)) }
}
/// Sums of small integers, which need a wider total.
fn widen<A: Copy>(cx: &Cpu, mask: u32, to: impl Fn(A) -> i64) {
    let (x, s, out) = (cx.ptr::<A>(0), cx.spec(0), cx.out::<i64>(0));
    out.fill(0);
    let mut strides = [0i32; crate::shape::MAX_NDIM];
    let mut n = 1;
    for i in (0..s.rank()).rev() {
        if mask >> i & 1 == 0 {
            strides[i] = n;
            n *= s.d(i) as i32
        }
    }
    let places = Spec::strided(s.dtype, s.dims(), &strides[..s.rank()]);
    // The input as the walk's output, so that runs follow its unit stride.
    walk(s, &[places], &mut |at, o, run, steps, step| {
        for i in 0..run as isize {
            out[(at[0] + i * steps[0]) as usize] += to(unsafe { *x.offset(o + i * step) });
        }
    });
}

/// The sum of all elements.
pub fn sum(x: &Tensor) -> Result<Tensor> {
    dispatch::one(&Sum { dim: None, keepdim: false }, &[x])
}
/// Undoes a broadcast: the sum over what was repeated. `g` itself where the shapes are equal.
pub fn sum_to(g: &Tensor, dims: &[Dim]) -> Result<Tensor> {
    if g.spec.dims() == dims {
        return Ok(g.clone());
    }
    let lead = g.spec.rank() - dims.len();
    let repeated = |&i: &usize| i < lead || dims[i - lead] == 1 && g.spec.d(i) != 1;
    let dim: Ints = (0..g.spec.rank()).filter(repeated).map(|i| i as i64).collect();
    let s = dispatch::one(&Sum { dim: Some(dim), keepdim: false }, &[g])?;
    if s.spec.dims() == dims {
        return Ok(s);
    }
    reshape(&s, &dims.iter().map(|&d| d as i64).collect::<Ints>())
}
