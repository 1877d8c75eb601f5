use crate::ops::copy::copy_strided;
use crate::ops::full::Value;
use crate::ops::slice::narrow;
use crate::op::*;
use crate::shape::{Dims, Spec};
use crate::{dispatch, err, Kind, Result, Tensor};
use nncore_kernels::num::Number;
use smallvec::smallvec;

choice! {
    /// What stands outside a tensor.
    PadMode { Constant = "constant", Reflect = "reflect", Replicate = "replicate", Circular = "circular" }
}
op! {
    /// Adds elements around a tensor. `pad` has two numbers a dimension, for the places before and behind it, from the last
    /// dimension on: `(left, right, top, bottom)`. Negative ones crop.
    ///
    /// What is added is `value` (0 when None), or: "reflect" mirrors at the border element, "replicate" repeats it, "circular"
    /// goes on at the other end. Shape: the input's, with the numbers added. Raises `ShapeError` for an odd number of numbers,
    /// more than two a dimension, a crop of more than there is, or a padding wider than what there is to reflect or to go
    /// round; `ValueError` for a value in another mode.
    pub Pad = "pad"(input: One @ Any) -> (output; 1) { pad: Ints, mode: PadMode = PadMode::Constant, value: Option<f64> = None }
}
impl Function for Pad {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        let x = ins[0].expect("a required input");
        let r = x.spec.rank();
        if !self.pad.len().is_multiple_of(2) || self.pad.len() > 2 * r {
            let text = format!("an even number of numbers, {} at most, expected, got {:?}", 2 * r, &self.pad[..]);
            return Err(err(Kind::Shape, text));
        }
        let (mut before, mut after): (Ints, Ints) = (smallvec![0; r], smallvec![0; r]);
        for (i, two) in self.pad.chunks(2).enumerate() {
            (before[r - 1 - i], after[r - 1 - i]) = (two[0], two[1]);
        }
        if self.mode == PadMode::Constant {
            let value = self.value.unwrap_or(0.0);
            return dispatch::apply(&ConstantPad { before, after, value }, ins);
        }
        if self.value.is_some_and(|v| v != 0.0) {
            return Err(err(Kind::Value, format!("value is for the constant mode, got {}", self.value.unwrap_or(0.0))));
        }
        let mut x = x.clone();
        for i in 0..r {
            let n = x.spec.d(i) as i64;
            if before[i] < 0 || after[i] < 0 {
                let (start, stop) = (before[i].saturating_neg().max(0), n.saturating_sub(after[i].saturating_neg().max(0)));
                if start > stop {
                    return Err(err(Kind::Shape, format!("dim {i} of size {n} can not be cropped by {start} and {}", n.saturating_sub(stop))));
                }
                x = narrow(&x, i as i64, start, stop)?;
                (before[i], after[i]) = (before[i].max(0), after[i].max(0));
            }
        }
        dispatch::apply(&EdgePad { before, after, mode: self.mode }, &[Some(&x)])
    }
    fn cases() -> Vec<Case> {
        let case = |pad: &[i64], mode, value, d: &[u32]| {
            let op = Pad { pad: pad.into(), mode, value };
            Case { attrs: Signature::attrs(&op), inputs: vec![Some(crate::ops::sample(1, d))] }
        };
        use PadMode::*;
        vec![
            case(&[1, 2], Constant, None, &[2, 3]),
            case(&[0, 1, -1, 2], Constant, Some(1.5), &[2, 3, 4]),
            case(&[1, 1, 2, 0], Constant, None, &[2, 3, 2, 2]),
            case(&[-2, -1], Constant, None, &[3]),
            case(&[1, 2], Constant, Some(-1.0), &[2, 0]),
            case(&[2, 1], Reflect, None, &[2, 4]),
            case(&[1, 1, 2, 2], Reflect, None, &[1, 2, 3, 3]),
            case(&[3, 2, 1, 0], Replicate, None, &[1, 2, 2]),
            case(&[2, 3, 1, 2], Circular, None, &[2, 2, 3]),
            case(&[-1, 2], Reflect, None, &[2, 4]),
            case(&[], Replicate, None, &[2]),
        ]
    }
    fn refusals() -> Vec<Refusal> {
        use PadMode::*;
        let op = |pad: &[i64], mode, value| Pad { pad: pad.into(), mode, value };
        refusals(vec![
            (op(&[1], Constant, None), given::floats(&[&[2, 3]]), Kind::Shape, "an even number of numbers, 4 at most, expected, got [1]"),
            (op(&[1; 6], Constant, None), given::floats(&[&[2, 3]]), Kind::Shape, "4 at most"),
            (op(&[1, 1], Reflect, Some(2.0)), given::floats(&[&[2, 3]]), Kind::Value, "value is for the constant mode, got 2"),
            (op(&[-3, -1], Constant, None), given::floats(&[&[2, 3]]), Kind::Shape, "dim 1 of size 3 can not be cropped by 3 and 1"),
            (op(&[-3, -1], Replicate, None), given::floats(&[&[2, 3]]), Kind::Shape, "can not be cropped by 3 and 1"),
            (op(&[3, 0], Reflect, None), given::floats(&[&[2, 3]]), Kind::Shape, "size 3 can be reflected 2 times at most, got 3 (dim 1)"),
            (op(&[4, 0], Circular, None), given::floats(&[&[2, 3]]), Kind::Shape, "can be gone round 3 times at most, got 4"),
            (op(&[1, 0], Replicate, None), given::floats(&[&[2, 0]]), Kind::Shape, "can be repeated 0 times at most, got 1"),
            (op(&[1 << 62, 1 << 62], Constant, None), given::floats(&[&[2, 3]]), Kind::Shape, "a tensor holds at most"),
        ])
    }
}
/// Edges are repeated, never cropped: `pad` does that first.
fn none_negative(before: &Ints, after: &Ints) -> Result<()> {
    match before.iter().chain(after).find(|n| **n < 0) {
        Some(n) => Err(err(Kind::Value, format!("numbers that are not negative expected, got {n}"))),
        None => Ok(()),
    }
}
/// The input's shape with something added, in the layout that the input has.
fn padded(x: &Spec, before: &Ints, after: &Ints) -> Result<Spec> {
    if before.len() != x.rank() || after.len() != x.rank() {
        let text = format!("{} numbers expected, got {} before and {} after", x.rank(), before.len(), after.len());
        return Err(err(Kind::Shape, text));
    }
    let shape: Ints = x.shape().iter().zip(before).zip(after).map(|((d, b), a)| d.saturating_add(*b).saturating_add(*a)).collect();
    // A crop must find what it takes away before anything is added on the other side.
    let left = |i: usize| (x.d(i) as i64).saturating_add(before[i].min(0)).saturating_add(after[i].min(0));
    if let Some(i) = (0..x.rank()).find(|&i| left(i) < 0) {
        let text = format!("dim {i} of size {} can not be cropped by {} and {}", x.d(i), before[i].saturating_neg(), after[i].saturating_neg());
        return Err(err(Kind::Shape, text));
    }
    let out = Spec::checked(x.dtype, &shape)?;
    Ok(if x.is_channels_last() && !x.is_contiguous() { out.channels_last() } else { out })
}
/// A box within a tensor: its spec, and where it begins in elements.
fn within(s: &Spec, starts: &[usize], sizes: &[usize]) -> (Spec, isize) {
    let dims: Dims = sizes.iter().map(|d| *d as u32).collect();
    let offset = starts.iter().enumerate().map(|(i, a)| *a as isize * s.s(i)).sum();
    (Spec::strided(s.dtype, &dims, s.strides()), offset)
}

