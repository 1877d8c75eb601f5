use crate::ops::add::Add;
use crate::ops::copy::copy_strided;
use crate::op::*;
use crate::{err, Kind, Result, Spec};

op! {
    /// Writes `value` into `target`, in place, with broadcasting; `value` takes the target's dtype.
    Assign = "assign"(target: One + mutated @ Any, value: One @ Any) -> (; 0) {}
}
impl Op for Assign {
    fn infer(&self, x: Specs, _out: &mut Outs) -> Result<()> {
        if x[0].dtype != x[1].dtype {
            return Err(err(Kind::DType, format!("a {} target takes {} values, got {}", x[0].dtype, x[0].dtype, x[1].dtype)));
        }
        if x[1].broadcast_to(x[0].dims()).is_none() {
            return Err(err(Kind::Shape, format!("values of shape {:?} do not fill {:?}", x[1].dims(), x[0].dims())));
        }
        Ok(())
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        let to = cx.spec(0);
        let from = cx.spec(1).broadcast_to(to.dims()).expect("infer");
        let (src, dst) = (cx.ptr::<u8>(1), cx.ptr::<u8>(0) as *mut u8);
        if !overlap(&from, src, to, dst) {
            unsafe { copy_strided(&from, src, to, dst) };
        } else if !std::ptr::eq(src, dst) || !from.same_walk(to) {
            // Two windows on one block, as in `x[1:] = x[:-1]`: by way of memory that neither looks at.
            let packed = from.contiguous();
            let mut between = vec![0u64; packed.bytes().div_ceil(8)];
            let middle = between.as_mut_ptr() as *mut u8;
            unsafe {
                copy_strided(&from, src, &packed, middle);
                copy_strided(&packed, middle, to, dst);
            }
        }
        Ok(())
    }
    fn samples() -> Samples<Assign> {
        vec![(Assign {}, vec![Some(crate::ops::sample(1, &[2, 3])), Some(crate::ops::sample(2, &[3]))])]
    }
    fn refusals() -> Refusals<Assign> {
        vec![
            (Assign {}, given::floats(&[&[2], &[3]]), Kind::Shape, "values of shape [3] do not fill [2]"),
            (Assign {}, vec![given::float(&[2]), given::int64(&[1])], Kind::DType, "a float64 target takes float64 values, got int64"),
        ]
    }
}
/// Do two windows reach into the same bytes?
pub fn overlap(a: &Spec, at: *const u8, b: &Spec, bt: *const u8) -> bool {
    let range = |s: &Spec, start: *const u8| {
        let (low, high) = s.reach();
        let size = s.dtype.size() as isize;
        (start as isize + low * size, start as isize + high * size)
    };
    let ((a0, a1), (b0, b1)) = (range(a, at), range(b, bt));
    a0 < b1 && b0 < a1
}

op! {
    /// `target += value`, in place: how a second gradient reaches `.grad`.
    Accumulate = "accumulate"(target: One + mutated @ Any, value: One @ Any) -> (; 0) {}
}
impl Op for Accumulate {
    fn infer(&self, x: Specs, _out: &mut Outs) -> Result<()> {
        if x[0].dtype != x[1].dtype || !x[0].dtype.is_float() {
            return Err(err(Kind::DType, format!("floats of one dtype expected, got {} and {}", x[0].dtype, x[1].dtype)));
        }
        if x[0].dims() != x[1].dims() {
            return Err(err(Kind::Shape, format!("one shape expected, got {:?} and {:?}", x[0].dims(), x[1].dims())));
        }
        Ok(())
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        let (target, value) = (cx.ins[0].expect("a required input"), cx.ins[1].expect("a required input"));
        let apart = !overlap(value.spec, value.ptr(), target.spec, target.ptr());
        if apart || std::ptr::eq(value.ptr(), target.ptr()) && value.spec.same_walk(target.spec) {
            return Op::cpu(&Add {}, &Cpu { ins: cx.ins, outs: &[target], scratch: cx.scratch });
        }
        // `x += x.T`: values are read from memory that the sum does not reach.
        let own = crate::Tensor::empty(value.spec.contiguous())?;
        unsafe { copy_strided(value.spec, value.ptr(), &own.spec, own.ptr()) };
        let own = View { storage: &own.storage, offset: 0, spec: &own.spec };
        Op::cpu(&Add {}, &Cpu { ins: &[Some(target), Some(own)], outs: &[target], scratch: cx.scratch })
    }
    fn samples() -> Samples<Accumulate> {
        vec![(Accumulate {}, vec![Some(crate::ops::sample(1, &[2, 3])), Some(crate::ops::sample(2, &[2, 3]))])]
    }
    fn refusals() -> Refusals<Accumulate> {
        vec![
            (Accumulate {}, given::floats(&[&[2], &[3]]), Kind::Shape, "one shape expected, got [2] and [3]"),
            (Accumulate {}, vec![given::int64(&[2]), given::int64(&[1])], Kind::DType, "floats of one dtype expected, got int64"),
        ]
    }
}
