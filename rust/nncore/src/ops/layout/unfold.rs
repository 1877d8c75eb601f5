//! Windows: of images as columns (`unfold`, and `fold` back), and along one dimension as a view.
use crate::op::*;
use crate::shape::{Dims, Spec, MAX_NDIM};
use crate::{err, Kind, Result};
use nncore_kernels::{num::Number, pool};
use smallvec::{smallvec, SmallVec};

/// Sizes of a sliding window over images.
#[derive(Clone, Copy, Debug)]
struct Blocks {
    image: [usize; 2],
    kernel: [usize; 2],
    dilation: [usize; 2],
    padding: [usize; 2],
    stride: [usize; 2],
    /// How many windows there are down and across.
    count: [usize; 2],
}
impl Blocks {
    fn new(image: [usize; 2], kernel: Pair, dilation: Pair, padding: Pair, stride: Pair) -> Result<Blocks> {
        let whole = |name: &str, p: Pair, least: i64| -> Result<[usize; 2]> {
            match p.0 >= least && p.1 >= least && p.0 <= i32::MAX as i64 && p.1 <= i32::MAX as i64 {
                true => Ok([p.0 as usize, p.1 as usize]),
                false => Err(err(Kind::Value, format!("{name} must be at least {least} and below 2**31, got {p:?}"))),
            }
        };
        let (kernel, dilation) = (whole("kernel_size", kernel, 1)?, whole("dilation", dilation, 1)?);
        let (padding, stride) = (whole("padding", padding, 0)?, whole("stride", stride, 1)?);
        let mut count = [0; 2];
        for i in 0..2 {
            let span = dilation[i].saturating_mul(kernel[i] - 1).saturating_add(1);
            let room = image[i] + 2 * padding[i];
            if span > room {
                return Err(err(Kind::Shape, format!("a window of {span} does not fit into {room} (size {} with padding)", image[i])));
            }
            count[i] = (room - span) / stride[i] + 1;
        }
        Ok(Blocks { image, kernel, dilation, padding, stride, count })
    }
    fn windows(&self) -> usize {
        self.count[0].saturating_mul(self.count[1])
    }
    fn places(&self) -> usize {
        self.kernel[0] * self.kernel[1]
    }
    /// Where place `k` of a window lies in the image, less the window's own place: it may be outside.
    fn shift(&self, k: usize) -> [isize; 2] {
        let at = |i: usize, k: usize| (k * self.dilation[i]) as isize - self.padding[i] as isize;
        [at(0, k / self.kernel[1]), at(1, k % self.kernel[1])]
    }
    /// Windows along axis `i` of which that place lies in the image.
    fn inside(&self, i: usize, shift: isize) -> std::ops::Range<usize> {
        let (n, s) = (self.image[i] as isize, self.stride[i] as isize);
        let first = if shift < 0 { (-shift + s - 1) / s } else { 0 };
        let end = if n > shift { (n - shift + s - 1) / s } else { 0 };
        (first as usize).min(self.count[i])..(end.max(first) as usize).min(self.count[i])
    }
}
/// Elements from which on threads share.
const GRAIN: usize = 1 << 15;

