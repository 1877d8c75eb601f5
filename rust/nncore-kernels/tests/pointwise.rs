//! The elementwise driver and the layout copies against naive walks, on every path.
mod common;
use common::on_every_path;
use nncore_kernels::pointwise::*;
use proptest::prelude::*;

struct Fma<const COST: usize>;
impl<const COST: usize> Map for Fma<COST> {
    type In = [f32; 3];
    type Out = f32;
    const COST: usize = COST;
    #[inline(always)]
    fn eval(&self, [a, b, c]: [f32; 3]) -> f32 {
        a * 3.0 + b * 5.0 - c
    }
}
struct Select;
impl Map for Select {
    type In = (bool, [f64; 2]);
    type Out = f64;
    #[inline(always)]
    fn eval(&self, (choice, [a, b]): (bool, [f64; 2])) -> f64 {
        if choice {
            a
        } else {
            b
        }
    }
}
struct Less;
impl Map for Less {
    type In = [i64; 2];
    type Out = bool;
    #[inline(always)]
    fn eval(&self, [a, b]: [i64; 2]) -> bool {
        a < b
    }
}
struct ToFloat;
impl Map for ToFloat {
    type In = [u8; 1];
    type Out = f32;
    #[inline(always)]
    fn eval(&self, [x]: [u8; 1]) -> f32 {
        x as f32
    }
}

fn numbers(n: usize, seed: u64) -> Vec<f32> {
    (0..n as u64).map(|i| ((i * 7919 + seed * 104_729) % 2003) as f32 - 1000.0).collect()
}

#[test]
fn flat_loops_at_every_length() {
    on_every_path(|| {
        for n in (0..200).chain([511, 512, 513, 1000, 70_001]) {
            let (a, b, c) = (numbers(n, 1), numbers(n, 2), numbers(n, 3));
            let want: Vec<f32> = (0..n).map(|i| a[i] * 3.0 + b[i] * 5.0 - c[i]).collect();
            let mut y = vec![0.0; n];
            flat3(&Fma::<1>, &a, &b, &c, &mut y);
            assert_eq!(y, want);
            y.fill(0.0);
            flat3(&Fma::<9>, &a, &b, &c, &mut y);
            assert_eq!(y, want, "the padded tail");
            // In place of any input.
            for k in 0..3 {
                let mut xs = [a.clone(), b.clone(), c.clone()];
                let out = xs[k].as_mut_ptr();
                unsafe {
                    flat(
                        &Fma::<1>,
                        [0, 1, 2].map(|j| if j == k { out as *const u8 } else { xs[j].as_ptr().cast() }),
                        out,
                        n,
                    )
                };
                assert_eq!(xs[k], want);
            }
        }
    });
}

#[test]
fn inputs_and_outputs_of_other_types() {
    on_every_path(|| {
        let n = 333;
        let choice: Vec<bool> = (0..n).map(|i| i % 3 == 0).collect();
        let (a, b): (Vec<f64>, Vec<f64>) = ((0..n).map(|i| i as f64).collect(), (0..n).map(|i| -(i as f64)).collect());
        let mut y = vec![0.0; n];
        unsafe { flat(&Select, [choice.as_ptr().cast(), a.as_ptr().cast(), b.as_ptr().cast()], y.as_mut_ptr(), n) };
        assert!((0..n).all(|i| y[i] == if choice[i] { a[i] } else { b[i] }));
        // A condition by row, a scalar, a full operand.
        let x = [choice.as_ptr().cast(), a[5..].as_ptr().cast(), b.as_ptr().cast()];
        let (dims, strides) = ([37, 9], [&[1, 0][..], &[0, 0], &[9, 1]]);
        unsafe { map(&Select, &dims, x, &strides, y.as_mut_ptr(), &[9, 1]) };
        assert!((0..n).all(|i| y[i] == if choice[i / 9] { a[5] } else { b[i] }));
        let (p, q): (Vec<i64>, Vec<i64>) = ((0..n as i64).collect(), (0..n as i64).map(|i| 300 - i).collect());
        let mut less = vec![false; n];
        flat2(&Less, &p, &q, &mut less);
        assert!((0..n).all(|i| less[i] == (p[i] < q[i])));
        let bytes: Vec<u8> = (0..n).map(|i| i as u8).collect();
        let mut floats = vec![0f32; n];
        flat1(&ToFloat, &bytes, &mut floats);
        assert!((0..n).all(|i| floats[i] == bytes[i] as f32));
    });
}

/// Row-major strides of `dims` visited in the order `perm`.
fn permuted(dims: &[usize], perm: &[usize]) -> Vec<isize> {
    let mut strides = vec![0; dims.len()];
    let mut n = 1;
    for &i in perm.iter().rev() {
        strides[i] = n as isize;
        n *= dims[i];
    }
    strides
}

fn offsets(dims: &[usize], strides: &[isize]) -> Vec<isize> {
    let total: usize = dims.iter().product();
    let at = |mut i: usize| {
        let mut o = 0;
        for d in (0..dims.len()).rev() {
            o += (i % dims[d]) as isize * strides[d];
            i /= dims[d];
        }
        o
    };
    (0..total).map(at).collect()
}

