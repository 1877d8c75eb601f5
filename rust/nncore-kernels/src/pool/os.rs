//! What the pool asks of the operating system: cores, placement of threads, fork. Elsewhere than on Linux, threads are
//! placed by the system alone.

#[cfg(target_os = "linux")]
pub use linux::*;
#[cfg(not(target_os = "linux"))]
pub use other::*;

/// Calls `child` in every child that `fork` makes.
#[cfg(unix)]
pub fn at_fork(child: extern "C" fn()) {
    type Hook = Option<extern "C" fn()>;
    extern "C" {
        fn pthread_atfork(prepare: Hook, parent: Hook, child: Hook) -> i32;
    }
    // It can only fail for lack of memory.
    unsafe { pthread_atfork(None, None, Some(child)) };
}
#[cfg(not(unix))]
pub fn at_fork(_: extern "C" fn()) {}

/// Logical CPUs by affinity and, on Linux, by the cgroup's quota (versions 1 and 2).
fn logical() -> usize {
    std::thread::available_parallelism().map_or(1, |n| n.get())
}

#[cfg(target_os = "linux")]
mod linux {
    use std::os::unix::thread::JoinHandleExt;
    use std::sync::atomic::{AtomicI32, Ordering::Relaxed};
    use std::thread::JoinHandle;

    // Declared here, since they are all that would be used of the libc crate. A mask holds 1024 CPUs.
    extern "C" {
        fn sched_getcpu() -> i32;
        fn sched_getaffinity(pid: i32, size: usize, mask: *mut u64) -> i32;
        fn pthread_setaffinity_np(thread: usize, size: usize, mask: *const u64) -> i32;
        fn pthread_self() -> usize;
    }

    /// The CPU that this thread runs on.
    #[inline]
    pub fn cpu() -> i32 {
        unsafe { sched_getcpu() }
    }

    /// A set of CPUs; empty where it could not be read.
    pub struct Mask([u64; 16]);
    impl Mask {
        /// The CPUs that this thread may use.
        pub fn allowed() -> Mask {
            let mut mask = [0; 16];
            // The size is that of the array.
            if unsafe { sched_getaffinity(0, 128, mask.as_mut_ptr()) } < 0 {
                mask = [0; 16];
            }
            Mask(mask)
        }
        fn has(&self, cpu: usize) -> bool {
            cpu < 1024 && self.0[cpu / 64] >> (cpu % 64) & 1 == 1
        }
        /// This set without one CPU; None where nothing would be left, or nothing would change.
        fn without(&self, cpu: i32) -> Option<Mask> {
            let cpu = usize::try_from(cpu).ok().filter(|c| self.has(*c))?;
            let mut rest = self.0;
            rest[cpu / 64] &= !(1 << (cpu % 64));
            rest.iter().any(|w| *w != 0).then_some(Mask(rest))
        }
    }

    /// A thread, to place it.
    pub struct Handle(usize);
    impl Handle {
        pub fn of(handle: &JoinHandle<()>) -> Handle {
            Handle(handle.as_pthread_t() as usize)
        }
    }

    /// Keeps a thread off `cpu`; `avoids` remembers it, so that it costs nothing while the caller stays where it is.
    pub fn steer(thread: &Handle, cpu: i32, allowed: &Mask, avoids: &AtomicI32) {
        if avoids.load(Relaxed) != cpu {
            if let Some(rest) = allowed.without(cpu) {
                // Workers never end, so the handle is valid; failure leaves the thread where it is.
                unsafe { pthread_setaffinity_np(thread.0, 128, rest.0.as_ptr()) };
                avoids.store(cpu, Relaxed);
            }
        }
    }

    /// Moves this thread off `cpu`, where the region's caller runs: two threads on one CPU halve the speed, and can stay
    /// so for many milliseconds.
    #[inline]
    pub fn leave(cpu: i32, allowed: &Mask, avoids: &AtomicI32) {
        if self::cpu() == cpu {
            avoids.store(-1, Relaxed);
            steer(&Handle(unsafe { pthread_self() }), cpu, allowed, avoids);
        }
    }

    /// Physical cores that this process may use: two threads on one core share its multipliers, so they gain nothing.
    pub fn cores() -> usize {
        let (most, allowed) = (super::logical(), Mask::allowed());
        let mut seen = std::collections::HashSet::new();
        for cpu in (0..1024).filter(|c| allowed.has(*c)) {
            let file = format!("/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list");
            seen.insert(std::fs::read_to_string(file).unwrap_or_else(|_| cpu.to_string()));
            if seen.len() >= most {
                break;
            }
        }
        if seen.is_empty() {
            most
        } else {
            seen.len()
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod other {
    use std::sync::atomic::AtomicI32;
    use std::thread::JoinHandle;

    pub fn cpu() -> i32 {
        -1
    }
    pub struct Mask;
    impl Mask {
        pub fn allowed() -> Mask {
            Mask
        }
    }
    pub struct Handle;
    impl Handle {
        pub fn of(_: &JoinHandle<()>) -> Handle {
            Handle
        }
    }
    pub fn steer(_: &Handle, _: i32, _: &Mask, _: &AtomicI32) {}
    pub fn leave(_: i32, _: &Mask, _: &AtomicI32) {}
    pub fn cores() -> usize {
        super::logical()
    }
}
