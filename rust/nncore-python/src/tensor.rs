//! The class `Tensor`: what it is and what can be asked of it. Its other methods lie by subject in the files beside.
use crate::dtype::{self, PyDType};
use crate::errors::{fail, wrong, OrRaise};
use crate::{array, create, device};
use nncore::ops::permute::{Permute, Transpose};
use nncore::{dispatch, Kind, Tensor};
use pyo3::exceptions::{PyAttributeError, PyTypeError};
use pyo3::prelude::*;
use pyo3::types::PyTuple;
use std::sync::OnceLock;

/// A tensor: numbers of one dtype in a box of up to eight dimensions.
///
/// `Tensor(data, dtype=None, requires_grad=False)` shares the memory of a tensor that it is given and copies anything
/// else; `nncore.tensor` always copies. Subclasses may add attributes; results of ops are plain tensors.
#[pyclass(name = "Tensor", module = "nncore._core", frozen, subclass, weakref)]
pub struct PyTensor {
    tensor: Tensor,
    /// The same tensor as a leaf, once it has been asked to require a gradient. Set at most once, so that nobody who holds
    /// a reference sees it change.
    leaf: OnceLock<Box<Tensor>>,
}
impl PyTensor {
    #[inline(always)]
    pub fn new(tensor: Tensor) -> PyTensor {
        PyTensor { tensor, leaf: OnceLock::new() }
    }
    #[inline(always)]
    pub fn get(&self) -> &Tensor {
        match self.leaf.get() {
            None => &self.tensor,
            Some(leaf) => leaf,
        }
    }
    pub fn require_grad(&self, on: bool) -> PyResult<()> {
        let t = self.get();
        if t.requires_grad() == on {
            return Ok(());
        }
        if on && !t.spec.dtype.is_float() {
            let text = format!("only floats can require a gradient, got {}", t.spec.dtype);
            return Err(fail(Kind::DType, "requires_grad", text));
        }
        if on && matches!(t.edge, nncore::tensor::Edge::None) {
            self.leaf.get_or_init(|| Box::new(t.leaf()));
            return Ok(());
        }
        t.set_requires_grad(on).or_raise()
    }
}

/// A new Python tensor.
#[inline]
pub fn wrap(py: Python, t: Tensor) -> PyResult<Bound<PyTensor>> {
    Bound::new(py, PyTensor::new(t))
}

