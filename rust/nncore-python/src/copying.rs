//! `copy.copy`, `copy.deepcopy` and pickle.
use crate::errors::{fail, OrRaise};
use crate::tensor::PyTensor;
use nncore::op::Layout;
use nncore::ops::copy::{fresh, to_layout};
use nncore::{dispatch, Kind, Tensor};
use pyo3::prelude::*;
use pyo3::types::{PyTuple, PyType};

/// A tensor of class `class` on `t`'s memory. Subclasses may take other arguments, so their own constructors stay out of it.
fn of_class<'py>(class: &Bound<'py, PyType>, t: Tensor, requires_grad: bool) -> PyResult<Bound<'py, PyTensor>> {
    let py = class.py();
    let plain = crate::tensor::wrap(py, t)?;
    if class.is(py.get_type::<PyTensor>()) {
        plain.get().require_grad(requires_grad)?;
        return Ok(plain);
    }
    let made = py.get_type::<PyTensor>().call_method1("__new__", (class, plain))?;
    let made = made.cast_into::<PyTensor>().map_err(PyErr::from)?;
    made.get().require_grad(requires_grad)?;
    Ok(made)
}
/// The instance's own attributes: subclasses have them.
fn attributes<'py>(x: &Bound<'py, PyAny>) -> Option<Bound<'py, PyAny>> {
    x.getattr("__dict__").ok().filter(|d| d.is_truthy().unwrap_or(false))
}

#[pymethods]
impl PyTensor {
    fn __copy__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyTensor>> {
        let t = slf.get().get();
        let copied = match slf.get_type().is(slf.py().get_type::<PyTensor>()) {
            // The same leaf: a gradient that reaches one is seen in both.
            true => crate::tensor::wrap(slf.py(), t.clone())?,
            false => of_class(&slf.get_type(), t.detach(), t.requires_grad())?,
        };
        if let Some(d) = attributes(slf) {
            copied.getattr("__dict__")?.call_method1("update", (d,))?;
        }
        Ok(copied)
    }
    fn __deepcopy__<'py>(slf: &Bound<'py, Self>, memo: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyTensor>> {
        let t = slf.get().get();
        if !t.is_leaf() {
            let text = "a tensor that an op on the tape made is not copied deeply; detach it first";
            return Err(fail(Kind::NoGradient, "deepcopy", text));
        }
        let own = |t: &Tensor| dispatch::no_grad(|| fresh(&t.detach())).or_raise();
        let copied = of_class(&slf.get_type(), own(t)?, t.requires_grad())?;
        if let Some(g) = t.grad() {
            copied.get().get().set_grad(Some(own(&g)?)).or_raise()?;
        }
        if let Some(d) = attributes(slf) {
            let deep = slf.py().import("copy")?.call_method1("deepcopy", (d, memo))?;
            copied.getattr("__dict__")?.call_method1("update", (deep,))?;
        }
        Ok(copied)
    }
    /// As a NumPy array, with what an array does not say.
    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyTuple>> {
        let (py, t) = (slf.py(), slf.get().get());
        let rebuild = py.import("nncore._core")?.getattr("_rebuild")?;
        let plain = crate::tensor::wrap(py, t.for_host().or_raise()?)?;
        let array = crate::array::to_numpy(&plain, true)?;
        let channels_last = t.spec.is_channels_last() && !t.spec.is_contiguous();
        let args = (slf.get_type(), array, t.requires_grad() && t.is_leaf(), channels_last);
        match attributes(slf) {
            Some(d) => PyTuple::new(py, [rebuild, args.into_pyobject(py)?.into_any(), d]),
            None => PyTuple::new(py, [rebuild, args.into_pyobject(py)?.into_any()]),
        }
    }
}

/// Undoes `Tensor.__reduce__`.
#[pyfunction]
pub fn _rebuild<'py>(
    class: &Bound<'py, PyType>,
    array: &Bound<'py, PyAny>,
    requires_grad: bool,
    channels_last: bool,
) -> PyResult<Bound<'py, PyTensor>> {
    let mut t = crate::create::from_data(array, None)?;
    if channels_last {
        t = to_layout(&t, Layout::ChannelsLast).or_raise()?;
    }
    of_class(class, t, requires_grad)
}