/// One plane's windows: row `k` of the result holds place `k` of each.
fn to_columns<T: Number>(b: &Blocks, image: &[T], columns: &mut [T]) {
    for (k, row) in columns.chunks_exact_mut(b.windows()).enumerate() {
        let [dy, dx] = b.shift(k);
        let (ys, xs) = (b.inside(0, dy), b.inside(1, dx));
        for (y, line) in row.chunks_exact_mut(b.count[1]).enumerate() {
            if !ys.contains(&y) {
                line.fill(T::ZERO);
                continue;
            }
            let from = ((y * b.stride[0]) as isize + dy) as usize * b.image[1];
            line[..xs.start].fill(T::ZERO);
            line[xs.end..].fill(T::ZERO);
            if xs.is_empty() {
                continue;
            }
            let first = from + ((xs.start * b.stride[1]) as isize + dx) as usize;
            if b.stride[1] == 1 {
                line[xs.clone()].copy_from_slice(&image[first..first + xs.len()])
            } else {
                line[xs.clone()].iter_mut().enumerate().for_each(|(i, v)| *v = image[first + i * b.stride[1]])
            }
        }
    }
}
/// The sum of all windows at their places in the plane.
fn from_columns<T: Number>(b: &Blocks, columns: &[T], image: &mut [T]) {
    image.fill(T::ZERO);
    for (k, row) in columns.chunks_exact(b.windows()).enumerate() {
        let [dy, dx] = b.shift(k);
        let (ys, xs) = (b.inside(0, dy), b.inside(1, dx));
        if xs.is_empty() {
            continue;
        }
        for y in ys {
            let line = &row[y * b.count[1]..][xs.clone()];
            let from = ((y * b.stride[0]) as isize + dy) as usize * b.image[1];
            let first = from + ((xs.start * b.stride[1]) as isize + dx) as usize;
            if b.stride[1] == 1 {
                add(&mut image[first..first + line.len()], line)
            } else {
                line.iter().enumerate().for_each(|(i, v)| image[first + i * b.stride[1]] = image[first + i * b.stride[1]].add(*v))
            }
        }
    }
}
nncore_kernels::simd! {
    fn add<T: Number>(y: &mut [T], x: &[T]) {
        for (y, x) in y.iter_mut().zip(x) { *y = y.add(*x) }
    }
}
/// Runs `f(plane, its part of the output)` over planes.
fn planes<T: Number>(out: &mut [T], size: usize, f: &(dyn Fn(usize, &mut [T]) + Sync)) {
    if out.is_empty() {
        return;
    }
    let (many, y) = (out.len() / size, out.as_mut_ptr() as usize);
    let parts = (out.len() / GRAIN).clamp(1, pool::threads());
    pool::run(parts, &|i| {
        for plane in pool::share(many, parts, i) {
            // Each plane belongs to one share.
            f(plane, unsafe { std::slice::from_raw_parts_mut((y as *mut T).add(plane * size), size) })
        }
    })
}

