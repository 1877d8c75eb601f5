use crate::op::*;
use crate::ops::assign::overlap;
use crate::ops::cast::cast;
use crate::ops::copy::copy_strided;
use crate::ops::full::zero;
use crate::ops::index_get::IndexGet;
use crate::ops::nonzero::nonzero;
use crate::ops::places::{check_mask, check_ranges, fills, int64, put, Found, Places};
use crate::ops::slice::column;
use crate::ops::sum::sum_to;
use crate::shape::Spec;
use crate::{dispatch, err, DType, Kind, Result, Tensor};
use smallvec::smallvec;

op! {
    /// A copy of `input` with `values` written where `indices` point, or added there with `accumulate`:
    /// `out[indices[0], indices[1], ...] = values`.
    ///
    /// `indices` are int64 tensors that broadcast together, bool masks over one or more dimensions, or None for a dimension
    /// that is taken whole. Negative entries count from the end. Shapes: `values` broadcast to what reading at `indices` would
    /// give. Where entries meet, the last one in row-major order stays, and each gets the gradient of the place. A mask is read
    /// by the host: inside a captured step assign to `x[mask]` instead. Raises `DTypeError` or `ShapeError` where they do not
    /// fit, `ValueError` for an entry out of range.
    pub IndexPut = "index_put"(input: One @ Any, values: One @ Any, indices: List + gaps @ Any) -> (output; 1) {
        accumulate: bool = false,
    } [input, indices, values, accumulate]
}
impl Function for IndexPut {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        let (x, values) = (ins[0].expect("a required input"), ins[1].expect("a required input"));
        let (mut dims, mut tensors, mut at) = (Ints::new(), vec![], 0);
        for t in &ins[2..] {
            match t {
                None => at += 1,
                Some(m) if m.spec.dtype == DType::Bool => {
                    check_mask(&x.spec, at as usize, &m.spec)?;
                    let places = nonzero(m)?;
                    for k in 0..m.spec.rank() as i64 {
                        dims.push(at);
                        tensors.push(column(&places, k)?);
                        at += 1
                    }
                }
                Some(t) => {
                    dims.push(at);
                    tensors.push((*t).clone());
                    at += 1
                }
            }
        }
        if dims.is_empty() {
            return Err(err(Kind::Value, "an index of at least one tensor expected, got none"));
        }
        let values = match values.spec.rank() {
            0 => cast(values, x.spec.dtype)?,
            _ => values.clone(),
        };
        let all: Vec<Option<&Tensor>> = [x, &values].into_iter().chain(&tensors).map(Some).collect();
        dispatch::apply(&IndexPutCopy { dims, accumulate: self.accumulate }, &all)
    }
    fn cases() -> Vec<Case> {
        let mut all: Vec<Case> = vec![];
        for accumulate in [false, true] {
            let attrs = || Signature::attrs(&IndexPut { accumulate });
            for (_, ins) in places().into_iter().filter(|(dims, _)| (0..).zip(dims).all(|(i, d)| i == *d)) {
                all.push(Case { attrs: attrs(), inputs: ins })
            }
            let mask = Tensor::from_slice(&[true, false, true, false, false, true], &[2, 3]).expect("a small tensor");
            let inputs = vec![Some(crate::ops::sample(1, &[2, 3, 2])), Some(crate::ops::sample(2, &[3, 1])), Some(mask)];
            all.push(Case { attrs: attrs(), inputs })
        }
        all
    }
    fn refusals() -> Vec<Refusal> {
        let op = |accumulate| IndexPut { accumulate };
        refusals(vec![
            (op(false), vec![given::float(&[3]), given::float(&[1])], Kind::Value, "an index of at least one tensor expected"),
            (op(false), vec![given::float(&[3]), given::float(&[1]), given::int64(&[3])], Kind::Value, "index 3 (element 0 of the index) is out of range for size 3"),
            (op(false), vec![given::float(&[]), given::float(&[1]), given::int64(&[0])], Kind::Shape, "a 0-d tensor has no dimension to index"),
            (op(false), vec![given::float(&[3, 3]), given::float(&[]), given::int64(&[0, 1]), given::int64(&[0, 1, 2])], Kind::Shape, "the indices' shapes do not broadcast: [2], [3]"),
            (op(false), vec![given::float(&[3]), given::float(&[2]), given::int64(&[0])], Kind::Shape, "values of shape [2] do not broadcast to the indexed [1]"),
            (op(false), vec![given::float(&[3]), given::int64(&[1]), given::int64(&[0])], Kind::DType, "values of float64 expected, got int64"),
            (op(false), given::floats(&[&[3], &[1], &[1]]), Kind::DType, "an index must be int64, got float64"),
            (op(false), vec![given::float(&[3]), given::float(&[1]), given::bools(&[2])], Kind::Shape, "a mask of shape [2] does not fit [3] from dim 0 on"),
            (op(false), vec![given::float(&[3]), given::float(&[1]), given::int64(&[0]), given::int64(&[0])], Kind::Shape, "dim 1 is out of range"),
            (op(true), vec![given::bools(&[3]), given::bools(&[1]), given::int64(&[0])], Kind::DType, "numbers expected, got bool"),
        ])
    }
}
/// Dimensions, and input, values and indices. No two entries meet.
pub fn places() -> Vec<(Ints, Vec<Option<Tensor>>)> {
    let index = |v: &[i64], d: &[u32]| Some(Tensor::from_slice(v, d).expect("a small tensor"));
    let (x, v) = (|d: &[u32]| Some(crate::ops::sample(1, d)), |d: &[u32]| Some(crate::ops::sample(2, d)));
    vec![
        (smallvec![0], vec![x(&[4, 3]), v(&[2, 3]), index(&[2, -4], &[2])]),
        (smallvec![0, 1], vec![x(&[3, 4]), v(&[2, 2]), index(&[0, 2], &[2, 1]), index(&[1, -1], &[2])]),
        (smallvec![0, 2], vec![x(&[3, 2, 4]), v(&[2, 2]), index(&[0, 2], &[2]), index(&[1, 3], &[2])]),
        (smallvec![1, 2], vec![x(&[2, 3, 4, 2]), v(&[3, 1]), index(&[0, 2, 1], &[3]), index(&[1], &[])]),
        (smallvec![1], vec![x(&[2, 3]), v(&[]), index(&[1], &[])]),
        (smallvec![0], vec![x(&[2, 3]), v(&[0, 3]), index(&[], &[0])]),
    ]
}

