//! Ops written in Python: a composition of ops with a gradient of its own, and an op on NumPy arrays.
use crate::array;
use crate::errors::{fail, foreign, OrRaise};
use crate::tensor::{expect, wrap, PyTensor};
use nncore::op::*;
use nncore::ops::copy::copy_strided;
use nncore::{dispatch, err, tape, Kind, Result, Spec, Tensor};
use numpy::{PyUntypedArray, PyUntypedArrayMethods};
use pyo3::prelude::*;
use pyo3::types::{PyList, PyTuple};
use std::fmt;
use std::sync::Arc;

/// What the core wants to know of an op, made once for each name and kept for ever.
#[pyclass(name = "CustomOp", module = "nncore._core", frozen)]
pub struct CustomOp {
    info: &'static OpInfo,
}
/// Inputs and outputs are named by the bits of a word.
const MOST: usize = 31;

#[pymethods]
impl CustomOp {
    #[new]
    fn create(name: String) -> CustomOp {
        static INPUTS: [Input; 1] = [Input {
            name: "inputs",
            arity: Arity::List,
            mutated: false,
            promote: false,
            float: false,
            constant: false,
            gaps: false,
            layout: Layout::Any,
        }];
        let info = OpInfo {
            name: Box::leak(name.into_boxed_str()),
            doc: "An op written in Python.",
            public: false,
            inputs: &INPUTS,
            attrs: &[],
            order: &[],
            outputs: &["outputs"],
            returns: usize::MAX,
            many: false,
            mutates: false,
            promotes: false,
            call: |_, _| Err(err(Kind::Unsupported, "an op written in Python is called from Python only")),
            cases: Vec::new,
            refusals: Vec::new,
        };
        CustomOp { info: Box::leak(Box::new(info)) }
    }
    #[getter]
    fn name(&self) -> &'static str {
        self.info.name
    }
    /// Puts outputs, which were computed from the inputs off the tape, on the tape as one op.
    ///
    /// `backward(inputs, outputs, grads)` is given lists (a gradient that did not arrive is None) and returns one gradient, or
    /// None, for each input. What it computes with ops can be captured, and differentiated again.
    fn attach<'py>(
        &self,
        py: Python<'py>,
        inputs: Vec<Bound<'py, PyTensor>>,
        outputs: Vec<Bound<'py, PyTensor>>,
        backward: Py<PyAny>,
    ) -> PyResult<Bound<'py, PyTuple>> {
        self.few(inputs.len().max(outputs.len()))?;
        let ins: Vec<Option<&Tensor>> = inputs.iter().map(|t| Some(t.get().get())).collect();
        let mut outs: Outputs = outputs.iter().map(|t| t.get().get().detach()).collect();
        let op = PythonOp { info: self.info, backward: Some(Arc::new(backward)), kernel: None };
        tape::record_custom(Box::new(op), &ins, &mut outs);
        tuple(py, outs)
    }
    /// Runs `forward(*arrays)` on copies of the inputs as NumPy arrays, as one op with outputs of these (dtype, shape) pairs.
    ///
    /// A captured step calls it again at each replay. `backward` is as for `attach`; None for an op without a gradient.
    #[pyo3(signature = (inputs, specs, forward, backward=None))]
    fn run<'py>(
        &self,
        py: Python<'py>,
        inputs: Vec<Bound<'py, PyTensor>>,
        specs: Vec<(Bound<'py, PyAny>, Vec<i64>)>,
        forward: Py<PyAny>,
        backward: Option<Py<PyAny>>,
    ) -> PyResult<Bound<'py, PyTuple>> {
        self.few(inputs.len().max(specs.len()))?;
        let made = |(d, shape): &(Bound<PyAny>, Vec<i64>)| Spec::checked(crate::dtype::parse(d, "")?, shape).or_raise();
        let specs = specs.iter().map(made).collect::<PyResult<Vec<_>>>()?;
        let ins: Vec<Option<&Tensor>> = inputs.iter().map(|t| Some(t.get().get())).collect();
        let kernel = Some(Arc::new(Kernel { function: forward, specs }));
        let op = PythonOp { info: self.info, backward: backward.map(Arc::new), kernel };
        tuple(py, dispatch::apply(&op, &ins).or_raise()?)
    }
    fn __repr__(&self) -> String {
        format!("<custom op {}>", self.info.name)
    }
}
impl CustomOp {
    fn few(&self, n: usize) -> PyResult<()> {
        match n > MOST {
            true => Err(fail(Kind::Value, self.info.name, format!("at most {MOST} tensors go in or out, got {n}"))),
            false => Ok(()),
        }
    }
}
fn tuple(py: Python<'_>, outs: Outputs) -> PyResult<Bound<'_, PyTuple>> {
    PyTuple::new(py, outs.into_iter().map(|t| wrap(py, t)).collect::<PyResult<Vec<_>>>()?)
}

/// A function of arrays, and what it returns.
struct Kernel {
    function: Py<PyAny>,
    specs: Vec<Spec>,
}
/// One call of such an op; clones share the Python functions.
#[derive(Clone)]
struct PythonOp {
    info: &'static OpInfo,
    backward: Option<Arc<Py<PyAny>>>,
    kernel: Option<Arc<Kernel>>,
}
impl fmt::Debug for PythonOp {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(self.info.name)
    }
}

