//! A tensor: a window on a storage, and where its gradient goes.
use crate::device::{self, Device};
use crate::dispatch;
use crate::dtype::{DType, Element};
use crate::error::{err, Kind, Result};
use crate::op::Layout;
use crate::shape::{Dim, Spec, MAX_NUMEL};
use crate::storage::Storage;
use crate::tape::Node;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};

/// Cheap to clone: the memory is shared.
#[derive(Clone)]
pub struct Tensor {
    pub storage: Arc<Storage>,
    /// Elements from the start of the storage.
    pub offset: usize,
    pub spec: Spec,
    pub edge: Edge,
}

/// Where a gradient of this tensor goes.
#[derive(Clone)]
pub enum Edge {
    /// Nowhere.
    None,
    /// Into `.grad`.
    Leaf(Arc<Leaf>),
    /// To the op that made it, as its n-th output.
    Node(Arc<Node>, u32),
}
/// What a tensor made by the user holds when it asks for gradients.
pub struct Leaf {
    grad: Mutex<Option<Tensor>>,
    on: AtomicBool,
}
impl Leaf {
    /// Does it collect a gradient now?
    #[inline]
    pub fn is_on(&self) -> bool {
        self.on.load(Relaxed)
    }
    /// Turns it on or off.
    pub fn turn(&self, on: bool) {
        self.on.store(on, Relaxed)
    }
    pub fn grad(&self) -> std::sync::MutexGuard<'_, Option<Tensor>> {
        // A panic elsewhere leaves the old or the new gradient: both are whole.
        self.grad.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tensor {
    /// Uninitialised memory on the CPU: write all of it before it is read.
    #[inline]
    pub fn empty(spec: Spec) -> Result<Tensor> {
        Tensor::empty_on(device::cpu(), spec)
    }
    #[inline]
    pub fn empty_on(device: &'static dyn Device, spec: Spec) -> Result<Tensor> {
        let elements = spec.numel();
        if elements > MAX_NUMEL {
            let text = format!("a tensor holds at most {MAX_NUMEL} elements, one of shape {:?} has more", spec.dims());
            return Err(err(Kind::Shape, text));
        }
        Ok(Tensor { storage: device.allocate(elements * spec.dtype.size())?, offset: 0, spec, edge: Edge::None })
    }
    /// Row-major values in fresh memory.
    pub fn from_slice<T: Element>(values: &[T], dims: &[Dim]) -> Result<Tensor> {
        let t = Tensor::empty(Spec::new(T::DTYPE, dims))?;
        if t.spec.numel() != values.len() {
            return Err(err(Kind::Shape, format!("{} values do not fill the shape {dims:?}", values.len())));
        }
        unsafe { std::ptr::copy_nonoverlapping(values.as_ptr(), t.ptr() as *mut T, values.len()) };
        Ok(t)
    }
    /// A 0-d tensor.
    #[inline]
    pub fn scalar<T: Element>(value: T) -> Result<Tensor> {
        let t = Tensor::empty(Spec::scalar(T::DTYPE))?;
        unsafe { (t.ptr() as *mut T).write(value) };
        Ok(t)
    }
    /// The first element. For host devices only.
    #[inline]
    pub fn ptr(&self) -> *mut u8 {
        unsafe { self.storage.ptr().add(self.offset * self.spec.dtype.size()) }
    }
    #[inline]
    pub fn device(&self) -> &'static dyn Device {
        self.storage.device()
    }
    #[inline]
    pub fn requires_grad(&self) -> bool {
        match &self.edge {
            Edge::None => false,
            Edge::Leaf(l) => l.is_on(),
            Edge::Node(..) => true,
        }
    }
    #[inline]
    pub fn is_leaf(&self) -> bool {
        !matches!(self.edge, Edge::Node(..))
    }
    /// The same memory as a leaf that collects its gradient.
    pub fn leaf(&self) -> Tensor {
        let leaf = Leaf { grad: Mutex::new(None), on: AtomicBool::new(true) };
        Tensor { edge: Edge::Leaf(Arc::new(leaf)), ..self.detach() }
    }
    /// Turns a leaf's gradient on or off (frozen parameters keep their place).
    pub fn set_requires_grad(&self, on: bool) -> Result<()> {
        match &self.edge {
            Edge::Leaf(l) => {
                dispatch::note_leaf(l);
                l.turn(on);
                Ok(())
            }
            _ if !on && matches!(self.edge, Edge::None) => Ok(()),
            _ => Err(err(Kind::NoGradient, "only a leaf can turn its gradient on or off; use detach()")),
        }
    }
    /// The same memory, off the tape.
    #[inline]
    pub fn detach(&self) -> Tensor {
        Tensor { storage: self.storage.clone(), offset: self.offset, spec: self.spec, edge: Edge::None }
    }
    pub fn grad(&self) -> Option<Tensor> {
        match &self.edge {
            Edge::Leaf(l) => {
                dispatch::note_grad(l, true);
                l.grad().clone()
            }
            _ => None,
        }
    }
    pub fn set_grad(&self, grad: Option<Tensor>) -> Result<()> {
        let Edge::Leaf(l) = &self.edge else { return Err(err(Kind::NoGradient, "only a leaf has a .grad")) };
        if let Some(g) = &grad {
            if g.spec.dims() != self.spec.dims() || g.spec.dtype != self.spec.dtype {
                return Err(err(Kind::Shape, format!("a gradient of {} can not belong to {}", g.spec, self.spec)));
            }
        }
        dispatch::note_grad(l, false);
        *l.grad() = grad;
        Ok(())
    }
    /// Do both look at the same block of memory?
    pub fn shares_memory(&self, o: &Tensor) -> bool {
        Arc::ptr_eq(&self.storage, &o.storage)
    }
    /// The one door for host reads: a row-major tensor in host memory (this one where it is that already).
    pub fn for_host(&self) -> Result<Tensor> {
        self.reading();
        if self.device().is_host() {
            return dispatch::no_grad(|| crate::ops::copy::to_layout(&self.detach(), Layout::Contiguous));
        }
        let packed = dispatch::no_grad(|| crate::ops::copy::to_layout(&self.detach(), Layout::Contiguous))?;
        let host = Tensor::empty(packed.spec)?;
        // Fresh memory that nobody else sees yet.
        let bytes = unsafe { std::slice::from_raw_parts_mut(host.ptr(), packed.spec.bytes()) };
        packed.device().read(&packed.storage, packed.offset * packed.spec.dtype.size(), bytes)?;
        Ok(host)
    }
    /// What the host reads would be frozen in a program: a step that is being recorded becomes none.
    pub fn reading(&self) {
        if dispatch::recording() {
            dispatch::refuse(err(
                Kind::HostRead,
                "a value was read by the host while a step was recorded; return it from the step and read it outside",
            ))
        }
    }
    /// The values, row-major.
    pub fn to_vec<T: Element>(&self) -> Result<Vec<T>> {
        if self.spec.dtype != T::DTYPE {
            return Err(err(Kind::DType, format!("{} values can not be read as {}", self.spec.dtype, T::DTYPE)));
        }
        let t = self.for_host()?;
        Ok(unsafe { std::slice::from_raw_parts(t.ptr() as *const T, t.spec.numel()) }.to_vec())
    }
    /// The values as float64, whatever the dtype.
    pub fn to_f64s(&self) -> Result<Vec<f64>> {
        let t = dispatch::no_grad(|| crate::ops::cast::cast(&self.detach(), DType::F64))?;
        t.to_vec::<f64>()
    }
    /// The only value.
    pub fn item(&self) -> Result<f64> {
        if self.spec.numel() != 1 {
            return Err(err(Kind::Shape, format!("item() takes a tensor of one element, got {}", self.spec)));
        }
        Ok(self.to_f64s()?[0])
    }
}

impl fmt::Debug for Tensor {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "Tensor({:?})", self.spec)
    }
}
