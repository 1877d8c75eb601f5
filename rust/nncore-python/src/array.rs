//! NumPy arrays in and out, sharing memory where the layout allows.
use crate::dtype::{self, numpy_dtype};
use crate::errors::{fail, OrRaise};
use crate::tensor::PyTensor;
use nncore::shape::{Dims, Stride, MAX_NDIM};
use nncore::tensor::Edge;
use nncore::{dispatch, Kind, Spec, Storage, Tensor};
use numpy::npyffi::{flags, get_type_object, NpyTypes, PY_ARRAY_API};
use numpy::{PyArrayDescrMethods, PyUntypedArray, PyUntypedArrayMethods};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyType;
use std::os::raw::c_int;

/// A NumPy array or scalar? Never imports NumPy: where it is not loaded there are none.
pub fn is_array(x: &Bound<PyAny>) -> bool {
    let py = x.py();
    static CLASSES: PyOnceLock<[Py<PyType>; 2]> = PyOnceLock::new();
    if CLASSES.get(py).is_none() {
        let loaded = py.import("sys").and_then(|s| s.getattr("modules")?.contains("numpy")).unwrap_or(false);
        if !loaded {
            return false;
        }
    }
    let classes = CLASSES.get_or_try_init(py, || {
        let numpy = py.import("numpy")?;
        let class = |name: &str| Ok::<_, PyErr>(numpy.getattr(name)?.cast_into::<PyType>()?.unbind());
        Ok::<_, PyErr>([class("ndarray")?, class("generic")?])
    });
    classes.is_ok_and(|c| c.iter().any(|c| x.is_instance(c.bind(py)).unwrap_or(false)))
}

/// Keeps a Python object as long as a storage lives, whichever thread lets it go.
pub struct Guard(Option<Py<PyAny>>);
impl Guard {
    pub fn new(x: &Bound<PyAny>) -> Guard {
        Guard(Some(x.clone().unbind()))
    }
}
impl Drop for Guard {
    fn drop(&mut self) {
        let object = &mut self.0;
        if Python::try_attach(|_| drop(object.take())).is_none() {
            // The interpreter is gone, and with it what it owned.
            std::mem::forget(self.0.take())
        }
    }
}

/// The array's dtype, shape and strides (in elements), or why a tensor can not look at it.
fn spec_of(a: &Bound<PyUntypedArray>) -> Result<Spec, (Kind, String)> {
    let d = a.dtype();
    let named = || d.getattr("str").map_or_else(|_| "?".into(), |n| n.to_string());
    let Some(dtype) = dtype::of_numpy(&d) else {
        let known = nncore::DType::ALL.map(nncore::DType::name).join(", ");
        return Err((Kind::DType, format!("an array of dtype {} is none of {known}; convert it with astype", named())));
    };
    if a.ndim() > MAX_NDIM {
        return Err((Kind::Shape, format!("at most {MAX_NDIM} dimensions, got {}", a.ndim())));
    }
    let sizes: Vec<i64> = a.shape().iter().map(|&d| d as i64).collect();
    let whole = Spec::checked(dtype, &sizes).map_err(|e| (e.kind, e.text))?;
    let size = dtype.size() as isize;
    let mut strides: Vec<Stride> = vec![];
    for (&s, &n) in a.strides().iter().zip(a.shape()) {
        if n > 1 && s < 0 {
            return Err((
                Kind::Layout,
                "an array with negative strides can not be shared; copy it with tensor()".into(),
            ));
        }
        let step = if n > 1 { s } else { 0 };
        match Stride::try_from(step / size) {
            Ok(s) if step % size == 0 => strides.push(s),
            _ => {
                return Err((
                    Kind::Layout,
                    "strides that are no whole elements can not be shared; copy it with tensor()".into(),
                ))
            }
        }
    }
    // Strides of dimensions of size 1 mean nothing: the usual ones make the tensor contiguous where it can be.
    let dims: Dims = whole.dims().into();
    let strides: Vec<Stride> =
        (0..dims.len()).map(|i| if dims[i] <= 1 { whole.strides()[i] } else { strides[i] }).collect();
    Ok(Spec::strided(dtype, &dims, &strides))
}
/// A tensor on the array's own memory.
pub fn share(a: &Bound<PyUntypedArray>) -> PyResult<Tensor> {
    let spec = spec_of(a).map_err(|(kind, text)| fail(kind, "from_numpy", text))?;
    let fields = unsafe { (*a.as_array_ptr()).fields.flags };
    if fields & flags::NPY_ARRAY_ALIGNED == 0 {
        return Err(fail(
            Kind::Layout,
            "from_numpy",
            "an array that is not aligned can not be shared; copy it with tensor()",
        ));
    }
    let read_only = fields & flags::NPY_ARRAY_WRITEABLE == 0;
    let (_, reach) = spec.reach();
    if reach as usize > nncore::shape::MAX_NUMEL {
        let text =
            format!("an array that reaches over {reach} elements of memory can not be shared; copy it with tensor()");
        return Err(fail(Kind::Layout, "from_numpy", text));
    }
    // The array keeps its memory as long as the guard keeps the array, and its strides are those of the spec.
    let storage = unsafe {
        let data = (*a.as_array_ptr()).fields.data as *mut u8;
        let guard = Box::new(Guard::new(a.as_any()));
        Storage::foreign(nncore::device::cpu(), data, reach as usize * spec.dtype.size(), read_only, guard)
    };
    let t = Tensor { storage, offset: 0, spec, edge: Edge::None };
    dispatch::note_host_data(&t);
    Ok(t)
}
/// A tensor with the array's values in memory of its own.
pub fn copy(a: &Bound<PyUntypedArray>) -> PyResult<Tensor> {
    let py = a.py();
    if dtype::of_numpy(&a.dtype()).is_none() {
        let swapped = a.dtype().is_native_byteorder() == Some(false);
        return match (swapped, spec_of(a)) {
            (true, _) => {
                let native = a.call_method1("astype", (a.dtype().call_method1("newbyteorder", ("=",))?,))?;
                copy(native.cast::<PyUntypedArray>()?)
            }
            (false, Err((kind, text))) => Err(fail(kind, "tensor", text)),
            (false, Ok(_)) => unreachable!("a dtype that is none of ours"),
        };
    }
    // What can not be walked in place is packed by NumPy first.
    let array = match spec_of(a) {
        Ok(_) if unsafe { (*a.as_array_ptr()).fields.flags } & flags::NPY_ARRAY_ALIGNED != 0 => a.clone(),
        Err((Kind::Shape, text)) => return Err(fail(Kind::Shape, "tensor", text)),
        _ => {
            let packed = py.import("numpy")?.call_method1("array", (a,))?;
            packed.call_method1("copy", ("C",))?.cast_into::<PyUntypedArray>()?
        }
    };
    let spec = spec_of(&array).map_err(|(kind, text)| fail(kind, "tensor", text))?;
    let to = Tensor::empty(if spec.is_dense() { spec } else { spec.contiguous() }).or_raise()?;
    let from = unsafe { (*array.as_array_ptr()).fields.data as usize };
    let work = || unsafe { nncore::ops::copy::copy_strided(&spec, from as *const u8, &to.spec, to.ptr()) };
    // Both are valid for their specs; the array is held, and the memory is new.
    if spec.numel() > crate::functions::RELEASE {
        py.detach(work)
    } else {
        work()
    }
    dispatch::note_host_data(&to);
    Ok(to)
}

