//! `x[i]` and `x[i] = v`. Ints, slices, None and Ellipsis give views; integer tensors and bool masks gather. Indices that are
//! tensors stand where they are when there is one of them or they are neighbours, else their dimensions come first; an int
//! is a slice of size 1 that vanishes, never one of them, as in PyTorch. So is a 0-d tensor of integers: the host reads it.
use crate::args::{int, Number};
use crate::array::is_array;
use crate::errors::{fail, type_name, OrRaise};
use crate::operators::may_change;
use crate::tensor::{wrap, PyTensor};
use nncore::op::Attr;
use nncore::ops::{cast::cast, reshape::reshape};
use nncore::ops::{index_get::IndexGet, index_put::IndexPutInto};
use nncore::{dispatch, ops, DType, Kind, Tensor};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyEllipsis, PyList, PySlice, PyTuple};

/// Writes `value` (a tensor, a number, an array) into `target`'s memory, with broadcasting, in the target's dtype.
pub fn assign(target: &Tensor, value: &Bound<PyAny>) -> PyResult<()> {
    may_change(target, "assign")?;
    let value = value_for(target, value)?;
    dispatch::apply(&ops::assign::Assign {}, &[Some(target), Some(&value)]).map(|_| ()).or_raise()
}
/// What is assigned, as a tensor of the target's dtype that is on no tape.
fn value_for(target: &Tensor, value: &Bound<PyAny>) -> PyResult<Tensor> {
    let dtype = target.spec.dtype;
    match value.cast::<PyTensor>() {
        Ok(t) => {
            let t = t.get().get();
            if t.requires_grad() && dispatch::grad_enabled() {
                let text =
                    "the value is on the tape and an assignment would lose its gradient; detach it, or use where";
                return Err(fail(Kind::NoGradient, "assign", text));
            }
            cast(&t.detach(), dtype).or_raise()
        }
        Err(_) => match Number::of(value) {
            Some(n) => n.tensor(dtype),
            None => crate::create::from_data(value, Some(dtype)),
        },
    }
}

/// One entry of an index.
enum Entry<'py> {
    At(i64),
    Range(Bound<'py, PySlice>),
    New,
    Rest,
    /// An int64 or bool tensor.
    Tensor(Tensor),
}
impl Entry<'_> {
    /// Dimensions of the input that it takes up.
    fn takes(&self) -> usize {
        match self {
            Entry::New | Entry::Rest => 0,
            Entry::Tensor(t) if t.spec.dtype == DType::Bool => t.spec.rank(),
            _ => 1,
        }
    }
}
fn entry<'py>(x: &Bound<'py, PyAny>) -> PyResult<Entry<'py>> {
    if let Ok(s) = x.cast::<PySlice>() {
        return Ok(Entry::Range(s.clone()));
    }
    if x.is_none() {
        return Ok(Entry::New);
    }
    if x.is_instance_of::<PyEllipsis>() {
        return Ok(Entry::Rest);
    }
    let tensor = match x.cast::<PyTensor>() {
        Ok(t) => Some(t.get().get().detach()),
        Err(_) if x.is_instance_of::<PyBool>() => None,
        Err(_) if is_array(x) && x.getattr("ndim")?.extract::<usize>()? == 0 => None,
        Err(_) if is_array(x) || x.is_instance_of::<PyList>() => Some(crate::create::from_data(x, None)?),
        Err(_) => None,
    };
    match tensor {
        Some(t) if t.spec.dtype == DType::Bool => Ok(Entry::Tensor(t)),
        Some(t) if !t.spec.dtype.is_float() && t.spec.rank() == 0 => {
            if dispatch::recording() {
                let text = "a 0-d tensor as an index is read by the host, which a captured step can not do; use index_select, \
                            or make it a vector: x[i.reshape(1)]";
                dispatch::refuse(nncore::err(Kind::HostRead, text));
            }
            Ok(Entry::At(cast(&t, DType::I64).and_then(|t| t.to_vec::<i64>()).or_raise()?[0]))
        }
        // An empty list is of floats.
        Some(t) if !t.spec.dtype.is_float() || t.spec.numel() == 0 && x.is_instance_of::<PyList>() => {
            Ok(Entry::Tensor(cast(&t, DType::I64).or_raise()?))
        }
        Some(t) => Err(fail(Kind::DType, "index", format!("an index is of integers or bool, got {}", t.spec.dtype))),
        None => match int(x).filter(|_| !x.is_instance_of::<PyBool>()) {
            Some(i) => Ok(Entry::At(i)),
            None => Err(PyTypeError::new_err(format!(
                "an index is made of ints, slices, None, ..., integer tensors and bool masks, got {}",
                type_name(x)
            ))),
        },
    }
}
/// The entries, with one Rest, and none of them reaching past the last dimension.
fn entries<'py>(x: &Tensor, key: &Bound<'py, PyAny>) -> PyResult<Vec<Entry<'py>>> {
    let mut all = match key.cast::<PyTuple>() {
        Ok(t) => t.iter().map(|k| entry(&k)).collect::<PyResult<Vec<_>>>()?,
        Err(_) => vec![entry(key)?],
    };
    let (taken, rests) = all.iter().fold((0, 0), |(n, r), e| (n + e.takes(), r + matches!(e, Entry::Rest) as usize));
    if taken > x.spec.rank() {
        let text = format!("{taken} indices for a tensor of {} dimensions", x.spec.rank());
        return Err(out_of_range(key.py(), text));
    }
    match rests {
        0 => all.push(Entry::Rest),
        1 => {}
        _ => return Err(out_of_range(key.py(), "an index has one ellipsis at most".into())),
    }
    Ok(all)
}
fn out_of_range(py: Python, text: String) -> PyErr {
    // An IndexError: Python's own loops end on it.
    crate::errors::named(py, "OutOfRangeError", text)
}

