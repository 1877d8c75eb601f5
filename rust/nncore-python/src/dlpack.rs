//! DLPack: memory shared with NumPy, PyTorch, JAX and others, both ways. The structs are those of `dlpack.h` 1.x.
use crate::array::Guard;
use crate::errors::{fail, type_name, wrong, OrRaise};
use crate::tensor::{wrap, PyTensor};
use nncore::shape::{Dims, Stride};
use nncore::tensor::Edge;
use nncore::{dispatch, DType, Kind, Spec, Storage, Tensor};
use pyo3::exceptions::PyBufferError;
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyDict};
use std::ffi::{c_void, CStr};

#[repr(C)]
#[derive(Clone, Copy)]
struct DlDevice {
    kind: i32,
    id: i32,
}
const CPU: DlDevice = DlDevice { kind: 1, id: 0 };
#[repr(C)]
#[derive(Clone, Copy, PartialEq)]
struct DlType {
    code: u8,
    bits: u8,
    lanes: u16,
}
#[repr(C)]
struct DlTensor {
    data: *mut c_void,
    device: DlDevice,
    ndim: i32,
    dtype: DlType,
    shape: *mut i64,
    /// May be null for row-major memory.
    strides: *mut i64,
    byte_offset: u64,
}
#[repr(C)]
struct Managed {
    tensor: DlTensor,
    context: *mut c_void,
    deleter: Option<unsafe extern "C" fn(*mut Managed)>,
}
#[repr(C)]
struct ManagedVersioned {
    major: u32,
    minor: u32,
    context: *mut c_void,
    deleter: Option<unsafe extern "C" fn(*mut ManagedVersioned)>,
    flags: u64,
    tensor: DlTensor,
}
const READ_ONLY: u64 = 1;
const IS_COPIED: u64 = 2;
const OLD: &CStr = c"dltensor";
const OLD_USED: &CStr = c"used_dltensor";
const NEW: &CStr = c"dltensor_versioned";
const NEW_USED: &CStr = c"used_dltensor_versioned";

const TYPES: [(DType, DlType); 6] = {
    const fn of(code: u8, bits: u8) -> DlType {
        DlType { code, bits, lanes: 1 }
    }
    [
        (DType::Bool, of(6, 8)),
        (DType::U8, of(1, 8)),
        (DType::I32, of(0, 32)),
        (DType::I64, of(0, 64)),
        (DType::F32, of(2, 32)),
        (DType::F64, of(2, 64)),
    ]
};

/// What an exported struct points into.
struct Context {
    /// Holds the memory.
    _tensor: Tensor,
    shape: Vec<i64>,
    strides: Vec<i64>,
}
impl Context {
    fn describe(t: &Tensor) -> (Box<Context>, DlTensor) {
        let wide = |v: &[i32]| v.iter().map(|&x| x as i64).collect();
        let shape = t.spec.dims().iter().map(|&d| d as i64).collect();
        let mut cx = Box::new(Context { _tensor: t.clone(), shape, strides: wide(t.spec.strides()) });
        let dtype = TYPES.iter().find(|(d, _)| *d == t.spec.dtype).expect("every dtype is listed").1;
        let described = DlTensor {
            data: t.ptr() as *mut c_void,
            device: CPU,
            ndim: t.spec.rank() as i32,
            dtype,
            shape: cx.shape.as_mut_ptr(),
            strides: cx.strides.as_mut_ptr(),
            byte_offset: 0,
        };
        (cx, described)
    }
}
unsafe extern "C" fn delete(m: *mut Managed) {
    drop(Box::from_raw((*m).context as *mut Context));
    drop(Box::from_raw(m));
}
unsafe extern "C" fn delete_versioned(m: *mut ManagedVersioned) {
    drop(Box::from_raw((*m).context as *mut Context));
    drop(Box::from_raw(m));
}
/// A capsule that nobody consumed frees what it holds; a consumer has renamed it.
unsafe extern "C" fn forgotten(capsule: *mut ffi::PyObject) {
    if ffi::PyCapsule_IsValid(capsule, OLD.as_ptr()) != 0 {
        let m = ffi::PyCapsule_GetPointer(capsule, OLD.as_ptr()) as *mut Managed;
        if let Some(f) = (*m).deleter {
            f(m)
        }
    }
    if ffi::PyCapsule_IsValid(capsule, NEW.as_ptr()) != 0 {
        let m = ffi::PyCapsule_GetPointer(capsule, NEW.as_ptr()) as *mut ManagedVersioned;
        if let Some(f) = (*m).deleter {
            f(m)
        }
    }
}
fn capsule<'py>(py: Python<'py>, p: *mut c_void, name: &'static CStr) -> PyResult<Bound<'py, PyAny>> {
    unsafe { Bound::from_owned_ptr_or_err(py, ffi::PyCapsule_New(p, name.as_ptr(), Some(forgotten))) }
}