#[pymethods]
impl PyTensor {
    #[new]
    #[pyo3(signature = (data, dtype=None, requires_grad=false))]
    fn create(data: &Bound<PyAny>, dtype: Option<&Bound<PyAny>>, requires_grad: bool) -> PyResult<PyTensor> {
        let dtype = dtype.map(|d| dtype::parse(d, "Tensor")).transpose()?;
        let t = match data.cast::<PyTensor>() {
            Ok(t) => {
                let t = t.get().get().detach();
                match dtype {
                    Some(d) => nncore::ops::cast::cast(&t, d).or_raise()?,
                    None => t,
                }
            }
            Err(_) => create::from_data(data, dtype)?,
        };
        let t = PyTensor::new(t);
        t.require_grad(requires_grad)?;
        Ok(t)
    }
    /// The sizes, as a tuple.
    #[getter]
    fn shape<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.get().spec.dims())
    }
    /// Steps from one element to the next along each dimension, in elements.
    #[getter]
    fn strides<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.get().spec.strides())
    }
    #[getter]
    fn dtype(&self, py: Python) -> Py<PyDType> {
        dtype::object(py, self.get().spec.dtype)
    }
    /// The name of the device that holds the memory.
    #[getter]
    fn device(&self) -> &str {
        self.get().device().name()
    }
    #[getter]
    fn ndim(&self) -> usize {
        self.get().spec.rank()
    }
    /// The number of dimensions.
    fn dim(&self) -> usize {
        self.get().spec.rank()
    }
    /// The number of elements.
    fn numel(&self) -> usize {
        self.get().spec.numel()
    }
    /// Bytes of one element.
    #[getter]
    fn itemsize(&self) -> usize {
        self.get().spec.dtype.size()
    }
    /// Bytes of the elements, packed.
    #[getter]
    fn nbytes(&self) -> usize {
        self.get().spec.bytes()
    }
    /// The shape, or the size of one dimension.
    #[pyo3(signature = (dim=None))]
    fn size<'py>(&self, py: Python<'py>, dim: Option<i64>) -> PyResult<Bound<'py, PyAny>> {
        let spec = &self.get().spec;
        match dim {
            None => Ok(self.shape(py)?.into_any()),
            Some(_) if spec.ndim == 0 => Err(fail(Kind::Shape, "size", "a 0-d tensor has no dimensions")),
            Some(d) => Ok(spec.d(spec.axis(d).or_raise()?).into_pyobject(py)?.into_any()),
        }
    }
    /// The gradient that `backward()` has collected, or None.
    #[getter]
    fn get_grad(&self) -> Option<PyTensor> {
        self.get().grad().map(PyTensor::new)
    }
    #[setter]
    fn set_grad(&self, grad: Option<&Bound<PyTensor>>) -> PyResult<()> {
        match (grad, &self.get().edge) {
            (None, nncore::tensor::Edge::None) => Ok(()),
            (g, _) => self.get().set_grad(g.map(|g| g.get().get().detach())).or_raise(),
        }
    }
    /// Does `backward()` lead a gradient here?
    #[getter]
    fn get_requires_grad(&self) -> bool {
        self.get().requires_grad()
    }
    #[setter]
    fn set_requires_grad(&self, on: bool) -> PyResult<()> {
        self.require_grad(on)
    }
    /// Turns the gradient of a leaf on or off; gives the tensor itself.
    #[pyo3(signature = (requires_grad=true))]
    fn requires_grad_<'py>(slf: Bound<'py, Self>, requires_grad: bool) -> PyResult<Bound<'py, Self>> {
        slf.get().require_grad(requires_grad)?;
        Ok(slf)
    }
    /// True unless an op on the tape made it.
    #[getter]
    fn is_leaf(&self) -> bool {
        self.get().is_leaf()
    }
    /// The op that made it, by name, or None.
    #[getter]
    fn grad_fn(&self) -> Option<&'static str> {
        match &self.get().edge {
            nncore::tensor::Edge::Node(n, _) => Some(n.op.info().name),
            _ => None,
        }
    }
    /// How often its memory was changed in place.
    #[getter]
    fn _version(&self) -> u32 {
        self.get().storage.version()
    }
    /// The transpose of a matrix, as a view.
    #[getter(T)]
    fn transposed(&self) -> PyResult<PyTensor> {
        match self.get().spec.ndim {
            2 => self.matrix_transposed(),
            n => {
                let text = format!("T is of matrices, this tensor has {n} dimensions; use mT or permute");
                Err(fail(Kind::Shape, "T", text))
            }
        }
    }
    /// The last two dimensions swapped, as a view.
    #[getter(mT)]
    fn matrix_transposed(&self) -> PyResult<PyTensor> {
        if self.get().spec.ndim < 2 {
            return Err(fail(Kind::Shape, "mT", "at least two dimensions expected"));
        }
        self.apply(&Transpose { dim0: -2, dim1: -1 })
    }
    /// The dimensions in the opposite order, as a view.
    fn t(&self) -> PyResult<PyTensor> {
        match self.get().spec.ndim {
            0 | 1 => Ok(PyTensor::new(self.get().clone())),
            2 => self.matrix_transposed(),
            n => Err(fail(Kind::Shape, "t", format!("at most two dimensions expected, got {n}"))),
        }
    }
    /// The same memory, off the tape.
    fn detach(&self) -> PyTensor {
        PyTensor::new(self.get().detach())
    }
    /// The address of the first element.
    fn data_ptr(&self) -> usize {
        self.get().ptr() as usize
    }
    /// Is the memory in this order: "contiguous" (row-major) or "channels_last"?
    #[pyo3(signature = (memory_format="contiguous"))]
    fn is_contiguous(&self, memory_format: &str) -> PyResult<bool> {
        match memory_format {
            "contiguous" => Ok(self.get().spec.is_contiguous()),
            "channels_last" => Ok(self.get().spec.is_channels_last()),
            other => Err(unknown_format(other)),
        }
    }
    /// The tensor in this memory order: itself where it is in it, else a copy.
    #[pyo3(signature = (memory_format="contiguous"))]
    fn contiguous<'py>(slf: Bound<'py, Self>, memory_format: &str) -> PyResult<Bound<'py, Self>> {
        if slf.get().is_contiguous(memory_format)? {
            return Ok(slf);
        }
        let layout = match memory_format {
            "channels_last" => nncore::op::Layout::ChannelsLast,
            _ => nncore::op::Layout::Contiguous,
        };
        wrap(slf.py(), nncore::ops::copy::to_layout(slf.get().get(), layout).or_raise()?)
    }
    /// A copy on the tape, in memory of its own.
    fn clone(&self) -> PyResult<PyTensor> {
        Ok(PyTensor::new(nncore::ops::copy::fresh(self.get()).or_raise()?))
    }
    /// The same values in another dtype (the tensor itself where it has it and `copy` is False).
    #[pyo3(signature = (dtype, *, copy=false))]
    fn astype<'py>(slf: Bound<'py, Self>, dtype: &Bound<PyAny>, copy: bool) -> PyResult<Bound<'py, Self>> {
        slf.get().cast_to(&slf, dtype::parse(dtype, "astype")?, copy)
    }
    /// The tensor on another device or in another dtype, or as another tensor has both.
    #[pyo3(signature = (*args, dtype=None, device=None, copy=false))]
    fn to<'py>(
        slf: Bound<'py, Self>,
        args: &Bound<'py, PyTuple>,
        dtype: Option<&Bound<'py, PyAny>>,
        device: Option<&Bound<'py, PyAny>>,
        copy: bool,
    ) -> PyResult<Bound<'py, Self>> {
        let mut to = dtype.map(|d| dtype::parse(d, "to")).transpose()?;
        device.map(device::parse).transpose()?;
        for a in args.iter() {
            if let Ok(t) = a.cast::<PyTensor>() {
                to = Some(t.get().get().spec.dtype);
            } else if device::named(&a)?.is_none() {
                to = Some(dtype::parse(&a, "to")?)
            }
        }
        let to = to.unwrap_or(slf.get().get().spec.dtype);
        slf.get().cast_to(&slf, to, copy)
    }
    fn float<'py>(slf: Bound<'py, Self>) -> PyResult<Bound<'py, Self>> {
        slf.get().cast_to(&slf, nncore::DType::F32, false)
    }
    fn double<'py>(slf: Bound<'py, Self>) -> PyResult<Bound<'py, Self>> {
        slf.get().cast_to(&slf, nncore::DType::F64, false)
    }
    fn long<'py>(slf: Bound<'py, Self>) -> PyResult<Bound<'py, Self>> {
        slf.get().cast_to(&slf, nncore::DType::I64, false)
    }
    fn int<'py>(slf: Bound<'py, Self>) -> PyResult<Bound<'py, Self>> {
        slf.get().cast_to(&slf, nncore::DType::I32, false)
    }
    fn bool<'py>(slf: Bound<'py, Self>) -> PyResult<Bound<'py, Self>> {
        slf.get().cast_to(&slf, nncore::DType::Bool, false)
    }
    /// The same values as a view of another shape; raises where that takes a copy.
    #[pyo3(signature = (*shape))]
    fn view(&self, shape: &Bound<PyTuple>) -> PyResult<PyTensor> {
        let shape = crate::args::sizes(shape, "view")?;
        let t = nncore::ops::reshape::reshape(self.get(), &shape).or_raise()?;
        if !t.shares_memory(self.get()) {
            let text =
                format!("strides {:?} can not be seen as {:?}; use reshape", self.get().spec.strides(), &shape[..]);
            return Err(fail(Kind::Layout, "view", text));
        }
        Ok(PyTensor::new(t))
    }
    /// The windows of `size` elements, `step` apart, along one dimension, each in a new last dimension. A view.
    fn unfold(&self, dimension: i64, size: i64, step: i64) -> PyResult<PyTensor> {
        self.apply(&nncore::ops::unfold::UnfoldDimension { dimension, size, step })
    }
    fn view_as(&self, other: &Bound<PyTensor>) -> PyResult<PyTensor> {
        self.view(&other.get().shape(other.py())?)
    }
    fn reshape_as(&self, other: &Bound<PyTensor>) -> PyResult<PyTensor> {
        Ok(PyTensor::new(nncore::ops::reshape::reshape(self.get(), &other.get().get().spec.shape()).or_raise()?))
    }
    fn expand_as(&self, other: &Bound<PyTensor>) -> PyResult<PyTensor> {
        Ok(PyTensor::new(nncore::ops::expand::expand(self.get(), &other.get().get().spec.shape()).or_raise()?))
    }
    /// Moves dimensions to other places, the rest keep their order. A view.
    fn movedim(&self, source: i64, destination: i64) -> PyResult<PyTensor> {
        let spec = &self.get().spec;
        let (from, to) = (spec.axis(source).or_raise()?, spec.axis(destination).or_raise()?);
        let mut dims: nncore::op::Ints = (0..spec.rank() as i64).collect();
        if !dims.is_empty() {
            let d = dims.remove(from);
            dims.insert(to, d);
        }
        self.apply(&Permute { dims })
    }
    /// Overwrites the values with those of `source`, in place.
    fn copy_<'py>(slf: Bound<'py, Self>, source: &Bound<'py, PyAny>) -> PyResult<Bound<'py, Self>> {
        crate::index::assign(slf.get().get(), source)?;
        Ok(slf)
    }
    /// Overwrites every value, in place.
    fn fill_<'py>(slf: Bound<'py, Self>, value: &Bound<'py, PyAny>) -> PyResult<Bound<'py, Self>> {
        crate::index::assign(slf.get().get(), value)?;
        Ok(slf)
    }
    /// Overwrites every value with 0, in place.
    fn zero_<'py>(slf: Bound<'py, Self>) -> PyResult<Bound<'py, Self>> {
        crate::index::assign(slf.get().get(), 0i64.into_pyobject(slf.py())?.as_any())?;
        Ok(slf)
    }
    /// Runs backward from here: adds the gradient of this tensor to the `.grad` of every leaf that it depends on.
    #[pyo3(signature = (gradient=None, retain_graph=None, create_graph=false))]
    fn backward(
        &self,
        py: Python,
        gradient: Option<&Bound<PyTensor>>,
        retain_graph: Option<bool>,
        create_graph: bool,
    ) -> PyResult<()> {
        let options = nncore::Options { create_graph, retain_graph: retain_graph.unwrap_or(create_graph) };
        let (t, seed) = (self.get(), gradient.map(|g| g.get().get()));
        py.detach(|| nncore::backward(t, seed, options)).or_raise()
    }
    fn __len__(&self) -> PyResult<usize> {
        match self.get().spec.ndim {
            0 => Err(PyTypeError::new_err("len() of a 0-d tensor")),
            _ => Ok(self.get().spec.d(0)),
        }
    }
    /// Asked only for what is not there: the message says what to use instead.
    fn __getattr__(slf: &Bound<Self>, name: &str) -> PyResult<Py<PyAny>> {
        let plain = || Ok::<_, PyErr>(format!("'{}' object has no attribute '{name}'", slf.get_type().name()?));
        // Names with underscores are what Python and other libraries probe for; nobody reads that message.
        let text = match name.starts_with('_') {
            true => plain()?,
            false => {
                let hints = slf.py().import("nncore.hints")?;
                let known = slf.get_type().dir()?;
                hints.call_method1("missing", ("Tensor", name, slf.get_type().name()?, known))?.extract()?
            }
        };
        Err(PyAttributeError::new_err(text))
    }
    fn __hash__(slf: &Bound<Self>) -> usize {
        // By identity; objects are 16-byte aligned.
        slf.as_ptr() as usize >> 4
    }
}

