use crate::ops::copy::copy_strided;
use crate::ops::reshape::reshape;
use crate::op::*;
use crate::shape::Spec;
use crate::{dispatch, err, Kind, Result, Tensor};
use smallvec::smallvec;

op! {
    /// The elements `start, start + step, …` before `stop` along dimension `dim`, as Python's `x[start:stop:step]`: bounds
    /// count from the end when negative, and are cut off at the ends. A view.
    ///
    /// Shape: the input's, with `ceil((stop - start) / step)` along `dim` (0 where `stop <= start`).
    /// Raises `ShapeError` for a dimension that is out of range, `ValueError` unless `step > 0`.
    pub Slice = "slice"(input: One @ Any) -> (output; 1) {
        dim: i64 = 0, start: Option<i64> = None, stop: Option<i64> = None, step: i64 = 1,
    }
}
/// The window that starts at `start` along `axis` and takes `count` elements, `step` apart; and where it begins.
pub(super) fn window(x: &Spec, axis: usize, start: usize, count: usize, step: i64) -> (Spec, isize) {
    let (mut dims, mut strides): (crate::shape::Dims, smallvec::SmallVec<[i32; 8]>) = (x.dims().into(), x.strides().into());
    dims[axis] = count as u32;
    // A step beyond the end is taken by no second element, so that its stride means nothing.
    strides[axis] = if count > 1 { strides[axis] * step as i32 } else { strides[axis] };
    let offset = if count == 0 || x.numel() == 0 { 0 } else { start as isize * x.s(axis) };
    (Spec::strided(x.dtype, &dims, &strides), offset)
}
impl Slice {
    /// Axis, first index, count.
    fn bounds(&self, x: &Spec) -> Result<(usize, usize, usize)> {
        if x.rank() == 0 {
            return Err(err(Kind::Shape, "a 0-d tensor has no dimension to slice"));
        }
        let axis = x.axis(self.dim)?;
        if self.step <= 0 {
            return Err(err(Kind::Value, format!("step must be positive, got {}", self.step)));
        }
        let n = x.d(axis) as i64;
        let clamp = |i: i64| if i < 0 { i.saturating_add(n).max(0) } else { i.min(n) };
        let (start, stop) = (clamp(self.start.unwrap_or(0)), clamp(self.stop.unwrap_or(n)));
        let count = (stop - start).max(0) as u64;
        Ok((axis, start as usize, count.div_ceil(self.step as u64) as usize))
    }
}
impl Op for Slice {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        let (axis, start, count) = self.bounds(&x[0])?;
        let (spec, offset) = window(&x[0], axis, start, count, self.step);
        out.view(0, spec, offset)
    }
    fn cpu(&self, _cx: &Cpu) -> Result<()> {
        unreachable!("a view has no kernel")
    }
    const DIFFERENTIABLE: bool = true;
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let (axis, start, _) = self.bounds(cx.spec(0))?;
        Ok(smallvec![Some(place(cx.dy(0), cx.spec(0), axis, start, self.step)?)])
    }
    fn cost(&self, _x: Specs, _outs: &Outs) -> Cost {
        Cost::default()
    }
    fn samples() -> Samples<Slice> {
        let case = |dim, start, stop, step, d: &[u32]| (Slice { dim, start, stop, step }, vec![Some(crate::ops::sample(1, d))]);
        vec![
            case(0, Some(1), Some(3), 1, &[4, 3]),
            case(-1, None, None, 2, &[2, 5]),
            case(1, Some(-3), Some(-1), 1, &[2, 4, 3]),
            case(1, Some(1), Some(100), 3, &[2, 5, 2, 3]),
            case(0, Some(3), Some(1), 1, &[4, 3]),
            case(0, None, None, 7, &[4]),
        ]
    }
    fn refusals() -> Refusals<Slice> {
        let op = |step| Slice { dim: 0, start: None, stop: None, step };
        vec![
            (op(1), given::floats(&[&[]]), Kind::Shape, "a 0-d tensor has no dimension to slice"),
            (op(0), given::floats(&[&[3]]), Kind::Value, "step must be positive, got 0"),
            (op(-1), given::floats(&[&[3]]), Kind::Value, "got -1"),
        ]
    }
}

