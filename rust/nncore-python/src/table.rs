//! The ops' definitions as Python data: stubs, documentation and tests are made from it.
use crate::functions::literal;
use nncore::op::{Arity, AttrKind, OpInfo};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

/// The documentation without the space that comments begin with.
pub fn doc(info: &OpInfo) -> String {
    let lines = info.doc.lines().map(|l| l.strip_prefix(' ').unwrap_or(l));
    lines.collect::<Vec<_>>().join("\n").trim().to_string()
}

fn kind(k: AttrKind) -> &'static str {
    match k {
        AttrKind::Bool => "bool",
        AttrKind::Int => "int",
        AttrKind::Float => "float",
        AttrKind::Ints => "ints",
        AttrKind::Counts => "counts",
        AttrKind::Pair => "pair",
        AttrKind::Triple => "triple",
        AttrKind::Floats => "floats",
        AttrKind::IntsOr(_) => "ints or choice",
        AttrKind::Sizes => "sizes",
        AttrKind::DType => "dtype",
        AttrKind::Choice(_) => "choice",
        AttrKind::FloatOr(_) => "float or choice",
    }
}

/// Every op: name, documentation, inputs, attributes, outputs.
///
/// A list of dicts with the keys `name`, `group`, `doc`, `signature`, `order`, `public`, `method`, `twin` (works in place under its name and `_`), `spreads`, `mutates`, `returns`, `many`, `outputs`, `inputs`
/// (`name`, `arity`, `mutated`, `promote`, `float`, `constant`) and `attrs` (`name`, `kind`, `optional`, `default` as Python source or
/// None, `choices`).
#[pyfunction]
pub fn op_table(py: Python) -> PyResult<Bound<PyList>> {
    let rows = PyList::empty(py);
    for (group, info) in nncore::ops::groups() {
        let row = PyDict::new(py);
        row.set_item("name", info.name)?;
        row.set_item("group", group)?;
        row.set_item("doc", doc(info))?;
        row.set_item("signature", crate::functions::signature(info))?;
        row.set_item("order", info.order.to_vec())?;
        row.set_item("public", info.public)?;
        row.set_item("method", crate::functions::is_method(info))?;
        row.set_item("twin", crate::methods::has_twin(group, info))?;
        row.set_item("spreads", crate::functions::spreads(info))?;
        row.set_item("mutates", info.mutates)?;
        row.set_item("returns", info.returns)?;
        row.set_item("many", info.many)?;
        row.set_item("outputs", info.outputs.to_vec())?;
        let inputs = PyList::empty(py);
        for i in info.inputs {
            let d = PyDict::new(py);
            d.set_item("name", i.name)?;
            let arity = match i.arity {
                Arity::One => "one",
                Arity::Optional => "optional",
                Arity::List => "list",
            };
            d.set_item("arity", arity)?;
            d.set_item("mutated", i.mutated)?;
            d.set_item("promote", i.promote)?;
            d.set_item("float", i.float)?;
            d.set_item("constant", i.constant)?;
            inputs.append(d)?;
        }
        row.set_item("inputs", inputs)?;
        let attrs = PyList::empty(py);
        for a in info.attrs {
            let d = PyDict::new(py);
            d.set_item("name", a.name)?;
            d.set_item("kind", kind(a.kind))?;
            d.set_item("optional", a.optional)?;
            d.set_item("default", a.default.map(|f| literal(&f(), a.kind)))?;
            let choices: Option<Vec<&str>> = match a.kind {
                AttrKind::Choice(words) | AttrKind::FloatOr(words) | AttrKind::IntsOr(words) => Some(words.to_vec()),
                _ => None,
            };
            d.set_item("choices", choices)?;
            attrs.append(d)?;
        }
        row.set_item("attrs", attrs)?;
        rows.append(row)?;
    }
    Ok(rows)
}