op! {
    /// `index_put` at int64 tensors that stand for `dims`.
    IndexPutCopy = "index_put_copy"(input: One @ Any, values: One @ Any, indices: List) -> (output; 1) {
        dims: Ints, accumulate: bool,
    }
}
fn same_dtype(x: &Spec, values: &Spec, accumulate: bool) -> Result<()> {
    if x.dtype != values.dtype {
        return Err(err(Kind::DType, format!("values of {} expected, got {}", x.dtype, values.dtype)));
    }
    if accumulate && x.dtype == DType::Bool {
        return Err(err(Kind::DType, "numbers expected, got bool"));
    }
    Ok(())
}
impl Op for IndexPutCopy {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        same_dtype(&x[0], &x[1], self.accumulate)?;
        let taken = int64(x, 2, &self.dims)?;
        fills(&Places::new(&x[0], taken, (2..x.len()).map(|i| x[i].dims()))?, &x[0], &x[1])?;
        out.fresh(x[0].contiguous())
    }
    const CHECKS: u32 = !0b11;
    fn check(&self, cx: &Cpu) -> Result<()> {
        let x = cx.spec(0);
        let taken = self.dims.iter().map(|&d| x.axis(d)).collect::<Result<Vec<_>>>()?;
        check_ranges(cx, x, 2, &taken)
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        // Fresh memory, which overlaps with nothing.
        unsafe { copy_strided(cx.spec(0), cx.ptr(0), cx.out_spec(0), cx.out_ptr(0)) };
        put(cx, cx.out_spec(0), cx.out_ptr(0), 1, 2, &self.dims, self.accumulate)
    }
    const DIFFERENTIABLE: bool = true;
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::inputs(!0b11)
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let dy = cx.dy(0);
        let indices = (2..cx.inputs()).map(|i| cx.input(i)).collect::<Result<Vec<_>>>()?;
        let with = |first: &[&Tensor], op: &dyn DynOp| -> Result<Tensor> {
            let ins: Vec<Option<&Tensor>> = first.iter().copied().chain(&indices).map(Some).collect();
            Ok(cx.emit_all(op, &ins)?.swap_remove(0))
        };
        let mut grads: Grads = smallvec![None; cx.inputs()];
        if cx.needs(0) {
            grads[0] = Some(match self.accumulate {
                true => dy.clone(),
                false => with(&[dy, &zero(dy.spec.dtype)?], self)?,
            })
        }
        if cx.needs(1) {
            let read = with(&[dy], &IndexGet { dims: self.dims.clone() })?;
            grads[1] = Some(sum_to(&read, cx.spec(1).dims())?)
        }
        Ok(grads)
    }
    fn samples() -> Samples<IndexPutCopy> {
        let with = |accumulate| places().into_iter().map(move |(dims, ins)| (IndexPutCopy { dims, accumulate }, ins));
        with(false).chain(with(true)).collect()
    }
}