op! {
    /// Gradient of `slice` and `select`: zeros of `shape`, with `grad` at every `step`-th place from `start` along `dim`.
    SliceGrad = "slice_grad"(grad: One @ Any) -> (grad_input; 1) { shape: Ints, dim: i64, start: i64, step: i64 }
}
impl Op for SliceGrad {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        let whole = Spec::checked(x[0].dtype, &self.shape)?;
        if self.start < 0 {
            return Err(err(Kind::Value, format!("a start that is not negative expected, got {}", self.start)));
        }
        let bounds = Slice { dim: self.dim, start: Some(self.start), stop: None, step: self.step }.bounds(&whole)?;
        let mut taken = self.shape.clone();
        taken[bounds.0] = x[0].dims().get(bounds.0).map_or(0, |d| *d as i64);
        if x[0].shape() != taken || taken[bounds.0] as usize > bounds.2 {
            let text = format!("a slice of {:?} along dim {} expected, got {:?}", &self.shape[..], self.dim, x[0].dims());
            return Err(err(Kind::Shape, text));
        }
        out.fresh(if x[0].is_contiguous() || !x[0].is_channels_last() { whole } else { whole.channels_last() })
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        let (x, y, size) = (cx.spec(0), cx.out_spec(0), cx.spec(0).dtype.size());
        unsafe { cx.out_ptr::<u8>(0).write_bytes(0, y.bytes()) };
        let (to, offset) = window(y, self.dim as usize, self.start as usize, x.d(self.dim as usize), self.step);
        if x.numel() > 0 {
            unsafe { copy_strided(x, cx.ptr(0), &to, cx.out_ptr::<u8>(0).offset(offset * size as isize)) };
        }
        Ok(())
    }
    const DIFFERENTIABLE: bool = true;
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        // The last element taken, and not one more: a stop further on could take elements beyond the gradient's.
        let count = cx.spec(0).d(self.dim as usize) as i64;
        let stop = if count == 0 { self.start } else { self.start + (count - 1) * self.step + 1 };
        let back = Slice { dim: self.dim, start: Some(self.start), stop: Some(stop), step: self.step };
        Ok(smallvec![Some(cx.emit(&back, &[cx.dy(0)])?)])
    }
    fn samples() -> Samples<SliceGrad> {
        let case = |shape: &[i64], dim, start, step, d: &[u32]| {
            (SliceGrad { shape: shape.into(), dim, start, step }, vec![Some(crate::ops::sample(1, d))])
        };
        vec![case(&[4, 5], 1, 1, 2, &[4, 2]), case(&[2, 4, 3, 2], 1, 1, 1, &[2, 2, 3, 2]), case(&[3], 0, 3, 1, &[0])]
    }
    fn refusals() -> Refusals<SliceGrad> {
        let op = |start, step| SliceGrad { shape: smallvec![4, 5], dim: 0, start, step };
        vec![
            (op(0, 1), given::floats(&[&[3, 3]]), Kind::Shape, "a slice of [4, 5] along dim 0 expected, got [3, 3]"),
            (op(-1, 1), given::floats(&[&[1, 5]]), Kind::Value, "not negative expected, got -1"),
            (op(2, 1), given::floats(&[&[3, 5]]), Kind::Shape, "got [3, 5]"),
            (op(0, 0), given::floats(&[&[3, 5]]), Kind::Value, "step must be positive, got 0"),
        ]
    }
}

/// `x[start:stop]` along `dim`, as a view.
pub fn narrow(x: &Tensor, dim: i64, start: i64, stop: i64) -> Result<Tensor> {
    dispatch::one(&Slice { dim, start: Some(start), stop: Some(stop), step: 1 }, &[x])
}
/// `x[:, index]`, as a view.
pub fn column(x: &Tensor, index: i64) -> Result<Tensor> {
    dispatch::one(&Select { dim: 1, index }, &[x])
}
/// Zeros like `whole` with `g` in a window of them.
pub fn place(g: &Tensor, whole: &Spec, axis: usize, start: usize, step: i64) -> Result<Tensor> {
    dispatch::one(&SliceGrad { shape: whole.shape(), dim: axis as i64, start: start as i64, step }, &[g])
}

op! {
    /// The elements at `index` along dimension `dim`, which goes away: `x[:, index]` for `dim=1`. Counts from the end when
    /// negative. A view.
    ///
    /// Shape: the input's without `dim`. Raises `ShapeError` for a dimension, `ValueError` for an index out of range.
    pub Select = "select"(input: One @ Any) -> (output; 1) { dim: i64, index: i64 }
}
impl Select {
    fn at(&self, x: &Spec) -> Result<(usize, usize)> {
        if x.rank() == 0 {
            return Err(err(Kind::Shape, "a 0-d tensor has no dimension to select from"));
        }
        let axis = x.axis(self.dim)?;
        let n = x.d(axis) as i64;
        if self.index < -n || self.index >= n {
            return Err(err(Kind::Value, format!("index {} is out of range for dimension {axis} of size {n}", self.index)));
        }
        Ok((axis, (if self.index < 0 { self.index + n } else { self.index }) as usize))
    }
}
impl Op for Select {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        let (axis, at) = self.at(&x[0])?;
        let (mut dims, mut strides): (crate::shape::Dims, smallvec::SmallVec<[i32; 8]>) =
            (x[0].dims().into(), x[0].strides().into());
        dims.remove(axis);
        strides.remove(axis);
        out.view(0, Spec::strided(x[0].dtype, &dims, &strides), at as isize * x[0].s(axis))
    }
    fn cpu(&self, _cx: &Cpu) -> Result<()> {
        unreachable!("a view has no kernel")
    }
    const DIFFERENTIABLE: bool = true;
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let (axis, at) = self.at(cx.spec(0))?;
        let mut kept = cx.spec(0).shape();
        kept[axis] = 1;
        Ok(smallvec![Some(place(&reshape(cx.dy(0), &kept)?, cx.spec(0), axis, at, 1)?)])
    }
    fn cost(&self, _x: Specs, _outs: &Outs) -> Cost {
        Cost::default()
    }
    fn samples() -> Samples<Select> {
        vec![
            (Select { dim: 0, index: 2 }, vec![Some(crate::ops::sample(1, &[3, 4]))]),
            (Select { dim: -1, index: -1 }, vec![Some(crate::ops::sample(1, &[2, 3, 4]))]),
            (Select { dim: 0, index: 0 }, vec![Some(crate::ops::sample(1, &[1]))]),
        ]
    }
    fn refusals() -> Refusals<Select> {
        let op = |index| Select { dim: 0, index };
        vec![
            (op(0), given::floats(&[&[]]), Kind::Shape, "a 0-d tensor has no dimension to select from"),
            (op(3), given::floats(&[&[3]]), Kind::Value, "index 3 is out of range for dimension 0 of size 3"),
            (op(-4), given::floats(&[&[3]]), Kind::Value, "index -4 is out of range"),
            (op(0), given::floats(&[&[0]]), Kind::Value, "of size 0"),
        ]
    }
}
