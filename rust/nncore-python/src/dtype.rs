//! `nncore.DType`, and what is accepted wherever `dtype=` is taken.
use crate::errors::fail;
use nncore::{DType, Kind};
use numpy::{PyArrayDescr, PyArrayDescrMethods};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBool, PyFloat, PyInt, PyString, PyType};

/// The type of a tensor's elements. There is one object for each: `nncore.float32` and its kin.
#[pyclass(name = "DType", module = "nncore._core", frozen, eq, hash)]
#[derive(PartialEq, Eq, Hash)]
pub struct PyDType(pub DType);

#[pymethods]
impl PyDType {
    /// NumPy's name of it.
    #[getter]
    fn name(&self) -> &'static str {
        self.0.name()
    }
    /// Bytes of one element.
    #[getter]
    fn itemsize(&self) -> usize {
        self.0.size()
    }
    #[getter]
    fn is_floating_point(&self) -> bool {
        self.0.is_float()
    }
    /// NumPy's dtype: `numpy.dtype(nncore.float32)` looks here.
    #[getter]
    fn dtype<'py>(&self, py: Python<'py>) -> Bound<'py, PyArrayDescr> {
        numpy_dtype(py, self.0)
    }
    fn __repr__(&self) -> String {
        format!("nncore.{}", self.0.name())
    }
    /// By name, so that unpickling gives the one object.
    fn __reduce__(&self) -> &'static str {
        self.0.name()
    }
}

pub fn numpy_dtype(py: Python, d: DType) -> Bound<PyArrayDescr> {
    match d {
        DType::Bool => numpy::dtype::<bool>(py),
        DType::U8 => numpy::dtype::<u8>(py),
        DType::I32 => numpy::dtype::<i32>(py),
        DType::I64 => numpy::dtype::<i64>(py),
        DType::F32 => numpy::dtype::<f32>(py),
        DType::F64 => numpy::dtype::<f64>(py),
    }
}
/// The one object of a dtype.
pub fn object(py: Python, d: DType) -> Py<PyDType> {
    static ALL: PyOnceLock<Vec<Py<PyDType>>> = PyOnceLock::new();
    let all = ALL.get_or_init(py, || {
        let make = |d| Py::new(py, PyDType(d)).expect("a small object");
        DType::ALL.into_iter().map(make).collect()
    });
    all[d as usize].clone_ref(py)
}

/// A dtype from what users write: ours, NumPy's, a name, or Python's `float` (float64, as in NumPy), `int` and `bool`. What is
/// wrong is said in the name of `op`.
pub fn parse(x: &Bound<PyAny>, op: &'static str) -> PyResult<DType> {
    if let Ok(d) = x.cast::<PyDType>() {
        return Ok(d.get().0);
    }
    let py = x.py();
    if let Ok(name) = x.cast::<PyString>() {
        let name = name.to_str()?;
        return DType::from_name(name).ok_or_else(|| unknown(name, op));
    }
    if x.is(py.get_type::<PyFloat>()) {
        return Ok(DType::F64);
    }
    if x.is(py.get_type::<PyInt>()) {
        return Ok(DType::I64);
    }
    if x.is(py.get_type::<PyBool>()) {
        return Ok(DType::Bool);
    }
    if x.is_instance_of::<PyType>() || x.hasattr("kind")? {
        let name: String = py.import("numpy")?.call_method1("dtype", (x,))?.getattr("name")?.extract()?;
        return DType::from_name(&name).ok_or_else(|| unknown(&name, op));
    }
    let given = crate::args::given(x);
    Err(fail(Kind::DType, op, format!("a dtype expected, such as nncore.float32 or \"float32\", got {given}")))
}
fn unknown(name: &str, op: &'static str) -> PyErr {
    let known = DType::ALL.map(DType::name).join(", ");
    fail(Kind::DType, op, format!("there is no dtype {name} here; the dtypes are {known}"))
}
/// The dtype of a NumPy array, where we have it in this byte order.
pub fn of_numpy(d: &Bound<PyArrayDescr>) -> Option<DType> {
    if d.is_native_byteorder() == Some(false) {
        return None;
    }
    Some(match (d.kind(), d.itemsize()) {
        (b'b', 1) => DType::Bool,
        (b'u', 1) => DType::U8,
        (b'i', 4) => DType::I32,
        (b'i', 8) => DType::I64,
        (b'f', 4) => DType::F32,
        (b'f', 8) => DType::F64,
        _ => return None,
    })
}
