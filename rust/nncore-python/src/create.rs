//! Tensors from Python's data and from nothing.
use crate::args::{self, sizes, Number};
use crate::errors::{fail, type_name, under, OrRaise};
use crate::tensor::{wrap, PyTensor};
use crate::{array, device, dtype};
use nncore::ops::{arange::Arange, cast::cast, copy, eye::Eye, full::Full, linspace::Linspace};
use nncore::{dispatch, DType, Kind, Spec, Tensor};
use numpy::PyUntypedArray;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyTuple};

type Created<'py> = PyResult<Bound<'py, PyTensor>>;

/// A tensor in memory of its own from numbers, nested lists, arrays or tensors. Python's floats become float32.
pub fn from_data(data: &Bound<PyAny>, to: Option<DType>) -> PyResult<Tensor> {
    if let Ok(t) = data.cast::<PyTensor>() {
        let t = t.get().get().detach();
        return match to {
            Some(d) if d != t.spec.dtype => cast(&t, d).or_raise(),
            _ => copy::fresh(&t).or_raise(),
        };
    }
    let py = data.py();
    if let (Some(n), false) = (Number::of(data), array::is_array(data)) {
        let t = n.tensor(to.unwrap_or(n.dtype(None)))?;
        dispatch::note_host_data(&t);
        return Ok(t);
    }
    if data.is_instance_of::<PyString>() || data.is_instance_of::<PyDict>() || data.is_none() {
        return Err(args_error(data));
    }
    let is_array = array::is_array(data);
    let numpy = py.import("numpy")?;
    // NumPy says what it can not make an array of: rows of different lengths, say.
    let made = numpy.call_method1("asarray", (data,)).map_err(|e| match e.is_instance_of::<PyValueError>(py) {
        true => fail(Kind::Shape, "tensor", e.value(py).to_string()),
        false => e,
    })?;
    let made = made.cast_into::<PyUntypedArray>().map_err(PyErr::from)?;
    use numpy::{PyArrayDescrMethods, PyUntypedArrayMethods};
    if made.dtype().kind() == b'O' {
        return Err(args_error(data));
    }
    let t = array::copy(&made)?;
    let listed = !is_array && !data.hasattr("__array__")? && !data.hasattr("__dlpack__")?;
    let to = to.unwrap_or(if listed && t.spec.dtype == DType::F64 { DType::F32 } else { t.spec.dtype });
    if to == t.spec.dtype {
        return Ok(t);
    }
    let t = dispatch::no_grad(|| host_cast(&t, to))?;
    dispatch::note_host_data(&t);
    Ok(t)
}
/// A cast that a recorder does not see as an op on the host's data: what comes out is host data too.
fn host_cast(t: &Tensor, to: DType) -> PyResult<Tensor> {
    let out = Tensor::empty(t.spec.with_dtype(to)).or_raise()?;
    let op = nncore::ops::cast::Cast { dtype: to };
    let view = |t: &'_ Tensor| -> nncore::op::View<'_> {
        // Both live to the end of this function.
        unsafe {
            nncore::op::View {
                storage: &*std::sync::Arc::as_ptr(&t.storage),
                offset: t.offset,
                spec: &*(&t.spec as *const Spec),
            }
        }
    };
    let (ins, outs) = ([Some(view(t))], [view(&out)]);
    nncore::op::Op::cpu(&op, &nncore::op::Cpu { ins: &ins, outs: &outs, scratch: std::ptr::null_mut() }).or_raise()?;
    Ok(out)
}
fn args_error(data: &Bound<PyAny>) -> PyErr {
    fail(
        Kind::DType,
        "tensor",
        format!("numbers, nested lists of numbers or an array expected, got {}", type_name(data)),
    )
}

/// What creation functions share: `dtype=`, `device=`, `requires_grad=`.
pub struct Wish {
    pub dtype: Option<DType>,
    grad: bool,
}
impl Wish {
    pub fn new(dtype: Option<&Bound<PyAny>>, device: Option<&Bound<PyAny>>, grad: bool) -> PyResult<Wish> {
        device.map(device::parse).transpose()?;
        Ok(Wish { dtype: dtype.map(|d| dtype::parse(d, "")).transpose()?, grad })
    }
    pub fn give<'py>(&self, py: Python<'py>, t: Tensor) -> Created<'py> {
        let t = wrap(py, t)?;
        if self.grad {
            t.get().require_grad(true)?;
        }
        Ok(t)
    }
}

