//! `x[i]` and `x[i] = v`.
use crate::args::Number;
use crate::errors::{fail, OrRaise};
use crate::operators::may_change;
use crate::tensor::PyTensor;
use nncore::ops::cast::cast;
use nncore::{dispatch, Kind, Tensor};
use pyo3::prelude::*;

/// Writes `value` (a tensor, a number, an array) into `target`'s memory, with broadcasting, in the target's dtype.
pub fn assign(target: &Tensor, value: &Bound<PyAny>) -> PyResult<()> {
    may_change(target, "assign")?;
    let dtype = target.spec.dtype;
    let value = match value.cast::<PyTensor>() {
        Ok(t) => {
            let t = t.get().get();
            if t.requires_grad() && dispatch::grad_enabled() {
                let text =
                    "the value is on the tape and an assignment would lose its gradient; detach it, or use where";
                return Err(fail(Kind::NoGradient, "assign", text));
            }
            cast(&t.detach(), dtype).or_raise()?
        }
        Err(_) => match Number::of(value) {
            Some(n) => n.tensor(dtype)?,
            None => crate::create::from_data(value, Some(dtype))?,
        },
    };
    dispatch::apply(&nncore::ops::assign::Assign {}, &[Some(target), Some(&value)]).map(|_| ()).or_raise()
}
