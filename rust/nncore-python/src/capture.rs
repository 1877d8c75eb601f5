//! Captured steps: record a Python callable once, replay it in Rust without the GIL.
use crate::errors::{foreign, raise, OrRaise};
use crate::tensor::{expect, wrap, PyTensor};
use nncore::capture::{self, Program};
use nncore::{dispatch, Kind, Tensor};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use smallvec::SmallVec;
use std::sync::{Mutex, PoisonError};

/// A recorded step: planned, and ready to run again.
#[pyclass(name = "Program", module = "nncore._core", frozen)]
pub struct PyProgram(Mutex<Program>);
impl PyProgram {
    /// Waits without the GIL: whoever replays now may need it for an op written in Python.
    fn with<R: Send>(&self, py: Python, f: impl FnOnce(&mut Program) -> R + Send) -> R {
        py.detach(|| f(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner)))
    }
}
type Held<'py> = SmallVec<[Bound<'py, PyTensor>; 8]>;
fn held<'py>(args: &Bound<'py, PyAny>) -> PyResult<Held<'py>> {
    if let Ok(t) = args.cast::<PyTuple>() {
        return t.iter_borrowed().map(|a| Ok(expect(&a, "a captured step's argument")?.clone())).collect();
    }
    args.try_iter()?.map(|a| Ok(expect(&a?, "a captured step's argument")?.clone())).collect()
}
fn tensors<'a>(held: &'a Held<'_>) -> SmallVec<[&'a Tensor; 8]> {
    held.iter().map(|t| t.get().get()).collect()
}

#[pymethods]
impl PyProgram {
    /// Runs the step on new tensors of the recorded dtypes, shapes and strides; gives its results.
    fn replay<'py>(&self, py: Python<'py>, args: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyTuple>> {
        let held = held(args)?;
        let args = tensors(&held);
        let outs = self.with(py, |p| p.replay(&args)).or_raise()?;
        PyTuple::new(py, outs.into_iter().map(|t| wrap(py, t)).collect::<PyResult<SmallVec<[_; 4]>>>()?)
    }
    #[pyo3(signature = (*args))]
    fn __call__<'py>(&self, py: Python<'py>, args: &Bound<'py, PyTuple>) -> PyResult<Bound<'py, PyTuple>> {
        self.replay(py, args.as_any())
    }
    /// Do these tensors fit what was recorded?
    fn fits(&self, py: Python, args: &Bound<PyAny>) -> PyResult<bool> {
        let held = held(args)?;
        let args = tensors(&held);
        Ok(self.with(py, |p| p.fits(&args)))
    }
    /// Does the step change memory that one of these shares with another one, or with what the step reads from around it?
    fn entangled(&self, py: Python, args: &Bound<PyAny>) -> PyResult<bool> {
        let held = held(args)?;
        let args = tensors(&held);
        Ok(self.with(py, |p| p.entangled(&args)))
    }
    /// What was recorded, planned and pinned, line by line.
    fn report(&self, py: Python) -> String {
        self.with(py, |p| p.report().to_string())
    }
    /// The numbers of the report.
    #[getter]
    fn stats<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let r = self.with(py, |p| p.report().clone());
        let d = PyDict::new(py);
        d.set_item("instructions", r.lines.len())?;
        d.set_item("flops", r.lines.iter().map(|l| l.cost.flops).sum::<u64>())?;
        d.set_item("bytes", r.lines.iter().map(|l| l.cost.bytes).sum::<u64>())?;
        for (name, value) in [
            ("views", r.views),
            ("buffers", r.buffers),
            ("planned", r.planned),
            ("arena_bytes", r.arena_bytes),
            ("sum_bytes", r.sum_bytes),
            ("pinned", r.pinned),
            ("reused", r.reused),
        ] {
            d.set_item(name, value)?;
        }
        let rows = r.lines.iter().map(|l| (l.op, l.cost.flops, l.cost.bytes, l.site.clone())).collect::<Vec<_>>();
        d.set_item("ops", rows)?;
        Ok(d)
    }
    fn __repr__(&self, py: Python) -> String {
        let n = self.with(py, |p| p.report().lines.len());
        format!("<program of {n} instructions>")
    }
}

/// Runs `step(*args)` once while recording every op; gives its results and the program.
///
/// `args` are the tensors that change from call to call. `step` returns a tensor, or a list or tuple of tensors.
#[pyfunction]
pub fn record<'py>(
    py: Python<'py>,
    step: &Bound<'py, PyAny>,
    args: &Bound<'py, PyAny>,
) -> PyResult<(Bound<'py, PyTuple>, PyProgram)> {
    let args: Vec<Tensor> = tensors(&held(args)?).into_iter().cloned().collect();
    let (outs, program) = capture::record(&args, |aliases| {
        let call = || -> PyResult<Vec<Tensor>> {
            let given = aliases.iter().map(|t| wrap(py, t.clone())).collect::<PyResult<Vec<_>>>()?;
            let result = step.call1(PyTuple::new(py, given)?)?;
            if let Ok(t) = result.cast::<PyTensor>() {
                return Ok(vec![t.get().get().clone()]);
            }
            if result.is_none() {
                return Ok(vec![]);
            }
            let what = "a captured step's result";
            let Ok(items) = result.try_iter() else { return Err(expect(&result, what).expect_err("it is no tensor")) };
            items.map(|t| Ok(expect(&t?, what)?.get().get().clone())).collect()
        };
        call().map_err(foreign)
    })
    .map_err(raise)?;
    let outs = outs.into_iter().map(|t| wrap(py, t)).collect::<PyResult<Vec<_>>>()?;
    Ok((PyTuple::new(py, outs)?, PyProgram(Mutex::new(program))))
}
/// Is a step being recorded on this thread?
#[pyfunction]
pub fn recording() -> bool {
    dispatch::recording()
}
/// Makes no program of a step that is being recorded, as a host read does: for Python code whose effects it would miss.
#[pyfunction]
pub fn not_while_recording(what: &str) {
    if dispatch::recording() {
        dispatch::refuse(nncore::err(Kind::Capture, format!("{what} can not be part of a captured step")))
    }
}
