//! Turned and rolled tensors.
use crate::ops::copy::copy_strided;
use crate::ops::permute::Transpose;
use crate::ops::reshape::reshape;
use crate::ops::sum::listed;
use crate::op::*;
use crate::shape::Spec;
use crate::{dispatch, err, Kind, Result, Tensor};
use smallvec::smallvec;

op! {
    /// Reverses the order of the elements along the dimensions in `dims`. A copy.
    ///
    /// Shape: the input's. Raises `ShapeError` for a dimension that is out of range or named twice.
    pub Flip = "flip"(input: One @ Any) -> (output; 1) { dims: Ints }
}
impl Op for Flip {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        listed(&x[0], &self.dims)?;
        out.fresh(if x[0].is_dense() { x[0] } else { x[0].contiguous() })
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        let x = cx.spec(0);
        if x.numel() == 0 {
            return Ok(());
        }
        let mask = listed(x, &self.dims)?;
        let (mut strides, mut last) = (x.strides().to_vec(), 0);
        for i in (0..x.rank()).filter(|i| mask >> i & 1 != 0) {
            last += (x.d(i) as isize - 1) * x.s(i);
            strides[i] = -strides[i];
        }
        let turned = Spec::strided(x.dtype, x.dims(), &strides);
        // From the last element of the flipped dimensions backwards.
        unsafe {
            let start = cx.ptr::<u8>(0).offset(last * x.dtype.size() as isize);
            copy_strided(&turned, start, cx.out_spec(0), cx.out_ptr(0))
        };
        Ok(())
    }
    const DIFFERENTIABLE: bool = true;
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        Ok(smallvec![Some(cx.emit(self, &[cx.dy(0)])?)])
    }
    fn cost(&self, x: Specs, outs: &Outs) -> Cost {
        Cost { flops: 0, bytes: (x.bytes() + outs.bytes()) as u64 }
    }
    fn samples() -> Samples<Flip> {
        let case = |dims, d: &[u32]| (Flip { dims }, vec![Some(crate::ops::sample(1, d))]);
        vec![
            case(smallvec![0], &[3, 4]),
            case(smallvec![-1, 0], &[2, 3, 4]),
            case(smallvec![2, 3], &[2, 3, 2, 4]),
            case(smallvec![0, 1], &[3, 2]),
            case(smallvec![], &[3]),
            case(smallvec![0], &[0, 2]),
        ]
    }
}
macro_rules! sides {
    ($($S:ident = $name:literal, $dim:literal, $least:literal, $doc:literal;)*) => { $(
        op! {
            #[doc = $doc]
            ///
            /// Shape: the input's. Raises `ShapeError` where it has too few dimensions.
            pub $S = $name(input: One @ Any) -> (output; 1) {}
        }
        impl Function for $S {
            fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
                let rank = ins[0].expect("a required input").spec.rank();
                if rank < $least {
                    return Err(err(Kind::Shape, format!("at least {} dimensions expected, got {rank}", $least)));
                }
                dispatch::apply(&Flip { dims: smallvec![$dim] }, ins)
            }
            fn cases() -> Vec<Case> {
                vec![Case { attrs: vec![], inputs: vec![Some(crate::ops::sample(1, &[2, 3]))] }]
            }
            fn refusals() -> Vec<Refusal> {
                let low = given::floats(&[&[1; $least - 1]]);
                refusals(vec![($S {}, low, Kind::Shape, "dimensions expected, got")])
            }
        }
    )* };
}
sides! {
    Fliplr = "fliplr", 1, 2, " Reverses the order of the columns: `flip` along dimension 1. A copy.";
    Flipud = "flipud", 0, 1, " Reverses the order of the rows: `flip` along dimension 0. A copy.";
}
op! {
    /// Turns a tensor by `k` right angles in the plane of two dimensions, from the first towards the second.
    ///
    /// Shape: the input's, with the two sizes swapped when k is odd. Raises `ShapeError` unless `dims` names two dimensions.
    pub Rot90 = "rot90"(input: One @ Any) -> (output; 1) { k: i64 = 1, dims: Ints = smallvec![0, 1] }
}
impl Function for Rot90 {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        let x = ins[0].expect("a required input");
        listed(&x.spec, &self.dims)?;
        if self.dims.len() != 2 || x.spec.rank() < 2 {
            let text = format!("two dimensions of at least two expected, got {:?} of {}", &self.dims[..], x.spec.rank());
            return Err(err(Kind::Shape, text));
        }
        let (a, b) = (self.dims[0], self.dims[1]);
        let flip = |dims| dispatch::one(&Flip { dims }, &[x]);
        let swap = |t: Tensor| dispatch::one(&Transpose { dim0: a, dim1: b }, &[&t]);
        Ok(smallvec![match self.k.rem_euclid(4) {
            0 => flip(smallvec![])?,
            1 => swap(flip(smallvec![b])?)?,
            2 => flip(smallvec![a, b])?,
            _ => swap(flip(smallvec![a])?)?,
        }])
    }
    fn cases() -> Vec<Case> {
        let case = |k, dims, d: &[u32]| {
            let op = Rot90 { k, dims };
            Case { attrs: Signature::attrs(&op), inputs: vec![Some(crate::ops::sample(1, d))] }
        };
        vec![
            case(1, smallvec![0, 1], &[2, 3]),
            case(2, smallvec![1, -1], &[2, 3, 2]),
            case(-1, smallvec![2, 0], &[2, 3, 4]),
            case(4, smallvec![0, 1], &[2, 2]),
        ]
    }
    fn refusals() -> Vec<Refusal> {
        let op = |dims| Rot90 { k: 1, dims };
        refusals(vec![
            (op(smallvec![0]), given::floats(&[&[2, 3]]), Kind::Shape, "two dimensions of at least two expected, got [0] of 2"),
            (op(smallvec![0, -2]), given::floats(&[&[2, 3]]), Kind::Shape, "twice"),
        ])
    }
}

