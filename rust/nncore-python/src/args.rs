//! Python values as what ops take. By hand: an `extract` that fails builds an exception, some hundred nanoseconds each.
use crate::dtype;
use crate::errors::{fail, raise, type_name, wrong};
use crate::tensor::PyTensor;
use nncore::op::{Attr, AttrInfo, AttrKind, Floats, Input, Ints, NO_SIZE};
use nncore::{DType, Kind, Tensor};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyByteArray, PyBytes, PyFloat, PyInt, PyList, PyString, PyTuple};

/// The tensor inside a Python object, or None.
///
/// # Safety
/// `p` must be a live object; the reference is valid as long as somebody holds it.
#[inline(always)]
pub unsafe fn peek<'a>(py: Python, p: *mut ffi::PyObject) -> Option<&'a Tensor> {
    let class = tensor_type(py);
    let t = ffi::Py_TYPE(p);
    if t == class || ffi::PyType_IsSubtype(t, class) != 0 {
        let object = Bound::<PyAny>::ref_from_ptr(py, &p).cast_unchecked::<PyTensor>();
        return Some(&*(object.get().get() as *const Tensor));
    }
    None
}
/// The class object; it lives for ever.
#[inline(always)]
fn tensor_type(py: Python) -> *mut ffi::PyTypeObject {
    use std::sync::atomic::{AtomicPtr, Ordering::Relaxed};
    static CLASS: AtomicPtr<ffi::PyTypeObject> = AtomicPtr::new(std::ptr::null_mut());
    let c = CLASS.load(Relaxed);
    if !c.is_null() {
        return c;
    }
    let c = py.get_type::<PyTensor>().as_type_ptr();
    CLASS.store(c, Relaxed);
    c
}
/// A Python number: what the weak rule of promotion looks at.
#[derive(Clone, Copy, Debug)]
pub enum Number {
    Bool(bool),
    Int(i64),
    Float(f64),
}
impl Number {
    pub fn of(x: &Bound<PyAny>) -> Option<Number> {
        if let Ok(b) = x.cast::<PyBool>() {
            return Some(Number::Bool(b.is_true()));
        }
        if let Ok(f) = x.cast::<PyFloat>() {
            return Some(Number::Float(f.value()));
        }
        if x.cast::<PyInt>().is_ok() {
            return int(x).map(Number::Int);
        }
        None
    }
    pub fn value(self) -> f64 {
        match self {
            Number::Bool(b) => b as u8 as f64,
            Number::Int(i) => i as f64,
            Number::Float(f) => f,
        }
    }
    /// The dtype that it takes beside `beside`, or alone.
    pub fn dtype(self, beside: Option<DType>) -> DType {
        match (self, beside) {
            (Number::Bool(_), None) => DType::Bool,
            (Number::Int(_), None | Some(DType::Bool)) => DType::I64,
            (Number::Float(_), None) => DType::F32,
            (Number::Float(_), Some(d)) => d.to_float(),
            (_, Some(d)) => d,
        }
    }
    /// A 0-d tensor, made by an op so that a recorded step has it as a constant.
    pub fn tensor(self, dtype: DType) -> PyResult<Tensor> {
        self.filled(&[], dtype)
    }
    /// A tensor of one shape filled with it.
    pub fn filled(self, shape: &[i64], dtype: DType) -> PyResult<Tensor> {
        let value = match self {
            Number::Bool(_) | Number::Float(_) => self.value(),
            Number::Int(i) => {
                let fits = match dtype {
                    DType::U8 => (0..=255).contains(&i),
                    DType::I32 => i32::try_from(i).is_ok(),
                    // What the op is told is a float64.
                    DType::I64 => (i as f64) as i128 == i as i128,
                    _ => true,
                };
                if !fits && dtype != DType::I64 {
                    return Err(fail(Kind::Value, "full", format!("{i} does not fit {dtype}")));
                }
                if !fits {
                    let one = Tensor::scalar(i).map_err(raise)?;
                    let all = nncore::ops::expand::expand(&one, shape).map_err(raise)?;
                    return nncore::ops::copy::fresh(&all).map_err(raise);
                }
                i as f64
            }
        };
        let op = nncore::ops::full::Full { shape: shape.into(), value, dtype };
        nncore::dispatch::one(&op, &[]).map_err(raise)
    }
}

