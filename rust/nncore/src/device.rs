//! Where ops run. Nothing above this trait knows which device it is.
use crate::error::Result;
use crate::op::{Cpu, DynOp, Specs, View};
use crate::shape::Spec;
use crate::storage::{Storage, ALIGN};
use nncore_kernels::pool;
use smallvec::SmallVec;
use std::cell::UnsafeCell;
use std::fmt;
use std::sync::Arc;

/// Memory and execution.
pub trait Device: Send + Sync {
    /// `cpu`, `wgpu`, `wgpu:1`, …
    fn name(&self) -> &str;
    /// Uninitialised memory.
    fn allocate(&'static self, bytes: usize) -> Result<Arc<Storage>>;
    /// Runs one op on memory that the caller owns; `infer` has already accepted the specs.
    fn execute(&self, op: &dyn DynOp, ins: &[Option<View>], outs: &[View]) -> Result<()>;
    /// Checks what only values can tell, before anything is written.
    fn check(&self, op: &dyn DynOp, ins: &[Option<View>]) -> Result<()>;
    /// Bytes into the device's memory.
    fn write(&self, to: &Storage, offset: usize, from: &[u8]) -> Result<()>;
    /// Bytes out of the device's memory, waiting for all that was asked of it.
    fn read(&self, from: &Storage, offset: usize, to: &mut [u8]) -> Result<()>;
    /// May the host's code look at the memory itself?
    fn is_host(&self) -> bool {
        false
    }
}
impl fmt::Debug for dyn Device {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(self.name())
    }
}
impl PartialEq for dyn Device {
    fn eq(&self, o: &dyn Device) -> bool {
        self.name() == o.name()
    }
}

/// The CPU of this process.
#[inline]
pub fn cpu() -> &'static dyn Device {
    static CPU: Host = Host;
    &CPU
}

struct Host;
thread_local! {
    static SCRATCH: UnsafeCell<Vec<u64>> = const { UnsafeCell::new(Vec::new()) };
}

impl Device for Host {
    fn name(&self) -> &str {
        "cpu"
    }
    fn is_host(&self) -> bool {
        true
    }
    #[inline]
    fn allocate(&'static self, bytes: usize) -> Result<Arc<Storage>> {
        Storage::host(bytes)
    }
    #[inline]
    fn execute(&self, op: &dyn DynOp, ins: &[Option<View>], outs: &[View]) -> Result<()> {
        if !op.facts().scratch {
            return op.cpu(&Cpu { ins, outs, scratch: std::ptr::null_mut() });
        }
        // The size of the scratch depends on the number of threads: somebody must not change it in between.
        pool::with_threads(pool::threads(), || {
            let scratch = match scratch_for(op, ins) {
                0 => std::ptr::null_mut(),
                n => scratch(n),
            };
            op.cpu(&Cpu { ins, outs, scratch })
        })
    }
    fn check(&self, op: &dyn DynOp, ins: &[Option<View>]) -> Result<()> {
        op.check(&Cpu { ins, outs: &[], scratch: std::ptr::null_mut() })
    }
    fn write(&self, to: &Storage, offset: usize, from: &[u8]) -> Result<()> {
        assert!(offset + from.len() <= to.bytes());
        unsafe { std::ptr::copy_nonoverlapping(from.as_ptr(), to.ptr().add(offset), from.len()) }
        Ok(())
    }
    fn read(&self, from: &Storage, offset: usize, to: &mut [u8]) -> Result<()> {
        assert!(offset + to.len() <= from.bytes());
        unsafe { std::ptr::copy_nonoverlapping(from.ptr().add(offset), to.as_mut_ptr(), to.len()) }
        Ok(())
    }
}

#[inline]
fn scratch_for(op: &dyn DynOp, ins: &[Option<View>]) -> usize {
    let specs: SmallVec<[Option<&Spec>; 8]> = ins.iter().map(|v| v.as_ref().map(|v| v.spec)).collect();
    op.scratch(Specs(&specs))
}

/// At least `bytes` of this thread's scratch memory, aligned. Valid until the next call on this thread: an op does not run
/// another one.
fn scratch(bytes: usize) -> *mut u8 {
    SCRATCH.with(|s| {
        let s = unsafe { &mut *s.get() };
        let words = (bytes + ALIGN).div_ceil(8);
        if s.len() < words {
            // No need to keep what is in it.
            *s = Vec::new();
            *s = vec![0; words];
        }
        let p = s.as_mut_ptr() as *mut u8;
        unsafe { p.add(p.align_offset(ALIGN)) }
    })
}
