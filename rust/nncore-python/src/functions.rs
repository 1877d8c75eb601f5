//! From an op's definition to a Python function: real signature, docstring, keywords, defaults. One C function serves all.
use crate::args;
use crate::errors::{raise, wrong};
use crate::tensor::PyTensor;
use nncore::op::{Arity, Attr, AttrInfo, AttrKind, OpInfo};
use nncore::{DType, Tensor};
use pyo3::ffi;
use pyo3::panic::PanicException;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString, PyTuple};
use smallvec::SmallVec;
use std::ffi::CString;

/// Parameters of one op at most.
const MAX: usize = 24;
/// Elements of input above which the GIL is released: some microseconds of work.
pub const RELEASE: usize = 1 << 14;

/// An op with what is needed to call it from Python, made once.
pub struct Entry {
    pub info: &'static OpInfo,
    /// Interned, so that a keyword is mostly found by its address.
    names: Vec<Py<PyString>>,
    defaults: Vec<Attr>,
    /// The place of each positional argument in `names`; empty where they are the same.
    places: Vec<usize>,
    has_list: bool,
    spreads: bool,
}
impl Entry {
    pub fn new(py: Python, info: &'static OpInfo) -> Entry {
        let names = info.inputs.iter().map(|i| i.name).chain(info.attrs.iter().map(|a| a.name));
        assert!(info.inputs.len() + info.attrs.len() <= MAX, "{} has more than {MAX} parameters", info.name);
        Entry {
            info,
            names: names.map(|n| PyString::intern(py, n).unbind()).collect(),
            places: info.order.iter().map(|o| place(info, o)).collect(),
            defaults: info.attrs.iter().map(|a| a.default.map_or(Attr::None, |d| d())).collect(),
            has_list: info.inputs.iter().any(|i| i.arity == Arity::List),
            spreads: spreads(info),
        }
    }
}
/// Is this op a method of `Tensor` too?
pub fn is_method(info: &OpInfo) -> bool {
    info.public && info.inputs.first().is_some_and(|i| i.arity == Arity::One)
}
/// Does the method take its sizes one by one, as in `x.reshape(2, 3)`?
pub fn spreads(info: &OpInfo) -> bool {
    let only = |a: &AttrInfo| a.kind == AttrKind::Ints && !a.optional && a.default.is_none();
    info.inputs.len() == 1 && matches!(info.attrs, [a] if only(a))
}

/// Where a parameter stands among inputs, then attributes.
fn place(info: &OpInfo, name: &str) -> usize {
    let mut names = info.inputs.iter().map(|i| i.name).chain(info.attrs.iter().map(|a| a.name));
    names.position(|n| n == name).unwrap_or_else(|| panic!("{} has no parameter {name}", info.name))
}
/// `(input, dim=None, keepdim=False)`.
pub fn signature(info: &OpInfo) -> String {
    let inputs = info.inputs.iter().map(|x| match x.arity {
        Arity::Optional => format!("{}=None", x.name),
        _ => x.name.into(),
    });
    let attrs = info.attrs.iter().map(|a| match a.default {
        None => a.name.into(),
        Some(d) => format!("{}={}", a.name, literal(&d(), a.kind)),
    });
    let all: Vec<String> = inputs.chain(attrs).collect();
    match info.order {
        [] => format!("({})", all.join(", ")),
        order => format!("({})", order.iter().map(|o| all[place(info, o)].as_str()).collect::<Vec<_>>().join(", ")),
    }
}
/// A default as Python writes it.
pub fn literal(a: &Attr, kind: AttrKind) -> String {
    match (a, kind) {
        (Attr::None, _) => "None".into(),
        (Attr::Bool(b), _) => if *b { "True" } else { "False" }.into(),
        (Attr::Int(i), _) => i.to_string(),
        (Attr::Float(f), _) if f.is_infinite() => format!("float(\"{}inf\")", if *f < 0.0 { "-" } else { "" }),
        (Attr::Float(f), _) => format!("{f:?}"),
        (Attr::Floats(v), _) if v.len() == 1 => format!("({:?},)", v[0]),
        (Attr::Floats(v), _) => format!("({})", v.iter().map(|f| format!("{f:?}")).collect::<Vec<_>>().join(", ")),
        (Attr::Ints(v), _) if v.len() == 1 => format!("({},)", v[0]),
        (Attr::Ints(v), _) => format!("({})", v.iter().map(i64::to_string).collect::<Vec<_>>().join(", ")),
        // A name would have to be imported by whoever evaluates the signature.
        (Attr::DType(d), _) => format!("\"{}\"", d.name()),
        (Attr::Choice(i), AttrKind::Choice(words) | AttrKind::FloatOr(words) | AttrKind::IntsOr(words)) => {
            format!("\"{}\"", words[*i as usize])
        }
        (Attr::Choice(i), _) => i.to_string(),
    }
}