#[pymethods]
impl PyTensor {
    /// A DLPack capsule on the tensor's memory, or on a copy's.
    #[pyo3(signature = (*, stream=None, max_version=None, dl_device=None, copy=None))]
    fn __dlpack__<'py>(
        &self,
        py: Python<'py>,
        stream: Option<&Bound<'py, PyAny>>,
        max_version: Option<(u32, u32)>,
        dl_device: Option<(i32, i32)>,
        copy: Option<bool>,
    ) -> PyResult<Bound<'py, PyAny>> {
        if stream.is_some() {
            return Err(PyBufferError::new_err("a CPU tensor has no stream"));
        }
        if dl_device.is_some_and(|d| d != (CPU.kind, CPU.id)) {
            return Err(PyBufferError::new_err("a CPU tensor is exported to the CPU"));
        }
        let t = self.get();
        if t.requires_grad() {
            return Err(PyBufferError::new_err("a tensor that requires a gradient is not exported; detach it first"));
        }
        t.reading();
        let t = match copy {
            Some(true) => nncore::ops::copy::fresh(t).or_raise()?,
            _ => t.clone(),
        };
        let (context, tensor) = Context::describe(&t);
        let context = Box::into_raw(context) as *mut c_void;
        if max_version.is_some_and(|v| v.0 >= 1) {
            let flags = (t.storage.read_only as u64 * READ_ONLY) | ((copy == Some(true)) as u64 * IS_COPIED);
            let m = ManagedVersioned { major: 1, minor: 0, context, deleter: Some(delete_versioned), flags, tensor };
            return capsule(py, Box::into_raw(Box::new(m)) as *mut c_void, NEW);
        }
        if t.storage.read_only {
            // The old struct can not say so.
            drop(unsafe { Box::from_raw(context as *mut Context) });
            return Err(PyBufferError::new_err("read-only memory is exported from DLPack 1.0 on"));
        }
        let m = Managed { tensor, context, deleter: Some(delete) };
        capsule(py, Box::into_raw(Box::new(m)) as *mut c_void, OLD)
    }
    fn __dlpack_device__(&self) -> (i32, i32) {
        (CPU.kind, CPU.id)
    }
}

/// Calls the exporter's deleter when the last tensor on its memory goes.
enum Foreign {
    Old(*mut Managed),
    New(*mut ManagedVersioned),
}
// The deleter may be called from any thread, says the standard; exporters take the GIL where they need it.
unsafe impl Send for Foreign {}
unsafe impl Sync for Foreign {}
impl Drop for Foreign {
    fn drop(&mut self) {
        unsafe {
            match *self {
                Foreign::Old(m) => {
                    if let Some(f) = (*m).deleter {
                        f(m)
                    }
                }
                Foreign::New(m) => {
                    if let Some(f) = (*m).deleter {
                        f(m)
                    }
                }
            }
        }
    }
}

