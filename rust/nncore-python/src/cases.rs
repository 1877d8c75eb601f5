//! The ops' own samples as Python calls: tests and benches are made from them.
use crate::dtype;
use crate::errors::fail;
use nncore::op::{Arity, Attr, AttrKind, OpInfo, NO_SIZE};
use nncore::{Kind, Tensor};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyTuple};

/// An op's samples, each as the arguments and keywords that call it: `ops.relu(*args, **kwargs)`.
///
/// A list input is a list of tensors, an input left out is None. All attributes are given: by name, or in their places where
/// the signature has some before inputs.
#[pyfunction]
pub fn op_cases<'py>(py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyList>> {
    let Some(info) = nncore::ops::find(name) else {
        return Err(fail(Kind::Value, "", format!("there is no op {name:?}")));
    };
    let calls = PyList::empty(py);
    for case in (info.cases)() {
        let keywords = PyDict::new(py);
        for (a, value) in info.attrs.iter().zip(&case.attrs) {
            keywords.set_item(a.name, attribute(py, value, a.kind)?)?;
        }
        let mut arguments = arguments(py, info, case.inputs)?;
        if !info.order.is_empty() {
            let place = |name: &str| info.inputs.iter().position(|i| i.name == name);
            let value = |name: &&str| match place(name) {
                Some(i) => arguments.get_item(i),
                None => keywords.as_any().get_item(*name),
            };
            arguments = PyTuple::new(py, info.order.iter().map(value).collect::<PyResult<Vec<_>>>()?)?;
            keywords.clear();
        }
        calls.append((arguments, keywords))?;
    }
    Ok(calls)
}
/// The inputs in the places of the signature.
fn arguments<'py>(py: Python<'py>, info: &OpInfo, inputs: Vec<Option<Tensor>>) -> PyResult<Bound<'py, PyTuple>> {
    let lists = info.inputs.iter().filter(|p| p.arity == Arity::List).count();
    let each = (inputs.len() + lists - info.inputs.len()).checked_div(lists).unwrap_or(0);
    let mut inputs = inputs.into_iter();
    let mut next = || -> PyResult<Py<PyAny>> {
        match inputs.next().flatten() {
            None => Ok(py.None()),
            Some(t) => Ok(crate::tensor::wrap(py, t)?.into_any().unbind()),
        }
    };
    let mut places: Vec<Py<PyAny>> = vec![];
    for p in info.inputs {
        places.push(match p.arity {
            Arity::List => {
                let items = (0..each).map(|_| next()).collect::<PyResult<Vec<_>>>()?;
                PyList::new(py, items)?.into_any().unbind()
            }
            _ => next()?,
        })
    }
    PyTuple::new(py, places)
}
fn attribute<'py>(py: Python<'py>, value: &Attr, kind: AttrKind) -> PyResult<Bound<'py, PyAny>> {
    Ok(match (value, kind) {
        (Attr::None, _) => py.None().into_bound(py),
        (Attr::Bool(b), _) => b.into_pyobject(py)?.to_owned().into_any(),
        (Attr::Int(NO_SIZE), AttrKind::Sizes) => py.None().into_bound(py),
        (Attr::Ints(v), AttrKind::Sizes) => {
            PyTuple::new(py, v.iter().map(|i| (*i != NO_SIZE).then_some(*i)))?.into_any()
        }
        (Attr::Int(i), _) => i.into_pyobject(py)?.into_any(),
        (Attr::Float(f), _) => f.into_pyobject(py)?.into_any(),
        (Attr::Floats(v), _) => PyTuple::new(py, v.iter())?.into_any(),
        (Attr::Ints(v), _) => PyTuple::new(py, v.iter())?.into_any(),
        (Attr::DType(d), _) => dtype::object(py, *d).into_bound(py).into_any(),
        (Attr::Choice(i), AttrKind::Choice(words) | AttrKind::FloatOr(words) | AttrKind::IntsOr(words)) => {
            words[*i as usize].into_pyobject(py)?.into_any()
        }
        (Attr::Choice(i), _) => i.into_pyobject(py)?.into_any(),
    })
}
