//! Memory: one reference-counted block with a version, and a per-thread cache of freed blocks by size class.
use crate::device::{self, Device};
use crate::error::{err, Kind, Result};
use std::alloc::{alloc, dealloc, Layout};
use std::any::Any;
use std::cell::UnsafeCell;
use std::fmt;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::sync::Arc;

/// Alignment of every block that we allocate: a cache line and the widest vector.
pub const ALIGN: usize = 64;

/// A block of memory on a device. Views of a tensor share it, and with it its version.
pub struct Storage {
    ptr: *mut u8,
    bytes: usize,
    version: AtomicU32,
    /// In-place ops refuse it (a read-only NumPy array, say).
    pub read_only: bool,
    device: &'static dyn Device,
    owner: Owner,
}
enum Owner {
    /// Ours, of a size class.
    Class(u8),
    /// Somebody else's: dropped with the storage (a NumPy array, a DLPack capsule, a GPU buffer).
    Foreign { _guard: Box<dyn Any + Send + Sync> },
    /// Another block's, whose version it shares.
    Alias(Arc<Storage>),
}
// The pointer is owned, and kernels are told which parts they may write.
unsafe impl Send for Storage {}
unsafe impl Sync for Storage {}

impl Storage {
    /// Uninitialised memory on the CPU.
    #[inline]
    pub fn host(bytes: usize) -> Result<Arc<Storage>> {
        let (class, size) = class_of(bytes);
        let cached = CACHE.try_with(|c| unsafe { (*c.get()).take(class) }).ok().flatten();
        let ptr = match cached {
            Some(p) => p,
            None => unsafe { fresh(size) },
        };
        if ptr.is_null() {
            return Err(err(Kind::Memory, format!("no memory for {bytes} bytes")));
        }
        Ok(Arc::new(Storage {
            ptr,
            bytes: size,
            version: AtomicU32::new(0),
            read_only: false,
            device: device::cpu(),
            owner: Owner::Class(class),
        }))
    }
    /// Memory that `guard` keeps alive.
    ///
    /// # Safety
    /// `ptr` must be valid for `bytes` bytes (for reads, and for writes unless `read_only`) as long as `guard` lives.
    pub unsafe fn foreign(
        device: &'static dyn Device,
        ptr: *mut u8,
        bytes: usize,
        read_only: bool,
        guard: Box<dyn Any + Send + Sync>,
    ) -> Arc<Storage> {
        Arc::new(Storage {
            ptr,
            bytes,
            version: AtomicU32::new(0),
            read_only,
            device,
            owner: Owner::Foreign { _guard: guard },
        })
    }
    /// The same memory with the same version, and an identity of its own.
    pub fn alias(of: &Arc<Storage>) -> Arc<Storage> {
        Arc::new(Storage {
            ptr: of.ptr,
            bytes: of.bytes,
            version: AtomicU32::new(0),
            read_only: of.read_only,
            device: of.device,
            owner: Owner::Alias(of.clone()),
        })
    }
    #[inline]
    pub fn ptr(&self) -> *mut u8 {
        self.ptr
    }
    /// Bytes that may be used: at least what was asked for.
    pub fn bytes(&self) -> usize {
        self.bytes
    }
    #[inline]
    pub fn device(&self) -> &'static dyn Device {
        self.device
    }
    /// Counts changes in place, so that backward sees that a saved value was overwritten.
    #[inline]
    pub fn version(&self) -> u32 {
        match &self.owner {
            Owner::Alias(of) => of.version(),
            _ => self.version.load(Relaxed),
        }
    }
    #[inline]
    pub fn bump(&self) {
        match &self.owner {
            Owner::Alias(of) => of.bump(),
            _ => drop(self.version.fetch_add(1, Relaxed)),
        }
    }
}

