//! An operation's loop, behind a pointer: drivers are compiled once, not once for each operation.
use super::{Inputs, Map};
use crate::pool;
use std::marker::PhantomData;
use std::mem::MaybeUninit;

/// Below this many elements (of [`Map::COST`] 1) a second thread costs more than it brings.
pub(super) const PARALLEL: usize = 1 << 16;
/// Elements in a tile that is staged on the stack.
pub(super) const TILE: usize = 512;
/// A stack buffer for one tile of any element type.
pub(super) type Tile = MaybeUninit<[u64; TILE]>;
/// Elements that an operation of some cost takes at a time.
const BLOCK: usize = 16;
/// From this cost on, all elements go through one copy of the operation, block by block, the last ones padded.
const COSTLY: usize = 8;

/// What is static about an operation.
struct Facts {
    run: unsafe fn(*const (), &[*const u8; 3], *mut u8, usize),
    inputs: usize,
    sizes: [usize; 3],
    out_size: usize,
    cost: usize,
}
struct FactsOf<M>(PhantomData<M>);
impl<M: Map> FactsOf<M> {
    const FACTS: Facts =
        Facts { run: run::<M>, inputs: M::In::N, sizes: M::In::SIZES, out_size: size_of::<M::Out>(), cost: M::COST };
}

/// A [`Map`] without its type.
#[derive(Clone, Copy)]
pub struct Kernel<'a> {
    op: *const (),
    facts: &'static Facts,
    life: PhantomData<&'a ()>,
}
// A `Map` is `Sync`, and the rest never changes.
unsafe impl Sync for Kernel<'_> {}