impl DynOp for PythonOp {
    fn info(&self) -> &'static OpInfo {
        self.info
    }
    fn facts(&self) -> &'static Facts {
        const fn facts(differentiable: bool) -> Facts {
            let (autocast, precision) = (Autocast::High, None);
            Facts { scratch: false, checks: 0, differentiable, reuses: 0, autocast, precision, foreign: true }
        }
        static WITH: Facts = facts(true);
        static WITHOUT: Facts = facts(false);
        match self.backward {
            Some(_) => &WITH,
            None => &WITHOUT,
        }
    }
    fn infer(&self, _x: Specs, out: &mut Outs) -> Result<()> {
        self.kernel.iter().flat_map(|k| &k.specs).try_for_each(|s| out.fresh(*s))
    }
    fn scratch(&self, _x: Specs) -> usize {
        0
    }
    fn check(&self, _cx: &Cpu) -> Result<()> {
        Ok(())
    }
    fn cpu(&self, cx: &Cpu) -> Result<()> {
        let kernel = self.kernel.as_ref().expect("a composition is never executed as one op");
        Python::attach(|py| on_arrays(py, self.info.name, kernel, cx).map_err(foreign))
    }
    fn keeps(&self, _needs: u32) -> Keep {
        Keep::both(u32::MAX >> 1, u32::MAX >> 1)
    }
    fn grad(&self, cx: &GradCx) -> Result<Grads> {
        Python::attach(|py| self.backward(py, cx).map_err(foreign))
    }
    fn cost(&self, x: Specs, outs: &Outs) -> Cost {
        Cost { flops: outs.numel() as u64, bytes: (x.bytes() + outs.bytes()) as u64 }
    }
    fn attrs(&self) -> Vec<Attr> {
        vec![]
    }
    fn boxed(&self) -> Box<dyn DynOp> {
        Box::new(self.clone())
    }
}
impl PythonOp {
    fn backward(&self, py: Python, cx: &GradCx) -> PyResult<Grads> {
        let name = self.info.name;
        let backward = self.backward.as_ref().expect("a differentiable op");
        let list = |n: usize, get: &dyn Fn(usize) -> Result<Tensor>| -> PyResult<Bound<PyList>> {
            PyList::new(py, (0..n).map(|i| wrap(py, get(i).or_raise()?)).collect::<PyResult<Vec<_>>>()?)
        };
        let (n, outs) = (cx.inputs(), cx.node.outs.len());
        let inputs = list(n, &|i| cx.input(i))?;
        let outputs = list(outs, &|i| cx.output(i))?;
        let arrived = |i| cx.opt_dy(i).map(|t| wrap(py, t.clone())).transpose();
        let grads = PyList::new(py, (0..outs).map(arrived).collect::<PyResult<Vec<_>>>()?)?;
        let given = backward.bind(py).call1((inputs, outputs, grads))?;
        let given = given.try_iter()?.collect::<PyResult<Vec<_>>>()?;
        if given.len() != n {
            let text = format!("backward gave {} gradients for {n} tensors", given.len());
            return Err(fail(Kind::NoGradient, name, text));
        }
        let mut found = Grads::new();
        for (i, g) in given.iter().enumerate() {
            if g.is_none() || !cx.needs(i) {
                found.push(None);
                continue;
            }
            let (t, want) = (expect(g, "a gradient from backward")?.get().get(), cx.spec(i));
            if t.spec.dims() != want.dims() || t.spec.dtype != want.dtype {
                let text = format!("backward gave {} as the gradient of input {i}, which is {want}", t.spec);
                return Err(fail(Kind::Shape, name, text));
            }
            found.push(Some(if cx.create_graph { t.clone() } else { t.detach() }));
        }
        Ok(found)
    }
}

/// Calls the function on copies of the inputs and copies what it returns into the outputs.
fn on_arrays(py: Python, name: &'static str, kernel: &Kernel, cx: &Cpu) -> PyResult<()> {
    let mut arrays = vec![];
    for view in cx.ins.iter().flatten() {
        let t = Tensor::empty(view.spec.contiguous()).or_raise()?;
        // Whoever runs the op holds the input's memory, and the copy is new.
        unsafe { copy_strided(view.spec, view.ptr(), &t.spec, t.ptr()) };
        let owner = wrap(py, t)?;
        arrays.push(array::view(owner.get().get(), owner.clone().into_any(), true)?);
    }
    let made = kernel.function.bind(py).call1(PyTuple::new(py, arrays)?)?;
    let made: Vec<Bound<PyAny>> = match made.cast::<PyTuple>() {
        Ok(several) => several.iter().collect(),
        Err(_) => vec![made],
    };
    if made.len() != cx.outs.len() {
        let text = format!("forward returned {} arrays, expected {}", made.len(), cx.outs.len());
        return Err(fail(Kind::Value, name, text));
    }
    let numpy = py.import("numpy")?;
    for (i, (value, out)) in made.iter().zip(cx.outs).enumerate() {
        let dtype = crate::dtype::numpy_dtype(py, out.spec.dtype);
        let packed =
            numpy.call_method1("asarray", (value, dtype, "C"))?.cast_into::<PyUntypedArray>().map_err(PyErr::from)?;
        let fits =
            packed.shape().len() == out.spec.rank() && (0..out.spec.rank()).all(|k| packed.shape()[k] == out.spec.d(k));
        if !fits {
            let text = format!("output {i} has shape {:?}, expected {:?}", packed.shape(), out.spec.dims());
            return Err(fail(Kind::Shape, name, text));
        }
        // Row-major, of the output's shape and dtype, and held until the copy is done.
        unsafe {
            let data = (*packed.as_array_ptr()).fields.data as *const u8;
            copy_strided(&out.spec.contiguous(), data, out.spec, out.ptr());
        }
    }
    Ok(())
}