impl Drop for Storage {
    #[inline]
    fn drop(&mut self) {
        if let Owner::Class(class) = self.owner {
            let kept = CACHE.try_with(|c| unsafe { (*c.get()).put(class, self.ptr, self.bytes) }).unwrap_or(false);
            if !kept {
                unsafe { dealloc(self.ptr, layout(self.bytes)) }
            }
        }
    }
}
impl fmt::Debug for Storage {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "Storage({} bytes on {})", self.bytes, self.device.name())
    }
}

/// Size classes: four to an octave, so that at most a quarter is wasted.
fn class_of(bytes: usize) -> (u8, usize) {
    let units = bytes.div_ceil(ALIGN).max(1);
    if units <= 4 {
        return (units as u8 - 1, units * ALIGN);
    }
    let octave = (units - 1).ilog2() as usize; // >= 2
    let step = 1usize << (octave - 2);
    let quarter = (units - 1 - (1 << octave)) / step; // 0..4
    ((4 + (octave - 2) * 4 + quarter) as u8, ((1 << octave) + (quarter + 1) * step) * ALIGN)
}
fn layout(size: usize) -> Layout {
    // Sizes come from class_of: a multiple of ALIGN, far below isize::MAX.
    unsafe { Layout::from_size_align_unchecked(size, if size < LARGE { ALIGN } else { HUGE_PAGE }) }
}

/// A page of the larger kind, and from how many bytes on blocks are made of them (as NumPy's are): passes over large tensors
/// wait for the look-up of small pages, and prefetching ends with each.
const HUGE_PAGE: usize = 2 << 20;
const LARGE: usize = 4 << 20;
/// Memory that is in no cache; null where there is none.
unsafe fn fresh(size: usize) -> *mut u8 {
    let ptr = alloc(layout(size));
    #[cfg(target_os = "linux")]
    if size >= LARGE && !ptr.is_null() {
        extern "C" {
            fn madvise(from: *mut u8, bytes: usize, advice: i32) -> i32;
        }
        const MADV_HUGEPAGE: i32 = 14;
        // Advice: where the system does not take it, pages stay small. Whole pages of this block alone.
        madvise(ptr, size / HUGE_PAGE * HUGE_PAGE, MADV_HUGEPAGE);
    }
    ptr
}