#[pyclass(frozen)]
struct Handle(&'static Entry);

/// A C function's name and documentation, which live for ever.
pub fn definition(name: &str, text: String, meth: ffi::PyCFunctionFastWithKeywords) -> *mut ffi::PyMethodDef {
    let leak = |s: String| Box::leak(CString::new(s).expect("no zero bytes").into_boxed_c_str()).as_ptr();
    Box::leak(Box::new(ffi::PyMethodDef {
        ml_name: leak(name.into()),
        ml_meth: ffi::PyMethodDefPointer { PyCFunctionFastWithKeywords: meth },
        ml_flags: ffi::METH_FASTCALL | ffi::METH_KEYWORDS,
        ml_doc: leak(text),
    }))
}
/// Adds the public ops to `m`.
pub fn install(m: &Bound<PyModule>, entries: &'static [Entry]) -> PyResult<()> {
    for e in entries.iter().filter(|e| e.info.public) {
        m.add(e.info.name, build(m.py(), e, m.name()?.as_any())?)?;
    }
    Ok(())
}
/// The functions of the ops that are not public (updates of optimizers, gradients), by name.
pub fn internal<'py>(py: Python<'py>, entries: &'static [Entry]) -> PyResult<Bound<'py, PyDict>> {
    let all = PyDict::new(py);
    let module = PyString::new(py, "nncore._core");
    for e in entries.iter().filter(|e| !e.info.public) {
        all.set_item(e.info.name, build(py, e, module.as_any())?)?;
    }
    Ok(all)
}
fn build<'py>(py: Python<'py>, e: &'static Entry, module: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let text = format!("{}{}\n--\n\n{}", e.info.name, signature(e.info), crate::table::doc(e.info));
    let def = definition(e.info.name, text, call);
    let handle = Py::new(py, Handle(e))?;
    // The function keeps its own references to both.
    unsafe { Bound::from_owned_ptr_or_err(py, ffi::PyCFunction_NewEx(def, handle.as_ptr(), module.as_ptr())) }
}
/// The function of any op, public or not, by name.
#[pyfunction]
pub fn function<'py>(py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyAny>> {
    let core = py.import("nncore._core")?;
    if let Some(f) = core.getattr("_internal")?.cast::<PyDict>()?.get_item(name)? {
        return Ok(f);
    }
    let found = core.getattr("ops")?.getattr_opt(name)?;
    found.ok_or_else(|| crate::errors::fail(nncore::Kind::Value, "", format!("there is no op {name:?}")))
}
/// Calls any op, public or not, by name.
#[pyfunction]
#[pyo3(name = "call", signature = (name, *args, **kwargs))]
pub fn call_by_name<'py>(
    name: &Bound<'py, PyString>,
    args: &Bound<'py, PyTuple>,
    kwargs: Option<&Bound<'py, PyDict>>,
) -> PyResult<Bound<'py, PyAny>> {
    function(name.py(), name.to_str()?)?.call(args, kwargs)
}

