//! Turning the tape on and off, and gradients as a function.
use crate::errors::{fail, OrRaise};
use crate::tensor::{expect, wrap, PyTensor};
use nncore::{dispatch, Kind, Tensor};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyTuple};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// A stretch of code with the tape on or off: `with no_grad():`, or a decorator.
#[pyclass(module = "nncore._core", frozen)]
pub struct GradMode {
    on: bool,
    /// What to go back to, one bit for each time it was entered, below a leading one.
    before: AtomicU64,
}
impl GradMode {
    fn new(on: bool) -> GradMode {
        GradMode { on, before: AtomicU64::new(1) }
    }
}
#[pymethods]
impl GradMode {
    fn __enter__(&self) {
        let was = dispatch::switch_grad(self.on);
        self.before.store(self.before.load(Relaxed) << 1 | was as u64, Relaxed);
    }
    #[pyo3(signature = (*_exception))]
    fn __exit__(&self, _exception: &Bound<PyTuple>) {
        let before = self.before.load(Relaxed);
        dispatch::switch_grad(before & 1 != 0);
        self.before.store((before >> 1).max(1), Relaxed);
    }
    /// Decorates a function.
    fn __call__<'py>(&self, function: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        decorate(self.on, function)
    }
}
/// What a decorator puts in a function's place.
#[pyclass(module = "nncore._core", frozen, dict)]
struct Scoped {
    on: bool,
    function: Py<PyAny>,
}
#[pymethods]
impl Scoped {
    #[pyo3(signature = (*args, **kwargs))]
    fn __call__<'py>(
        &self,
        py: Python<'py>,
        args: &Bound<'py, PyTuple>,
        kwargs: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let was = dispatch::switch_grad(self.on);
        let out = self.function.bind(py).call(args, kwargs);
        dispatch::switch_grad(was);
        out
    }
    /// Methods are bound like a function's.
    fn __get__<'py>(
        slf: Bound<'py, Self>,
        object: Bound<'py, PyAny>,
        _class: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        if object.is_none() {
            return Ok(slf.into_any());
        }
        slf.py().import("types")?.getattr("MethodType")?.call1((slf, object))
    }
}
fn decorate<'py>(on: bool, function: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let py = function.py();
    let scoped = Bound::new(py, Scoped { on, function: function.clone().unbind() })?;
    py.import("functools")?.getattr("update_wrapper")?.call1((scoped, function))
}
fn mode<'py>(py: Python<'py>, on: bool, function: Option<&Bound<'py, PyAny>>) -> PyResult<Bound<'py, PyAny>> {
    match function {
        Some(f) => decorate(on, f),
        None => Ok(Bound::new(py, GradMode::new(on))?.into_any()),
    }
}

/// Leaves the tape off: `with no_grad(): …`, or as a decorator.
#[pyfunction]
#[pyo3(signature = (function=None, /))]
pub fn no_grad<'py>(py: Python<'py>, function: Option<&Bound<'py, PyAny>>) -> PyResult<Bound<'py, PyAny>> {
    mode(py, false, function)
}
/// Turns the tape on again inside `no_grad`.
#[pyfunction]
#[pyo3(signature = (function=None, /))]
pub fn enable_grad<'py>(py: Python<'py>, function: Option<&Bound<'py, PyAny>>) -> PyResult<Bound<'py, PyAny>> {
    mode(py, true, function)
}
/// Turns the tape of this thread on or off for good; gives what it was.
#[pyfunction]
pub fn set_grad_enabled(on: bool) -> bool {
    dispatch::switch_grad(on)
}
/// Are ops put on the tape?
#[pyfunction]
pub fn is_grad_enabled() -> bool {
    dispatch::grad_enabled()
}

/// The `.grad` of each tensor of a list, as a list; None where one of them has none.
///
/// For optimizers: asking each tensor by itself would cost as much as a small step.
#[pyfunction]
pub fn gradients<'py>(parameters: &Bound<'py, PyList>) -> PyResult<Option<Bound<'py, PyList>>> {
    let py = parameters.py();
    let grads = PyList::empty(py);
    for p in parameters {
        match expect(&p, "gradients() argument parameters")?.get().get().grad() {
            Some(g) => grads.append(wrap(py, g)?)?,
            None => return Ok(None),
        }
    }
    Ok(Some(grads))
}
/// Drops the `.grad` of each tensor of a list.
#[pyfunction]
pub fn clear_gradients(parameters: &Bound<PyList>) -> PyResult<()> {
    for p in parameters {
        let t = expect(&p, "clear_gradients() argument parameters")?.get().get();
        if !matches!(t.edge, nncore::tensor::Edge::None) {
            t.set_grad(None).or_raise()?
        }
    }
    Ok(())
}

/// The gradients of `output` with respect to `inputs` (a tensor or several), as a tuple. No `.grad` is touched.
///
/// `grad_outputs` is what to start from: ones for an output of one element. With `create_graph` the gradients can be
/// differentiated in turn. An input that `output` does not depend on raises `GradientError`, or gives None with
/// `allow_unused`.
#[pyfunction]
#[pyo3(signature = (output, inputs, grad_outputs=None, *, retain_graph=None, create_graph=false, allow_unused=false))]
pub fn grad<'py>(
    py: Python<'py>,
    output: &Bound<'py, PyTensor>,
    inputs: &Bound<'py, PyAny>,
    grad_outputs: Option<&Bound<'py, PyTensor>>,
    retain_graph: Option<bool>,
    create_graph: bool,
    allow_unused: bool,
) -> PyResult<Bound<'py, PyTuple>> {
    let wanted: Vec<Bound<PyTensor>> = match inputs.cast::<PyTensor>() {
        Ok(t) => vec![t.clone()],
        Err(_) => {
            let items = inputs.try_iter()?;
            items.map(|t| Ok(expect(&t?, "grad() argument inputs")?.clone())).collect::<PyResult<_>>()?
        }
    };
    let refs: Vec<&Tensor> = wanted.iter().map(|t| t.get().get()).collect();
    if let Some(k) = refs.iter().position(|t| !t.requires_grad()) {
        return Err(fail(Kind::NoGradient, "grad", format!("input {k} does not require a gradient")));
    }
    let options = nncore::Options { create_graph, retain_graph: retain_graph.unwrap_or(create_graph) };
    let (root, seed) = (output.get().get(), grad_outputs.map(|g| g.get().get()));
    let found = py.detach(|| nncore::grad(root, &refs, seed, options)).or_raise()?;
    if let Some(k) = found.iter().position(|g| g.is_none()).filter(|_| !allow_unused) {
        let text = format!("the output does not depend on input {k}; pass allow_unused=True to get None for it");
        return Err(fail(Kind::NoGradient, "grad", text));
    }
    let all = found.into_iter().map(|g| g.map(|g| wrap(py, g)).transpose());
    PyTuple::new(py, all.collect::<PyResult<Vec<_>>>()?)
}