/// An int or what `operator.index` takes; None where it is neither or too large.
pub fn int(x: &Bound<PyAny>) -> Option<i64> {
    unsafe {
        let p = x.as_ptr();
        let v = if ffi::PyLong_Check(p) != 0 {
            ffi::PyLong_AsLongLong(p)
        } else if ffi::PyIndex_Check(p) != 0 {
            let n = ffi::PyNumber_Index(p);
            if n.is_null() {
                ffi::PyErr_Clear();
                return None;
            }
            let v = ffi::PyLong_AsLongLong(n);
            ffi::Py_DECREF(n);
            v
        } else {
            return None;
        };
        if v == -1 && !ffi::PyErr_Occurred().is_null() {
            ffi::PyErr_Clear();
            return None;
        }
        Some(v)
    }
}
fn ints(x: &Bound<PyAny>) -> Option<Ints> {
    if let Ok(t) = x.cast::<PyTuple>() {
        return t.iter_borrowed().map(|i| int(&i)).collect();
    }
    if let Ok(l) = x.cast::<PyList>() {
        return l.iter().map(|i| int(&i)).collect();
    }
    if !is_sequence(x) {
        return None;
    }
    let Ok(items) = x.try_iter() else { return None };
    items.map(|i| i.ok().and_then(|i| int(&i))).collect()
}
/// Several values in an order: no text, no bytes, no tensor; nothing that might never end, and no set or dict.
fn is_sequence(x: &Bound<PyAny>) -> bool {
    let text = x.is_instance_of::<PyString>() || x.is_instance_of::<PyBytes>() || x.is_instance_of::<PyByteArray>();
    // It has a length and places.
    !text && x.cast::<PyTensor>().is_err() && unsafe { ffi::PySequence_Check(x.as_ptr()) == 1 }
}
/// The sizes in `(2, 3)` or `((2, 3),)`, as in `zeros(2, 3)` and `zeros((2, 3))`.
pub fn sizes(args: &Bound<PyTuple>, op: &str) -> PyResult<Ints> {
    let all = match args.len() {
        1 => {
            let only = args.get_item(0)?;
            int(&only).map(|i| Ints::from_slice(&[i])).or_else(|| ints(&only))
        }
        _ => ints(args),
    };
    match all {
        Some(sizes) => Ok(sizes),
        None => {
            let got = if args.len() == 1 { given(&args.get_item(0)?) } else { given(args) };
            Err(wrong(format!("{op}(): sizes are ints, or one tuple of ints, got {got}")))
        }
    }
}
/// An int that a function takes by itself.
pub fn whole(x: &Bound<PyAny>, op: &str, name: &str) -> PyResult<i64> {
    int(x).ok_or_else(|| wrong(format!("{op}() argument {name}: an int expected, got {}", given(x))))
}
/// A number that a function takes by itself.
pub fn real(x: &Bound<PyAny>, op: &str, name: &str) -> PyResult<f64> {
    float(x)?.ok_or_else(|| wrong(format!("{op}() argument {name}: a number expected, got {}", given(x))))
}