/// A NumPy array on the tensor's memory, which `base` keeps alive.
pub fn view<'py>(t: &Tensor, base: Bound<'py, PyAny>, writable: bool) -> PyResult<Bound<'py, PyUntypedArray>> {
    let py = base.py();
    let size = t.spec.dtype.size() as isize;
    let mut dims: Vec<isize> = t.spec.dims().iter().map(|&d| d as isize).collect();
    let mut strides: Vec<isize> = t.spec.strides().iter().map(|&s| s as isize * size).collect();
    let flags = if writable && !t.storage.read_only { flags::NPY_ARRAY_WRITEABLE } else { 0 };
    // NewFromDescr takes over the descriptor, SetBaseObject the base; NumPy works out the other flags itself.
    unsafe {
        let class = get_type_object(py, NpyTypes::PyArray_Type);
        let made = PY_ARRAY_API.PyArray_NewFromDescr(
            py,
            class,
            numpy_dtype(py, t.spec.dtype).into_dtype_ptr(),
            t.spec.rank() as c_int,
            dims.as_mut_ptr(),
            strides.as_mut_ptr(),
            t.ptr() as *mut _,
            flags,
            std::ptr::null_mut(),
        );
        let array = Bound::from_owned_ptr_or_err(py, made)?;
        if PY_ARRAY_API.PyArray_SetBaseObject(py, made as *mut _, base.into_ptr()) != 0 {
            return Err(PyErr::fetch(py));
        }
        Ok(array.cast_into_unchecked::<PyUntypedArray>())
    }
}
/// The tensor's values for the host: a view of its memory. Refused while a step is recorded.
pub fn to_numpy<'py>(me: &Bound<'py, PyTensor>, force: bool) -> PyResult<Bound<'py, PyUntypedArray>> {
    let t = me.get().get();
    if !t.is_leaf() && t.requires_grad() && !force {
        return Err(fail(Kind::NoGradient, "numpy", "this tensor is on the tape; write t.detach().numpy()"));
    }
    t.reading();
    if !t.device().is_host() {
        let host = crate::tensor::wrap(me.py(), t.for_host().or_raise()?)?;
        return view(host.get().get(), host.clone().into_any(), true);
    }
    view(t, me.clone().into_any(), !t.requires_grad() || force)
}