/// A tensor with a copy of `data`: a number, nested lists, an array or a tensor.
///
/// Python's floats become float32, ints int64; arrays and tensors keep their dtype.
#[pyfunction]
#[pyo3(signature = (data, dtype=None, device=None, requires_grad=false))]
pub fn tensor<'py>(
    data: &Bound<'py, PyAny>,
    dtype: Option<&Bound<'py, PyAny>>,
    device: Option<&Bound<'py, PyAny>>,
    requires_grad: bool,
) -> Created<'py> {
    let wish = Wish::new(dtype, device, requires_grad)?;
    wish.give(data.py(), from_data(data, wish.dtype)?)
}
/// A tensor on the memory of a NumPy array: changing one changes the other.
///
/// Raises `DTypeError` for a dtype that there is none of here, and `LayoutError` where strides are negative or no whole
/// elements: `tensor` copies those. In-place ops refuse the memory of a read-only array.
#[pyfunction]
pub fn from_numpy<'py>(array: &Bound<'py, PyAny>) -> Created<'py> {
    let a = array
        .cast::<PyUntypedArray>()
        .map_err(|_| crate::errors::wrong(format!("from_numpy() takes a numpy.ndarray, got {}", type_name(array))))?;
    wrap(array.py(), array::share(a)?)
}
/// A tensor from anything: a tensor as it is, an array without a copy where its layout allows, else a copy.
///
/// `copy=True` always copies, `copy=False` raises where that is needed.
#[pyfunction]
#[pyo3(signature = (obj, dtype=None, device=None, copy=None))]
pub fn asarray<'py>(
    obj: &Bound<'py, PyAny>,
    dtype: Option<&Bound<'py, PyAny>>,
    device: Option<&Bound<'py, PyAny>>,
    copy: Option<bool>,
) -> Created<'py> {
    let wish = Wish::new(dtype, device, false)?;
    let py = obj.py();
    if copy != Some(true) {
        let shared = match obj.cast::<PyTensor>() {
            Ok(t) => Some(t.clone()),
            Err(_) => match obj.cast::<PyUntypedArray>() {
                Ok(a) => array::share(a).ok().map(|t| wrap(py, t)).transpose()?,
                Err(_) if obj.hasattr("__dlpack__")? => {
                    crate::dlpack::import(obj, None).ok().map(|t| wrap(py, t)).transpose()?
                }
                Err(_) => None,
            },
        };
        if let Some(t) = shared {
            if wish.dtype.is_none_or(|d| d == t.get().get().spec.dtype) {
                return Ok(t);
            }
        }
        if copy == Some(false) {
            return Err(fail(Kind::Layout, "asarray", "this takes a copy, and copy=False was given"));
        }
    }
    wish.give(py, under(py, "asarray", from_data(obj, wish.dtype))?)
}

fn filled(shape: &[i64], value: f64, dtype: DType) -> PyResult<Tensor> {
    dispatch::one(&Full { shape: shape.into(), value, dtype }, &[]).or_raise()
}
macro_rules! constant {
    ($($(#[$doc:meta])* $name:ident $like:ident = $value:literal;)*) => { $(
        $(#[$doc])*
        #[pyfunction]
        #[pyo3(signature = (*size, dtype=None, device=None, requires_grad=false))]
        pub fn $name<'py>(
            size: &Bound<'py, PyTuple>,
            dtype: Option<&Bound<'py, PyAny>>,
            device: Option<&Bound<'py, PyAny>>,
            requires_grad: bool,
        ) -> Created<'py> {
            let py = size.py();
            let made = || {
                let wish = Wish::new(dtype, device, requires_grad)?;
                wish.give(py, filled(&sizes(size, stringify!($name))?, $value, wish.dtype.unwrap_or(DType::F32))?)
            };
            under(py, stringify!($name), made())
        }
        #[doc = concat!("`", stringify!($name), "` in the shape, dtype and memory order of `input`.")]
        #[pyfunction]
        #[pyo3(signature = (input, dtype=None, device=None, requires_grad=false))]
        pub fn $like<'py>(
            input: &Bound<'py, PyTensor>,
            dtype: Option<&Bound<'py, PyAny>>,
            device: Option<&Bound<'py, PyAny>>,
            requires_grad: bool,
        ) -> Created<'py> {
            let wish = Wish::new(dtype, device, requires_grad)?;
            wish.give(input.py(), like(&input.get().get().spec, $value, wish.dtype)?)
        }
    )* };
}
constant! {
    /// Zeros: `zeros(2, 3)` or `zeros((2, 3))`.
    zeros zeros_like = 0.0;
    /// Ones: `ones(2, 3)` or `ones((2, 3))`.
    ones ones_like = 1.0;
    /// Memory to be overwritten. What is in it is not defined.
    empty empty_like = 0.0;
}
fn like(s: &Spec, value: f64, dtype: Option<DType>) -> PyResult<Tensor> {
    let t = filled(&s.shape(), value, dtype.unwrap_or(s.dtype))?;
    // Optimizers walk a weight and its state side by side: they must lie alike.
    match s.is_channels_last() && !s.is_contiguous() {
        true => copy::to_layout(&t, nncore::op::Layout::ChannelsLast).or_raise(),
        false => Ok(t),
    }
}
/// One value in every place. The dtype is that of the value, unless given.
#[pyfunction]
#[pyo3(signature = (size, fill_value, dtype=None, device=None, requires_grad=false))]
pub fn full<'py>(
    size: &Bound<'py, PyAny>,
    fill_value: &Bound<'py, PyAny>,
    dtype: Option<&Bound<'py, PyAny>>,
    device: Option<&Bound<'py, PyAny>>,
    requires_grad: bool,
) -> Created<'py> {
    let wish = Wish::new(dtype, device, requires_grad)?;
    let n = number(fill_value, "full", "fill_value")?;
    let shape = sizes(&PyTuple::new(size.py(), [size])?, "full")?;
    wish.give(size.py(), n.filled(&shape, wish.dtype.unwrap_or(n.dtype(None)))?)
}
/// `full` in the shape, dtype and memory order of `input`.
#[pyfunction]
#[pyo3(signature = (input, fill_value, dtype=None, device=None, requires_grad=false))]
pub fn full_like<'py>(
    input: &Bound<'py, PyTensor>,
    fill_value: &Bound<'py, PyAny>,
    dtype: Option<&Bound<'py, PyAny>>,
    device: Option<&Bound<'py, PyAny>>,
    requires_grad: bool,
) -> Created<'py> {
    let wish = Wish::new(dtype, device, requires_grad)?;
    let value = args::real(fill_value, "full_like", "fill_value")?;
    wish.give(input.py(), like(&input.get().get().spec, value, wish.dtype)?)
}
fn number(x: &Bound<PyAny>, op: &str, name: &str) -> PyResult<Number> {
    match Number::of(x) {
        Some(n) => Ok(n),
        None => match args::int(x) {
            Some(i) => Ok(Number::Int(i)),
            None => args::real(x, op, name).map(Number::Float),
        },
    }
}

