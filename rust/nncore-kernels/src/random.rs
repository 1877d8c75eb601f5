//! Random numbers that are a pure function of (seed, draw, element): the same for any number of threads, on any path.
//!
//! Philox 4x32-10 (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", 2011) is keyed by the
//! seed; its counter holds the draw and the block. Words are handed out so that 16 blocks at a time fill 64 elements
//! without a shuffle: element `i` of 4-byte numbers is word `i % 64 / 16` of block `i / 64 * 16 + i % 16`; 8-byte
//! numbers take two words, element `i` words `2 (i % 32 / 16)` and the next of block `i / 32 * 16 + i % 16`.
pub mod draws;

use crate::math::{ln, sin_cos_turns};
use crate::num::Float;
use crate::split::{split, Parts};

/// Blocks that are made at a time.
const LANES: usize = 16;
/// From this many elements on threads share the work.
const GRAIN: usize = 1 << 15;

/// Ten rounds of Philox over `L` counters at once, `c[word][lane]`.
#[inline(always)]
fn rounds<const L: usize>(c: &mut [[u32; L]; 4], seed: u64) {
    let (mut k0, mut k1) = (seed as u32, (seed >> 32) as u32);
    for _ in 0..10 {
        for l in 0..L {
            let a = c[0][l] as u64 * 0xd251_1f53;
            let b = c[2][l] as u64 * 0xcd9e_8d57;
            c[0][l] = (b >> 32) as u32 ^ c[1][l] ^ k0;
            c[1][l] = b as u32;
            c[2][l] = (a >> 32) as u32 ^ c[3][l] ^ k1;
            c[3][l] = a as u32;
        }
        k0 = k0.wrapping_add(0x9e37_79b9);
        k1 = k1.wrapping_add(0xbb67_ae85);
    }
}

/// One block: four words for key `seed` and counter (`block`, `draw`), low halves first.
#[inline]
pub fn philox(seed: u64, draw: u64, block: u64) -> [u32; 4] {
    let mut c = [[block as u32], [(block >> 32) as u32], [draw as u32], [(draw >> 32) as u32]];
    rounds(&mut c, seed);
    [c[0][0], c[1][0], c[2][0], c[3][0]]
}

/// Blocks `first..first + 16`, by word; `first` is a multiple of 16, so that the high half is common.
#[inline(always)]
fn words(seed: u64, draw: u64, first: u64) -> [[u32; LANES]; 4] {
    let mut c = [[0; LANES], [(first >> 32) as u32; LANES], [draw as u32; LANES], [(draw >> 32) as u32; LANES]];
    for l in 0..LANES {
        c[0][l] = (first as u32).wrapping_add(l as u32);
    }
    rounds(&mut c, seed);
    c
}

/// A uniform number in [0, 1) of 24 bits, or of 53.
#[inline(always)]
fn unit<T: Float>(high: u32, low: u32) -> T {
    if T::IS_F32 {
        // Signed, since that conversion is one instruction on every path.
        T::from_f32((high >> 8) as i32 as f32 * (1.0 / 16_777_216.0))
    } else {
        T::of(((high as u64) << 21 | (low as u64) >> 11) as i64 as f64 * (1.0 / 9_007_199_254_740_992.0))
    }
}

/// Fills with uniform numbers in [0, 1).
pub fn uniform<T: Float>(seed: u64, draw: u64, out: &mut [T]) {
    let (group, y) = (group::<T>(), Parts::new(out));
    // Disjoint ranges.
    split(out.len(), group, GRAIN, &|r| fill_uniform(seed, draw, (r.start / group) as u64, unsafe { y.part(r) }));
}

/// Fills with normal numbers of mean 0 and standard deviation 1, by Box and Muller's transform of word pairs.
pub fn normal<T: Float>(seed: u64, draw: u64, out: &mut [T]) {
    let (group, y) = (group::<T>(), Parts::new(out));
    // Disjoint ranges.
    split(out.len(), group, GRAIN / 2, &|r| fill_normal(seed, draw, (r.start / group) as u64, unsafe { y.part(r) }));
}

