//! Devices by name.
use crate::errors::{fail, type_name};
use nncore::device::{cpu, Device};
use nncore::Kind;
use pyo3::prelude::*;
use pyo3::types::PyString;

/// The device that a string names; None for what is not a string or names a dtype.
pub fn named(x: &Bound<PyAny>) -> PyResult<Option<&'static dyn Device>> {
    match x.cast::<PyString>() {
        Ok(s) if nncore::DType::from_name(s.to_str()?).is_none() => find(s.to_str()?).map(Some),
        _ => Ok(None),
    }
}
/// The device that `device=` names.
pub fn parse(x: &Bound<PyAny>) -> PyResult<&'static dyn Device> {
    match x.cast::<PyString>() {
        Ok(s) => find(s.to_str()?),
        Err(_) => {
            let text = format!("a device's name expected, such as \"cpu\", got {}", type_name(x));
            Err(fail(Kind::Device, "", text))
        }
    }
}
fn find(name: &str) -> PyResult<&'static dyn Device> {
    match name {
        "cpu" => Ok(cpu()),
        other => Err(fail(Kind::Device, "", format!("there is no device {other:?} here; there is \"cpu\""))),
    }
}