unsafe extern "C" fn call(
    me: *mut ffi::PyObject,
    args: *const *mut ffi::PyObject,
    n: ffi::Py_ssize_t,
    kw: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    let py = Python::assume_attached();
    // `install` made the function with a Handle, which nothing can replace.
    let entry = Bound::<PyAny>::ref_from_ptr(py, &me).cast_unchecked::<Handle>().get().0;
    guarded(py, || enter(py, entry, given(args, n), None, args.wrapping_add(n as usize), kw))
}
/// The positional arguments; the pointer may be null where there are none.
#[inline(always)]
pub unsafe fn given<'a>(args: *const Object, n: ffi::Py_ssize_t) -> &'a [Object] {
    match n {
        0 => &[],
        n => std::slice::from_raw_parts(args, n as usize),
    }
}
/// Turns errors and panics into exceptions.
#[inline(always)]
pub unsafe fn guarded(py: Python, f: impl FnOnce() -> PyResult<*mut ffi::PyObject>) -> *mut ffi::PyObject {
    match std::panic::catch_unwind(std::panic::AssertUnwindSafe(f)) {
        Ok(Ok(p)) => p,
        Ok(Err(e)) => {
            e.restore(py);
            std::ptr::null_mut()
        }
        Err(payload) => {
            let text = payload.downcast_ref::<String>().map(String::as_str);
            let text = text.or_else(|| payload.downcast_ref::<&str>().copied()).unwrap_or("a panic");
            PanicException::new_err(text.to_string()).restore(py);
            std::ptr::null_mut()
        }
    }
}