const CLASSES: usize = 160;
/// Blocks of one class that a thread keeps, and bytes that it keeps in all.
const KEEP: usize = 16;
const KEEP_BYTES: usize = 512 << 20;
struct Cache {
    blocks: [Vec<*mut u8>; CLASSES],
    bytes: usize,
    /// Bytes that there was no room for so far: the clock by which blocks grow old.
    refused: usize,
    /// What it showed when a block of the class was last taken.
    used: [usize; CLASSES],
}
impl Cache {
    const fn new() -> Cache {
        Cache { blocks: [const { Vec::new() }; CLASSES], bytes: 0, refused: 0, used: [0; CLASSES] }
    }
    #[inline]
    fn take(&mut self, class: u8) -> Option<*mut u8> {
        let p = self.blocks.get_mut(class as usize)?.pop()?;
        self.bytes -= size_of_class(class);
        self.used[class as usize] = self.refused;
        Some(p)
    }
    #[inline]
    fn put(&mut self, class: u8, ptr: *mut u8, size: usize) -> bool {
        let Some(list) = self.blocks.get_mut(class as usize) else { return false };
        if list.len() >= KEEP || self.bytes + size > KEEP_BYTES && !self.make_room(class, size) {
            return false;
        }
        self.bytes += size;
        self.blocks[class as usize].push(ptr);
        true
    }
    /// Lets blocks go that nothing has asked for while twice the cache's size was refused. A step that needs more than fits takes
    /// from every class in each turn, and keeps what it has.
    #[cold]
    #[inline(never)]
    fn make_room(&mut self, class: u8, size: usize) -> bool {
        self.refused += size;
        for old in (0..CLASSES).filter(|&k| k != class as usize) {
            if self.refused - self.used[old] > 2 * KEEP_BYTES {
                let each = size_of_class(old as u8);
                for ptr in std::mem::take(&mut self.blocks[old]) {
                    self.bytes -= each;
                    // Allocated with this layout, and in no other hands.
                    unsafe { dealloc(ptr, layout(each)) }
                }
            }
        }
        self.bytes + size <= KEEP_BYTES
    }
}
fn size_of_class(class: u8) -> usize {
    let c = class as usize;
    if c < 4 {
        return (c + 1) * ALIGN;
    }
    let (octave, quarter) = ((c - 4) / 4 + 2, (c - 4) % 4);
    ((1 << octave) + (quarter + 1) * (1 << (octave - 2))) * ALIGN
}
impl Drop for Cache {
    fn drop(&mut self) {
        for (class, blocks) in self.blocks.iter().enumerate() {
            for &p in blocks {
                unsafe { dealloc(p, layout(size_of_class(class as u8))) }
            }
        }
    }
}
thread_local! {
    static CACHE: UnsafeCell<Cache> = const { UnsafeCell::new(Cache::new()) };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_holds_what_was_asked_for_and_wastes_at_most_a_quarter() {
        for bytes in (1..5000).chain([1 << 20, (1 << 20) + 1, 3 << 28, (1 << 31) + 7]) {
            let (class, size) = class_of(bytes);
            assert!(size >= bytes && size % ALIGN == 0, "{bytes} -> {size}");
            assert!(size <= (bytes + bytes / 4).max(bytes.next_multiple_of(ALIGN)), "{bytes} -> {size}");
            assert_eq!(size_of_class(class), size, "class {class} of {bytes}");
            assert!((class as usize) < CLASSES);
        }
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn large_blocks_are_made_of_huge_pages_where_the_system_has_them() {
        if !std::path::Path::new("/sys/kernel/mm/transparent_hugepage/enabled").exists() {
            return;
        }
        let advised = |bytes: usize| {
            let (_, size) = class_of(bytes);
            let ptr = unsafe { fresh(size) };
            let smaps = std::fs::read_to_string("/proc/self/smaps").expect("this process's memory");
            unsafe { dealloc(ptr, layout(size)) }
            let mut within = false;
            for line in smaps.lines() {
                let ends = line.split_whitespace().next().and_then(|s| s.split_once('-'));
                if let Some((from, to)) = ends {
                    let at = |s| usize::from_str_radix(s, 16).unwrap_or(0);
                    within = (at(from)..at(to)).contains(&(ptr as usize));
                } else if within && line.starts_with("VmFlags") {
                    return line.split_whitespace().any(|flag| flag == "hg");
                }
            }
            false
        };
        assert!(advised(5 << 20), "a block of 5 MiB");
        assert!(!advised(1 << 20), "a block of 1 MiB");
    }

    #[test]
    fn blocks_that_nothing_asks_for_make_room_for_others_in_the_end() {
        let mut cache = Cache::new();
        let block = |bytes: usize| {
            let (class, size) = class_of(bytes);
            // Not touched, so that it costs no memory.
            (class, unsafe { std::alloc::alloc(layout(size)) }, size)
        };
        let (old, new) = (64 << 20, 40 << 20);
        let (class, _) = class_of(old);
        for _ in 0..8 {
            let (class, ptr, size) = block(old);
            assert!(cache.put(class, ptr, size));
        }
        let (other, ptr, size) = block(new);
        let mut turns = 0;
        while !cache.put(other, ptr, size) {
            turns += 1;
            // Whoever asks for the old ones keeps them.
            if turns == 20 {
                let ptr = cache.take(class).expect("still there");
                assert!(cache.put(class, ptr, old));
            }
        }
        assert!((20 + 2 * KEEP_BYTES / size..60).contains(&turns), "{turns}");
        assert!(cache.take(class).is_none() && cache.bytes == size && cache.take(other) == Some(ptr));
        unsafe { dealloc(ptr, layout(size)) }
    }
}
