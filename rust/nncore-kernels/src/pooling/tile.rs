//! The gradient of the commonest pooling, 2x2 windows that tile the image, for few channels: whole rows go through full
//! vectors, where a window at a time would fill a part of one.
use super::max::Place;
use super::window::Pool;
use crate::num::Float;
use crate::split::Parts;

/// Is there a copy of the code for that many channels?
pub(super) fn few(channels: usize) -> bool {
    matches!(channels, 1 | 2 | 3 | 4 | 6 | 8 | 12)
}

/// Writes all of `dx`, whose height and width are twice those of `dy`.
pub(super) fn backward<T: Float, P: Place>(p: &Pool, dy: &[T], places: &[P], dx: &mut [T]) {
    let row = p.output[2] * p.channels;
    let out = Parts::new(dx);
    p.rows(&|r| {
        let (g, at) = (&dy[r * row..(r + 1) * row], &places[r * row..(r + 1) * row]);
        // Each row of the output has two rows of the input to itself.
        let both = unsafe { out.part(4 * r * row..4 * (r + 1) * row) };
        let (top, bottom) = both.split_at_mut(2 * row);
        match p.channels {
            1 => rows::<T, P, 1>(g, at, top, bottom),
            2 => rows::<T, P, 2>(g, at, top, bottom),
            3 => rows::<T, P, 3>(g, at, top, bottom),
            4 => rows::<T, P, 4>(g, at, top, bottom),
            6 => rows::<T, P, 6>(g, at, top, bottom),
            8 => rows::<T, P, 8>(g, at, top, bottom),
            _ => rows::<T, P, 12>(g, at, top, bottom),
        }
    })
}

/// Elements of a row that are taken at a time.
const PART: usize = 128;

simd! {
    fn rows<T: Float, P: Place; const C>(dy: &[T], places: &[P], top: &mut [T], bottom: &mut [T]) {
        let part = PART / C * C;
        let parts = dy.chunks(part).zip(places.chunks(part)).zip(top.chunks_mut(2 * part).zip(bottom.chunks_mut(2 * part)));
        for ((g, at), (top, bottom)) in parts {
            // What each of the four places of the windows gets.
            let mut v = [[T::ZERO; PART]; 4];
            for (k, v) in v.iter_mut().enumerate() {
                let place = P::of(k);
                for ((v, g), at) in v.iter_mut().zip(g).zip(at) {
                    *v = if *at == place { *g } else { T::ZERO };
                }
            }
            let [a, b, c, d] = &v;
            for (q, (t, u)) in top.chunks_exact_mut(2 * C).zip(bottom.chunks_exact_mut(2 * C)).enumerate() {
                let s = q * C..(q + 1) * C;
                t[..C].copy_from_slice(&a[s.clone()]);
                t[C..].copy_from_slice(&b[s.clone()]);
                u[..C].copy_from_slice(&c[s.clone()]);
                u[C..].copy_from_slice(&d[s]);
            }
        }
    }
}