type Object = *mut ffi::PyObject;
/// Sorts arguments into the places of the signature, then runs the op. `me` is the tensor whose method this is.
///
/// # Safety
/// Called by the interpreter: all pointers are live until it returns, and `kw` is null or a tuple of as many names as there
/// are values behind `kw_values`.
#[inline(always)]
pub unsafe fn enter(
    py: Python,
    e: &'static Entry,
    args: &[Object],
    me: Option<Object>,
    kw_values: *const Object,
    kw: Object,
) -> PyResult<Object> {
    let total = e.names.len();
    let mut slots = [std::ptr::null_mut::<ffi::PyObject>(); MAX];
    let first = me.is_some() as usize;
    if let Some(me) = me {
        slots[0] = me
    }
    let packed;
    if first + args.len() <= total && !(e.spreads && first == 1 && args.len() == 1) {
        if e.places.is_empty() {
            slots[first..first + args.len()].copy_from_slice(args)
        } else {
            args.iter().zip(&e.places[first..]).for_each(|(a, p)| slots[*p] = *a)
        }
    } else if e.spreads && first == 1 {
        // x.reshape(2, 3), x.reshape((2, 3)), x.reshape(6)
        match args {
            [one] => slots[1] = *one,
            many => {
                packed = PyTuple::new(py, many.iter().map(|p| Bound::<PyAny>::from_borrowed_ptr(py, *p)))?;
                slots[1] = packed.as_ptr()
            }
        }
    } else {
        let given = first + args.len();
        return Err(wrong(format!("{}() takes {total} arguments but {given} were given", e.info.name)));
    }
    if !kw.is_null() {
        keywords(py, e, &mut slots, kw_values, kw)?
    }
    run(py, e, &slots)
}
unsafe fn keywords(
    py: Python,
    e: &'static Entry,
    slots: &mut [Object; MAX],
    values: *const Object,
    kw: Object,
) -> PyResult<()> {
    for k in 0..ffi::PyTuple_Size(kw) {
        let key = ffi::PyTuple_GetItem(kw, k);
        let same = |n: &Py<PyString>| n.as_ptr() == key || ffi::PyUnicode_Compare(n.as_ptr(), key) == 0;
        let at = e.names.iter().position(|n| n.as_ptr() == key).or_else(|| e.names.iter().position(same));
        let name = || Bound::<PyAny>::from_borrowed_ptr(py, key).to_string();
        let at = at.ok_or_else(|| {
            wrong(format!("{}{} got an unexpected keyword argument '{}'", e.info.name, signature(e.info), name()))
        })?;
        if !slots[at].is_null() {
            return Err(wrong(format!("{}() got multiple values for argument '{}'", e.info.name, name())));
        }
        slots[at] = *values.add(k as usize);
    }
    Ok(())
}
#[inline(always)]
unsafe fn run(py: Python, e: &'static Entry, slots: &[Object; MAX]) -> PyResult<Object> {
    let (ni, total) = (e.info.inputs.len(), e.names.len());
    // The defaults as they stand, unless something was given.
    let mut own: SmallVec<[Attr; 6]> = SmallVec::new();
    let mut attrs: &[Attr] = &e.defaults;
    if total > ni && (ni..total).any(|i| !slots[i].is_null() || e.info.attrs[i - ni].default.is_none()) {
        for (i, a) in e.info.attrs.iter().enumerate() {
            own.push(match slots[ni + i] {
                p if !p.is_null() => args::attr(Bound::<PyAny>::ref_from_ptr(py, &p), a, e.info.name)?,
                _ if a.default.is_some() => e.defaults[i].clone(),
                _ => return Err(missing(e, a.name)),
            });
        }
        attrs = &own;
    }
    if e.has_list {
        return listed(py, e, attrs, slots);
    }
    let mut ins: [Option<&Tensor>; MAX] = [None; MAX];
    for i in 0..ni {
        let p = slots[i];
        if !p.is_null() {
            if let Some(t) = args::peek(py, p) {
                ins[i] = Some(t);
                continue;
            }
        }
        if e.info.inputs[i].arity == Arity::Optional && (p.is_null() || p == ffi::Py_None()) {
            continue;
        }
        return converted(py, e, attrs, slots);
    }
    finish(py, e.info, attrs, &ins[..ni])
}
#[cold]
fn missing(e: &Entry, name: &str) -> PyErr {
    wrong(format!("{}{} is missing the argument '{name}'", e.info.name, signature(e.info)))
}
/// Some input is no tensor: a number, an array, or a mistake.
#[cold]
unsafe fn converted(py: Python, e: &'static Entry, attrs: &[Attr], slots: &[Object; MAX]) -> PyResult<Object> {
    let ni = e.info.inputs.len();
    let tensor = |i: usize| if slots[i].is_null() { None } else { args::peek(py, slots[i]) };
    let taking_part = (0..ni).filter(|&i| args::converts(&e.info.inputs[i])).filter_map(tensor);
    let beside: Option<DType> = taking_part.map(|t| t.spec.dtype).reduce(DType::promote);
    if let ("pow", 2) = (e.info.name, ni) {
        // A number has forms of its own, which need not read it from memory.
        let number = |i: usize| args::Number::of(unsafe { Bound::<PyAny>::ref_from_ptr(py, &slots[i]) });
        let swap = tensor(0).is_none();
        if let (Some(t), false) = (tensor(swap as usize), slots[!swap as usize].is_null()) {
            if let Some(n) = number(!swap as usize) {
                return wrapped(py, e.info, power(py, t, n, swap)?);
            }
        }
    }
    let mut made: [Option<Tensor>; MAX] = [const { None }; MAX];
    for i in 0..ni {
        let (p, input) = (slots[i], &e.info.inputs[i]);
        if tensor(i).is_some() || input.arity == Arity::Optional && (p.is_null() || p == ffi::Py_None()) {
            continue;
        }
        if p.is_null() {
            return Err(missing(e, input.name));
        }
        let x = Bound::<PyAny>::ref_from_ptr(py, &p);
        if !args::converts(input) {
            let what = format!("{}() argument {}", e.info.name, input.name);
            return Err(crate::tensor::expect(x, &what).expect_err("it is no tensor"));
        }
        made[i] = Some(args::convert(x, beside, e.info.name, input.name)?);
    }
    let ins: SmallVec<[Option<&Tensor>; MAX]> = (0..ni).map(|i| tensor(i).or(made[i].as_ref())).collect();
    finish(py, e.info, attrs, &ins)
}
/// Ops that take lists of tensors: `stack`, optimizers.
unsafe fn listed<'py>(py: Python<'py>, e: &'static Entry, attrs: &[Attr], slots: &[Object; MAX]) -> PyResult<Object> {
    // Held here, since a list may change while the GIL is released.
    let mut held: SmallVec<[Option<Bound<PyTensor>>; MAX]> = SmallVec::new();
    let mut length: Option<(usize, &str)> = None;
    for (i, input) in e.info.inputs.iter().enumerate() {
        let p = slots[i];
        let none = p.is_null() || p == ffi::Py_None();
        let tensor = |t: Bound<'py, PyAny>| match args::peek(py, t.as_ptr()) {
            Some(_) => Ok(t.cast_into_unchecked::<PyTensor>()),
            None => Err(no_tensor(&t, e, input.name)),
        };
        match input.arity {
            Arity::Optional if none => held.push(None),
            // A list that is not in use: nothing in each place.
            Arity::List if !p.is_null() && none => match length {
                Some((n, _)) => held.extend((0..n).map(|_| None)),
                None => return Err(missing(e, input.name)),
            },
            _ if p.is_null() => return Err(missing(e, input.name)),
            Arity::List => {
                let before = held.len();
                let x = Bound::<PyAny>::ref_from_ptr(py, &p);
                let member = |t: Bound<'py, PyAny>| match input.gaps && t.is_none() {
                    true => Ok(None),
                    false => tensor(t).map(Some),
                };
                // A list is walked by index: its iterator would cost as much as a small step of an optimizer.
                if let Ok(list) = x.cast::<PyList>() {
                    for k in 0..list.len() {
                        held.push(member(list.get_item(k)?)?)
                    }
                } else {
                    for t in x.try_iter().map_err(|_| no_list(x, e, input.name))? {
                        held.push(member(t?)?)
                    }
                }
                let n = held.len() - before;
                match length {
                    Some((m, other)) if m != n => {
                        let text = format!("{other} has {m} tensors and {} has {n}: one length expected", input.name);
                        return Err(crate::errors::fail(nncore::Kind::Shape, e.info.name, text));
                    }
                    _ => length = Some((n, input.name)),
                }
            }
            _ => held.push(Some(tensor(Bound::<PyAny>::ref_from_ptr(py, &p).clone())?)),
        }
    }
    let ins: SmallVec<[Option<&Tensor>; MAX]> = held.iter().map(|t| t.as_ref().map(|t| t.get().get())).collect();
    finish(py, e.info, attrs, &ins)
}
#[cold]
fn no_tensor(x: &Bound<PyAny>, e: &Entry, name: &str) -> PyErr {
    crate::tensor::expect(x, &format!("{}() argument {name}", e.info.name)).expect_err("it is no tensor")
}
#[cold]
fn no_list(x: &Bound<PyAny>, e: &Entry, name: &str) -> PyErr {
    let got = crate::errors::type_name(x);
    wrong(format!("{}() argument {name}: a list of tensors expected, got {got}", e.info.name))
}