/// Elements whose mask is packed together: bit j of byte l is element `16 j + l`, so that vectors need no shuffle.
const PACK: usize = 8 * LANES;

/// Bytes of the mask of `n` elements: a bit for each, in whole packs of 128.
pub fn mask_bytes(n: usize) -> usize {
    n.div_ceil(PACK) * LANES
}

/// `y[i]` = 0 with probability `p`, else `x[i] * scale`; `kept` tells [`masked`] which. The mask is a function of (seed, draw, i) and the same for both types.
///
/// # Panics
/// When the lengths do not fit.
pub fn dropout<T: Float>(seed: u64, draw: u64, p: f64, scale: T, x: &[T], y: &mut [T], kept: &mut [u8]) {
    assert!(x.len() == y.len() && kept.len() == mask_bytes(x.len()));
    let cut = (p * 4_294_967_296.0) as u64;
    if cut > u32::MAX as u64 {
        kept.fill(0);
        return y.fill(T::ZERO);
    }
    let (out, bits) = (Parts::new(y), Parts::new(kept));
    split(x.len(), PACK, GRAIN, &|r| {
        // Disjoint ranges.
        let (y, kept) = unsafe { (out.part(r.clone()), bits.part(mask_bytes(r.start)..mask_bytes(r.end))) };
        mask(seed, draw, (r.start / 64) as u64, cut as u32, scale, &x[r], y, kept)
    });
}

/// `y[i]` = `x[i] * scale` where [`dropout`] has kept element i, else 0.
///
/// # Panics
/// When the lengths do not fit.
pub fn masked<T: Float>(kept: &[u8], scale: T, x: &[T], y: &mut [T]) {
    assert!(x.len() == y.len() && kept.len() == mask_bytes(x.len()));
    let out = Parts::new(y);
    split(x.len(), PACK, GRAIN, &|r| {
        // Disjoint ranges.
        let y = unsafe { out.part(r.clone()) };
        choose(&kept[mask_bytes(r.start)..mask_bytes(r.end)], scale, &x[r], y)
    });
}

/// Elements that 16 blocks fill.
const fn group<T: Float>() -> usize {
    if T::IS_F32 {
        64
    } else {
        32
    }
}

simd! {
    /// 64 random bits for each of two elements a block: elements `2 first..2 first + 32`.
    fn pairs(seed: u64, draw: u64, first: u64) -> [u64; 2 * LANES] {
        let w = words(seed, draw, first);
        let mut bits = [0; 2 * LANES];
        for l in 0..LANES {
            bits[2 * l] = w[0][l] as u64 | (w[1][l] as u64) << 32;
            bits[2 * l + 1] = w[2][l] as u64 | (w[3][l] as u64) << 32;
        }
        bits
    }

    fn fill_uniform<T: Float>(seed: u64, draw: u64, first: u64, out: &mut [T]) {
        for (g, out) in out.chunks_mut(group::<T>()).enumerate() {
            let w = words(seed, draw, (first + g as u64) * LANES as u64);
            let mut y = [[T::ZERO; LANES]; 4];
            for l in 0..LANES {
                if T::IS_F32 {
                    for k in 0..4 { y[k][l] = unit(w[k][l], 0) }
                } else {
                    y[0][l] = unit(w[0][l], w[1][l]);
                    y[1][l] = unit(w[2][l], w[3][l]);
                }
            }
            store(&y, out)
        }
    }

    fn fill_normal<T: Float>(seed: u64, draw: u64, first: u64, out: &mut [T]) {
        for (g, out) in out.chunks_mut(group::<T>()).enumerate() {
            let w = words(seed, draw, (first + g as u64) * LANES as u64);
            let mut y = [[T::ZERO; LANES]; 4];
            for l in 0..LANES {
                if T::IS_F32 {
                    (y[0][l], y[1][l]) = box_muller(open(w[0][l], 0), unit(w[1][l], 0));
                    (y[2][l], y[3][l]) = box_muller(open(w[2][l], 0), unit(w[3][l], 0));
                } else {
                    (y[0][l], y[1][l]) = box_muller(open(w[0][l], w[1][l]), unit(w[2][l], w[3][l]));
                }
            }
            store(&y, out)
        }
    }

    fn mask<T: Float>(seed: u64, draw: u64, first: u64, cut: u32, scale: T, x: &[T], y: &mut [T], kept: &mut [u8]) {
        let packs = x.chunks(PACK).zip(y.chunks_mut(PACK)).zip(kept.chunks_exact_mut(LANES));
        for (g, ((x, y), kept)) in packs.enumerate() {
            let mut bits = [0u32; LANES];
            for half in 0..2 {
                let w = words(seed, draw, (first + 2 * g as u64 + half) * LANES as u64);
                for k in 0..4 {
                    let bit = 1 << (4 * half + k as u64);
                    for l in 0..LANES {
                        bits[l] |= if w[k][l] >= cut { bit } else { 0 };
                    }
                }
            }
            for l in 0..LANES { kept[l] = bits[l] as u8 }
            pick(&bits, scale, x, y)
        }
    }

    fn choose<T: Float>(kept: &[u8], scale: T, x: &[T], y: &mut [T]) {
        for ((kept, x), y) in kept.chunks_exact(LANES).zip(x.chunks(PACK)).zip(y.chunks_mut(PACK)) {
            let mut bits = [0u32; LANES];
            for l in 0..LANES { bits[l] = kept[l] as u32 }
            pick(&bits, scale, x, y)
        }
    }
}