impl PyTensor {
    fn apply(&self, op: &dyn nncore::op::DynOp) -> PyResult<PyTensor> {
        dispatch::one(op, &[self.get()]).map(PyTensor::new).or_raise()
    }
    fn cast_to<'py>(&self, me: &Bound<'py, Self>, to: nncore::DType, copy: bool) -> PyResult<Bound<'py, Self>> {
        match (self.get().spec.dtype == to, copy) {
            (true, false) => Ok(me.clone()),
            (true, true) => wrap(me.py(), nncore::ops::copy::fresh(self.get()).or_raise()?),
            (false, _) => wrap(me.py(), nncore::ops::cast::cast(self.get(), to).or_raise()?),
        }
    }
}
pub fn unknown_format(name: &str) -> PyErr {
    fail(Kind::Value, "", format!("memory_format is \"contiguous\" or \"channels_last\", got {name:?}"))
}
/// A tensor argument, or a TypeError that says what to do.
pub fn expect<'a, 'py>(x: &'a Bound<'py, PyAny>, what: &str) -> PyResult<&'a Bound<'py, PyTensor>> {
    x.cast::<PyTensor>().map_err(|_| {
        let got = crate::errors::type_name(x);
        let hint = if array::is_array(x) { "; nncore.tensor(...) makes one of an array" } else { "" };
        wrong(format!("{what}: a Tensor expected, got {got}{hint}"))
    })
}
