//! Short rows, turned: what lies along a row stands in a column, beside those of other rows.
use std::mem::MaybeUninit;

/// Elements of the longest row that is turned.
pub(super) const SHORT: usize = 48;
/// Rows of a tile.
pub(super) const BESIDE: usize = 32;

/// Room for rows of elements of any type, of up to eight bytes.
#[repr(align(64))]
pub(super) struct Tile(MaybeUninit<[u64; BESIDE * SHORT]>);
impl Tile {
    pub fn new() -> Tile {
        Tile(MaybeUninit::uninit())
    }
    /// Element `i` of row `l` is at `i * BESIDE + l`.
    pub fn ptr(&self) -> *const u8 {
        self.0.as_ptr().cast()
    }
    /// Takes `rows` rows of `count` elements of `size` bytes, `step` apart, whose elements are `stride` apart.
    ///
    /// # Safety
    /// They are valid, and fit.
    pub unsafe fn turn(&mut self, size: usize, x: *const u8, step: isize, rows: usize, stride: isize, count: usize) {
        debug_assert!(rows <= BESIDE && count <= SHORT);
        match size {
            1 => self.turn_as::<u8>(x.cast(), step, rows, stride, count),
            4 => self.turn_as::<u32>(x.cast(), step, rows, stride, count),
            8 => self.turn_as::<u64>(x.cast(), step, rows, stride, count),
            _ => unreachable!("elements have 1, 4 or 8 bytes"),
        }
    }
    unsafe fn turn_as<E: Copy>(&mut self, x: *const E, step: isize, rows: usize, stride: isize, count: usize) {
        let tile: *mut E = self.0.as_mut_ptr().cast();
        for l in 0..rows {
            let x = x.offset(l as isize * step);
            for i in 0..count {
                tile.add(i * BESIDE + l).write(*x.offset(i as isize * stride));
            }
        }
    }
}