op! {
    /// The sliding windows of images, each as a column: what a convolution multiplies with its weight (im2col).
    ///
    /// Shape: `(N, C, H, W)` to `(N, C kh kw, L)` for L windows; without N in both. Padding is zero. Raises `ShapeError` for
    /// another number of dimensions or where no window fits, `ValueError` for sizes that are not positive. (`Tensor.unfold`
    /// is another function, as in PyTorch: windows along one dimension, as a view.)
    pub Unfold = "unfold"(input: One) -> (output; 1) {
        kernel_size: Pair, dilation: Pair = (1, 1), padding: Pair = (0, 0), stride: Pair = (1, 1),
    }
}
/// The dimensions before the channel.
fn batch(s: &Spec, rank: usize) -> Result<usize> {
    match s.rank() {
        r if r == rank => Ok(0),
        r if r == rank + 1 => Ok(1),
        _ => Err(err(Kind::Shape, format!("{rank} dimensions, or one more for a batch, expected, got {:?}", s.dims()))),
    }
}
impl Unfold {
    fn blocks(&self, x: &Spec) -> Result<Blocks> {
        let at = batch(x, 3)?;
        Blocks::new([x.d(at + 1), x.d(at + 2)], self.kernel_size, self.dilation, self.padding, self.stride)
    }
}
impl Op for Unfold {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        let (b, at) = (self.blocks(&x[0])?, batch(&x[0], 3)?);
        if x[0].dtype == crate::DType::Bool {
            return Err(err(Kind::DType, "numbers expected, got bool"));
        }
        let mut shape: Ints = x[0].shape()[..at].into();
        let rows = x[0].d(at) as i64;
        shape.extend([rows.saturating_mul(b.places() as i64), i64::try_from(b.windows()).unwrap_or(i64::MAX)]);
        out.fresh(Spec::checked(x[0].dtype, &shape)?)
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        let b = self.blocks(cx.spec(0))?;
        numbers!(cx.spec(0).dtype, T => {
            let (x, image) = (cx.get::<T>(0), b.image[0] * b.image[1]);
            planes(cx.out::<T>(0), b.places() * b.windows(), &|i, out| to_columns(&b, &x[i * image..][..image], out))
        });
        Ok(())
    }
    const DIFFERENTIABLE: bool = true;
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let b = self.blocks(cx.spec(0))?;
        let Unfold { kernel_size, dilation, padding, stride } = *self;
        let output_size = (b.image[0] as i64, b.image[1] as i64);
        Ok(smallvec![Some(cx.emit(&Fold { output_size, kernel_size, dilation, padding, stride }, &[cx.dy(0)])?)])
    }
    fn cost(&self, x: Specs, outs: &Outs) -> Cost {
        Cost { flops: 0, bytes: (x.bytes() + outs.bytes()) as u64 }
    }
    fn samples() -> Samples<Unfold> {
        let case = |kernel_size, dilation, padding, stride, d: &[u32]| {
            (Unfold { kernel_size, dilation, padding, stride }, vec![Some(crate::ops::sample(1, d))])
        };
        vec![
            case((2, 3), (1, 1), (0, 0), (1, 1), &[2, 2, 4, 5]),
            case((3, 2), (1, 2), (1, 2), (2, 1), &[1, 2, 5, 4]),
            case((2, 2), (1, 1), (1, 0), (3, 2), &[2, 4, 4]),
            case((2, 2), (1, 1), (0, 0), (1, 1), &[0, 2, 3, 3]),
        ]
    }
    fn refusals() -> Refusals<Unfold> {
        let op = |kernel_size, padding| Unfold { kernel_size, dilation: (1, 1), padding, stride: (1, 1) };
        vec![
            (op((0, 1), (0, 0)), given::floats(&[&[1, 3, 3]]), Kind::Value, "kernel_size must be at least 1 and below 2**31, got (0, 1)"),
            (op((1, 1), (-1, 0)), given::floats(&[&[1, 3, 3]]), Kind::Value, "padding must be at least 0 and below 2**31, got (-1, 0)"),
            (op((4, 1), (0, 0)), given::floats(&[&[1, 3, 3]]), Kind::Shape, "a window of 4 does not fit into 3"),
            (op((1, 1), (0, 0)), given::floats(&[&[3, 3]]), Kind::Shape, "3 dimensions, or one more for a batch, expected, got [3, 3]"),
            (op((1, 1), (0, 0)), vec![given::bools(&[1, 3, 3])], Kind::DType, "numbers expected, got bool"),
            (op((1, 1), (1 << 30, 1 << 30)), given::floats(&[&[1, 3, 3]]), Kind::Shape, "a tensor holds at most"),
        ]
    }
}
op! {
    /// Columns put back to where `unfold` took them from, and added up where windows overlap (col2im).
    ///
    /// Shape: `(N, C kh kw, L)` to `(N, C, *output_size)`, where L is the number of windows; without N in both. Raises `ShapeError`
    /// for columns of another shape, `ValueError` for sizes that are not positive.
    pub Fold = "fold"(input: One) -> (output; 1) {
        output_size: Pair, kernel_size: Pair, dilation: Pair = (1, 1), padding: Pair = (0, 0), stride: Pair = (1, 1),
    }
}
impl Fold {
    fn blocks(&self) -> Result<Blocks> {
        let (h, w) = self.output_size;
        if !(0..=i32::MAX as i64).contains(&h) || !(0..=i32::MAX as i64).contains(&w) {
            return Err(err(Kind::Value, format!("an output_size from 0 to below 2**31 expected, got {:?}", self.output_size)));
        }
        Blocks::new([h as usize, w as usize], self.kernel_size, self.dilation, self.padding, self.stride)
    }
}
impl Op for Fold {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        let (b, at) = (self.blocks()?, batch(&x[0], 2)?);
        if x[0].dtype == crate::DType::Bool {
            return Err(err(Kind::DType, "numbers expected, got bool"));
        }
        let (rows, many) = (x[0].d(at), x[0].d(at + 1));
        if !rows.is_multiple_of(b.places()) || many != b.windows() {
            let text = format!("a multiple of {} rows and {} columns expected, got {rows} and {many}", b.places(), b.windows());
            return Err(err(Kind::Shape, text));
        }
        let mut shape: Ints = x[0].shape()[..at].into();
        shape.extend([(rows / b.places()) as i64, self.output_size.0, self.output_size.1]);
        out.fresh(Spec::checked(x[0].dtype, &shape)?)
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        let b = self.blocks()?;
        numbers!(cx.spec(0).dtype, T => {
            let (x, columns) = (cx.get::<T>(0), b.places() * b.windows());
            planes(cx.out::<T>(0), b.image[0] * b.image[1], &|i, out| from_columns(&b, &x[i * columns..][..columns], out))
        });
        Ok(())
    }
    const DIFFERENTIABLE: bool = true;
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let Fold { kernel_size, dilation, padding, stride, .. } = *self;
        Ok(smallvec![Some(cx.emit(&Unfold { kernel_size, dilation, padding, stride }, &[cx.dy(0)])?)])
    }
    fn cost(&self, x: Specs, outs: &Outs) -> Cost {
        Cost { flops: x[0].numel() as u64, bytes: (x.bytes() + outs.bytes()) as u64 }
    }
    fn samples() -> Samples<Fold> {
        let case = |output_size, kernel_size, dilation, padding, stride, d: &[u32]| {
            (Fold { output_size, kernel_size, dilation, padding, stride }, vec![Some(crate::ops::sample(1, d))])
        };
        vec![
            case((4, 5), (2, 3), (1, 1), (0, 0), (1, 1), &[2, 12, 9]),
            case((5, 4), (3, 2), (1, 2), (1, 2), (2, 1), &[1, 12, 18]),
            case((4, 4), (2, 2), (1, 1), (1, 0), (3, 2), &[8, 4]),
        ]
    }
    fn refusals() -> Refusals<Fold> {
        let op = |output_size| Fold { output_size, kernel_size: (2, 2), dilation: (1, 1), padding: (0, 0), stride: (1, 1) };
        vec![
            (op((-1, 3)), given::floats(&[&[4, 4]]), Kind::Value, "an output_size from 0 to below 2**31 expected, got (-1, 3)"),
            (op((3, 3)), given::floats(&[&[3, 4]]), Kind::Shape, "a multiple of 4 rows and 4 columns expected, got 3 and 4"),
            (op((3, 3)), vec![given::bools(&[4, 4])], Kind::DType, "numbers expected, got bool"),
            (op((3, 3)), given::floats(&[&[4, 5]]), Kind::Shape, "got 4 and 5"),
            (op((1, 3)), given::floats(&[&[4, 4]]), Kind::Shape, "a window of 2 does not fit into 1"),
            (op((3, 3)), given::floats(&[&[4]]), Kind::Shape, "2 dimensions, or one more"),
        ]
    }
}