fn run(name: &'static str, attrs: &[Attr], ins: &[&Tensor]) -> PyResult<Tensor> {
    let info = ops::find(name).ok_or_else(|| fail(Kind::Unsupported, name, "there is no such op"))?;
    let ins: smallvec::SmallVec<[Option<&Tensor>; 2]> = ins.iter().map(|t| Some(*t)).collect();
    Ok((info.call)(attrs, &ins).or_raise()?.swap_remove(0))
}
/// What is done with a mask over several dimensions.
#[derive(PartialEq)]
enum Masks {
    /// Its dimensions become one, and it the places in it. Memory may be copied, so this is for reading.
    Merge,
    Keep,
}
/// What of an index needs no gather: a view. The tensors that are left, each with the dimension of the view it stands at.
fn view(py: Python, x: &Tensor, all: Vec<Entry>, masks: Masks) -> PyResult<(Tensor, Vec<(usize, Tensor)>)> {
    let taken: usize = all.iter().map(Entry::takes).sum();
    let (mut t, mut at, mut gathers) = (x.clone(), 0, vec![]);
    let dim = |d: usize| Attr::Int(d as i64);
    for e in all {
        match e {
            Entry::Rest => at += x.spec.rank() - taken,
            Entry::New => {
                t = run("unsqueeze", &[dim(at)], &[&t])?;
                at += 1
            }
            Entry::At(i) => {
                let n = t.spec.d(at) as i64;
                if i < -n || i >= n {
                    return Err(out_of_range(py, format!("index {i} is out of range for a dimension of size {n}")));
                }
                t = run("select", &[dim(at), Attr::Int(i)], &[&t])?
            }
            Entry::Range(s) => {
                let part = |name: &str| -> PyResult<Option<i64>> {
                    let v = s.getattr(name)?;
                    match v.is_none() {
                        true => Ok(None),
                        false => int(&v).map(Some).ok_or_else(|| PyTypeError::new_err("slices are of ints")),
                    }
                };
                let (start, stop, step) = (part("start")?, part("stop")?, part("step")?.unwrap_or(1));
                if start.is_some() || stop.is_some() || step != 1 {
                    let or_none = |v: Option<i64>| v.map_or(Attr::None, Attr::Int);
                    t = run("slice", &[dim(at), or_none(start), or_none(stop), Attr::Int(step)], &[&t])?
                }
                at += 1
            }
            Entry::Tensor(m) if m.spec.dtype == DType::Bool => {
                // A mask over k dimensions is an index into the one that they make together.
                let k = m.spec.rank();
                if t.spec.dims()[at..at + k] != *m.spec.dims() {
                    let (a, b) = (m.spec.dims(), &t.spec.dims()[at..at + k]);
                    return Err(out_of_range(py, format!("a mask of shape {a:?} for dimensions of sizes {b:?}")));
                }
                if masks == Masks::Keep {
                    gathers.push((at, m));
                    at += k;
                    continue;
                }
                let mut shape = t.spec.shape();
                shape.drain(at..at + k);
                shape.insert(at, m.spec.numel() as i64);
                t = reshape(&t, &shape).or_raise()?;
                let hits = m.to_vec::<bool>().or_raise()?;
                let places: Vec<i64> = (0i64..).zip(&hits).filter(|(_, hit)| **hit).map(|(i, _)| i).collect();
                gathers.push((at, Tensor::from_slice(&places, &[places.len() as u32]).or_raise()?));
                at += 1
            }
            Entry::Tensor(i) => {
                gathers.push((at, i));
                at += 1
            }
        }
    }
    Ok((t, gathers))
}
/// Reads at the tensors.
fn gather(t: Tensor, gathers: Vec<(usize, Tensor)>) -> PyResult<Tensor> {
    let dims: Vec<usize> = gathers.iter().map(|g| g.0).collect();
    let [(_, index)] = &gathers[..] else {
        let dims = dims.iter().map(|&d| d as i64).collect();
        let ins: Vec<Option<&Tensor>> = [&t].into_iter().chain(gathers.iter().map(|g| &g.1)).map(Some).collect();
        return Ok(dispatch::apply(&IndexGet { dims }, &ins).or_raise()?.swap_remove(0));
    };
    // Whole slices lie side by side where one dimension is indexed.
    let mut shape = t.spec.shape();
    shape.remove(dims[0]);
    shape.insert_many(dims[0], index.spec.shape());
    let flat = reshape(index, &[index.spec.numel() as i64]).or_raise()?;
    let picked = run("index_select", &[Attr::Int(dims[0] as i64)], &[&t, &flat])?;
    reshape(&picked, &shape).or_raise()
}

