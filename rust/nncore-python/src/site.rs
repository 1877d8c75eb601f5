//! Where in the user's Python code we are, and whether the user wants to stop.
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

/// `file:line` of the innermost frame that is not in the nncore package.
pub fn find(py: Python) -> Option<String> {
    let mut frame = py.import("sys").ok()?.call_method1("_getframe", (0,)).ok()?;
    let own = package(py)?;
    while !frame.is_none() {
        let file: String = frame.getattr("f_code").ok()?.getattr("co_filename").ok()?.extract().ok()?;
        if !file.starts_with(own) && !file.starts_with('<') {
            return Some(format!("{file}:{}", frame.getattr("f_lineno").ok()?));
        }
        frame = frame.getattr("f_back").ok()?;
    }
    None
}
/// The package's folder, with a separator at its end.
fn package(py: Python<'_>) -> Option<&str> {
    static FOLDER: PyOnceLock<String> = PyOnceLock::new();
    FOLDER
        .get_or_try_init(py, || {
            let path = py.import("nncore")?.getattr("__path__")?.get_item(0)?.extract::<String>()?;
            Ok::<_, PyErr>(path + std::path::MAIN_SEPARATOR_STR)
        })
        .ok()
        .map(String::as_str)
}

fn ask_site() -> Option<String> {
    Python::try_attach(find).flatten()
}
/// Has the user pressed Ctrl-C? The exception is kept for `raise`.
fn interrupted() -> bool {
    Python::try_attach(|py| py.check_signals().map_err(crate::errors::stash).is_err()).unwrap_or(false)
}

/// Tells the core how to ask.
pub fn install() {
    nncore::capture::recorder::set_site(ask_site);
    nncore::interrupt::set(interrupted);
}
