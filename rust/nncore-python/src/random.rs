//! The global generator and what draws from it. A generator is a tensor, int64 `[seed, draws so far]`, so that a captured
//! step goes on drawing where it is.
use crate::create::Wish;
use crate::errors::{fail, OrRaise};
use crate::functions::call_op;
use crate::tensor::{wrap, PyTensor};
use nncore::op::{Attr, Ints};
use nncore::{ops, DType, Kind, Tensor};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyTuple;

/// The generator that `rand`, `randn` and dropout draw from unless they are given another one.
///
/// It starts at a seed from the system; `manual_seed` starts it anew.
#[pyfunction]
pub fn default_generator(py: Python<'_>) -> PyResult<Bound<'_, PyTensor>> {
    static GENERATOR: PyOnceLock<Py<PyTensor>> = PyOnceLock::new();
    let made = GENERATOR.get_or_try_init(py, || {
        // The standard library's hasher takes its keys from the system.
        use std::hash::{BuildHasher, Hasher};
        let seed = std::collections::hash_map::RandomState::new().build_hasher().finish();
        Ok::<_, PyErr>(generator(py, (seed >> 1) as i64)?.unbind())
    })?;
    Ok(made.bind(py).clone())
}
/// A generator of its own, int64 `[seed, draws so far]`.
#[pyfunction]
pub fn generator(py: Python<'_>, seed: i64) -> PyResult<Bound<'_, PyTensor>> {
    wrap(py, Tensor::from_slice(&[seed, 0], &[2]).or_raise()?)
}
/// Starts the global generator anew; gives it.
#[pyfunction]
pub fn manual_seed(py: Python<'_>, seed: i64) -> PyResult<Bound<'_, PyTensor>> {
    let g = default_generator(py)?;
    let state = g.get().get();
    state.reading();
    // Two int64s in host memory that this process owns; whoever captured a step with it sees the change.
    unsafe { (state.ptr() as *mut [i64; 2]).write([seed, 0]) };
    state.storage.bump();
    Ok(g)
}

/// One draw: a ticket from the generator, then the op that makes numbers of it.
fn draw(py: Python, op: &'static str, attrs: &[Attr], generator: Option<&Bound<PyTensor>>) -> PyResult<Tensor> {
    let find = |name: &'static str| ops::find(name).ok_or_else(|| fail(Kind::Unsupported, name, "there is no such op"));
    let global;
    let state = match generator {
        Some(g) => g.get().get(),
        None => {
            global = default_generator(py)?;
            global.get().get()
        }
    };
    let ticket = call_op(py, find("rng_next")?, &[], &[Some(state)])?.swap_remove(0);
    let run = || (find(op)?.call)(attrs, &[Some(&ticket)]).or_raise();
    Ok(run()?.swap_remove(0))
}
fn attrs(shape: Ints, a: f64, b: f64, dtype: DType) -> [Attr; 4] {
    [Attr::Ints(shape), Attr::Float(a), Attr::Float(b), Attr::DType(dtype)]
}
macro_rules! draws {
    ($($(#[$doc:meta])* $name:ident $like:ident = $op:literal;)*) => { $(
        $(#[$doc])*
        #[pyfunction]
        #[pyo3(signature = (*size, generator=None, dtype=None, device=None, requires_grad=false))]
        pub fn $name<'py>(
            size: &Bound<'py, PyTuple>,
            generator: Option<&Bound<'py, PyTensor>>,
            dtype: Option<&Bound<'py, PyAny>>,
            device: Option<&Bound<'py, PyAny>>,
            requires_grad: bool,
        ) -> PyResult<Bound<'py, PyTensor>> {
            let (py, wish) = (size.py(), Wish::new(dtype, device, requires_grad)?);
            let attrs = attrs(crate::args::sizes(size)?, 0.0, 1.0, wish.dtype.unwrap_or(DType::F32));
            wish.give(py, draw(py, $op, &attrs, generator)?)
        }
        #[doc = concat!("`", stringify!($name), "` in the shape and dtype of `input`.")]
        #[pyfunction]
        #[pyo3(signature = (input, generator=None, dtype=None, device=None, requires_grad=false))]
        pub fn $like<'py>(
            input: &Bound<'py, PyTensor>,
            generator: Option<&Bound<'py, PyTensor>>,
            dtype: Option<&Bound<'py, PyAny>>,
            device: Option<&Bound<'py, PyAny>>,
            requires_grad: bool,
        ) -> PyResult<Bound<'py, PyTensor>> {
            let (py, wish, spec) = (input.py(), Wish::new(dtype, device, requires_grad)?, &input.get().get().spec);
            let attrs = attrs(spec.shape(), 0.0, 1.0, wish.dtype.unwrap_or(spec.dtype));
            wish.give(py, draw(py, $op, &attrs, generator)?)
        }
    )* };
}
draws! {
    /// Random numbers, uniform in [0, 1).
    rand rand_like = "uniform";
    /// Random numbers, normal with mean 0 and standard deviation 1.
    randn randn_like = "normal";
}