op! {
    /// The windows of `size` elements, `step` apart, along one dimension, each in a new last dimension: `Tensor.unfold`. A view.
    UnfoldDimension = "unfold_dimension"(input: One @ Any) -> (output; 1) { dimension: i64, size: i64, step: i64 }
}
impl UnfoldDimension {
    fn count(&self, x: &Spec) -> Result<usize> {
        let n = x.d(x.axis(self.dimension)?).max((x.rank() == 0) as usize) as i64;
        if self.size < 0 || self.size > n || self.step <= 0 {
            let text = format!("a size from 0 to {n} and a positive step expected, got {} and {}", self.size, self.step);
            return Err(err(Kind::Value, text));
        }
        Ok(((n - self.size) / self.step + 1) as usize)
    }
}
impl Op for UnfoldDimension {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        let (x, count) = (&x[0], self.count(&x[0])?);
        if x.rank() == MAX_NDIM {
            return Err(err(Kind::Shape, format!("at most {} dimensions expected, got {MAX_NDIM}", MAX_NDIM - 1)));
        }
        let axis = x.axis(self.dimension)?;
        let (mut dims, mut strides): (Dims, SmallVec<[i32; MAX_NDIM]>) = (x.dims().into(), x.strides().into());
        let one = strides.get(axis).copied().unwrap_or(1);
        if x.rank() > 0 {
            dims[axis] = count as u32;
            // A step beyond the end is taken by no second window, so that its stride means nothing.
            strides[axis] = if count > 1 { one * self.step as i32 } else { one };
        }
        dims.push(self.size as u32);
        strides.push(one);
        // Windows that overlap may be more than there are elements.
        Spec::checked(x.dtype, &dims.iter().map(|&d| d as i64).collect::<Ints>())?;
        out.view(0, Spec::strided(x.dtype, &dims, &strides), 0)
    }
    fn cpu(&self, _cx: &Cpu) -> Result<()> {
        unreachable!("a view has no kernel")
    }
    const DIFFERENTIABLE: bool = true;
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let shape = cx.spec(0).shape();
        let UnfoldDimension { dimension, size, step } = *self;
        Ok(smallvec![Some(cx.emit(&UnfoldDimensionGrad { shape, dimension, size, step }, &[cx.dy(0)])?)])
    }
    fn cost(&self, _x: Specs, _outs: &Outs) -> Cost {
        Cost::default()
    }
    fn samples() -> Samples<UnfoldDimension> {
        let case = |dimension, size, step, d: &[u32]| {
            (UnfoldDimension { dimension, size, step }, vec![Some(crate::ops::sample(1, d))])
        };
        vec![
            case(0, 3, 1, &[5]),
            case(1, 2, 2, &[2, 5, 3]),
            case(-1, 2, 3, &[2, 6]),
            case(0, 2, 1, &[2, 3]),
            case(0, 1, 1, &[]),
        ]
    }
    fn refusals() -> Refusals<UnfoldDimension> {
        let op = |size, step| UnfoldDimension { dimension: 0, size, step };
        vec![
            (op(4, 1), given::floats(&[&[3]]), Kind::Value, "a size from 0 to 3 and a positive step expected, got 4 and 1"),
            (op(1, 0), given::floats(&[&[3]]), Kind::Value, "got 1 and 0"),
            (op(1, 1), given::floats(&[&[1; 8]]), Kind::Shape, "at most 7 dimensions expected, got 8"),
        ]
    }
}
op! {
    /// Gradient of `Tensor.unfold`: zeros of `shape`, to which the windows are added where they were taken from.
    UnfoldDimensionGrad = "unfold_dimension_grad"(grad: One) -> (grad_input; 1) {
        shape: Ints, dimension: i64, size: i64, step: i64,
    }
}
impl Op for UnfoldDimensionGrad {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        let whole = Spec::checked(x[0].dtype, &self.shape)?;
        let mut windows = Outs::new();
        let UnfoldDimensionGrad { dimension, size, step, .. } = *self;
        Op::infer(&UnfoldDimension { dimension, size, step }, Specs(&[Some(&whole)]), &mut windows)?;
        if x[0].dims() != windows[0].spec.dims() {
            let want = windows[0].spec.dims();
            return Err(err(Kind::Shape, format!("a gradient of shape {want:?} expected, got {:?}", x[0].dims())));
        }
        out.fresh(whole)
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        let (g, y) = (cx.spec(0), cx.out_spec(0));
        let a = crate::ops::index_select::around(y, y.axis(self.dimension)?);
        let (size, step) = (self.size as usize, self.step as usize);
        let count = if y.rank() == 0 { 1 } else { g.d(y.axis(self.dimension)?) };
        floats!(y.dtype, T => {
            let (g, out) = (cx.get::<T>(0), cx.out::<T>(0));
            out.fill(T::ZERO);
            // In the order of the windows: the order of additions is fixed.
            for o in 0..a.outer {
                for w in 0..count {
                    for i in 0..a.inner {
                        let from = ((o * count + w) * a.inner + i) * size;
                        for k in 0..size {
                            let at = (o * a.n + w * step + k) * a.inner + i;
                            out[at] = Number::add(out[at], g[from + k]);
                        }
                    }
                }
            }
        });
        Ok(())
    }
    const DIFFERENTIABLE: bool = true;
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let UnfoldDimensionGrad { dimension, size, step, .. } = *self;
        Ok(smallvec![Some(cx.emit(&UnfoldDimension { dimension, size, step }, &[cx.dy(0)])?)])
    }
    fn samples() -> Samples<UnfoldDimensionGrad> {
        let op = UnfoldDimensionGrad { shape: smallvec![2, 5], dimension: 1, size: 2, step: 1 };
        vec![(op, vec![Some(crate::ops::sample(1, &[2, 4, 2]))])]
    }
    fn refusals() -> Refusals<UnfoldDimensionGrad> {
        vec![
            (UnfoldDimensionGrad { shape: smallvec![5], dimension: 0, size: 2, step: 1 }, given::floats(&[&[3, 2]]), Kind::Shape, "a gradient of shape [4, 2] expected, got [3, 2]"),
        ]
    }
}