impl<'a> Kernel<'a> {
    #[inline]
    pub fn new<M: Map>(f: &'a M) -> Kernel<'a> {
        Kernel { op: (f as *const M).cast(), facts: &FactsOf::<M>::FACTS, life: PhantomData }
    }
    /// How many inputs it reads.
    #[inline]
    pub fn inputs(&self) -> usize {
        self.facts.inputs
    }
    /// Bytes of an element of each input.
    #[inline]
    pub(super) fn sizes(&self) -> [usize; 3] {
        self.facts.sizes
    }
    #[inline]
    pub(super) fn out_size(&self) -> usize {
        self.facts.out_size
    }
    #[inline]
    pub(super) fn cost(&self) -> usize {
        self.facts.cost
    }
    /// The loop. `out` overlaps no input, and all pointers lead to `n` elements.
    #[inline]
    pub(super) unsafe fn run(&self, x: &[*const u8; 3], out: *mut u8, n: usize) {
        (self.facts.run)(self.op, x, out, n)
    }
    /// Is an input the output's memory?
    #[inline]
    pub(super) fn in_place(&self, x: &[*const u8; 3], out: *mut u8) -> bool {
        let mut found = false;
        for k in 0..self.facts.inputs {
            found |= std::ptr::eq(x[k], out);
        }
        found
    }
    /// `out[i] = f(inputs[i])` for `i < n`, threaded where that pays. Pointers past the operation's inputs are not read.
    ///
    /// # Safety
    /// `x` and `out` lead to `n` elements of the operation's types. An input may start exactly where the output does (in
    /// place, when its elements are not smaller than the output's); any other overlap is undefined.
    #[inline]
    pub unsafe fn flat(&self, x: [*const u8; 3], out: *mut u8, n: usize) {
        if n * self.facts.cost >= PARALLEL && pool::threads() > 1 {
            return self.flat_threads(x, out, n);
        }
        self.flat_serial(&x, out, n)
    }
    unsafe fn flat_threads(&self, x: [*const u8; 3], out: *mut u8, n: usize) {
        let shares = pool::threads();
        let (x, out) = (x.map(|p| p as usize), out as usize);
        pool::run(shares, &|i| {
            // Shares start on a multiple of 64 elements, so that no two threads write to one cache line.
            let units = pool::share(n.div_ceil(64), shares, i);
            let (a, b) = (units.start * 64, (units.end * 64).min(n));
            let mut p = [std::ptr::null(); 3];
            for k in 0..self.facts.inputs {
                p[k] = (x[k] + a * self.facts.sizes[k]) as *const u8;
            }
            if a < b {
                // Shares are disjoint.
                unsafe { self.flat_serial(&p, (out + a * self.facts.out_size) as *mut u8, b - a) }
            }
        })
    }
    #[inline]
    unsafe fn flat_serial(&self, x: &[*const u8; 3], out: *mut u8, n: usize) {
        match self.in_place(x, out) {
            true => self.flat_in_place(x, out, n),
            false => self.run(x, out, n),
        }
    }
    /// Through a buffer: a loop whose output may be its input is not vectorised.
    unsafe fn flat_in_place(&self, x: &[*const u8; 3], out: *mut u8, n: usize) {
        let mut buffer = Tile::uninit();
        let b: *mut u8 = buffer.as_mut_ptr().cast();
        let mut i = 0;
        while i < n {
            let m = TILE.min(n - i);
            let mut p = [std::ptr::null(); 3];
            for k in 0..self.facts.inputs {
                p[k] = x[k].add(i * self.facts.sizes[k]);
            }
            self.run(&p, b, m);
            std::ptr::copy_nonoverlapping(b, out.add(i * self.facts.out_size), m * self.facts.out_size);
            i += m;
        }
    }
}

#[inline(never)]
unsafe fn run<M: Map>(op: *const (), x: &[*const u8; 3], out: *mut u8, n: usize) {
    let (f, out) = (&*op.cast::<M>(), out.cast::<MaybeUninit<M::Out>>());
    let whole = if M::COST < COSTLY { n } else { n / BLOCK * BLOCK };
    if whole > 0 {
        blocks(f, x, std::slice::from_raw_parts_mut(out, whole));
    }
    if whole < n {
        rest(f, x, out, whole, n - whole)
    }
}

/// The last `m` elements, fewer than a block, as one: the inputs copied and filled up.
unsafe fn rest<M: Map>(f: &M, x: &[*const u8; 3], out: *mut MaybeUninit<M::Out>, start: usize, m: usize) {
    let mut padded = [[0u64; BLOCK]; 3];
    let mut p = [std::ptr::null(); 3];
    for k in 0..M::In::N {
        let size = M::In::SIZES[k];
        pad(x[k].add(start * size), padded[k].as_mut_ptr().cast(), size, m);
        p[k] = padded[k].as_ptr().cast();
    }
    let mut y = [MaybeUninit::<M::Out>::uninit(); BLOCK];
    blocks(f, &p, &mut y);
    std::ptr::copy_nonoverlapping(y.as_ptr(), out.add(start), m);
}

simd! {
    /// `out` overlaps no input, and every needed pointer leads to `out.len()` elements: whole blocks of a costly operation.
    fn blocks<M: Map>(f: &M, x: &[*const u8; 3], out: &mut [MaybeUninit<M::Out>]) {
        unsafe {
            if M::COST < COSTLY {
                cheap(f, x, out)
            } else {
                costly(f, x, out)
            }
        }
    }
}

/// A few instructions an element: four vectors at a time hide their latency.
#[inline(always)]
unsafe fn cheap<M: Map>(f: &M, x: &[*const u8; 3], out: &mut [MaybeUninit<M::Out>]) {
    let n = out.len();
    let o = out.as_mut_ptr();
    let mut i = 0;
    while i + 64 <= n {
        for l in i..i + 64 {
            o.add(l).write(MaybeUninit::new(f.eval(M::In::load(x, l))));
        }
        i += 64;
    }
    while i + BLOCK <= n {
        for l in i..i + BLOCK {
            o.add(l).write(MaybeUninit::new(f.eval(M::In::load(x, l))));
        }
        i += BLOCK;
    }
    while i < n {
        o.add(i).write(MaybeUninit::new(f.eval(M::In::load(x, i))));
        i += 1;
    }
}

/// Tens of instructions an element: one copy of them, a vector or two at a time.
#[inline(always)]
unsafe fn costly<M: Map>(f: &M, x: &[*const u8; 3], out: &mut [MaybeUninit<M::Out>]) {
    let n = out.len();
    let o = out.as_mut_ptr();
    let mut i = 0;
    while i + BLOCK <= n {
        for l in i..i + BLOCK {
            o.add(l).write(MaybeUninit::new(f.eval(M::In::load(x, l))));
        }
        if M::RARE {
            let mut any = false;
            for l in i..i + BLOCK {
                any |= f.rare(M::In::load(x, l));
            }
            if any {
                mend(f, x, o, i)
            }
        }
        i += BLOCK;
    }
}

/// Copies `m` elements of `size` bytes, and fills up with the first one: any value that the operation takes anyway.
#[inline(never)]
unsafe fn pad(src: *const u8, dst: *mut u8, size: usize, m: usize) {
    std::ptr::copy_nonoverlapping(src, dst, m * size);
    for l in m..BLOCK {
        std::ptr::copy_nonoverlapping(src, dst.add(l * size), size);
    }
}

/// The rare ones among the elements of a block.
#[cold]
#[inline(never)]
unsafe fn mend<M: Map>(f: &M, p: &[*const u8; 3], out: *mut MaybeUninit<M::Out>, start: usize) {
    for l in start..start + BLOCK {
        let x = M::In::load(p, l);
        if f.rare(x) {
            out.add(l).write(MaybeUninit::new(f.slow(x)));
        }
    }
}
