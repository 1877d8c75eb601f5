use crate::ops::cast::cast;
use crate::ops::expand::expand;
use crate::ops::full::Full;
use crate::ops::index_select::{add_rows, around, check_range, from_start, index_select, vector, Around};
use crate::ops::reshape::reshape;
use crate::ops::scale::scale;
use crate::op::*;
use crate::{dispatch, err, DType, Kind, Result, Tensor};
use nncore_kernels::num::{Element, Number};
use smallvec::smallvec;

op! {
    /// A copy of `input` to which `alpha` times the slices of `source` are added: for `dim=0`, row `k` of `source` to row
    /// `index[k]`, in the order of `index`.
    ///
    /// `index` is an int64 vector (or 0-d); negative entries count from the end. Shapes: `source` is like the input, with the
    /// length of `index` at `dim`; the result is like the input. Raises `DTypeError` or `ShapeError` where they do not fit,
    /// `ValueError` for an entry out of range.
    pub IndexAdd = "index_add"(input: One @ Any, index: One @ Any, source: One @ Any) -> (output; 1) {
        dim: i64, alpha: f64 = 1.0,
    } [input, dim, index, source, alpha]
}
impl Function for IndexAdd {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        let mut source = ins[2].expect("a required input").clone();
        if self.alpha != 1.0 {
            if !source.spec.dtype.is_float() {
                return Err(err(Kind::DType, format!("alpha is for floats, got {}", source.spec.dtype)));
            }
            source = scale(&source, self.alpha)?
        }
        run(ins[0], self.dim, ins[1], &source, true)
    }
    fn cases() -> Vec<Case> {
        let mut all: Vec<Case> =
            places(true).into_iter().map(|(dim, ins)| case(&IndexAdd { dim, alpha: 1.0 }, ins)).collect();
        all.push(case(&IndexAdd { dim: 0, alpha: -2.5 }, places(true).swap_remove(0).1));
        all
    }
    fn refusals() -> Vec<Refusal> {
        let op = |alpha| IndexAdd { dim: 0, alpha };
        refusals(vec![
            (op(1.0), vec![given::float(&[4, 3]), given::int64(&[0, 4]), given::float(&[2, 3])], Kind::Value, "index 4 (element 1 of the index) is out of range for size 4"),
            (op(1.0), vec![given::float(&[4, 3]), given::int64(&[0]), given::float(&[2, 3])], Kind::Shape, "a source of shape [1, 3] expected, got [2, 3]"),
            (op(1.0), vec![given::float(&[4]), given::int64(&[0]), given::int64(&[1])], Kind::DType, "a source of float64 expected, got int64"),
            (op(1.0), given::floats(&[&[4], &[1], &[1]]), Kind::DType, "index must be int64, got float64"),
            (op(1.0), vec![given::float(&[4]), given::zeros(DType::I64, &[1, 1]), given::float(&[1])], Kind::Shape, "index must have one dimension, got [1, 1]"),
            (op(1.0), vec![given::float(&[]), given::int64(&[0, 0]), given::float(&[2])], Kind::Shape, "a 0-d input takes an index of one element, got [2]"),
            (op(1.0), vec![given::float(&[]), given::int64(&[0]), given::float(&[1])], Kind::Shape, "a source of shape [] expected, got [1]"),
            (op(2.0), vec![given::int64(&[1]), given::int64(&[0]), given::int64(&[1])], Kind::DType, "alpha is for floats, got int64"),
            (op(1.0), vec![given::bools(&[1]), given::int64(&[0]), given::bools(&[1])], Kind::DType, "numbers expected, got bool"),
        ])
    }
}
op! {
    /// A copy of `input` into which the slices of `source` are written: for `dim=0`, row `k` of `source` into row `index[k]`.
    ///
    /// Where entries of `index` meet, the last one stays. Shapes and errors as in `index_add`.
    pub IndexCopy = "index_copy"(input: One @ Any, index: One @ Any, source: One @ Any) -> (output; 1) {
        dim: i64,
    } [input, dim, index, source]
}
impl Function for IndexCopy {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        run(ins[0], self.dim, ins[1], ins[2].expect("a required input"), false)
    }
    fn cases() -> Vec<Case> {
        places(false).into_iter().map(|(dim, ins)| case(&IndexCopy { dim }, ins)).collect()
    }
    fn refusals() -> Vec<Refusal> {
        let op = || IndexCopy { dim: 0 };
        refusals(vec![
            (op(), vec![given::float(&[4, 3]), given::int64(&[0, 4]), given::float(&[2, 3])], Kind::Value, "index 4 (element 1 of the index) is out of range for size 4"),
            (op(), vec![given::float(&[4, 3]), given::int64(&[0]), given::float(&[2, 3])], Kind::Shape, "a source of shape [1, 3] expected, got [2, 3]"),
            (op(), vec![given::float(&[4]), given::int64(&[0]), given::int64(&[1])], Kind::DType, "a source of float64 expected, got int64"),
            (op(), given::floats(&[&[4], &[1], &[1]]), Kind::DType, "index must be int64, got float64"),
            (op(), vec![given::float(&[4]), given::zeros(DType::I64, &[1, 1]), given::float(&[1])], Kind::Shape, "index must have one dimension, got [1, 1]"),
            (op(), vec![given::float(&[]), given::int64(&[0, 0]), given::float(&[2])], Kind::Shape, "a 0-d input takes an index of one element, got [2]"),
            (op(), vec![given::float(&[]), given::int64(&[0]), given::float(&[1])], Kind::Shape, "a source of shape [] expected, got [1]"),
        ])
    }
}
op! {
    /// A copy of `input` with the slices at `index` along `dim` filled with `value`, a number or a 0-d tensor.
    ///
    /// `index` is an int64 vector (or 0-d); negative entries count from the end. Shape and dtype: the input's. Raises
    /// `DTypeError` or `ShapeError` for an index or a value that does not fit, `ValueError` for an entry out of range.
    pub IndexFill = "index_fill"(input: One + promote @ Any, index: One @ Any, value: One + promote @ Any) -> (output; 1) {
        dim: i64,
    } [input, dim, index, value]
}
impl Function for IndexFill {
    fn call(&self, ins: &[Option<&Tensor>]) -> Result<Outputs> {
        let (x, index, value) =
            (ins[0].expect("a required input"), ins[1].expect("a required input"), ins[2].expect("a required input"));
        if value.spec.rank() != 0 {
            return Err(err(Kind::Shape, format!("the value must be 0-d, got a shape of {:?}", value.spec.dims())));
        }
        vector(&index.spec)?;
        let mut shape = x.spec.shape();
        if let Some(d) = shape.get_mut(x.spec.axis(self.dim)?) {
            *d = index.spec.numel() as i64
        }
        let source = expand(&cast(value, x.spec.dtype)?, &shape)?;
        run(ins[0], self.dim, ins[1], &source, false)
    }
    fn cases() -> Vec<Case> {
        let value = || Some(Tensor::scalar(0.75).expect("a scalar"));
        places(false)
            .into_iter()
            .map(|(dim, mut ins)| {
                ins[2] = value();
                case(&IndexFill { dim }, ins)
            })
            .collect()
    }
    fn refusals() -> Vec<Refusal> {
        let op = || IndexFill { dim: 0 };
        refusals(vec![
            (op(), vec![given::float(&[4]), given::int64(&[4]), given::float(&[])], Kind::Value, "index 4 (element 0 of the index) is out of range for size 4"),
            (op(), vec![given::float(&[4]), given::int64(&[0]), given::float(&[1])], Kind::Shape, "the value must be 0-d, got a shape of [1]"),
            (op(), vec![given::float(&[]), given::int64(&[0, 0]), given::float(&[])], Kind::Shape, "a 0-d input takes an index of one element, got [2]"),
            (op(), given::floats(&[&[4], &[1], &[]]), Kind::DType, "index must be int64, got float64"),
        ])
    }
}
fn case<S: Signature>(op: &S, inputs: Vec<Option<Tensor>>) -> Case {
    Case { attrs: Signature::attrs(op), inputs }
}
/// Dimensions, inputs, indices and sources. Entries of an index meet where `meet`.
fn places(meet: bool) -> Vec<(i64, Vec<Option<Tensor>>)> {
    let ins = |d: &[u32], index: &[i64], ds: &[u32]| {
        let index = Tensor::from_slice(index, &[index.len() as u32]).expect("a small tensor");
        vec![Some(crate::ops::sample(1, d)), Some(index), Some(crate::ops::sample(2, ds))]
    };
    vec![
        (0, if meet { ins(&[4, 3], &[2, 0, 2, -1], &[4, 3]) } else { ins(&[4, 3], &[2, 0, -1], &[3, 3]) }),
        (1, ins(&[2, 3, 2, 2], &[-1, 0], &[2, 2, 2, 2])),
        (-1, ins(&[5], &[3], &[1])),
        (0, ins(&[3, 2], &[], &[0, 2])),
        (0, ins(&[], &[0], &[])),
    ]
}
fn run(x: Option<&Tensor>, dim: i64, index: Option<&Tensor>, source: &Tensor, add: bool) -> Result<Outputs> {
    dispatch::apply(&IndexInto { dim, add }, &[x, index, Some(source)])
}

