//! `nncore._core`: the one door between Python and the core. The GIL is let go above a work threshold, Ctrl-C is heard,
//! errors become exceptions. Nothing is decided here: functions and methods are made from the ops' definitions.
mod args;
mod array;
mod capture;
mod cases;
mod copying;
mod create;
mod custom;
mod device;
mod dlpack;
mod dtype;
mod errors;
mod files;
mod functions;
mod grad;
mod index;
mod methods;
mod operators;
mod profile;
mod random;
mod site;
mod table;
mod tensor;

use functions::Entry;
use pyo3::prelude::*;

/// Threads that one op may use at most.
#[pyfunction]
fn get_num_threads() -> usize {
    nncore_kernels::pool::threads()
}
/// Sets how many threads one op may use. Results do not depend on it.
#[pyfunction]
fn set_num_threads(n: usize) -> PyResult<()> {
    if n == 0 {
        return Err(errors::fail(nncore::Kind::Value, "set_num_threads", "at least one thread, got 0"));
    }
    nncore_kernels::pool::set_threads(n);
    Ok(())
}
/// The instructions in use: "avx512", "avx2" or "portable" (`NNCORE_CPU_PATH` forces a lower one).
#[pyfunction]
fn cpu_path() -> &'static str {
    nncore_kernels::cpu::path().name()
}
/// The dtype that holds the values of both.
#[pyfunction]
fn promote_types(py: Python, a: &Bound<PyAny>, b: &Bound<PyAny>) -> PyResult<Py<dtype::PyDType>> {
    Ok(dtype::object(py, dtype::parse(a, "promote_types")?.promote(dtype::parse(b, "promote_types")?)))
}

#[pymodule(gil_used = false)]
fn _core(m: &Bound<PyModule>) -> PyResult<()> {
    let py = m.py();
    site::install();
    m.add("__version__", env!("CARGO_PKG_VERSION"))?;
    m.add_class::<tensor::PyTensor>()?;
    m.add_class::<dtype::PyDType>()?;
    m.add_class::<grad::GradMode>()?;
    m.add_class::<capture::PyProgram>()?;
    m.add_class::<custom::CustomOp>()?;
    for d in nncore::DType::ALL {
        m.add(d.name(), dtype::object(py, d))?;
    }
    let ops = PyModule::new(py, "nncore._core.ops")?;
    let entries: &'static [Entry] = Box::leak(nncore::ops::all().map(|info| Entry::new(py, info)).collect());
    functions::install(&ops, entries)?;
    methods::install(py, entries)?;
    // Not by `add`, which would put them into `__all__`: `nncore.ops` is another module.
    m.setattr("ops", &ops)?;
    m.setattr("_internal", functions::internal(py, entries)?)?;
    py.import("sys")?.getattr("modules")?.set_item("nncore._core.ops", &ops)?;
    macro_rules! functions {
        ($($f:path),* $(,)?) => { $(m.add_function(wrap_pyfunction!($f, m)?)?;)* };
    }
    functions!(
        capture::record,
        capture::recording,
        capture::not_while_recording,
        copying::_rebuild,
        create::tensor,
        create::from_numpy,
        create::asarray,
        create::zeros,
        create::zeros_like,
        create::ones,
        create::ones_like,
        create::empty,
        create::empty_like,
        create::full,
        create::full_like,
        create::arange,
        create::linspace,
        create::eye,
        dlpack::from_dlpack,
        files::save_file,
        files::load_file,
        grad::no_grad,
        grad::enable_grad,
        grad::set_grad_enabled,
        grad::gradients,
        grad::clear_gradients,
        grad::is_grad_enabled,
        grad::grad,
        profile::profile_start,
        profile::profile_stop,
        profile::profile_go,
        profile::machine_peaks,
        random::manual_seed,
        random::default_generator,
        random::generator,
        random::rand,
        random::rand_like,
        random::randn,
        random::randn_like,
        random::randint,
        random::randperm,
        random::bernoulli,
        random::multinomial,
        functions::function,
        functions::call_by_name,
        table::op_table,
        cases::op_cases,
        get_num_threads,
        set_num_threads,
        cpu_path,
        promote_types,
    );
    Ok(())
}
