//! Elements by their numbers: gathering, scattering, and the numbers that an index stands for.
use crate::num::{Element, Number};

simd! {
    /// The smallest and the largest entry; `(0, 0)` of none.
    pub fn range(index: &[i64]) -> (i64, i64) {
        let first = index.first().copied().unwrap_or(0);
        let (mut low, mut high) = ([first; 16], [first; 16]);
        let chunks = index.chunks_exact(16);
        for k in chunks.remainder() {
            (low[0], high[0]) = (low[0].min(*k), high[0].max(*k));
        }
        for k in chunks {
            for l in 0..16 {
                low[l] = if k[l] < low[l] { k[l] } else { low[l] };
                high[l] = if k[l] > high[l] { k[l] } else { high[l] };
            }
        }
        let of = |v: [i64; 16], f: fn(i64, i64) -> i64| v.into_iter().fold(first, f);
        (of(low, i64::min), of(high, i64::max))
    }

    /// Where entries of an index lead, `entry * step` after the start of their lines, which begin at `line` and lie `apart`:
    /// for entries within `-n..n`, those below 0 being counted from the end. Numbers below 2^32.
    pub fn places(index: &[i64], n: usize, step: usize, line: usize, apart: usize, places: &mut [u32]) {
        let (n, step, line, apart) = (n as u32, step as u32, line as u32, apart as u32);
        for (i, (place, k)) in places.iter_mut().zip(index).enumerate() {
            let k = *k as u32;
            let k = if (k as i32) < 0 { k.wrapping_add(n) } else { k };
            *place = k.wrapping_mul(step).wrapping_add(line).wrapping_add((i as u32).wrapping_mul(apart));
        }
    }

    fn largest(places: &[u32]) -> u32 {
        let mut m = 0;
        for p in places {
            m = if *p > m { *p } else { m };
        }
        m
    }
}

/// `out[i] = x[places[i]]`.
///
/// # Panics
/// When a place is beyond `x`.
pub fn pick<E: Element>(x: &[E], places: &[u32], out: &mut [E]) {
    if !places.is_empty() {
        assert!((largest(places) as usize) < x.len(), "places within the operand");
        // One by one: instructions that gather are slower on many machines.
        for (o, p) in out.iter_mut().zip(places) {
            // The largest has been looked at.
            *o = unsafe { *x.get_unchecked(*p as usize) };
        }
    }
}

/// `out[places[i]] = x[i]`, in order.
///
/// # Panics
/// When a place is beyond `out`.
pub fn put<E: Element>(x: &[E], places: &[u32], out: &mut [E]) {
    if places.is_empty() {
        return;
    }
    assert!((largest(places) as usize) < out.len(), "places within the operand");
    for (x, p) in x.iter().zip(places) {
        // The largest has been looked at.
        unsafe { *out.get_unchecked_mut(*p as usize) = *x };
    }
}

/// `out[places[i]] += x[i]`, in order.
///
/// # Panics
/// When a place is beyond `out`.
pub fn add<T: Number>(x: &[T], places: &[u32], out: &mut [T]) {
    if places.is_empty() {
        return;
    }
    assert!((largest(places) as usize) < out.len(), "places within the operand");
    for (x, p) in x.iter().zip(places) {
        // The largest has been looked at.
        let to = unsafe { out.get_unchecked_mut(*p as usize) };
        *to = to.add(*x)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_lead_where_they_say() {
        let index: Vec<i64> = (0..100).map(|i| (i * 37) % 60 - 30).collect();
        assert_eq!(range(&index), (-30, 29));
        assert_eq!(range(&[]), (0, 0));
        assert_eq!(range(&[7]), (7, 7));
        let mut p = vec![0; 100];
        places(&index, 30, 4, 5, 2, &mut p);
        for (i, (p, k)) in p.iter().zip(&index).enumerate() {
            assert_eq!(*p as i64, k.rem_euclid(30) * 4 + 5 + 2 * i as i64);
        }
        let x: Vec<i64> = (0..400).map(|i| i * i).collect();
        let (mut out, mut back, mut sums) = (vec![0; 100], vec![0; 400], vec![0; 400]);
        pick(&x, &p, &mut out);
        put(&out, &p, &mut back);
        add(&out, &p, &mut sums);
        let p_all = p.clone();
        for (p, o) in p.iter().zip(&out) {
            let met = p_all.iter().filter(|q| *q == p).count() as i64;
            assert!(*o == x[*p as usize] && back[*p as usize] == *o && sums[*p as usize] == *o * met);
        }
    }

    #[test]
    #[should_panic(expected = "places within")]
    fn no_place_is_beyond_the_operand() {
        pick(&[1.0f32, 2.0], &[0, 2], &mut [0.0, 0.0]);
    }
}