op! {
    /// A copy of `input` with slices of `source` written into it, or added to it, at `index` along `dim`.
    IndexInto = "index_into"(input: One, index: One, source: One) -> (output; 1) { dim: i64, add: bool }
}
impl Op for IndexInto {
    fn infer(&self, x: Specs, out: &mut Outs) -> Result<()> {
        vector(&x[1])?;
        if x[0].dtype != x[2].dtype {
            return Err(err(Kind::DType, format!("a source of {} expected, got {}", x[0].dtype, x[2].dtype)));
        }
        if self.add && x[0].dtype == DType::Bool {
            return Err(err(Kind::DType, "numbers expected, got bool"));
        }
        let mut shape = x[0].shape();
        match shape.get_mut(x[0].axis(self.dim)?) {
            Some(d) => *d = x[1].numel() as i64,
            None if x[1].numel() == 1 => {}
            None => return Err(err(Kind::Shape, format!("a 0-d input takes an index of one element, got {:?}", x[1].dims()))),
        }
        if x[2].shape() != shape {
            return Err(err(Kind::Shape, format!("a source of shape {:?} expected, got {:?}", &shape[..], x[2].dims())));
        }
        out.fresh(x[0].contiguous())
    }
    const CHECKS: u32 = 0b10;
    fn check(&self, cx: &Cpu) -> Result<()> {
        check_range(cx, 1, around(cx.spec(0), cx.spec(0).axis(self.dim)?).n)
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        let a = around(cx.spec(0), cx.spec(0).axis(self.dim)?);
        if self.add {
            numbers!(cx.spec(0).dtype, T => {
                cx.out::<T>(0).copy_from_slice(cx.get(0));
                add_rows::<T>(cx.get(2), cx.get(1), &a, cx.out(0), &|_| Some(T::ONE))
            })
        } else {
            elements!(cx.spec(0).dtype, T => write_rows::<T>(cx, &a))
        }
        Ok(())
    }
    const DIFFERENTIABLE: bool = true;
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::inputs(0b10)
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        let (dy, index) = (cx.dy(0), cx.input(1)?);
        let input = cx.needs(0).then(|| match self.add {
            true => Ok(dy.clone()),
            false => {
                let none = cx.emit(&Full { shape: cx.spec(2).shape(), value: 0.0, dtype: dy.spec.dtype }, &[])?;
                cx.emit(self, &[dy, &index, &none])
            }
        });
        let source = cx.needs(2).then(|| reshape(&index_select(dy, self.dim, &index)?, &cx.spec(2).shape()));
        Ok(smallvec![input.transpose()?, None, source.transpose()?])
    }
    fn samples() -> Samples<IndexInto> {
        let with = |add| places(add).into_iter().map(move |(dim, ins)| (IndexInto { dim, add }, ins));
        with(false).chain(with(true)).collect()
    }
}
fn write_rows<T: Element>(cx: &Cpu, a: &Around) {
    let (index, out) = (cx.get::<i64>(1), cx.out::<T>(0));
    out.copy_from_slice(cx.get(0));
    if cx.get::<T>(2).is_empty() {
        return;
    }
    for (row, source) in cx.get::<T>(2).chunks_exact(a.inner).enumerate() {
        let (o, k) = (row / index.len(), row % index.len());
        let at = (o * a.n + from_start(index[k], a.n)) * a.inner;
        out[at..at + a.inner].copy_from_slice(source)
    }
}
