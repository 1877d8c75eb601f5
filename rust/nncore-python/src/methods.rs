//! Ops as methods of `Tensor`. A method descriptor has no place for data, so each has a C function of its own, a jump of a
//! few bytes, made by the compiler from a number.
use crate::functions::{definition, enter, given, guarded, is_method, signature, spreads, Entry};
use crate::tensor::PyTensor;
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::PyType;
use std::sync::OnceLock;

static ENTRIES: OnceLock<&'static [Entry]> = OnceLock::new();
const ROWS: usize = 32;
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
        let entry = &ENTRIES.get().expect("set at import")[i];
        enter(py, entry, given(args, n), Some(me), args.wrapping_add(n as usize), kw)
    })
}
macro_rules! row {
    ($r:literal: $($c:literal)*) => { [$(method::<{ $r * 16 + $c }>),*] };
}
macro_rules! rows {
    ($($r:literal)*) => { [$(row!($r: 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15)),*] };
}
static METHODS: [[Method; 16]; ROWS] =
    rows!(0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31);

/// Gives `Tensor` a method for each public op whose first input is a tensor, unless the class has that name already.
pub fn install(py: Python, entries: &'static [Entry]) -> PyResult<()> {
    let class = py.get_type::<PyTensor>();
    ENTRIES.get_or_init(|| entries);
    assert!(entries.len() <= ROWS * 16, "more ops than rows of methods");
    for (i, e) in entries.iter().enumerate().filter(|(_, e)| is_method(e.info)) {
        if class.hasattr(e.info.name)? {
            continue;
        }
        let inner = signature(e.info);
        let inner = inner.trim_start_matches('(').trim_start_matches(e.info.inputs[0].name).trim_start_matches(", ");
        let rest = match (inner, spreads(e.info)) {
            (")", _) => ")".to_string(),
            (sizes, true) => format!(", *{sizes}"),
            (others, false) => format!(", {others}"),
        };
        let text = format!("{}($self{rest}\n--\n\n{}", e.info.name, crate::table::doc(e.info));
        let def = definition(e.info.name, text, METHODS[i / 16][i % 16]);
        add(&class, e.info.name, def)?;
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
