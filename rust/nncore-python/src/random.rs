//! The global generator and what draws from it. A generator is a tensor, int64 `[seed, draws so far]`, so that a captured
//! step goes on drawing where it is.
use crate::create::Wish;
use crate::errors::{under, wrong, OrRaise};
use crate::functions::RELEASE;
use crate::operators::may_change;
use crate::tensor::{wrap, PyTensor};
use nncore::op::{Attr, DynOp, Outs, Specs};
use nncore::ops::assign::Assign;
use nncore::ops::bernoulli::Bernoulli;
use nncore::ops::exponential::Exponential;
use nncore::ops::multinomial::Multinomial;
use nncore::ops::randint::Randint;
use nncore::ops::randperm::Randperm;
use nncore::ops::rng::{self, Normal, Uniform};
use nncore::ops::trunc_normal::TruncNormal;
use nncore::ops::{cast::cast, full::Full};
use nncore::{dispatch, DType, Spec, Tensor};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyTuple;
use smallvec::SmallVec;

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

/// One draw: a ticket from the generator, then the op that makes numbers of it, and perhaps of `input`.
fn draw(py: Python, op: &dyn DynOp, input: Option<&Tensor>, generator: Option<&Bound<PyTensor>>) -> PyResult<Tensor> {
    let global;
    let state = match generator {
        Some(g) => g.get().get(),
        None => {
            global = default_generator(py)?;
            global.get().get()
        }
    };
    // What can be known beforehand is, so that a draw that is refused leaves the generator. A ticket looks like its state.
    let specs: SmallVec<[Option<&Spec>; 2]> = input.into_iter().chain([state]).map(|t| Some(&t.spec)).collect();
    op.infer(Specs(&specs), &mut Outs::new()).or_raise()?;
    let ticket = rng::next(state).or_raise()?;
    let ins: SmallVec<[Option<&Tensor>; 2]> = input.into_iter().chain([&ticket]).map(Some).collect();
    let run = || dispatch::apply(op, &ins);
    let out = if op_elements(input, op) > RELEASE { py.detach(run) } else { run() };
    Ok(out.or_raise()?.swap_remove(0))
}
/// Roughly how much there is to do.
fn op_elements(input: Option<&Tensor>, op: &dyn DynOp) -> usize {
    let asked = op
        .attrs()
        .iter()
        .map(|a| if let Attr::Ints(v) = a { v.iter().fold(1i64, |n, d| n.saturating_mul(*d)) } else { 0 })
        .max();
    input.map_or(0, |t| t.spec.numel()).max(asked.unwrap_or(0).max(0) as usize)
}
macro_rules! draws {
    ($($(#[$doc:meta])* $name:ident $like:ident = |$shape:ident, $dtype:ident| $op:expr;)*) => { $(
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
            let name = stringify!($name);
            let ($shape, $dtype) = (crate::args::sizes(size, name)?, wish.dtype.unwrap_or(DType::F32));
            wish.give(py, under(py, name, draw(py, &$op, None, generator))?)
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
            let ($shape, $dtype) = (spec.shape(), wish.dtype.unwrap_or(spec.dtype));
            wish.give(py, under(py, stringify!($like), draw(py, &$op, None, generator))?)
        }
    )* };
}
draws! {
    /// Random numbers, uniform in [0, 1).
    rand rand_like = |shape, dtype| Uniform { shape, low: 0.0, high: 1.0, dtype };
    /// Random numbers, normal with mean 0 and standard deviation 1.
    randn randn_like = |shape, dtype| Normal { shape, mean: 0.0, std: 1.0, dtype };
}