/// Writes into a view at tensors of indices, masks among them.
fn scatter(t: &Tensor, tensors: &[(usize, Tensor)], value: &Bound<PyAny>) -> PyResult<()> {
    let value = value_for(t, value)?;
    let op = IndexPutInto { dims: tensors.iter().map(|i| i.0 as i64).collect(), accumulate: false };
    let ins: Vec<Option<&Tensor>> = [t, &value].into_iter().chain(tensors.iter().map(|i| &i.1)).map(Some).collect();
    dispatch::apply(&op, &ins).map(|_| ()).or_raise()
}

#[pymethods]
impl PyTensor {
    fn __getitem__<'py>(&self, key: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyTensor>> {
        let (py, x) = (key.py(), self.get());
        let (t, gathers) = view(py, x, entries(x, key)?, Masks::Merge)?;
        wrap(py, if gathers.is_empty() { t } else { gather(t, gathers)? })
    }
    fn __setitem__<'py>(slf: &Bound<'py, Self>, key: &Bound<'py, PyAny>, value: &Bound<'py, PyAny>) -> PyResult<()> {
        let (py, x) = (key.py(), slf.get().get());
        may_change(x, "assign")?;
        let all = entries(x, key)?;
        if let [Entry::Tensor(m), Entry::Rest] = &all[..] {
            if m.spec.dtype == DType::Bool && m.spec.dims() == x.spec.dims() {
                let value = value_for(x, value)?;
                if value.spec.rank() == 0 {
                    let new = run("where", &[], &[m, &value, &x.detach()])?;
                    return dispatch::apply(&ops::assign::Assign {}, &[Some(x), Some(&new)]).map(|_| ()).or_raise();
                }
            }
        }
        let (target, tensors) = dispatch::no_grad(|| view(py, &x.detach(), all, Masks::Keep))?;
        match tensors.is_empty() {
            true => assign(&target, value),
            false => scatter(&target, &tensors, value),
        }
    }
    /// The slices along the first dimension, as views.
    fn __iter__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let x = self.get();
        if x.spec.ndim == 0 {
            return Err(PyTypeError::new_err("a 0-d tensor has nothing to iterate over"));
        }
        let rows = (0..x.spec.d(0) as i64).map(|i| wrap(py, run("select", &[Attr::Int(0), Attr::Int(i)], &[x])?));
        Ok(PyTuple::new(py, rows.collect::<PyResult<Vec<_>>>()?)?.try_iter()?.into_any())
    }
    fn __contains__<'py>(slf: &Bound<'py, Self>, value: &Bound<'py, PyAny>) -> PyResult<bool> {
        crate::array::to_numpy(slf, true)?.contains(as_numpy(value)?)
    }
}
fn as_numpy<'py>(x: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    match x.cast::<PyTensor>() {
        Ok(t) => Ok(crate::array::to_numpy(t, true)?.into_any()),
        Err(_) => Ok(x.clone()),
    }
}
