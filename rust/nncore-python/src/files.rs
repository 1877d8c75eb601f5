//! safetensors files: written whole or not at all, and no file can run code.
use crate::errors::{named, OrRaise};
use crate::tensor::{expect, wrap, PyTensor};
use nncore::{dispatch, DType, Spec, Tensor};
use pyo3::exceptions::PyOSError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};
use safetensors::tensor::{Metadata, TensorInfo};
use safetensors::Dtype;
use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{BufWriter, Read, Write};
use std::path::{Path, PathBuf};

const TYPES: [(DType, Dtype); 6] = [
    (DType::Bool, Dtype::BOOL),
    (DType::U8, Dtype::U8),
    (DType::I32, Dtype::I32),
    (DType::I64, Dtype::I64),
    (DType::F32, Dtype::F32),
    (DType::F64, Dtype::F64),
];
/// Headers above this are no headers: a guard against files that are something else.
const MAX_HEADER: u64 = 100_000_000;

/// Writes tensors, row-major, with `metadata` (names to text) to a safetensors file.
///
/// The file is complete or the old one stays: it is written beside, flushed to the disk and renamed. Equal contents give
/// equal bytes. Raises `OSError` where the disk is full or the folder can not be written.
#[pyfunction]
#[pyo3(signature = (path, tensors, metadata=None))]
pub fn save_file(py: Python, path: PathBuf, tensors: &Bound<PyDict>, metadata: Option<&Bound<PyDict>>) -> PyResult<()> {
    let mut all: Vec<(String, Tensor)> = vec![];
    for (name, t) in tensors.iter() {
        let name = name.cast::<PyString>().map_err(PyErr::from)?.to_str()?.to_string();
        let t = expect(&t, &format!("save_file() tensor {name:?}"))?.get().get().for_host().or_raise()?;
        all.push((name, t));
    }
    // By alignment, then by name, as the format's own writer does: every tensor is aligned to its elements.
    all.sort_by(|(a, x), (b, y)| y.spec.dtype.size().cmp(&x.spec.dtype.size()).then_with(|| a.cmp(b)));
    let mut texts: Vec<(String, String)> = vec![];
    for (k, v) in metadata.map(|m| m.iter()).into_iter().flatten() {
        texts.push((
            k.cast::<PyString>().map_err(PyErr::from)?.to_string(),
            v.cast::<PyString>().map_err(PyErr::from)?.to_string(),
        ));
    }
    texts.sort();
    let header = header(&all, &texts).map_err(|e| named(py, "FileFormatError", e))?;
    py.detach(|| write(&path, &header, &all)).map_err(|e| os_error(e, &path))
}
/// The header as bytes: the library checks it, sorted keys make it the same for the same contents.
fn header(all: &[(String, Tensor)], texts: &[(String, String)]) -> Result<Vec<u8>, String> {
    let mut at = 0;
    let mut infos = vec![];
    for (name, t) in all {
        let dtype = TYPES.iter().find(|(d, _)| *d == t.spec.dtype).expect("every dtype is listed").1;
        let shape: Vec<usize> = t.spec.dims().iter().map(|&d| d as usize).collect();
        infos.push((name.clone(), TensorInfo { dtype, shape, data_offsets: (at, at + t.spec.bytes()) }));
        at += t.spec.bytes();
    }
    let tensors = Metadata::new(None, infos).map_err(|e| e.to_string())?;
    let mut text = serde_json::to_string(&tensors).map_err(|e| e.to_string())?;
    if !texts.is_empty() {
        // The library would write a hash map, in another order each time.
        let pairs = texts.iter().map(|(k, v)| Ok(format!("{}:{}", json(k)?, json(v)?)));
        let pairs = pairs.collect::<Result<Vec<_>, String>>()?.join(",");
        let rest = if all.is_empty() { "}".to_string() } else { format!(",{}", &text[1..]) };
        text = format!("{{\"__metadata__\":{{{pairs}}}{rest}");
    }
    let mut bytes = text.into_bytes();
    bytes.resize(bytes.len().next_multiple_of(8), b' ');
    Ok(bytes)
}
fn json(s: &str) -> Result<String, String> {
    serde_json::to_string(s).map_err(|e| e.to_string())
}
fn write(path: &Path, header: &[u8], all: &[(String, Tensor)]) -> std::io::Result<()> {
    // Links are followed, so that the file behind them is replaced and not they.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let name = path.file_name().ok_or_else(|| std::io::Error::other("the path names no file"))?;
    let mut beside = std::ffi::OsString::from(".");
    beside.push(name);
    beside.push(format!(".{}.tmp", std::process::id()));
    let beside = folder.join(beside);
    let done = (|| {
        let file = File::create(&beside)?;
        if let Ok(old) = fs::metadata(&path) {
            // The new file may be read by whoever could read the old one.
            let _ = fs::set_permissions(&beside, old.permissions());
        }
        let mut out = BufWriter::with_capacity(1 << 20, file);
        out.write_all(&(header.len() as u64).to_le_bytes())?;
        out.write_all(header)?;
        for (_, t) in all {
            // Row-major, in host memory.
            out.write_all(unsafe { std::slice::from_raw_parts(t.ptr(), t.spec.bytes()) })?;
        }
        out.into_inner().map_err(|e| e.into_error())?.sync_all()?;
        fs::rename(&beside, &path)?;
        if let Ok(folder) = File::open(folder) {
            // Not every file system can; the rename is in order all the same.
            let _ = folder.sync_all();
        }
        Ok(())
    })();
    if done.is_err() {
        let _ = fs::remove_file(&beside);
    }
    done
}
fn os_error(e: std::io::Error, path: &Path) -> PyErr {
    match e.raw_os_error() {
        // With a number Python makes it a FileNotFoundError, PermissionError, …
        Some(n) => {
            let text = e.to_string();
            let text = text.split(" (os error").next().unwrap_or_default().to_string();
            PyOSError::new_err((n, text, path.display().to_string()))
        }
        None => PyOSError::new_err(format!("{e}: {}", path.display())),
    }
}