/// Random integers in [low, high): `randint(high, size)` or `randint(low, high, size)`; int64 unless `dtype` says otherwise.
#[pyfunction]
#[pyo3(signature = (low=None, high=None, size=None, generator=None, dtype=None, device=None, requires_grad=false))]
#[allow(clippy::too_many_arguments)]
pub fn randint<'py>(
    py: Python<'py>,
    low: Option<&Bound<'py, PyAny>>,
    high: Option<&Bound<'py, PyAny>>,
    size: Option<&Bound<'py, PyAny>>,
    generator: Option<&Bound<'py, PyTensor>>,
    dtype: Option<&Bound<'py, PyAny>>,
    device: Option<&Bound<'py, PyAny>>,
    requires_grad: bool,
) -> PyResult<Bound<'py, PyTensor>> {
    let wish = Wish::new(dtype, device, requires_grad)?;
    let bound = |x, name| crate::args::whole(x, "randint", name);
    let (low, high, size) = match (low, high, size) {
        (Some(high), Some(size), None) | (Some(high), None, Some(size)) => (0, bound(high, "high")?, size),
        (low, Some(high), Some(size)) => (low.map_or(Ok(0), |l| bound(l, "low"))?, bound(high, "high")?, size),
        _ => return Err(wrong("randint() takes (high, size) or (low, high, size): ints, and a tuple of ints")),
    };
    let shape = crate::args::sizes(&PyTuple::new(py, [size])?, "randint")?;
    let drawn = under(py, "randint", draw(py, &Randint { shape, low, high }, None, generator))?;
    let drawn = cast(&drawn, wish.dtype.unwrap_or(DType::I64)).or_raise()?;
    wish.give(py, drawn)
}
/// The integers from 0 to n - 1 in random order; int64 unless `dtype` says otherwise.
#[pyfunction]
#[pyo3(signature = (n, generator=None, dtype=None, device=None, requires_grad=false))]
pub fn randperm<'py>(
    py: Python<'py>,
    n: &Bound<'py, PyAny>,
    generator: Option<&Bound<'py, PyTensor>>,
    dtype: Option<&Bound<'py, PyAny>>,
    device: Option<&Bound<'py, PyAny>>,
    requires_grad: bool,
) -> PyResult<Bound<'py, PyTensor>> {
    let wish = Wish::new(dtype, device, requires_grad)?;
    let n = crate::args::whole(n, "randperm", "n")?;
    let drawn = under(py, "randperm", draw(py, &Randperm { n }, None, generator))?;
    let drawn = cast(&drawn, wish.dtype.unwrap_or(DType::I64)).or_raise()?;
    wish.give(py, drawn)
}
/// 1 with the probability that each element of `input` says, else 0, in its shape and dtype. With `p`, a number, all elements
/// have that probability. No gradient flows to the probabilities. Raises `ValueError` for one outside [0, 1].
#[pyfunction]
#[pyo3(signature = (input, p=None, generator=None))]
pub fn bernoulli<'py>(
    input: &Bound<'py, PyTensor>,
    p: Option<f64>,
    generator: Option<&Bound<'py, PyTensor>>,
) -> PyResult<Bound<'py, PyTensor>> {
    let (py, input) = (input.py(), input.get().get());
    let drawn = match p {
        None => draw(py, &Bernoulli {}, Some(input), generator)?,
        Some(p) => chances(py, input, p, generator)?,
    };
    wrap(py, drawn)
}
/// Draws of one probability, in the shape and dtype of `like`.
fn chances(py: Python, like: &Tensor, p: f64, generator: Option<&Bound<PyTensor>>) -> PyResult<Tensor> {
    let value = Full { shape: like.spec.shape(), value: p, dtype: DType::F64 };
    let all = dispatch::one(&value, &[]).or_raise()?;
    cast(&draw(py, &Bernoulli {}, Some(&all), generator)?, like.spec.dtype).or_raise()
}
/// Indices, int64, drawn with the weights in each row of `input`: with `replacement` any number of them, else each at most
/// once.
///
/// The weights are not negative and need not add up to 1. Shapes: (K,) gives (num_samples,), (N, K) gives (N, num_samples).
/// Raises `ValueError` for a weight that is negative or not finite, a row without a positive one, and, without replacement, for
/// more samples than there are positive weights.
#[pyfunction]
#[pyo3(signature = (input, num_samples, replacement=false, generator=None))]
pub fn multinomial<'py>(
    input: &Bound<'py, PyTensor>,
    num_samples: &Bound<'py, PyAny>,
    replacement: bool,
    generator: Option<&Bound<'py, PyTensor>>,
) -> PyResult<Bound<'py, PyTensor>> {
    let (py, input) = (input.py(), input.get().get().detach());
    let num_samples = crate::args::whole(num_samples, "multinomial", "num_samples")?;
    wrap(py, draw(py, &Multinomial { num_samples, replacement }, Some(&input), generator)?)
}
/// Draws anew into a tensor's memory, whatever its dtype: `make` is told the shape and a float dtype.
fn refill<'py, O: DynOp>(
    slf: Bound<'py, PyTensor>,
    name: &'static str,
    generator: Option<&Bound<'py, PyTensor>>,
    make: impl FnOnce(nncore::op::Ints, DType) -> O,
) -> PyResult<Bound<'py, PyTensor>> {
    let target = slf.get().get();
    may_change(target, name)?;
    let drawn = draw(slf.py(), &make(target.spec.shape(), target.spec.dtype), None, generator);
    let drawn = under(slf.py(), name, drawn)?;
    store(target, &drawn)?;
    Ok(slf)
}
fn store(target: &Tensor, drawn: &Tensor) -> PyResult<()> {
    let drawn = cast(drawn, target.spec.dtype).or_raise()?;
    dispatch::apply(&Assign {}, &[Some(target), Some(&drawn)]).map(|_| ()).or_raise()
}
#[pymethods]
impl PyTensor {
    /// Overwrites every value with a uniform number in [from, to), in place.
    #[pyo3(signature = (from_=0.0, to=1.0, generator=None))]
    fn uniform_<'py>(
        slf: Bound<'py, Self>,
        from_: f64,
        to: f64,
        generator: Option<&Bound<'py, PyTensor>>,
    ) -> PyResult<Bound<'py, Self>> {
        refill(slf, "uniform_", generator, |shape, dtype| Uniform { shape, low: from_, high: to, dtype })
    }
    /// Overwrites every value with a normal number, in place.
    #[pyo3(signature = (mean=0.0, std=1.0, generator=None))]
    fn normal_<'py>(
        slf: Bound<'py, Self>,
        mean: f64,
        std: f64,
        generator: Option<&Bound<'py, PyTensor>>,
    ) -> PyResult<Bound<'py, Self>> {
        refill(slf, "normal_", generator, |shape, dtype| Normal { shape, mean, std, dtype })
    }
    /// Overwrites every value with a number that is normal given that it lies in [a, b], in place. It is drawn by the inverse
    /// of the distribution's function, so nothing piles up at the ends.
    // Written out, since a negative number is no literal to the macro that shows it.
    #[pyo3(
        signature = (mean=0.0, std=1.0, a=-2.0, b=2.0, generator=None),
        text_signature = "($self, mean=0.0, std=1.0, a=-2.0, b=2.0, generator=None)"
    )]
    fn trunc_normal_<'py>(
        slf: Bound<'py, Self>,
        mean: f64,
        std: f64,
        a: f64,
        b: f64,
        generator: Option<&Bound<'py, PyTensor>>,
    ) -> PyResult<Bound<'py, Self>> {
        refill(slf, "trunc_normal_", generator, |shape, dtype| TruncNormal { shape, mean, std, a, b, dtype })
    }
    /// Overwrites every value with an exponential number of rate `lambd`, in place.
    #[pyo3(signature = (lambd=1.0, generator=None))]
    fn exponential_<'py>(
        slf: Bound<'py, Self>,
        lambd: f64,
        generator: Option<&Bound<'py, PyTensor>>,
    ) -> PyResult<Bound<'py, Self>> {
        refill(slf, "exponential_", generator, |shape, dtype| Exponential { shape, lambd, dtype })
    }
    /// Overwrites every value with 1 of probability `p`, else 0, in place; `p` is a number or a tensor that broadcasts.
    #[pyo3(signature = (p=None, generator=None))]
    fn bernoulli_<'py>(
        slf: Bound<'py, Self>,
        p: Option<&Bound<'py, PyAny>>,
        generator: Option<&Bound<'py, PyTensor>>,
    ) -> PyResult<Bound<'py, Self>> {
        let (py, target) = (slf.py(), slf.get().get());
        may_change(target, "bernoulli_")?;
        let drawn = match p.map(|p| (p, p.cast::<PyTensor>())) {
            None => chances(py, target, 0.5, generator)?,
            Some((_, Ok(t))) => {
                let all = nncore::ops::expand::expand(&t.get().get().detach(), &target.spec.shape()).or_raise()?;
                draw(py, &Bernoulli {}, Some(&all), generator)?
            }
            Some((p, Err(_))) => chances(py, target, p.extract()?, generator)?,
        };
        store(target, &drawn)?;
        Ok(slf)
    }
}
