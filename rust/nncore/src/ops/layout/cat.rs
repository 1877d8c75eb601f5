use crate::ops::copy::copy_strided;
use crate::ops::slice::narrow;
use crate::ops::squeeze::unsqueeze;
use crate::op::*;
use crate::shape::Spec;
use crate::{dispatch, err, Kind, Result, Tensor};
use nncore_kernels::{pointwise::copy_block, pool};
use smallvec::{smallvec, SmallVec};

op! {
    /// Joins tensors along dimension `dim`, in order.
    ///
    /// Shapes: alike but for `dim`, whose sizes add up. Dtypes promote. Raises `ShapeError` where the shapes differ
    /// elsewhere, or for 0-d tensors.
    pub Cat = "cat"(tensors: List + promote @ Any) -> (output; 1) { dim: i64 = 0 }
}
impl Op for Cat {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        let Some(first) = x.opt(0) else { return Err(err(Kind::Shape, "at least one tensor expected, got none")) };
        if first.rank() == 0 {
            return Err(err(Kind::Shape, "0-d tensors can not be joined; use stack"));
        }
        let axis = first.axis(self.dim)?;
        let (mut total, mut last) = (0i64, true);
        for s in x.iter() {
            if s.rank() != first.rank() || (0..s.rank()).any(|i| i != axis && s.d(i) != first.d(i)) {
                let text = format!("shapes must be alike but for dim {axis}, got {:?} and {:?}", first.dims(), s.dims());
                return Err(err(Kind::Shape, text));
            }
            total += s.d(axis) as i64;
            last &= s.is_channels_last();
        }
        let mut shape = first.shape();
        shape[axis] = total;
        let joined = Spec::checked(first.dtype, &shape)?;
        // Channels-last only where all are, and one of them is not row-major as well.
        let plain = x.iter().all(|s| s.is_contiguous());
        out.fresh(if last && !plain { joined.channels_last() } else { joined })
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        let out = cx.out_spec(0);
        let (axis, size) = (out.axis(self.dim)?, out.dtype.size() as isize);
        if axis > 0 && out.is_contiguous() && (0..cx.ins.len()).all(|i| cx.spec(i).is_contiguous()) {
            in_order(cx, axis);
            return Ok(());
        }
        let mut at = 0;
        for i in 0..cx.ins.len() {
            let x = cx.spec(i);
            if x.numel() > 0 {
                let to = Spec::strided(out.dtype, x.dims(), out.strides());
                unsafe { copy_strided(x, cx.ptr(i), &to, cx.out_ptr::<u8>(0).offset(at * out.s(axis) * size)) };
            }
            at += x.d(axis) as isize;
        }
        Ok(())
    }
    const DIFFERENTIABLE: bool = true;
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let axis = cx.spec(0).axis(self.dim)?;
        let mut at = 0;
        (0..cx.inputs())
            .map(|i| {
                let start = at;
                at += cx.spec(i).d(axis) as i64;
                cx.needs(i).then(|| narrow(cx.dy(0), axis as i64, start, at)).transpose()
            })
            .collect()
    }
    fn cost(&self, x: Specs, outs: &Outs) -> Cost {
        Cost { flops: 0, bytes: (x.bytes() + outs.bytes()) as u64 }
    }
    fn samples() -> Samples<Cat> {
        let case = |dim, shapes: &[&[u32]]| {
            (Cat { dim }, shapes.iter().zip(1..).map(|(d, seed)| Some(crate::ops::sample(seed, d))).collect())
        };
        vec![
            case(0, &[&[2, 3], &[1, 3]]),
            case(1, &[&[2, 3, 2, 2], &[2, 1, 2, 2], &[2, 2, 2, 2]]),
            case(-1, &[&[3, 2]]),
            case(-1, &[&[3, 2], &[3, 1], &[3, 4]]),
            case(1, &[&[2, 0, 2], &[2, 2, 2]]),
            case(0, &[&[0, 2], &[2, 2], &[0, 2]]),
        ]
    }
    fn refusals() -> Refusals<Cat> {
        let op = |dim| Cat { dim };
        vec![
            (op(0), vec![], Kind::Shape, "at least one tensor expected, got none"),
            (op(0), given::floats(&[&[], &[]]), Kind::Shape, "0-d tensors can not be joined; use stack"),
            (op(0), given::floats(&[&[2, 3], &[2, 4]]), Kind::Shape, "alike but for dim 0, got [2, 3] and [2, 4]"),
            (op(0), given::floats(&[&[2, 3], &[3]]), Kind::Shape, "got [2, 3] and [3]"),
        ]
    }
}
/// Row-major memory throughout, joined along `axis`: for each index of the dimensions before it the blocks of all inputs, so
/// that the result is written from its beginning to its end.
fn in_order(cx: &Cpu, axis: usize) {
    const GRAIN: usize = 1 << 18;
    let out = cx.out_spec(0);
    let outer: usize = out.dims()[..axis].iter().map(|&d| d as usize).product();
    let bytes = |s: &Spec| s.bytes() / outer.max(1);
    let (row, whole) = (bytes(out), cx.out_ptr::<u8>(0) as usize);
    let blocks: SmallVec<[(usize, usize); 8]> =
        (0..cx.ins.len()).map(|i| (cx.ptr::<u8>(i) as usize, bytes(cx.spec(i)))).collect();
    let shares = (out.bytes() / GRAIN).min(outer).clamp(1, pool::threads());
    pool::run(shares, &|share| {
        for o in pool::share(outer, shares, share) {
            let mut at = whole + o * row;
            for (from, n) in &blocks {
                // Blocks are within their inputs, and those of a row fill it.
                unsafe { copy_block((from + o * n) as *const u8, at as *mut u8, *n) };
                at += n;
            }
        }
    })
}