/// The tensors and the metadata of a safetensors file.
///
/// Raises `FileFormatError` for a file that is damaged, cut off or of another format, and for dtypes that there are none of
/// here.
#[pyfunction]
pub fn load_file(py: Python<'_>, path: PathBuf) -> PyResult<(Bound<'_, PyDict>, HashMap<String, String>)> {
    enum Failed {
        Os(std::io::Error),
        Format(String),
        Core(Box<nncore::Error>),
    }
    let read = || -> Result<(Vec<(String, Tensor)>, HashMap<String, String>), Failed> {
        let mut file = File::open(&path).map_err(Failed::Os)?;
        let length = file.metadata().map_err(Failed::Os)?.len();
        let cut = |what: &str| Failed::Format(format!("{what} is cut off: {length} bytes"));
        let mut head = vec![0; 8];
        file.read_exact(&mut head).map_err(|_| cut("the file"))?;
        let n = u64::from_le_bytes(head[..].try_into().expect("eight bytes"));
        if n > MAX_HEADER {
            return Err(Failed::Format(format!("no safetensors file (a header of {n} bytes)")));
        }
        if n + 8 > length {
            return Err(cut("the header"));
        }
        head.resize(8 + n as usize, 0);
        file.read_exact(&mut head[8..]).map_err(Failed::Os)?;
        // The library checks that the tensors lie one after the other, each as large as its shape says.
        let metadata: Metadata = serde_json::from_slice(&head[8..]).map_err(|e| Failed::Format(e.to_string()))?;
        let want = 8 + n + metadata.data_len() as u64;
        if want != length {
            return Err(Failed::Format(format!("the file has {length} bytes, its header tells of {want}")));
        }
        let mut all = vec![];
        for name in metadata.offset_keys() {
            let info = metadata.info(&name).expect("a listed tensor");
            let Some((dtype, _)) = TYPES.iter().find(|(_, d)| *d == info.dtype) else {
                return Err(Failed::Format(format!(
                    "tensor {name:?} has dtype {:?}, which there is none of here",
                    info.dtype
                )));
            };
            let shape: Vec<i64> = info.shape.iter().map(|&d| d as i64).collect();
            let spec =
                Spec::checked(*dtype, &shape).map_err(|e| Failed::Format(format!("tensor {name:?}: {}", e.text)))?;
            let t = Tensor::empty(spec).map_err(Failed::Core)?;
            // New memory of that size. They lie in the file in this order, without gaps: the library has checked it.
            let bytes = unsafe { std::slice::from_raw_parts_mut(t.ptr(), spec.bytes()) };
            file.read_exact(bytes).map_err(Failed::Os)?;
            if *dtype == DType::Bool && bytes.iter().any(|b| *b > 1) {
                return Err(Failed::Format(format!("tensor {name:?} is of bool and has other bytes than 0 and 1")));
            }
            all.push((name, t));
        }
        Ok((all, metadata.metadata().clone().unwrap_or_default()))
    };
    let (all, metadata) = py.detach(read).map_err(|e| match e {
        Failed::Os(e) => os_error(e, &path),
        Failed::Format(text) => named(py, "FileFormatError", format!("{}: {text}", path.display())),
        Failed::Core(e) => crate::errors::raise(e),
    })?;
    let tensors = PyDict::new(py);
    for (name, t) in all {
        dispatch::note_host_data(&t);
        let t: Bound<PyTensor> = wrap(py, t)?;
        tensors.set_item(name, t)?;
    }
    Ok((tensors, metadata))
}
