//! Copies of a tensor, or of its elements, side by side.
use crate::ops::copy::copy_strided;
use crate::ops::expand::expand;
use crate::ops::index_select::{around, index_select};
use crate::ops::reshape::reshape;
use crate::ops::sum::Sum;
use crate::op::*;
use crate::shape::{Dims, Spec};
use crate::{dispatch, err, Kind, Result, Tensor};
use smallvec::smallvec;

op! {
    /// The tensor `repeats[i]` times along each dimension; there may be more repeats than dimensions, for new leading ones. A
    /// copy.
    ///
    /// Shape: the input's with each size multiplied. Raises `ShapeError` for fewer repeats than dimensions, or negative ones.
    pub Repeat = "repeat"(input: One @ Any) -> (output; 1) { repeats: Ints }
}
impl Repeat {
    /// The input's sizes with ones in front, and how often each is repeated.
    fn sizes(&self, x: &Spec) -> Result<Dims> {
        if self.repeats.len() < x.rank() || self.repeats.iter().any(|k| *k < 0) {
            let text = format!("at least {} repeats, none negative, expected, got {:?}", x.rank(), &self.repeats[..]);
            return Err(err(Kind::Shape, text));
        }
        let mut dims: Dims = smallvec![1; self.repeats.len() - x.rank()];
        dims.extend_from_slice(x.dims());
        Ok(dims)
    }
}
impl Op for Repeat {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        let sizes = self.sizes(&x[0])?;
        let shape: Ints = sizes.iter().zip(&self.repeats).map(|(d, k)| (*d as i64).saturating_mul(*k)).collect();
        out.fresh(Spec::checked(x[0].dtype, &shape)?)
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        let (x, y) = (cx.spec(0), cx.out_spec(0));
        if y.numel() == 0 {
            return Ok(());
        }
        let (mut dims, size) = (self.sizes(x)?, y.dtype.size() as isize);
        let lead = y.rank() - x.rank();
        let dst = cx.out_ptr::<u8>(0);
        // Once, into the corner; then along one dimension after another what is there already, each time as much again.
        let corner = Spec::strided(y.dtype, x.dims(), &y.strides()[lead..]);
        unsafe { copy_strided(x, cx.ptr(0), &corner, dst) };
        for i in (0..y.rank()).rev() {
            let (mut have, whole) = (dims[i], y.dims()[i]);
            while have < whole {
                dims[i] = have.min(whole - have);
                let slab = Spec::strided(y.dtype, &dims, y.strides());
                // Behind what is copied, and within the output.
                unsafe { copy_strided(&slab, dst, &slab, dst.offset(have as isize * y.s(i) * size)) };
                have += dims[i];
            }
            dims[i] = whole;
        }
        Ok(())
    }
    const DIFFERENTIABLE: bool = true;
    /// The sum over the copies, one dimension after another.
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let sizes = self.sizes(cx.spec(0))?;
        let mut g = cx.dy(0).clone();
        for i in (0..sizes.len()).filter(|&i| self.repeats[i] != 1) {
            let (a, mut shape) = (around(&g.spec, i), g.spec.shape());
            let parts = [a.outer as i64, self.repeats[i], sizes[i] as i64 * a.inner as i64];
            g = dispatch::one(&Sum { dim: Some(smallvec![1]), keepdim: false }, &[&reshape(&g, &parts)?])?;
            shape[i] = sizes[i] as i64;
            g = reshape(&g, &shape)?;
        }
        Ok(smallvec![Some(reshape(&g, &cx.spec(0).shape())?)])
    }
    fn cost(&self, x: Specs, outs: &Outs) -> Cost {
        Cost { flops: 0, bytes: (x.bytes() + outs.bytes()) as u64 }
    }
    fn samples() -> Samples<Repeat> {
        let case = |repeats: &[i64], d: &[u32]| (Repeat { repeats: repeats.into() }, vec![Some(crate::ops::sample(1, d))]);
        vec![
            case(&[2, 3], &[2, 3]),
            case(&[2, 1, 3], &[2, 2]),
            case(&[1, 2, 1, 5], &[2, 3, 2, 2]),
            case(&[4], &[]),
            case(&[0, 2], &[2, 2]),
            case(&[2, 2], &[0, 2]),
        ]
    }
    fn refusals() -> Refusals<Repeat> {
        let op = |repeats: &[i64]| Repeat { repeats: repeats.into() };
        vec![
            (op(&[2]), given::floats(&[&[2, 3]]), Kind::Shape, "at least 2 repeats, none negative, expected, got [2]"),
            (op(&[2, -1]), given::floats(&[&[2, 3]]), Kind::Shape, "got [2, -1]"),
            (op(&[1 << 62, 1 << 62]), given::floats(&[&[2, 3]]), Kind::Shape, "a tensor holds at most"),
            (op(&[1; 9]), given::floats(&[&[2]]), Kind::Shape, "at most 8 dimensions, got 9"),
        ]
    }
}
op! {
    /// The tensor repeated along each dimension, as `repeat` does; where `dims` has fewer numbers than the tensor dimensions,
    /// those in front are not repeated. A copy.
    ///
    /// Shape: the input's with each size multiplied. Raises `ShapeError` for negative numbers.
    pub Tile = "tile"(input: One @ Any) -> (output; 1) { dims: Ints }
}
impl Function for Tile {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        let rank = ins[0].expect("a required input").spec.rank();
        let mut repeats: Ints = smallvec![1; rank.saturating_sub(self.dims.len())];
        repeats.extend_from_slice(&self.dims);
        dispatch::apply(&Repeat { repeats }, ins)
    }
    fn cases() -> Vec<Case> {
        let case = |dims: &[i64], d: &[u32]| {
            let op = Tile { dims: dims.into() };
            Case { attrs: Signature::attrs(&op), inputs: vec![Some(crate::ops::sample(1, d))] }
        };
        vec![case(&[2], &[2, 3]), case(&[2, 1, 2], &[2]), case(&[], &[3])]
    }
    fn refusals() -> Vec<Refusal> {
        let op = |dims: &[i64]| Tile { dims: dims.into() };
        refusals(vec![
            (op(&[-1]), given::floats(&[&[2, 3]]), Kind::Shape, "none negative, expected, got [1, -1]"),
            (op(&[1; 9]), given::floats(&[&[2, 3]]), Kind::Shape, "at most 8 dimensions, got 9"),
            (op(&[1 << 40]), given::floats(&[&[2, 3]]), Kind::Shape, "a tensor holds at most"),
        ])
    }
}
op! {
    /// Each element along `dim` several times in a row: all of them `repeats` times, or as often as a list or vector of integers
    /// says for each (which the host reads, so that a captured step refuses a vector). Without `dim` the elements count as one line, in row-major order.
    ///
    /// Shape: the input's with the sum of the repeats at `dim`. Raises `ShapeError` for a dimension that is out of range or a list
    /// of another length, `ValueError` for negative repeats.
    pub RepeatInterleave = "repeat_interleave"(input: One @ Any) -> (output; 1) { repeats: Counts, dim: Option<i64> = None }
}
impl Function for RepeatInterleave {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        let x = ins[0].expect("a required input");
        let (x, dim) = match self.dim {
            Some(dim) if x.spec.rank() > 0 => (x.clone(), dim),
            Some(dim) => (reshape(x, &[-1])?, x.spec.axis(dim)? as i64),
            None => (reshape(x, &[-1])?, 0),
        };
        let axis = x.spec.axis(dim)?;
        let a = around(&x.spec, axis);
        let negative = |k: i64| err(Kind::Value, format!("repeats must not be negative, got {k}"));
        let many = match &self.repeats.0 {
            OneOrMore::One(k) => *k,
            OneOrMore::More(list) if list.len() == 1 => list[0],
            OneOrMore::More(list) => {
                if list.len() != a.n {
                    let text = format!("one number of repeats for each of {} elements expected, got {}", a.n, list.len());
                    return Err(err(Kind::Shape, text));
                }
                if let Some(k) = list.iter().find(|k| **k < 0) {
                    return Err(negative(*k));
                }
                // Before they are written down: there may be more of them than memory holds.
                let many = list.iter().fold(0i64, |n, k| n.saturating_add(*k));
                Spec::checked(x.spec.dtype, &[a.outer as i64, many, a.inner as i64])?;
                let mut index = vec![];
                for (i, &k) in list.iter().enumerate() {
                    index.extend(std::iter::repeat_n(i as i64, k as usize));
                }
                let index = Tensor::from_slice(&index, &[index.len() as u32])?;
                return Ok(smallvec![index_select(&x, dim, &index)?]);
            }
        };
        if many < 0 {
            return Err(negative(many));
        }
        let mut shape = x.spec.shape();
        shape[axis] = shape[axis].saturating_mul(many);
        Spec::checked(x.spec.dtype, &shape)?;
        let (outer, n, inner) = (a.outer as i64, a.n as i64, a.inner as i64);
        let spread = expand(&reshape(&x, &[outer, n, 1, inner])?, &[outer, n, many, inner])?;
        Ok(smallvec![reshape(&spread, &shape)?])
    }
    fn cases() -> Vec<Case> {
        let case = |repeats: OneOrMore, dim, d: &[u32]| {
            let op = RepeatInterleave { repeats: Counts(repeats), dim };
            Case { attrs: Signature::attrs(&op), inputs: vec![Some(crate::ops::sample(1, d))] }
        };
        vec![
            case(OneOrMore::One(2), Some(0), &[2, 3]),
            case(OneOrMore::One(3), Some(-1), &[2, 2, 2]),
            case(OneOrMore::More(smallvec![1, 0, 2]), Some(1), &[2, 3]),
            case(OneOrMore::One(2), None, &[2, 2]),
            case(OneOrMore::One(0), Some(0), &[2, 2]),
            case(OneOrMore::One(2), None, &[]),
        ]
    }
    fn refusals() -> Vec<Refusal> {
        let one = |k| RepeatInterleave { repeats: Counts(OneOrMore::One(k)), dim: Some(0) };
        let list = |k: &[i64]| RepeatInterleave { repeats: Counts(OneOrMore::More(k.into())), dim: Some(0) };
        refusals(vec![
            (one(-1), given::floats(&[&[3]]), Kind::Value, "repeats must not be negative, got -1"),
            (list(&[1, -2, 1]), given::floats(&[&[3]]), Kind::Value, "repeats must not be negative, got -2"),
            (list(&[1, 2]), given::floats(&[&[3]]), Kind::Shape, "one number of repeats for each of 3 elements expected, got 2"),
            (one(1 << 40), given::floats(&[&[3]]), Kind::Shape, "a tensor holds at most"),
            (list(&[1, 1 << 40, 1]), given::floats(&[&[3]]), Kind::Shape, "a tensor holds at most"),
        ])
    }
}