/// Numbers from `start` (0) to before `end`, `step` apart: int64 where all three are ints, else float32.
#[pyfunction]
#[pyo3(signature = (start, end=None, step=None, dtype=None, device=None, requires_grad=false))]
pub fn arange<'py>(
    start: &Bound<'py, PyAny>,
    end: Option<&Bound<'py, PyAny>>,
    step: Option<&Bound<'py, PyAny>>,
    dtype: Option<&Bound<'py, PyAny>>,
    device: Option<&Bound<'py, PyAny>>,
    requires_grad: bool,
) -> Created<'py> {
    let wish = Wish::new(dtype, device, requires_grad)?;
    let given = number(start, "arange", "start")?;
    let (from, to) = match end {
        None => (Number::Int(0), given),
        Some(e) => (given, number(e, "arange", "end")?),
    };
    let step = step.map_or(Ok(Number::Int(1)), |s| number(s, "arange", "step"))?;
    let value = |n: Number| match n {
        Number::Bool(b) => b as u8 as f64,
        Number::Int(i) => i as f64,
        Number::Float(f) => f,
    };
    let whole = [from, to, step].iter().all(|n| !matches!(n, Number::Float(_)));
    let default = if whole { DType::I64 } else { DType::F32 };
    let dtype = wish.dtype.unwrap_or(default);
    let op = Arange { start: value(from), end: value(to), step: value(step), dtype };
    let t = dispatch::one(&op, &[]).or_raise()?;
    wish.give(start.py(), t)
}
/// `steps` numbers from `start` to `end`, both included, equally far apart.
#[pyfunction]
#[pyo3(signature = (start, end, steps, dtype=None, device=None, requires_grad=false))]
pub fn linspace<'py>(
    py: Python<'py>,
    start: &Bound<'py, PyAny>,
    end: &Bound<'py, PyAny>,
    steps: &Bound<'py, PyAny>,
    dtype: Option<&Bound<'py, PyAny>>,
    device: Option<&Bound<'py, PyAny>>,
    requires_grad: bool,
) -> Created<'py> {
    let wish = Wish::new(dtype, device, requires_grad)?;
    let at = |x, name| args::real(x, "linspace", name);
    let (start, end, steps) = (at(start, "start")?, at(end, "end")?, args::whole(steps, "linspace", "steps")?);
    let op = Linspace { start, end, steps, dtype: wish.dtype.unwrap_or(DType::F32) };
    wish.give(py, dispatch::one(&op, &[]).or_raise()?)
}
/// The identity matrix: ones on the diagonal of `n` rows and `m` columns (`n` unless given).
#[pyfunction]
#[pyo3(signature = (n, m=None, dtype=None, device=None, requires_grad=false))]
pub fn eye<'py>(
    py: Python<'py>,
    n: &Bound<'py, PyAny>,
    m: Option<&Bound<'py, PyAny>>,
    dtype: Option<&Bound<'py, PyAny>>,
    device: Option<&Bound<'py, PyAny>>,
    requires_grad: bool,
) -> Created<'py> {
    let wish = Wish::new(dtype, device, requires_grad)?;
    let (n, m) = (args::whole(n, "eye", "n")?, m.map(|m| args::whole(m, "eye", "m")).transpose()?);
    let op = Eye { n, m, dtype: wish.dtype.unwrap_or(DType::F32) };
    wish.give(py, dispatch::one(&op, &[]).or_raise()?)
}