op! {
    /// Moves the elements by `shifts` places along the dimensions in `dims`; what leaves at the end comes in at the start. Without
    /// `dims`, or with none in it, the elements move as one line, in row-major order. A copy.
    ///
    /// Shape: the input's. Raises `ShapeError` for a dimension that is out of range, or unless there are as many shifts as
    /// dimensions.
    pub Roll = "roll"(input: One @ Any) -> (output; 1) { shifts: Ints, dims: Option<Ints> = None }
}
impl Function for Roll {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        let x = ins[0].expect("a required input");
        let dims = self.dims.as_ref().filter(|dims| !dims.is_empty());
        let many = dims.map_or(1, |d| d.len());
        if self.shifts.len() != many {
            return Err(err(Kind::Shape, format!("{many} shifts expected, got {:?}", &self.shifts[..])));
        }
        let Some(dims) = dims else {
            let line = dispatch::one(&RollAlong { shifts: self.shifts.clone() }, &[&reshape(x, &[-1])?])?;
            return Ok(smallvec![reshape(&line, &x.spec.shape())?]);
        };
        let mut shifts: Ints = smallvec![0; x.spec.rank()];
        for (d, s) in dims.iter().zip(&self.shifts) {
            let axis = x.spec.axis(*d)?;
            if let Some(n) = x.spec.dims().get(axis) {
                shifts[axis] = (shifts[axis] + s.rem_euclid((*n).max(1) as i64)) % (*n).max(1) as i64;
            }
        }
        dispatch::apply(&RollAlong { shifts }, ins)
    }
    fn cases() -> Vec<Case> {
        let case = |shifts, dims, d: &[u32]| {
            let op = Roll { shifts, dims };
            Case { attrs: Signature::attrs(&op), inputs: vec![Some(crate::ops::sample(1, d))] }
        };
        vec![
            case(smallvec![2], Some(smallvec![0]), &[5, 2]),
            case(smallvec![-1, 7], Some(smallvec![1, -1]), &[2, 3, 4]),
            case(smallvec![1, 1], Some(smallvec![2, 3]), &[2, 3, 3, 2]),
            case(smallvec![-4], None, &[2, 3]),
            case(smallvec![1], Some(smallvec![0]), &[0, 2]),
            case(smallvec![1], None, &[]),
        ]
    }
    fn refusals() -> Vec<Refusal> {
        let op = |shifts, dims| Roll { shifts, dims };
        refusals(vec![
            (op(smallvec![1, 2], None), given::floats(&[&[2, 3]]), Kind::Shape, "1 shifts expected, got [1, 2]"),
            (op(smallvec![1], Some(smallvec![0, 1])), given::floats(&[&[2, 3]]), Kind::Shape, "2 shifts expected, got [1]"),
            (op(smallvec![1], Some(smallvec![2])), given::floats(&[&[2, 3]]), Kind::Shape, "dim 2 is out of range"),
        ])
    }
}
op! {
    /// A tensor rolled by one shift a dimension.
    RollAlong = "roll_along"(input: One @ Any) -> (output; 1) { shifts: Ints }
}
impl Op for RollAlong {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        if self.shifts.len() != x[0].rank() {
            return Err(err(Kind::Shape, format!("one shift a dimension expected, got {:?}", &self.shifts[..])));
        }
        out.fresh(if x[0].is_dense() { x[0] } else { x[0].contiguous() })
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        let (x, y, size) = (cx.spec(0), cx.out_spec(0), cx.spec(0).dtype.size() as isize);
        if x.numel() == 0 {
            return Ok(());
        }
        let shift = |i: usize| self.shifts[i].rem_euclid(x.d(i) as i64) as usize;
        let moved: Vec<usize> = (0..x.rank()).filter(|i| shift(*i) > 0).collect();
        // Each of these dimensions is cut in two, which change places.
        for part in 0..1usize << moved.len() {
            let (mut dims, mut from, mut to) = (crate::shape::Dims::from(x.dims()), 0, 0);
            for (k, &i) in moved.iter().enumerate() {
                let (s, n) = (shift(i), x.d(i));
                if part >> k & 1 == 0 {
                    dims[i] = (n - s) as u32;
                    to += s as isize * y.s(i);
                } else {
                    dims[i] = s as u32;
                    from += (n - s) as isize * x.s(i);
                }
            }
            let (a, b) = (Spec::strided(x.dtype, &dims, x.strides()), Spec::strided(x.dtype, &dims, y.strides()));
            // Boxes within both.
            unsafe { copy_strided(&a, cx.ptr::<u8>(0).offset(from * size), &b, cx.out_ptr::<u8>(0).offset(to * size)) };
        }
        Ok(())
    }
    const DIFFERENTIABLE: bool = true;
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let back = RollAlong { shifts: self.shifts.iter().map(|s| -s).collect() };
        Ok(smallvec![Some(cx.emit(&back, &[cx.dy(0)])?)])
    }
    fn cost(&self, x: Specs, outs: &Outs) -> Cost {
        Cost { flops: 0, bytes: (x.bytes() + outs.bytes()) as u64 }
    }
    fn samples() -> Samples<RollAlong> {
        vec![(RollAlong { shifts: smallvec![1, -2] }, vec![Some(crate::ops::sample(1, &[2, 3]))])]
    }
    fn refusals() -> Refusals<RollAlong> {
        vec![
            (RollAlong { shifts: smallvec![1] }, given::floats(&[&[2, 3]]), Kind::Shape, "one shift a dimension expected, got [1]"),
        ]
    }
}
