//! What an op sees: specs of its inputs when it infers, memory when it runs.
use crate::shape::Spec;
use crate::storage::Storage;

/// The specs of a call's inputs, absent ones included.
#[derive(Clone, Copy)]
pub struct Specs<'a>(pub &'a [Option<&'a Spec>]);
impl<'a> Specs<'a> {
    #[inline]
    pub fn opt(&self, i: usize) -> Option<&'a Spec> {
        self.0.get(i).copied().flatten()
    }
    #[inline]
    pub fn len(&self) -> usize {
        self.0.len()
    }
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    #[inline(never)]
    pub fn bytes(&self) -> usize {
        self.0.iter().flatten().map(|s| s.bytes()).sum()
    }
    pub fn iter(&self) -> impl Iterator<Item = &'a Spec> + '_ {
        self.0.iter().copied().flatten()
    }
}
impl std::ops::Index<usize> for Specs<'_> {
    type Output = Spec;
    #[inline]
    fn index(&self, i: usize) -> &Spec {
        self.0[i].expect("a required input")
    }
}

/// A tensor as a device sees it: a window on a block of its memory.
#[derive(Clone, Copy)]
pub struct View<'a> {
    pub storage: &'a Storage,
    /// In elements.
    pub offset: usize,
    pub spec: &'a Spec,
}
impl View<'_> {
    #[inline]
    pub fn ptr(&self) -> *mut u8 {
        // Within the storage: tensors are made so.
        unsafe { self.storage.ptr().add(self.offset * self.spec.dtype.size()) }
    }
}

/// A kernel's call on the CPU. Typed slices cover a dense tensor in memory order; strided inputs are walked by pointer.
pub struct Cpu<'a> {
    pub ins: &'a [Option<View<'a>>],
    pub outs: &'a [View<'a>],
    pub scratch: *mut u8,
}
impl<'a> Cpu<'a> {
    #[inline]
    fn view(&self, i: usize) -> &View<'a> {
        self.ins[i].as_ref().expect("a required input")
    }
    #[inline]
    pub fn spec(&self, i: usize) -> &'a Spec {
        self.view(i).spec
    }
    #[inline]
    pub fn out_spec(&self, i: usize) -> &'a Spec {
        self.outs[i].spec
    }
    #[inline]
    pub fn has(&self, i: usize) -> bool {
        self.ins.get(i).is_some_and(|v| v.is_some())
    }
    #[inline]
    pub fn ptr<T>(&self, i: usize) -> *const T {
        self.view(i).ptr() as *const T
    }
    /// Null where the input is absent.
    #[inline]
    pub fn ptr_or_null<T>(&self, i: usize) -> *const T {
        if self.has(i) {
            self.ptr(i)
        } else {
            std::ptr::null()
        }
    }
    #[inline]
    pub fn out_ptr<T>(&self, i: usize) -> *mut T {
        self.outs[i].ptr() as *mut T
    }
    /// The elements of a dense input.
    #[inline]
    pub fn get<T>(&self, i: usize) -> &'a [T] {
        debug_assert!(self.spec(i).is_dense());
        unsafe { std::slice::from_raw_parts(self.ptr(i), self.spec(i).numel()) }
    }
    #[inline]
    pub fn opt<T>(&self, i: usize) -> Option<&'a [T]> {
        self.has(i).then(|| self.get(i))
    }
    /// The elements of output `i`. Call it once an output.
    #[allow(clippy::mut_from_ref)]
    #[inline]
    pub fn out<T>(&self, i: usize) -> &'a mut [T] {
        unsafe { std::slice::from_raw_parts_mut(self.out_ptr(i), self.out_spec(i).numel()) }
    }
    /// The elements of an input that is declared mutated: only through here, never together with `get(i)`.
    #[allow(clippy::mut_from_ref)]
    #[inline]
    pub fn mutated<T>(&self, i: usize) -> &'a mut [T] {
        unsafe { std::slice::from_raw_parts_mut(self.ptr::<T>(i) as *mut T, self.spec(i).numel()) }
    }
}