op! {
    /// A tensor with `before` and `after` places of `value` around each dimension; negative numbers crop.
    ConstantPad = "constant_pad"(input: One @ Any) -> (output; 1) { before: Ints, after: Ints, value: f64 }
}
impl Op for ConstantPad {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        out.fresh(padded(&x[0], &self.before, &self.after)?)
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        let (x, y, size) = (cx.spec(0), cx.out_spec(0), cx.spec(0).dtype.size() as isize);
        let r = y.rank();
        if y.numel() == 0 {
            return Ok(());
        }
        // The box of the input that stays, and where it goes.
        let crop = |i: usize| self.before[i].min(0).unsigned_abs() as usize;
        let from: Dims = (0..r).map(|i| crop(i) as u32).collect();
        let to: Vec<usize> = (0..r).map(|i| (self.before[i].max(0) as usize).min(y.d(i))).collect();
        let sizes: Vec<usize> = (0..r)
            .map(|i| x.d(i).saturating_sub(crop(i) + self.after[i].min(0).unsigned_abs() as usize))
            .collect();
        let (src, dst) = (cx.ptr::<u8>(0), cx.out_ptr::<u8>(0));
        if sizes.iter().all(|d| *d > 0) {
            let from: Vec<usize> = from.iter().map(|d| *d as usize).collect();
            let ((a, at), (b, to)) = (within(x, &from, &sizes), within(y, &to, &sizes));
            // Both boxes lie within their tensors.
            unsafe { copy_strided(&a, src.offset(at * size), &b, dst.offset(to * size)) };
        }
        let mut value = [0u8; 8];
        elements!(y.dtype, T => {
            let v: T = Value::of(self.value);
            // An element has at most eight bytes.
            unsafe { std::ptr::copy_nonoverlapping((&raw const v).cast(), value.as_mut_ptr(), size_of::<T>()) }
        });
        // Around it: along each dimension the places before and behind, no wider than the box in those that follow.
        let (mut starts, mut spans): (Vec<usize>, Vec<usize>) = (vec![0; r], y.dims().iter().map(|d| *d as usize).collect());
        for i in 0..r {
            let n = if sizes[i] == 0 { 0 } else { sizes[i] };
            for (start, span) in [(0, to[i]), (to[i] + n, y.d(i) - to[i] - n)] {
                if span > 0 {
                    (starts[i], spans[i]) = (start, span);
                    let (b, at) = within(y, &starts, &spans);
                    let one = Spec::strided(y.dtype, b.dims(), &[0; 8][..r]);
                    // The one value, shown everywhere.
                    unsafe { copy_strided(&one, value.as_ptr(), &b, dst.offset(at * size)) };
                }
            }
            (starts[i], spans[i]) = (to[i], n);
        }
        Ok(())
    }
    const DIFFERENTIABLE: bool = true;
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let turned = |v: &Ints| v.iter().map(|k| -k).collect();
        let back = ConstantPad { before: turned(&self.before), after: turned(&self.after), value: 0.0 };
        Ok(smallvec![Some(cx.emit(&back, &[cx.dy(0)])?)])
    }
    fn cost(&self, x: Specs, outs: &Outs) -> Cost {
        Cost { flops: 0, bytes: (x.bytes() + outs.bytes()) as u64 }
    }
    fn samples() -> Samples<ConstantPad> {
        let op = ConstantPad { before: smallvec![1, -1], after: smallvec![0, 2], value: 0.5 };
        vec![(op, vec![Some(crate::ops::sample(1, &[2, 3]))])]
    }
    fn refusals() -> Refusals<ConstantPad> {
        vec![
            (ConstantPad { before: smallvec![1], after: smallvec![0], value: 0.5 }, given::floats(&[&[2, 3]]), Kind::Shape, "2 numbers expected, got 1 before and 1 after"),
        ]
    }
}
/// `t` moved by `by` places along an axis; zeros come in.
pub fn shifted(t: &Tensor, axis: usize, by: i64) -> Result<Tensor> {
    let (mut before, mut after): (Ints, Ints) = (smallvec![0; t.spec.rank()], smallvec![0; t.spec.rank()]);
    // A line that is shorter than the shift loses all.
    let by = by.clamp(-(t.spec.d(axis) as i64), t.spec.d(axis) as i64);
    (before[axis], after[axis]) = (by, -by);
    dispatch::one(&ConstantPad { before, after, value: 0.0 }, &[t])
}