fn layouts() -> impl Strategy<Value = (Vec<usize>, Vec<Vec<usize>>, Vec<u32>)> {
    let dims = prop::collection::vec(prop_oneof![1usize..7, Just(40), Just(130)], 0..5);
    dims.prop_flat_map(|dims| {
        let order: Vec<usize> = (0..dims.len()).collect();
        let orders = prop::collection::vec(Just(order).prop_shuffle(), 4);
        (Just(dims), orders, prop::collection::vec(0u32..32, 3))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn any_layouts_and_broadcasts((dims, orders, expanded) in layouts()) {
        let total: usize = dims.iter().product();
        prop_assume!(total < 300_000);
        let mut s: Vec<Vec<isize>> = orders.iter().map(|o| permuted(&dims, o)).collect();
        for k in 0..3 {
            for i in 0..dims.len() {
                if expanded[k] >> i & 1 == 1 { s[k + 1][i] = 0 }
            }
        }
        let (a, b, c) = (numbers(total, 1), numbers(total, 2), numbers(total, 3));
        let o: Vec<Vec<isize>> = s.iter().map(|s| offsets(&dims, s)).collect();
        let mut want = vec![0.0; total];
        for i in 0..total {
            let [p, q, r] = [o[1][i], o[2][i], o[3][i]].map(|i| i as usize);
            want[o[0][i] as usize] = a[p] * 3.0 + b[q] * 5.0 - c[r];
        }
        on_every_path(|| {
            let mut y = vec![f32::NAN; total];
            let x = [a.as_ptr().cast(), b.as_ptr().cast(), c.as_ptr().cast()];
            unsafe { map(&Fma::<1>, &dims, x, &[&s[1], &s[2], &s[3]], y.as_mut_ptr(), &s[0]) };
            assert_eq!(y, want);
            // In place of the first input, when that has the output's layout.
            let mut y = a.clone();
            let x = [y.as_ptr().cast(), b.as_ptr().cast(), c.as_ptr().cast()];
            unsafe { map(&Fma::<1>, &dims, x, &[&s[0], &s[2], &s[3]], y.as_mut_ptr(), &s[0]) };
            for i in 0..total {
                let [p, q, r] = [o[0][i], o[2][i], o[3][i]].map(|i| i as usize);
                assert_eq!(y[p], a[p] * 3.0 + b[q] * 5.0 - c[r]);
            }
        });
    }

    #[test]
    fn copies_between_any_layouts((dims, orders, expanded) in layouts()) {
        let total: usize = dims.iter().product();
        prop_assume!(total < 300_000);
        let d = permuted(&dims, &orders[0]);
        let mut s = permuted(&dims, &orders[1]);
        if expanded[0] % 3 == 0 {
            for i in 0..dims.len() { if expanded[1] >> i & 1 == 1 { s[i] = 0 } }
        }
        fn check<E: Copy + Default + PartialEq + std::fmt::Debug>(dims: &[usize], s: &[isize], d: &[isize], of: fn(usize) -> E) {
            let total = dims.iter().product();
            let x: Vec<E> = (0..total).map(of).collect();
            let mut y = vec![E::default(); total];
            unsafe { copy(dims, x.as_ptr().cast(), s, y.as_mut_ptr().cast(), d, size_of::<E>()) };
            for (from, to) in offsets(dims, s).into_iter().zip(offsets(dims, d)) {
                assert_eq!(y[to as usize], x[from as usize]);
            }
        }
        check(&dims, &s, &d, |i| i as u8);
        check(&dims, &s, &d, |i| i as f32);
        check(&dims, &s, &d, |i| i as i64);
    }
}

#[test]
fn negative_strides_and_strided_views() {
    let x = numbers(60, 4);
    let mut y = vec![0.0; 12];
    let p = x[59..].as_ptr();
    unsafe { map(&Fma::<1>, &[3, 4], [p.cast(); 3], &[&[-20, -5][..]; 3], y.as_mut_ptr(), &[4, 1]) };
    for i in 0..12 {
        assert_eq!(y[i], 7.0 * x[59 - i / 4 * 20 - i % 4 * 5]);
    }
    // Into every second column of a wider matrix: what lies between stays.
    let mut y = vec![9.0; 24];
    let p = x.as_ptr().cast();
    unsafe { map(&Fma::<1>, &[3, 4], [p; 3], &[&[4, 1][..]; 3], y.as_mut_ptr(), &[8, 2]) };
    for i in 0..12 {
        assert_eq!(y[2 * i..2 * i + 2], [7.0 * x[i], 9.0]);
    }
}

#[test]
fn fills() {
    for n in [0, 1, 17, 200_000] {
        let mut x = vec![1.0f32; n];
        fill(&mut x, 3.0);
        assert!(x.iter().all(|&x| x == 3.0));
    }
}

#[test]
fn blocks_and_reversed_rows_arrive_whole() {
    on_every_path(|| {
        let bytes: Vec<u8> = (0..20_000u32).map(|i| (i % 251) as u8).collect();
        for n in [0, 1, 255, 256, 257, 383, 384, 2048, 2111, 16_384, 16_385] {
            let mut to = vec![255; n + 1];
            // Both sides hold as many.
            unsafe { copy_block(bytes[3..].as_ptr(), to.as_mut_ptr(), n) };
            assert!(to[..n] == bytes[3..3 + n] && to[n] == 255, "{n} bytes");
        }
        let x: Vec<u32> = (0..3 * 77).collect();
        let mut y = vec![0; x.len()];
        // Each row from its last element back to its first.
        unsafe { copy(&[3, 77], x.as_ptr().add(76).cast(), &[77, -1], y.as_mut_ptr().cast(), &[77, 1], 4) };
        for (x, y) in x.chunks(77).zip(y.chunks(77)) {
            assert!(x.iter().rev().eq(y));
        }
    });
}