op! {
    /// Joins tensors of one shape along a new dimension `dim`, in order.
    ///
    /// Shape: `(d0, …)` to the same with the number of tensors inserted at `dim`, which counts from the end of the result's
    /// shape when negative. Dtypes promote. Raises `ShapeError` where shapes differ.
    pub Stack = "stack"(tensors: List + promote @ Any) -> (output; 1) { dim: i64 = 0 }
}
impl Function for Stack {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        let tensors = || ins.iter().copied().flatten();
        if let Some(other) = tensors().find(|t| t.spec.dims() != ins[0].expect("a list has no gaps").spec.dims()) {
            let first = ins[0].expect("a list has no gaps").spec;
            return Err(err(Kind::Shape, format!("one shape expected, got {:?} and {:?}", first.dims(), other.spec.dims())));
        }
        let raised = tensors().map(|t| unsqueeze(t, self.dim)).collect::<Result<Vec<_>>>()?;
        Ok(smallvec![cat(&raised.iter().collect::<Vec<_>>(), self.dim)?])
    }
    fn cases() -> Vec<Case> {
        let case = |dim, d: &[u32], n| {
            let inputs = (1..=n).map(|seed| Some(crate::ops::sample(seed, d))).collect();
            Case { attrs: vec![Attr::Int(dim)], inputs }
        };
        vec![case(0, &[2, 3], 2), case(-1, &[2, 3], 3), case(1, &[2, 2, 2], 2), case(0, &[], 3)]
    }
    fn refusals() -> Vec<Refusal> {
        let op = |dim| Stack { dim };
        refusals(vec![
            (op(0), vec![], Kind::Shape, "at least one tensor expected, got none"),
            (op(0), given::floats(&[&[2], &[3]]), Kind::Shape, "one shape expected, got [2] and [3]"),
            (op(2), given::floats(&[&[2], &[2]]), Kind::Shape, "dim 2 is out of range"),
            (op(0), given::floats(&[&[1; 8]]), Kind::Shape, "at most 8 dimensions, got 9"),
        ])
    }
}

/// `tensors` joined along `dim`.
pub fn cat(tensors: &[&Tensor], dim: i64) -> Result<Tensor> {
    dispatch::one(&Cat { dim }, tensors)
}
