//! Ops as methods of `Tensor`, and their twins that work in place. A method descriptor has no place for data, so each has a
//! C function of its own, a jump of a few bytes, made by the compiler from a number.
use crate::errors::fail;
use crate::functions::{definition, enter, given, guarded, is_method, signature, spreads, Entry};
use crate::operators::{keep, may_change};
use crate::tensor::PyTensor;
use nncore::op::OpInfo;
use nncore::{ops, Kind};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::PyType;
use std::sync::OnceLock;

static ENTRIES: OnceLock<&'static [Entry]> = OnceLock::new();
const ROWS: usize = 32;
/// From this number on methods are twins.
const TWINS: usize = ROWS * 16;
type Method = ffi::PyCFunctionFastWithKeywords;

unsafe extern "C" fn method<const I: usize>(
    me: *mut ffi::PyObject,
    args: *const *mut ffi::PyObject,
    n: ffi::Py_ssize_t,
    kw: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    through(I, me, args, n, kw)
}
#[inline(never)]
unsafe fn through(
    i: usize,
    me: *mut ffi::PyObject,
    args: *const *mut ffi::PyObject,
    n: ffi::Py_ssize_t,
    kw: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    let py = Python::assume_attached();
    guarded(py, || {
        let entry = &ENTRIES.get().expect("set at import")[i % TWINS];
        let run = || enter(py, entry, given(args, n), Some(me), args.wrapping_add(n as usize), kw);
        if i < TWINS {
            run()
        } else {
            in_place(py, entry, me, run)
        }
    })
}
/// Runs the op, and keeps its result in the tensor whose method it is.
#[inline(never)]
unsafe fn in_place(
    py: Python,
    entry: &'static Entry,
    me: *mut ffi::PyObject,
    run: impl FnOnce() -> PyResult<*mut ffi::PyObject>,
) -> PyResult<*mut ffi::PyObject> {
    let me = Bound::<PyAny>::from_borrowed_ptr(py, me);
    let target = me.cast::<PyTensor>()?.get().get();
    may_change(target, entry.info.name)?;
    let made = Bound::<PyAny>::from_owned_ptr(py, run()?);
    let made = made.cast::<PyTensor>()?.get().get();
    if made.requires_grad() {
        let text =
            "another argument is on the tape and an operation in place would lose its gradient; write x = x.op(y)";
        return Err(fail(Kind::NoGradient, entry.info.name, text));
    }
    keep(target, made, entry.info.name)?;
    Ok(me.into_ptr())
}
macro_rules! row {
    ($r:literal: $($c:literal)*) => { [$(method::<{ $r * 16 + $c }>),*] };
}
macro_rules! rows {
    ($($r:literal)*) => { [$(row!($r: 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15)),*] };
}
static METHODS: [[Method; 16]; 2 * ROWS] = rows!(
    0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31
    32 33 34 35 36 37 38 39 40 41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 59 60 61 62 63
);

/// Has this op of a group a twin in place, `add_` of `add`? Those have that compute elementwise, or write into a copy.
pub fn has_twin(group: &str, info: &OpInfo) -> bool {
    // Truths, and what has another shape or no first among its inputs.
    const NONE: [&str; 11] = [
        "glu",
        "isfinite",
        "isinf",
        "isnan",
        "log_softmax",
        "maximum",
        "minimum",
        "prelu",
        "softmax",
        "softmin",
        "where",
    ];
    const COPIES: [&str; 18] = [
        "addbmm",
        "addmm",
        "addmv",
        "addr",
        "baddbmm",
        "cumprod",
        "cumsum",
        "index_add",
        "index_copy",
        "index_fill",
        "index_put",
        "masked_fill",
        "masked_scatter",
        "scatter",
        "scatter_add",
        "scatter_reduce",
        "tril",
        "triu",
    ];
    let elementwise = matches!(group, "elementwise" | "activation") && info.returns == 1;
    is_method(info) && (elementwise && !NONE.contains(&info.name) || COPIES.contains(&info.name))
}

/// Gives `Tensor` a method for each public op whose first input is a tensor, unless the class has that name already.
pub fn install(py: Python, entries: &'static [Entry]) -> PyResult<()> {
    let class = py.get_type::<PyTensor>();
    ENTRIES.get_or_init(|| entries);
    assert!(entries.len() <= ROWS * 16, "more ops than rows of methods");
    for (i, (e, (group, _))) in entries.iter().zip(ops::groups()).enumerate().filter(|(_, (e, _))| is_method(e.info)) {
        let inner = signature(e.info);
        let inner = inner.trim_start_matches('(').trim_start_matches(e.info.inputs[0].name).trim_start_matches(", ");
        let rest = match (inner, spreads(e.info)) {
            (")", _) => ")".to_string(),
            (sizes, true) => format!(", *{sizes}"),
            (others, false) => format!(", {others}"),
        };
        let method = |name: &str, doc: &str, i: usize| match class.hasattr(name)? {
            true => Ok(()),
            false => {
                add(&class, name, definition(name, format!("{name}($self{rest}\n--\n\n{doc}"), METHODS[i / 16][i % 16]))
            }
        };
        method(e.info.name, &crate::table::doc(e.info), i)?;
        if has_twin(group, e.info) {
            let doc = format!("`{}` in place: the result is kept in this tensor, which is given back.", e.info.name);
            method(&format!("{}_", e.info.name), &doc, i + TWINS)?
        }
    }
    Ok(())
}
fn add(class: &Bound<PyType>, name: &str, def: *mut ffi::PyMethodDef) -> PyResult<()> {
    // The definition lives for ever.
    let descriptor = unsafe {
        let made = ffi::PyDescr_NewMethod(class.as_type_ptr(), def);
        Bound::from_owned_ptr_or_err(class.py(), made)?
    };
    class.setattr(name, descriptor)
}
