use crate::ops::copy::copy_strided;
use crate::op::*;
use crate::shape::Spec;
use crate::{dispatch, err, Kind, Result, Tensor};
use smallvec::smallvec;

op! {
    /// The same values in another shape, in row-major order; one size may be -1. A view where strides allow it, else a copy.
    ///
    /// Raises `ShapeError` where the number of elements differs.
    pub Reshape = "reshape"(input: One @ Any) -> (output; 1) { shape: Ints }
}
impl Reshape {
    fn target(&self, x: &Spec) -> Result<Spec> {
        let wrong = |why: &str| err(Kind::Shape, format!("{why}: {} elements into {:?}", x.numel(), &self.shape[..]));
        let mut shape = self.shape.clone();
        let known = shape.iter().filter(|&&d| d != -1).try_fold(1i64, |n, &d| n.checked_mul(d)).unwrap_or(0);
        match shape.iter().filter(|&&d| d == -1).count() {
            0 => {}
            1 if known > 0 && x.numel() as i64 % known == 0 => {
                let at = shape.iter().position(|&d| d == -1).expect("counted");
                shape[at] = x.numel() as i64 / known
            }
            1 => return Err(wrong("the size of -1 can not be found")),
            _ => return Err(wrong("only one size may be -1")),
        }
        let spec = Spec::checked(x.dtype, &shape)?;
        if spec.numel() != x.numel() {
            return Err(wrong("the number of elements differs"));
        }
        Ok(spec)
    }
}
/// Strides that show the same elements in the shape of `to`, or None where that takes a copy.
fn view(x: &Spec, to: &Spec) -> Option<Spec> {
    if x.is_contiguous() {
        return Some(*to);
    }
    let mut strides: smallvec::SmallVec<[i32; 8]> = smallvec![1; to.rank()];
    // Walk both shapes from the left; each group of dimensions with equal products must be uniform in the input.
    let (mut i, mut j) = (0, 0);
    let live: smallvec::SmallVec<[usize; 8]> = (0..x.rank()).filter(|&a| x.d(a) != 1).collect();
    while i < live.len() {
        let (start, mut a, mut b) = (i, x.d(live[i]), 1);
        let first = j;
        i += 1;
        while j < to.rank() && b < a || a != b {
            if b < a {
                b *= to.d(j);
                j += 1;
            } else {
                a *= x.d(live[i]);
                i += 1;
            }
        }
        for k in start..i - 1 {
            if x.s(live[k]) != x.d(live[k + 1]) as isize * x.s(live[k + 1]) {
                return None;
            }
        }
        let mut step = x.s(live[i - 1]) as i32;
        for k in (first..j).rev() {
            strides[k] = step;
            step *= to.d(k) as i32;
        }
    }
    Some(Spec::strided(x.dtype, to.dims(), &strides))
}
impl Op for Reshape {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        let to = self.target(&x[0])?;
        match view(&x[0], &to) {
            Some(v) => out.view(0, v, 0),
            None => out.fresh(to),
        }
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        unsafe { copy_strided(cx.spec(0), cx.ptr(0), &cx.spec(0).contiguous(), cx.out_ptr(0)) };
        Ok(())
    }
    const DIFFERENTIABLE: bool = true;
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        Ok(smallvec![Some(reshape(cx.dy(0), &cx.spec(0).shape())?)])
    }
    fn cost(&self, x: Specs, outs: &Outs) -> Cost {
        Cost { flops: 0, bytes: if outs.bytes() == 0 { 0 } else { (x.bytes() + outs.bytes()) as u64 } }
    }
    fn samples() -> Samples<Reshape> {
        vec![
            (Reshape { shape: smallvec![4, -1] }, vec![Some(crate::ops::sample(1, &[2, 6]))]),
            (Reshape { shape: smallvec![] }, vec![Some(crate::ops::sample(2, &[1, 1]))]),
            (Reshape { shape: smallvec![3, 2, 4] }, vec![Some(crate::ops::sample(2, &[6, 4]))]),
        ]
    }
    fn refusals() -> Refusals<Reshape> {
        let op = |shape: &[i64]| Reshape { shape: shape.into() };
        vec![
            (op(&[4]), given::floats(&[&[2, 3]]), Kind::Shape, "the number of elements differs: 6 elements into [4]"),
            (op(&[-1, 4]), given::floats(&[&[2, 3]]), Kind::Shape, "the size of -1 can not be found"),
            (op(&[1; 9]), given::floats(&[&[1]]), Kind::Shape, "at most 8 dimensions, got 9"),
            (op(&[1 << 40]), given::floats(&[&[1]]), Kind::Shape, "a tensor holds at most"),
            (op(&[-1, -1]), given::floats(&[&[2, 3]]), Kind::Shape, "only one size may be -1"),
            (op(&[-2, -3]), given::floats(&[&[2, 3]]), Kind::Shape, "must not be negative, got -2"),
            (op(&[1 << 33, 1 << 33, -1]), given::floats(&[&[2, 3]]), Kind::Shape, "can not be found"),
        ]
    }
}

/// `x` in the shape of `shape` (one size may be -1).
pub fn reshape(x: &Tensor, shape: &[i64]) -> Result<Tensor> {
    dispatch::one(&Reshape { shape: shape.into() }, &[x])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::DType;

    #[test]
    fn a_view_is_found_exactly_where_strides_allow_it() {
        let base = Spec::new(DType::F32, &[4, 6]);
        let ok = |x: &Spec, d: &[u32]| view(x, &Spec::new(DType::F32, d)).is_some();
        let columns = Spec::strided(DType::F32, &[4, 3], &[6, 2]);
        assert!(ok(&base, &[2, 2, 6]) && ok(&columns, &[2, 2, 3]) && ok(&columns, &[4, 1, 3, 1]));
        let gaps = Spec::strided(DType::F32, &[4, 3], &[8, 2]);
        assert!(ok(&columns, &[12]) && !ok(&gaps, &[12]) && !ok(&base.permute(&[1, 0]), &[24]));
        assert_eq!(view(&columns, &Spec::new(DType::F32, &[2, 2, 3])).unwrap().strides(), [12, 6, 2]);
    }
}