op! {
    /// A tensor with some of itself around it: what `pad` does but for its constant mode.
    EdgePad = "edge_pad"(input: One @ Any) -> (output; 1) { before: Ints, after: Ints, mode: PadMode }
}
/// For each place outside along an axis, in order of growing distance: where it is and which place it copies.
fn edges(mode: PadMode, n: usize, before: usize, after: usize) -> impl Iterator<Item = (usize, usize)> {
    let first = (0..before).map(move |k| {
        let from = match mode {
            PadMode::Reflect => before + 1 + k,
            PadMode::Circular => before + n - 1 - k,
            _ => before,
        };
        (before - 1 - k, from)
    });
    let last = (0..after).map(move |k| {
        let from = match mode {
            PadMode::Reflect => before + n - 2 - k,
            PadMode::Circular => before + k,
            _ => before + n - 1,
        };
        (before + n + k, from)
    });
    first.chain(last)
}
/// Calls `f(slab outside, its offset, slab inside, its offset)` axis by axis: those that follow may copy what came before.
fn slabs(y: &Spec, x: &Spec, op: &EdgePad, backwards: bool, f: &mut dyn FnMut(&Spec, isize, isize)) {
    let r = y.rank();
    let axes: Vec<usize> = if backwards { (0..r).rev().collect() } else { (0..r).collect() };
    for i in axes {
        // Before this axis all is there, behind it only the inside.
        let side = |j: usize| if j < i { (0, y.d(j)) } else { (op.before[j] as usize, x.d(j)) };
        let (mut starts, mut sizes): (Vec<usize>, Vec<usize>) = (0..r).map(side).unzip();
        sizes[i] = 1;
        for (to, from) in edges(op.mode, x.d(i), op.before[i] as usize, op.after[i] as usize) {
            starts[i] = to;
            let (slab, outside) = within(y, &starts, &sizes);
            starts[i] = from;
            let (_, inside) = within(y, &starts, &sizes);
            f(&slab, outside, inside)
        }
    }
}
impl Op for EdgePad {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        none_negative(&self.before, &self.after)?;
        for i in 0..x[0].rank().min(self.before.len().min(self.after.len())) {
            let (n, wide) = (x[0].d(i) as i64, self.before[i].max(self.after[i]));
            let (most, what) = match self.mode {
                PadMode::Reflect => (n - 1, "reflected"),
                PadMode::Circular => (n, "gone round"),
                _ => (if n > 0 { i64::MAX } else { 0 }, "repeated"),
            };
            if wide > 0 && wide > most {
                let text = format!("a dimension of size {n} can be {what} {} times at most, got {wide} (dim {i})", most.max(0));
                return Err(err(Kind::Shape, text));
            }
        }
        out.fresh(padded(&x[0], &self.before, &self.after)?)
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        let (x, y, size) = (cx.spec(0), cx.out_spec(0), cx.spec(0).dtype.size() as isize);
        if y.numel() == 0 {
            return Ok(());
        }
        let (starts, sizes): (Vec<usize>, Vec<usize>) = (0..x.rank()).map(|i| (self.before[i] as usize, x.d(i))).unzip();
        let ((inner, at), dst) = (within(y, &starts, &sizes), cx.out_ptr::<u8>(0));
        // Boxes of the output, which are disjoint: a slab outside is not the slab that it copies.
        unsafe { copy_strided(x, cx.ptr(0), &inner, dst.offset(at * size)) };
        slabs(y, x, self, false, &mut |slab, to, from| unsafe {
            copy_strided(slab, dst.offset(from * size), slab, dst.offset(to * size))
        });
        Ok(())
    }
    const DIFFERENTIABLE: bool = true;
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let back = EdgePadGrad { before: self.before.clone(), after: self.after.clone(), mode: self.mode };
        Ok(smallvec![Some(cx.emit(&back, &[cx.dy(0)])?)])
    }
    fn cost(&self, x: Specs, outs: &Outs) -> Cost {
        Cost { flops: 0, bytes: (x.bytes() + outs.bytes()) as u64 }
    }
    fn samples() -> Samples<EdgePad> {
        let op = |mode| EdgePad { before: smallvec![0, 2], after: smallvec![1, 1], mode };
        let modes = [PadMode::Reflect, PadMode::Replicate, PadMode::Circular];
        modes.map(|mode| (op(mode), vec![Some(crate::ops::sample(1, &[2, 3]))])).into()
    }
    fn refusals() -> Refusals<EdgePad> {
        vec![
            (EdgePad { before: smallvec![0, 3], after: smallvec![0, 0], mode: PadMode::Reflect }, given::floats(&[&[2, 3]]), Kind::Shape, "2 times at most"),
        ]
    }
}
op! {
    /// Gradient of `edge_pad`: what was copied outside comes back to where it was taken from.
    EdgePadGrad = "edge_pad_grad"(grad: One) -> (grad_input; 1) { before: Ints, after: Ints, mode: PadMode }
}
impl Op for EdgePadGrad {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        none_negative(&self.before, &self.after)?;
        let turned = |v: &Ints| v.iter().map(|k| -k).collect();
        out.fresh(padded(&x[0], &turned(&self.before), &turned(&self.after))?)
    }
    const SCRATCH: bool = true;
    fn scratch(&self, x: Specs) -> usize {
        x[0].bytes()
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        let (y, x) = (cx.spec(0).contiguous(), cx.out_spec(0));
        if y.numel() == 0 {
            // Safe for all: nothing is written where there is nothing.
            unsafe { cx.out_ptr::<u8>(0).write_bytes(0, x.bytes()) };
            return Ok(());
        }
        let op = EdgePad { before: self.before.clone(), after: self.after.clone(), mode: self.mode };
        floats!(y.dtype, T => {
            let sums = cx.scratch as *mut T;
            // The scratch holds a copy of the gradient, in which slabs are added to others.
            unsafe { std::ptr::copy_nonoverlapping(cx.ptr::<T>(0), sums, y.numel()) };
            slabs(&y, x, &op, true, &mut |slab, outside, inside| {
                walk(slab, &[*slab], &mut |at, o, run, steps, step| {
                    for i in 0..run as isize {
                        // Within the slabs.
                        unsafe {
                            let (to, from) = (sums.offset(inside + o + i * step), sums.offset(outside + at[0] + i * steps[0]));
                            *to = Number::add(*to, *from);
                        }
                    }
                })
            });
            let (starts, sizes): (Vec<usize>, Vec<usize>) = (0..x.rank()).map(|i| (self.before[i] as usize, x.d(i))).unzip();
            let (inner, at) = within(&y, &starts, &sizes);
            unsafe { copy_strided(&inner, sums.offset(at).cast(), x, cx.out_ptr(0)) };
        });
        Ok(())
    }
    const DIFFERENTIABLE: bool = true;
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let back = EdgePad { before: self.before.clone(), after: self.after.clone(), mode: self.mode };
        Ok(smallvec![Some(cx.emit(&back, &[cx.dy(0)])?)])
    }
    fn samples() -> Samples<EdgePadGrad> {
        let op = EdgePadGrad { before: smallvec![0, 2], after: smallvec![1, 1], mode: PadMode::Replicate };
        vec![(op, vec![Some(crate::ops::sample(1, &[3, 6]))])]
    }
    fn refusals() -> Refusals<EdgePadGrad> {
        vec![
            (EdgePadGrad { before: smallvec![-1], after: smallvec![0], mode: PadMode::Replicate }, given::floats(&[&[3]]), Kind::Value, "not negative expected, got -1"),
            (EdgePadGrad { before: smallvec![2], after: smallvec![2], mode: PadMode::Replicate }, given::floats(&[&[3]]), Kind::Shape, "can not be cropped by 2 and 2"),
        ]
    }
}