/// Up to a pack of elements by its bits.
#[inline(always)]
fn pick<T: Float>(bits: &[u32; LANES], scale: T, x: &[T], y: &mut [T]) {
    if x.len() == PACK {
        let mut bits = *bits;
        for (x, y) in x.chunks_exact(LANES).zip(y.chunks_exact_mut(LANES)) {
            // All products first: a product only of what is kept would be a branch that nothing predicts.
            let mut v: [T; LANES] = x.try_into().unwrap();
            for v in &mut v {
                *v *= scale;
            }
            for l in 0..LANES {
                v[l] = if bits[l] & 1 != 0 { v[l] } else { T::ZERO };
                // One bit after the other, which also keeps the compiler to these sixteen as its vector.
                bits[l] >>= 1;
            }
            y.copy_from_slice(&v);
        }
    } else {
        for (i, (x, y)) in x.iter().zip(y).enumerate() {
            *y = if bits[i % LANES] >> (i / LANES) & 1 != 0 { *x * scale } else { T::ZERO };
        }
    }
}

/// A uniform number in (0, 1), whose logarithm is finite.
#[inline(always)]
fn open<T: Float>(high: u32, low: u32) -> T {
    if T::IS_F32 {
        // In two halves: 32 bits do not fit a signed conversion. Small numbers keep all their digits.
        let x = (high >> 16) as i32 as f32 * 65536.0 + (high & 0xffff) as i32 as f32;
        T::from_f32(x.mul_add(1.0 / 4_294_967_296.0, 1.0 / 8_589_934_592.0))
    } else {
        unit::<T>(high, low) + T::of(0.5 / 9_007_199_254_740_992.0)
    }
}

#[inline(always)]
fn box_muller<T: Float>(radius: T, angle: T) -> (T, T) {
    let (sin, cos) = sin_cos_turns(angle);
    // The logarithm may round to just above zero nowhere: radius is at most 1.
    let r = (T::of(-2.0) * ln(radius)).sqrt();
    (r * cos, r * sin)
}

#[inline(always)]
fn store<T: Float>(y: &[[T; LANES]; 4], out: &mut [T]) {
    for (y, out) in y.iter().zip(out.chunks_mut(LANES)) {
        match <&mut [T; LANES]>::try_from(&mut *out) {
            Ok(out) => *out = *y,
            Err(_) => out.copy_from_slice(&y[..out.len()]),
        }
    }
}