op! {
    /// Writes `values` into `target` at `indices`, in place, or adds them with `accumulate`: int64 tensors that stand for
    /// `dims`, and bool masks, which stand for their dimension and those behind it.
    IndexPutInto = "index_put_"(target: One + mutated @ Any, values: One @ Any, indices: List) -> (; 0) {
        dims: Ints, accumulate: bool = false,
    }
}
impl Op for IndexPutInto {
    fn infer(&self, x: Specs, _out: &mut Outs) -> Result<()> {
        same_dtype(&x[0], &x[1], self.accumulate)?;
        let masks = (2..x.len()).any(|i| x[i].dtype == DType::Bool);
        for (i, &d) in (2..x.len()).zip(&self.dims) {
            if x[i].dtype == DType::Bool {
                check_mask(&x[0], x[0].axis(d)?, &x[i])?
            }
        }
        if !masks {
            let taken = int64(x, 2, &self.dims)?;
            fills(&Places::new(&x[0], taken, (2..x.len()).map(|i| x[i].dims()))?, &x[0], &x[1])?;
        }
        Ok(())
    }
    const CHECKS: u32 = !0b11;
    fn check(&self, cx: &Cpu) -> Result<()> {
        let found = Found::new(cx, cx.spec(0), 2, &self.dims)?;
        fills(&found.places(cx.spec(0))?, cx.spec(0), cx.spec(1)).map(|_| ())
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        let (target, values) = (cx.ins[0].expect("a required input"), cx.ins[1].expect("a required input"));
        if !overlap(values.spec, values.ptr(), target.spec, target.ptr()) {
            return put(cx, target.spec, target.ptr(), 1, 2, &self.dims, self.accumulate);
        }
        // `x[i] = x[j]`: values are read from memory that is not written.
        let own = Tensor::empty(values.spec.contiguous())?;
        unsafe { copy_strided(values.spec, values.ptr(), &own.spec, own.ptr()) };
        let mut ins = cx.ins.to_vec();
        ins[1] = Some(View { storage: &own.storage, offset: 0, spec: &own.spec });
        let cx = Cpu { ins: &ins, outs: cx.outs, scratch: cx.scratch };
        put(&cx, target.spec, target.ptr(), 1, 2, &self.dims, self.accumulate)
    }
    fn samples() -> Samples<IndexPutInto> {
        let with = |accumulate| places().into_iter().map(move |(dims, ins)| (IndexPutInto { dims, accumulate }, ins));
        let mask = Tensor::from_slice(&[true, false, true], &[3]).expect("a small tensor");
        let masked = vec![Some(crate::ops::sample(1, &[2, 3])), Some(crate::ops::sample(2, &[2])), Some(mask)];
        let op = IndexPutInto { dims: smallvec![1], accumulate: false };
        with(false).chain(with(true)).chain([(op, masked)]).collect()
    }
    fn refusals() -> Refusals<IndexPutInto> {
        let op = || IndexPutInto { dims: smallvec![0], accumulate: false };
        vec![
            (op(), vec![given::float(&[3]), given::float(&[1]), given::int64(&[-4])], Kind::Value, "index -4 (element 0 of the index) is out of range for size 3"),
            (op(), vec![given::float(&[3]), given::float(&[2]), given::bools(&[3])], Kind::Shape, "values of shape [2] do not broadcast to the indexed [3]"),
            (op(), vec![given::float(&[3]), given::float(&[1]), given::bools(&[2])], Kind::Shape, "a mask of shape [2] does not fit [3] from dim 0 on"),
        ]
    }
}
