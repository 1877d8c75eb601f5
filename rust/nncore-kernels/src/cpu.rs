//! Which instructions this process uses: chosen once, at run time.
use std::sync::atomic::{AtomicU8, Ordering::Relaxed};

/// A family of instructions for which kernels are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, PartialOrd, Ord)]
#[repr(u8)]
pub enum Path {
    /// Portable code over fixed-width lanes, vectorised by the compiler for the target's baseline.
    Portable = 1,
    /// AVX2 with FMA.
    Avx2 = 2,
    /// AVX-512 F, VL, BW and DQ.
    Avx512 = 3,
}

impl Path {
    /// The name that `NNCORE_CPU_PATH` takes and `nncore env` prints.
    pub fn name(self) -> &'static str {
        match self {
            Path::Portable => "portable",
            Path::Avx2 => "avx2",
            Path::Avx512 => "avx512",
        }
    }
}

static CHOSEN: AtomicU8 = AtomicU8::new(0);

/// The path in use: the best that this machine has, or a lower one that `NNCORE_CPU_PATH` (`avx512`, `avx2`,
/// `portable`) asks for.
#[inline]
pub fn path() -> Path {
    match CHOSEN.load(Relaxed) {
        1 => Path::Portable,
        2 => Path::Avx2,
        3 => Path::Avx512,
        _ => choose(),
    }
}

/// Every path that this machine can run, best first.
pub fn available() -> Vec<Path> {
    let mut paths = vec![Path::Portable];
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
            paths.insert(0, Path::Avx2);
            if ["avx512f", "avx512vl", "avx512bw", "avx512dq"].iter().all(|f| detected(f)) {
                paths.insert(0, Path::Avx512);
            }
        }
    }
    paths
}

#[cfg(target_arch = "x86_64")]
fn detected(feature: &str) -> bool {
    match feature {
        "avx512f" => is_x86_feature_detected!("avx512f"),
        "avx512vl" => is_x86_feature_detected!("avx512vl"),
        "avx512bw" => is_x86_feature_detected!("avx512bw"),
        _ => is_x86_feature_detected!("avx512dq"),
    }
}

#[cold]
fn choose() -> Path {
    let have = available();
    let asked = std::env::var("NNCORE_CPU_PATH").ok();
    // An unknown or unavailable name falls back to the best path: a library must not die at import.
    let chosen = asked.and_then(|name| have.iter().copied().find(|p| p.name() == name)).unwrap_or(have[0]);
    CHOSEN.store(chosen as u8, Relaxed);
    chosen
}

/// Forces a path for the whole process (tests and benchmarks). False when this machine does not have it.
pub fn force(path: Path) -> bool {
    let have = available().contains(&path);
    if have {
        CHOSEN.store(path as u8, Relaxed);
    }
    have
}