/// An attribute of an op.
pub fn attr(x: &Bound<PyAny>, a: &AttrInfo, op: &'static str) -> PyResult<Attr> {
    if a.optional && x.is_none() {
        return Ok(Attr::None);
    }
    let parsed = match a.kind {
        AttrKind::Bool => match x.cast::<PyBool>() {
            Ok(b) => Some(Attr::Bool(b.is_true())),
            Err(_) => x.extract::<bool>().ok().map(Attr::Bool),
        },
        AttrKind::Int => int(x).map(Attr::Int),
        AttrKind::Float => float(x)?.map(Attr::Float),
        AttrKind::Ints => int(x).map(Attr::Int).or_else(|| ints(x).map(Attr::Ints)),
        AttrKind::Counts => match x.cast::<PyTensor>() {
            Ok(t) => counts(t.get().get())?,
            Err(_) => int(x).map(Attr::Int).or_else(|| ints(x).map(Attr::Ints)),
        },
        AttrKind::Pair => int(x).map(Attr::Int).or_else(|| ints(x).filter(|v| v.len() == 2).map(Attr::Ints)),
        AttrKind::Triple => int(x).map(Attr::Int).or_else(|| ints(x).filter(|v| v.len() == 3).map(Attr::Ints)),
        AttrKind::Floats => match float(x)? {
            Some(f) => Some(Attr::Float(f)),
            None => floats(x).map(Attr::Floats),
        },
        AttrKind::IntsOr(words) => match choice(x, words, a.name, op)? {
            None => int(x).map(Attr::Int).or_else(|| ints(x).map(Attr::Ints)),
            word => word,
        },
        AttrKind::Sizes => size(x).map(Attr::Int).or_else(|| some_sizes(x).map(Attr::Ints)),
        AttrKind::DType => Some(Attr::DType(dtype::parse(x, op)?)),
        AttrKind::Choice(words) => choice(x, words, a.name, op)?,
        AttrKind::FloatOr(words) => match choice(x, words, a.name, op)? {
            None => float(x)?.map(Attr::Float),
            word => word,
        },
    };
    parsed.ok_or_else(|| {
        let none = if a.optional { " or None" } else { "" };
        wrong(format!("{op}() argument {}: {}{none} expected, got {}", a.name, expected(a.kind), given(x)))
    })
}
/// What was given, for messages: the type, and of plain values also the value.
pub fn given(x: &Bound<PyAny>) -> String {
    /// Characters of a value that are worth reading.
    const MOST: usize = 60;
    if x.is_none() {
        return "None".into();
    }
    if x.is_instance_of::<PyInt>() && int(x).is_none() {
        return "an int that does not fit 64 bits".into();
    }
    let of = type_name(x);
    if let Ok(t) = x.cast::<PyTensor>() {
        return format!("a Tensor of {}", t.get().get().spec);
    }
    let plain = x.is_instance_of::<PyString>()
        || x.is_instance_of::<PyFloat>()
        || x.is_instance_of::<PyInt>()
        || x.is_instance_of::<PyList>()
        || x.is_instance_of::<PyTuple>();
    match x.repr().ok().filter(|_| plain).map(|r| r.to_string_lossy().into_owned()) {
        Some(r) if r.chars().count() <= MOST => format!("{r} ({of})"),
        _ => of,
    }
}
/// The integers in a vector, or the one in a 0-d tensor.
fn counts(t: &Tensor) -> PyResult<Option<Attr>> {
    if t.spec.dtype.is_float() || t.spec.dtype == DType::Bool || t.spec.rank() > 1 {
        return Ok(None);
    }
    let read = nncore::ops::cast::cast(&t.detach(), DType::I64).and_then(|t| t.to_vec::<i64>()).map_err(raise)?;
    Ok(Some(if t.spec.rank() == 0 { Attr::Int(read[0]) } else { Attr::Ints(read.into()) }))
}
/// A size, or None for that of the input.
fn size(x: &Bound<PyAny>) -> Option<i64> {
    if x.is_none() {
        return Some(NO_SIZE);
    }
    // What stands for None is no size.
    int(x).filter(|v| *v != NO_SIZE)
}
fn some_sizes(x: &Bound<PyAny>) -> Option<Ints> {
    if !is_sequence(x) {
        return None;
    }
    x.try_iter().ok()?.map(|i| i.ok().and_then(|i| size(&i))).collect()
}
/// One of the words; None where it is no string.
fn choice(x: &Bound<PyAny>, words: &[&str], name: &str, op: &'static str) -> PyResult<Option<Attr>> {
    let Ok(s) = x.cast::<PyString>() else { return Ok(None) };
    let s = s.to_str()?;
    match words.iter().position(|w| *w == s) {
        Some(at) => Ok(Some(Attr::Choice(at as u8))),
        None => {
            let known = words.iter().map(|w| format!("{w:?}")).collect::<Vec<_>>().join(", ");
            Err(fail(Kind::Value, op, format!("{name} is one of {known}, got {s:?}")))
        }
    }
}
fn float(x: &Bound<PyAny>) -> PyResult<Option<f64>> {
    if let Ok(f) = x.cast::<PyFloat>() {
        return Ok(Some(f.value()));
    }
    if x.is_instance_of::<PyString>() {
        return Ok(None);
    }
    // NumPy's scalars and 0-d tensors; a tensor that can not be read now says why.
    match x.extract::<f64>() {
        Ok(f) => Ok(Some(f)),
        Err(e) if x.cast::<PyTensor>().is_ok_and(|t| t.get().get().spec.numel() == 1) => Err(e),
        Err(_) => Ok(None),
    }
}
fn floats(x: &Bound<PyAny>) -> Option<Floats> {
    if !is_sequence(x) {
        return None;
    }
    let Ok(items) = x.try_iter() else { return None };
    items.map(|i| float(&i.ok()?).ok().flatten()).collect()
}
pub fn expected(kind: AttrKind) -> &'static str {
    match kind {
        AttrKind::Bool => "a bool",
        AttrKind::Int => "an int",
        AttrKind::Float => "a float",
        AttrKind::Ints => "an int or a tuple of ints",
        AttrKind::Counts => "an int, a tuple of ints or a tensor of them",
        AttrKind::Pair => "an int or a pair of ints",
        AttrKind::Triple => "an int or three ints",
        AttrKind::Floats => "a float or a tuple of floats",
        AttrKind::IntsOr(_) => "an int, a tuple of ints or a str",
        AttrKind::Sizes => "an int, or a tuple of ints and None",
        AttrKind::DType => "a dtype",
        AttrKind::Choice(_) => "a str",
        AttrKind::FloatOr(_) => "a float or a str",
    }
}

/// May something that is no tensor stand for this input?
pub fn converts(p: &Input) -> bool {
    (p.promote || p.float) && !p.mutated
}
/// A tensor for an input that is none: a number by the weak rule beside the dtypes in `beside`, or an array.
pub fn convert(x: &Bound<PyAny>, beside: Option<DType>, op: &str, name: &str) -> PyResult<Tensor> {
    if let Some(n) = Number::of(x) {
        return n.tensor(n.dtype(beside));
    }
    if crate::array::is_array(x) {
        return crate::create::from_data(x, None).map_err(|e| crate::errors::renamed(x.py(), e, op));
    }
    Err(wrong(format!("{op}() argument {name}: a Tensor or a number expected, got {}", given(x))))
}