#[pymethods]
impl PyTensor {
    /// A NumPy array on the same memory. It is read-only for a leaf that requires a gradient, and a tensor on the tape must be
    /// detached first; `force=True` does both.
    #[pyo3(signature = (*, force=false))]
    fn numpy<'py>(slf: &Bound<'py, Self>, force: bool) -> PyResult<Bound<'py, PyUntypedArray>> {
        to_numpy(slf, force)
    }
    #[pyo3(signature = (dtype=None, copy=None))]
    fn __array__<'py>(
        slf: &Bound<'py, Self>,
        dtype: Option<&Bound<'py, PyAny>>,
        copy: Option<bool>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let array = to_numpy(slf, false)?.into_any();
        if let Some(d) = dtype.filter(|d| !d.is_none()) {
            let d = slf.py().import("numpy")?.call_method1("dtype", (d,))?;
            if !d.eq(array.getattr("dtype")?)? {
                if copy == Some(false) {
                    return Err(PyValueError::new_err("another dtype takes a copy, and copy=False was given"));
                }
                return array.call_method1("astype", (d,));
            }
        }
        match copy {
            Some(true) => array.call_method0("copy"),
            _ => Ok(array),
        }
    }
    /// NumPy's arrays and scalars leave operators to the tensor.
    #[classattr]
    fn __array_priority__() -> f64 {
        1000.0
    }
    /// The values as nested lists of Python numbers.
    fn tolist<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        to_numpy(slf, true)?.call_method0("tolist")
    }
    /// The only value, as a Python number.
    fn item<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let t = self.get();
        if t.spec.numel() != 1 {
            return Err(fail(Kind::Shape, "item", format!("a tensor of one element expected, got {}", t.spec)));
        }
        let t = t.for_host().or_raise()?;
        // One element, in host memory.
        Ok(unsafe {
            match t.spec.dtype {
                nncore::DType::Bool => (*(t.ptr() as *const bool)).into_pyobject(py)?.to_owned().into_any(),
                nncore::DType::U8 => (*t.ptr()).into_pyobject(py)?.into_any(),
                nncore::DType::I32 => (*(t.ptr() as *const i32)).into_pyobject(py)?.into_any(),
                nncore::DType::I64 => (*(t.ptr() as *const i64)).into_pyobject(py)?.into_any(),
                nncore::DType::F32 => (*(t.ptr() as *const f32)).into_pyobject(py)?.into_any(),
                nncore::DType::F64 => (*(t.ptr() as *const f64)).into_pyobject(py)?.into_any(),
            }
        })
    }
    fn __bool__(&self, py: Python) -> PyResult<bool> {
        if self.get().spec.numel() != 1 {
            let text = format!(
                "the truth of several values is not one value (a tensor of shape {:?})",
                self.get().spec.dims()
            );
            return Err(fail(Kind::Shape, "bool", text));
        }
        self.item(py)?.is_truthy()
    }
    fn __float__<'py>(&self, py: Python<'py>) -> PyResult<f64> {
        self.item(py)?.extract()
    }
    fn __int__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.item(py)?.call_method0("__int__")
    }
    fn __index__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        if self.get().spec.dtype.is_float() || self.get().spec.numel() != 1 {
            return Err(PyTypeError::new_err("only an integer tensor of one element is an index"));
        }
        self.item(py)?.call_method0("__index__")
    }
    fn __repr__<'py>(slf: &Bound<'py, Self>) -> PyResult<String> {
        let (py, t) = (slf.py(), slf.get().get());
        let class = slf.get_type().name()?.to_string();
        let name = if class == "Tensor" { "tensor" } else { class.as_str() };
        let mut parts = vec![];
        if dispatch::recording() {
            // The values must not be read now.
            parts.push(format!("<being recorded>, shape={:?}", t.spec.dims()));
        } else {
            let options = pyo3::types::PyDict::new(py);
            options.set_item("separator", ", ")?;
            options.set_item("prefix", format!("{name}("))?;
            let host = crate::tensor::wrap(py, t.for_host().or_raise()?)?;
            let array = view(host.get().get(), host.clone().into_any(), false)?;
            let text = py.import("numpy")?.call_method("array2string", (array,), Some(&options))?;
            parts.push(text.to_string());
            if t.spec.numel() == 0 && t.spec.ndim != 1 {
                parts.push(format!("shape={:?}", t.spec.dims()));
            }
        }
        use nncore::DType::{Bool, F32, I64};
        if !matches!(t.spec.dtype, F32 | I64 | Bool) || t.spec.numel() == 0 {
            parts.push(format!("dtype=nncore.{}", t.spec.dtype));
        }
        if !t.device().is_host() {
            parts.push(format!("device='{}'", t.device().name()));
        }
        match &t.edge {
            Edge::Node(n, _) => parts.push(format!("grad_fn=<{}>", n.op.info().name)),
            Edge::Leaf(_) if t.requires_grad() => parts.push("requires_grad=True".into()),
            _ => {}
        }
        Ok(format!("{name}({})", parts.join(", ")))
    }
    fn __format__(slf: &Bound<Self>, spec: &str) -> PyResult<String> {
        match slf.get().get().spec.ndim {
            // f"{loss:.4f}"
            0 if !spec.is_empty() => Ok(slf.get().item(slf.py())?.call_method1("__format__", (spec,))?.to_string()),
            _ if spec.is_empty() => PyTensor::__repr__(slf),
            _ => Err(PyTypeError::new_err("a format is for a 0-d tensor; use item() or tolist()")),
        }
    }
}
