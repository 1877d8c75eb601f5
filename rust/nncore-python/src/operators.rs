//! `+ - * / @ < ==` and their kin: ops by name, with Python's numbers as weak scalars.
use crate::args::{convert, Number};
use crate::array::is_array;
use crate::errors::{fail, OrRaise};
use crate::functions::{call_op, power};
use crate::tensor::{wrap, PyTensor};
use nncore::op::{Attr, OpInfo};
use nncore::{dispatch, DType, Kind, Tensor};
use pyo3::basic::CompareOp;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyFloat, PyInt, PyNotImplemented};
use std::sync::OnceLock;

/// Ops that operators stand for.
#[derive(Clone, Copy)]
enum Operator {
    Add,
    Sub,
    Mul,
    Div,
    Floor,
    Rem,
    Pow,
    Matmul,
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
    And,
    Or,
    Xor,
    Not,
    Neg,
    Abs,
}
/// The ops' names, in the order of [`Operator`].
const NAMES: [&str; 20] = [
    "add",
    "sub",
    "mul",
    "div",
    "floor_divide",
    "remainder",
    "pow",
    "matmul",
    "eq",
    "ne",
    "lt",
    "le",
    "gt",
    "ge",
    "bitwise_and",
    "bitwise_or",
    "bitwise_xor",
    "bitwise_not",
    "neg",
    "abs",
];
type Found = Option<(&'static OpInfo, Vec<Attr>)>;
/// The op and its attributes' defaults; None where there is no such op.
#[inline]
fn op(o: Operator) -> &'static Found {
    static ALL: OnceLock<Vec<Found>> = OnceLock::new();
    let all = ALL.get_or_init(|| {
        let find = |name: &&str| {
            let info = nncore::ops::find(name)?;
            let defaults = info.attrs.iter().map(|a| a.default.map(|d| d())).collect::<Option<Vec<_>>>()?;
            Some((info, defaults))
        };
        NAMES.iter().map(find).collect()
    });
    &all[o as usize]
}