/// A tensor on the memory of any object with `__dlpack__`.
pub fn import(x: &Bound<PyAny>, copy: Option<bool>) -> PyResult<Tensor> {
    if !x.hasattr("__dlpack__")? {
        return Err(wrong(format!("from_dlpack() takes an object with __dlpack__, got {}", type_name(x))));
    }
    let (kind, _): (i32, i32) = x.call_method0("__dlpack_device__")?.extract()?;
    if kind != CPU.kind {
        let text = "only memory of the CPU is shared; bring the tensor to the CPU first";
        return Err(fail(Kind::Device, "from_dlpack", text));
    }
    let options = PyDict::new(x.py());
    options.set_item("max_version", (1, 0))?;
    if let Some(copy) = copy {
        options.set_item("copy", copy)?;
    }
    let capsule = match x.call_method("__dlpack__", (), Some(&options)) {
        // Exporters from before 1.0 know no arguments.
        Err(e) if e.is_instance_of::<pyo3::exceptions::PyTypeError>(x.py()) => x.call_method0("__dlpack__")?,
        other => other?,
    };
    let capsule = capsule.cast_into::<PyCapsule>().map_err(PyErr::from)?;
    let c = capsule.as_ptr();
    // The names say which struct it is; renaming it makes it ours, with its deleter.
    let (d, foreign, flags): (&DlTensor, Foreign, u64) = unsafe {
        if ffi::PyCapsule_IsValid(c, NEW.as_ptr()) != 0 {
            let m = ffi::PyCapsule_GetPointer(c, NEW.as_ptr()) as *mut ManagedVersioned;
            if (*m).major != 1 {
                return Err(PyBufferError::new_err(format!("DLPack {}.{} is not known here", (*m).major, (*m).minor)));
            }
            ffi::PyCapsule_SetName(c, NEW_USED.as_ptr());
            (&(*m).tensor, Foreign::New(m), (*m).flags)
        } else if ffi::PyCapsule_IsValid(c, OLD.as_ptr()) != 0 {
            let m = ffi::PyCapsule_GetPointer(c, OLD.as_ptr()) as *mut Managed;
            ffi::PyCapsule_SetName(c, OLD_USED.as_ptr());
            (&(*m).tensor, Foreign::Old(m), 0)
        } else {
            return Err(PyBufferError::new_err("the DLPack capsule was used before"));
        }
    };
    let spec = spec_of(d)?;
    if spec.numel() == 0 {
        // There is no memory to share, and its address may be null.
        return Tensor::empty(spec.contiguous()).or_raise();
    }
    let (low, reach) = spec.reach();
    let data = d.data as usize + d.byte_offset as usize;
    if low < 0 || !data.is_multiple_of(spec.dtype.size()) {
        return Err(fail(
            Kind::Layout,
            "from_dlpack",
            "negative strides and unaligned memory can not be shared; copy it",
        ));
    }
    if reach as usize > nncore::shape::MAX_NUMEL {
        let text = format!("memory that reaches over {reach} elements can not be shared; copy it");
        return Err(fail(Kind::Layout, "from_dlpack", text));
    }
    // The guard keeps the exporter's memory; the spec is what the exporter says of it.
    let storage = unsafe {
        let bytes = reach as usize * spec.dtype.size();
        Storage::foreign(
            nncore::device::cpu(),
            data as *mut u8,
            bytes,
            flags & READ_ONLY != 0,
            Box::new((foreign, Guard::new(x))),
        )
    };
    let t = Tensor { storage, offset: 0, spec, edge: Edge::None };
    dispatch::note_host_data(&t);
    Ok(t)
}
fn spec_of(d: &DlTensor) -> PyResult<Spec> {
    let Some((dtype, _)) = TYPES.iter().find(|(_, t)| *t == d.dtype) else {
        let text = format!(
            "DLPack type (code {}, {} bits, {} lanes) is none of ours",
            d.dtype.code, d.dtype.bits, d.dtype.lanes
        );
        return Err(fail(Kind::DType, "from_dlpack", text));
    };
    let n = d.ndim as usize;
    let list = |p: *const i64| match n {
        0 => &[][..],
        n => unsafe { std::slice::from_raw_parts(p, n) },
    };
    let whole = Spec::checked(*dtype, list(d.shape)).or_raise()?;
    if d.strides.is_null() {
        return Ok(whole);
    }
    let dims: Dims = whole.dims().into();
    let given = list(d.strides);
    let strides = (0..n)
        .map(|i| if dims[i] <= 1 { Ok(whole.strides()[i]) } else { Stride::try_from(given[i]) })
        .collect::<Result<Vec<Stride>, _>>()
        .map_err(|_| fail(Kind::Layout, "from_dlpack", "strides are too large"))?;
    Ok(Spec::strided(*dtype, &dims, &strides))
}

/// A tensor on the memory of any object with `__dlpack__` (a NumPy array, a PyTorch or JAX tensor): changing one changes
/// the other.
#[pyfunction]
#[pyo3(signature = (x, /, *, device=None, copy=None))]
pub fn from_dlpack<'py>(
    x: &Bound<'py, PyAny>,
    device: Option<&Bound<'py, PyAny>>,
    copy: Option<bool>,
) -> PyResult<Bound<'py, PyTensor>> {
    device.map(crate::device::parse).transpose()?;
    wrap(x.py(), import(x, copy)?)
}