/// Runs the op and wraps what it gives.
#[inline(always)]
fn finish(py: Python, info: &'static OpInfo, attrs: &[Attr], ins: &[Option<&Tensor>]) -> PyResult<Object> {
    wrapped(py, info, call_op(py, info, attrs, ins)?)
}
/// A power of which one side is a number: the tensor in the dtype that both have together, and the number as an attribute.
pub fn power(py: Python, x: &Tensor, n: args::Number, swap: bool) -> PyResult<nncore::op::Outputs> {
    static FORMS: std::sync::OnceLock<[&OpInfo; 2]> = std::sync::OnceLock::new();
    let forms = FORMS.get_or_init(|| ["pow_number", "number_pow"].map(|n| nncore::ops::find(n).expect("an op")));
    let x = nncore::ops::cast::cast(x, x.spec.dtype.promote(n.dtype(Some(x.spec.dtype)))).map_err(raise)?;
    call_op(py, forms[swap as usize], &[Attr::Float(n.value())], &[Some(&x)])
}
#[inline(always)]
fn wrapped(py: Python, info: &'static OpInfo, outs: nncore::op::Outputs) -> PyResult<Object> {
    // Some give fewer than they could: `max` without a dimension has no indices.
    match outs.len().min(info.returns) {
        1 if !info.many => Ok(crate::tensor::wrap(py, outs.into_iter().next().expect("one output"))?.into_ptr()),
        0 if !info.many => Ok(py.None().into_ptr()),
        n => {
            let all = outs.into_iter().take(n).map(|t| crate::tensor::wrap(py, t));
            Ok(PyTuple::new(py, all.collect::<PyResult<SmallVec<[_; 4]>>>()?)?.into_ptr())
        }
    }
}
/// Runs an op, without the GIL where there is enough to do.
#[inline(always)]
pub fn call_op(
    py: Python,
    info: &'static OpInfo,
    attrs: &[Attr],
    ins: &[Option<&Tensor>],
) -> PyResult<nncore::op::Outputs> {
    let work: usize = ins.iter().flatten().map(|t| t.spec.numel()).sum();
    if work > RELEASE { py.detach(|| (info.call)(attrs, ins)) } else { (info.call)(attrs, ins) }.map_err(raise)
}