fn not_implemented(py: Python) -> Bound<PyAny> {
    PyNotImplemented::get(py).to_owned().into_any()
}
/// Is this something that an operator takes beside a tensor?
fn is_operand(x: &Bound<PyAny>) -> bool {
    x.is_instance_of::<PyFloat>() || x.is_instance_of::<PyInt>() || x.is_instance_of::<PyBool>() || is_array(x)
}
fn binary<'py>(
    o: Operator,
    me: &Bound<'py, PyTensor>,
    x: &Bound<'py, PyAny>,
    swap: bool,
) -> PyResult<Bound<'py, PyAny>> {
    let py = me.py();
    let Some((info, attrs)) = op(o) else { return Ok(not_implemented(py)) };
    let a = me.get().get();
    let made;
    let b = match x.cast::<PyTensor>() {
        Ok(t) => t.get().get(),
        Err(_) if !is_operand(x) => return Ok(not_implemented(py)),
        Err(_) => {
            if let (Operator::Pow, Some(n)) = (o, Number::of(x)) {
                return Ok(wrap(py, power(py, a, n, swap)?.swap_remove(0))?.into_any());
            }
            made = convert(x, Some(a.spec.dtype), info.name, "other")?;
            &made
        }
    };
    let ins = if swap { [Some(b), Some(a)] } else { [Some(a), Some(b)] };
    let out = call_op(py, info, attrs, &ins)?.swap_remove(0);
    Ok(wrap(py, out)?.into_any())
}
/// Changes the tensor's memory: the result must be what it can hold, and nothing may be on the tape.
fn in_place<'py>(o: Operator, me: &Bound<'py, PyTensor>, x: &Bound<'py, PyAny>) -> PyResult<()> {
    let Some((info, attrs)) = op(o) else { return Err(no_such(o)) };
    let py = me.py();
    let target = me.get().get();
    may_change(target, info.name)?;
    if let (Operator::Pow, Some(n)) = (o, Number::of(x)) {
        return keep(target, &power(py, target, n, false)?[0], info.name);
    }
    let made;
    let b = match x.cast::<PyTensor>() {
        Ok(t) => t.get().get(),
        Err(_) => {
            made = convert(x, Some(target.spec.dtype), info.name, "other")?;
            &made
        }
    };
    if dispatch::grad_enabled() && b.requires_grad() {
        let text =
            "the other operand is on the tape and an operation in place would lose its gradient; write x = x + y";
        return Err(fail(Kind::NoGradient, info.name, text));
    }
    let (from, to) = (&b.spec, &target.spec);
    if matches!(o, Operator::Add) && from.dtype == to.dtype && from.dims() == to.dims() && to.dtype.is_float() {
        let call = || dispatch::apply(&nncore::ops::assign::Accumulate {}, &[Some(target), Some(b)]);
        return if to.numel() > crate::functions::RELEASE { py.detach(call) } else { call() }.map(|_| ()).or_raise();
    }
    let out = call_op(py, info, attrs, &[Some(target), Some(b)])?.swap_remove(0);
    keep(target, &out, info.name)
}
/// Keeps a result in the tensor that it is for, in its dtype: floats in floats, whole numbers and truths in numbers.
pub fn keep(target: &Tensor, out: &Tensor, op: &'static str) -> PyResult<()> {
    let (from, to) = (&out.spec, &target.spec);
    let rank = |d: DType| if d.is_float() { 2 } else { (d != DType::Bool) as u8 };
    if rank(from.dtype) > rank(to.dtype) {
        let text = format!("the result is {} and can not be kept in {}; write x = x + y", from.dtype, to.dtype);
        return Err(fail(Kind::DType, op, text));
    }
    if from.dims() != to.dims() {
        let text = format!("the result has shape {:?} and can not be kept in {:?}", from.dims(), to.dims());
        return Err(fail(Kind::Shape, op, text));
    }
    let out = nncore::ops::cast::cast(out, to.dtype).or_raise()?;
    dispatch::apply(&nncore::ops::assign::Assign {}, &[Some(target), Some(&out)]).map(|_| ()).or_raise()
}
/// What is on the tape, or must not be written, is not changed in place.
pub fn may_change(t: &Tensor, what: &'static str) -> PyResult<()> {
    if t.storage.read_only {
        return Err(fail(
            Kind::Value,
            what,
            "the memory is read-only (it belongs to a read-only array); work on a copy",
        ));
    }
    if t.requires_grad() && dispatch::grad_enabled() {
        let text = "a tensor that requires a gradient is changed in place; do it under no_grad(), or write x = x + y";
        return Err(fail(Kind::NoGradient, what, text));
    }
    Ok(())
}
fn no_such(o: Operator) -> PyErr {
    fail(Kind::Unsupported, NAMES[o as usize], "there is no such op")
}
fn unary<'py>(o: Operator, me: &Bound<'py, PyTensor>) -> PyResult<Bound<'py, PyTensor>> {
    let (info, attrs) = op(o).as_ref().ok_or_else(|| no_such(o))?;
    let out = call_op(me.py(), info, attrs, &[Some(me.get().get())])?.swap_remove(0);
    wrap(me.py(), out)
}
macro_rules! operators {
    ($($o:ident: $f:ident $r:ident $i:ident;)*) => {
        #[pymethods]
        impl PyTensor {
            $(
                fn $f<'py>(slf: &Bound<'py, Self>, other: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
                    binary(Operator::$o, slf, other, false)
                }
                fn $r<'py>(slf: &Bound<'py, Self>, other: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
                    binary(Operator::$o, slf, other, true)
                }
                fn $i<'py>(slf: &Bound<'py, Self>, other: &Bound<'py, PyAny>) -> PyResult<()> {
                    in_place(Operator::$o, slf, other)
                }
            )*
        }
    };
}
operators! {
    Add: __add__ __radd__ __iadd__;
    Sub: __sub__ __rsub__ __isub__;
    Mul: __mul__ __rmul__ __imul__;
    Div: __truediv__ __rtruediv__ __itruediv__;
    Floor: __floordiv__ __rfloordiv__ __ifloordiv__;
    Rem: __mod__ __rmod__ __imod__;
    And: __and__ __rand__ __iand__;
    Or: __or__ __ror__ __ior__;
    Xor: __xor__ __rxor__ __ixor__;
    Matmul: __matmul__ __rmatmul__ __imatmul__;
}
#[pymethods]
impl PyTensor {
    fn __pow__<'py>(
        slf: &Bound<'py, Self>,
        other: &Bound<'py, PyAny>,
        _modulo: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        binary(Operator::Pow, slf, other, false)
    }
    fn __rpow__<'py>(
        slf: &Bound<'py, Self>,
        other: &Bound<'py, PyAny>,
        _modulo: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        binary(Operator::Pow, slf, other, true)
    }
    fn __ipow__(slf: &Bound<Self>, other: &Bound<PyAny>, _modulo: Option<&Bound<PyAny>>) -> PyResult<()> {
        in_place(Operator::Pow, slf, other)
    }
    fn __neg__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyTensor>> {
        unary(Operator::Neg, slf)
    }
    fn __pos__<'py>(slf: Bound<'py, Self>) -> Bound<'py, Self> {
        slf
    }
    fn __abs__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyTensor>> {
        unary(Operator::Abs, slf)
    }
    fn __invert__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyTensor>> {
        unary(Operator::Not, slf)
    }
    /// `round(x)` and `round(x, digits)`.
    #[pyo3(signature = (ndigits=None))]
    fn __round__(slf: &Bound<Self>, ndigits: Option<i64>) -> PyResult<PyTensor> {
        let round = nncore::ops::round::Round { decimals: ndigits.unwrap_or(0) };
        let out = dispatch::apply(&round, &[Some(slf.get().get())]).or_raise()?.swap_remove(0);
        Ok(PyTensor::new(out))
    }
    /// Elementwise; anything that is neither tensor nor number is unequal.
    fn __richcmp__<'py>(
        slf: &Bound<'py, Self>,
        other: &Bound<'py, PyAny>,
        compare: CompareOp,
    ) -> PyResult<Bound<'py, PyAny>> {
        let o = match compare {
            CompareOp::Eq => Operator::Eq,
            CompareOp::Ne => Operator::Ne,
            CompareOp::Lt => Operator::Lt,
            CompareOp::Le => Operator::Le,
            CompareOp::Gt => Operator::Gt,
            CompareOp::Ge => Operator::Ge,
        };
        binary(o, slf, other, false)
    }
}
