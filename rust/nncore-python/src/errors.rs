//! The core's errors as Python exceptions: the classes of `nncore.errors`, imported when the first one is needed.
use nncore::{Error, Kind};
use pyo3::exceptions::{PyKeyboardInterrupt, PyMemoryError, PyRuntimeError, PyTypeError};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyTuple};
use std::cell::RefCell;

thread_local! {
    /// A Python exception on its way through the core, which knows it only as `Foreign` or `Interrupted`.
    static STASH: RefCell<Option<PyErr>> = const { RefCell::new(None) };
}

/// Puts a Python exception aside and gives the error that carries it through the core.
pub fn foreign(e: PyErr) -> Box<Error> {
    STASH.with_borrow_mut(|s| *s = Some(e));
    nncore::err(Kind::Foreign, "Python code raised")
}
/// Keeps an exception for the `Interrupted` error that the core makes by itself.
pub fn stash(e: PyErr) {
    STASH.with_borrow_mut(|s| *s = Some(e));
}

fn class_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Shape => "ShapeError",
        Kind::DType => "DTypeError",
        Kind::Value => "InvalidValueError",
        Kind::Layout => "LayoutError",
        Kind::Device => "DeviceError",
        Kind::Unsupported => "UnsupportedOnDevice",
        Kind::NoGradient => "GradientError",
        Kind::Overwritten => "OverwrittenError",
        Kind::HostRead | Kind::Capture | Kind::Guard => "CaptureError",
        Kind::Memory | Kind::Interrupted | Kind::Foreign => "NNCoreError",
    }
}

/// The exception for a core error.
#[cold]
pub fn raise(e: Box<Error>) -> PyErr {
    Python::attach(|py| match e.kind {
        Kind::Interrupted | Kind::Foreign => STASH.with_borrow_mut(Option::take).unwrap_or_else(|| match e.kind {
            Kind::Interrupted => PyKeyboardInterrupt::new_err(()),
            _ => PyRuntimeError::new_err(e.to_string()),
        }),
        Kind::Memory => PyMemoryError::new_err(e.to_string()),
        kind => build(py, class_name(kind), &e).unwrap_or_else(|failed| failed),
    })
}
fn build(py: Python, class: &'static str, e: &Error) -> PyResult<PyErr> {
    let mut text = e.text.clone();
    if matches!(e.kind, Kind::HostRead | Kind::Capture) {
        // Which line of the user's code it was, unless the core has said so.
        if let Some(site) = crate::site::find(py).filter(|_| !text.contains(" (at ")) {
            text.push_str(&format!(" (at {site})"));
        }
    }
    let details = PyDict::new(py);
    if !e.op.is_empty() {
        details.set_item("op", e.op)?;
    }
    let shapes = e.specs.iter().map(|s| PyTuple::new(py, s.dims())).collect::<PyResult<Vec<_>>>()?;
    details.set_item("shapes", shapes)?;
    details.set_item("dtypes", e.specs.iter().map(|s| s.dtype.name()).collect::<Vec<_>>())?;
    let made = module(py)?.getattr(class)?.call((text,), Some(&details))?;
    Ok(PyErr::from_value(made))
}
fn module<'py>(py: Python<'py>) -> PyResult<&'py Bound<'py, PyAny>> {
    static MODULE: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    Ok(MODULE.get_or_try_init(py, || Ok::<_, PyErr>(py.import("nncore.errors")?.into_any().unbind()))?.bind(py))
}

/// An error that the door itself finds.
#[cold]
pub fn fail(kind: Kind, op: &'static str, text: impl Into<String>) -> PyErr {
    let mut e = nncore::err(kind, text);
    e.op = op;
    raise(e)
}
/// An error of a class that has no kind in the core: a damaged file, say.
#[cold]
pub fn named(py: Python, class: &str, text: String) -> PyErr {
    match module(py).and_then(|m| m.getattr(class)).and_then(|c| c.call1((text,))) {
        Ok(made) => PyErr::from_value(made),
        Err(failed) => failed,
    }
}
/// An error of ours in the name of the op that it was met in.
#[cold]
pub fn renamed(py: Python, e: PyErr, op: &str) -> PyErr {
    let value = e.value(py);
    if module(py).and_then(|m| m.getattr("NNCoreError")).and_then(|c| value.is_instance(&c)).unwrap_or(false) {
        // What can not be told must not hide what went wrong.
        let _ = value.setattr("op", op);
    }
    e
}
/// A function's result, and its errors in its name: which op does the work behind it is not its caller's to know.
pub fn under<T>(py: Python, op: &str, result: PyResult<T>) -> PyResult<T> {
    result.map_err(|e| renamed(py, e, op))
}
/// A wrong argument.
#[cold]
pub fn wrong(text: impl Into<String>) -> PyErr {
    PyTypeError::new_err(text.into())
}

/// `?` on the core's results inside the door.
pub trait OrRaise<T> {
    fn or_raise(self) -> PyResult<T>;
}
impl<T> OrRaise<T> for nncore::Result<T> {
    #[inline]
    fn or_raise(self) -> PyResult<T> {
        self.map_err(raise)
    }
}

/// The type's name, for messages.
pub fn type_name(x: &Bound<PyAny>) -> String {
    x.get_type().name().map_or_else(|_| "?".into(), |n| n.to_string())
}
