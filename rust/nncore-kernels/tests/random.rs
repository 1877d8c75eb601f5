//! Philox's published vectors, the distributions' moments, and independence of threads, lengths and paths.
mod common;
use common::*;
use nncore_kernels::random::*;

#[test]
fn philox_gives_the_known_answers_of_random123() {
    assert_eq!(philox(0, 0, 0), [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]);
    assert_eq!(philox(u64::MAX, u64::MAX, u64::MAX), [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd]);
    let (key, low, high) = (0x299f31d0_a4093822, 0x85a308d3_243f6a88, 0x03707344_13198a2e);
    assert_eq!(philox(key, high, low), [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1]);
}

#[test]
fn elements_are_the_words_that_the_documentation_says() {
    on_every_path(|| {
        let (mut f, mut d) = (vec![0f32; 1000], vec![0f64; 1000]);
        uniform(7, 1 << 40, &mut f);
        uniform(7, 1 << 40, &mut d);
        for i in 0..1000 {
            let w = philox(7, 1 << 40, (i / 64 * 16 + i % 16) as u64)[i % 64 / 16];
            assert_eq!(f[i], (w >> 8) as f32 / (1 << 24) as f32);
            let w = philox(7, 1 << 40, (i / 32 * 16 + i % 16) as u64);
            let k = 2 * (i % 32 / 16);
            let bits = (w[k] as u64) << 21 | w[k + 1] as u64 >> 11;
            assert_eq!(d[i], bits as f64 / (1u64 << 53) as f64);
        }
        let x = vec![1f32; 1000];
        dropout(7, 3, 0.3, 2.0, &x, &mut f, &mut vec![0; mask_bytes(1000)]);
        for i in 0..1000 {
            let w = philox(7, 3, (i / 64 * 16 + i % 16) as u64)[i % 64 / 16];
            assert_eq!(f[i], if (w as f64) < (0.3f64 * 4294967296.0).floor() { 0.0 } else { 2.0 });
        }
    });
}

/// Mean, variance, skewness, kurtosis.
fn moments(x: &[f64]) -> [f64; 4] {
    let n = x.len() as f64;
    let mean = x.iter().sum::<f64>() / n;
    let m = |k: i32| x.iter().map(|x| (x - mean).powi(k)).sum::<f64>() / n;
    [mean, m(2), m(3) / m(2).powf(1.5), m(4) / m(2).powi(2)]
}

#[test]
fn distributions_have_their_moments() {
    let n = 1 << 20;
    let (mut f, mut d) = (vec![0f32; n], vec![0f64; n]);
    let near = |got: [f64; 4], want: [f64; 4]| {
        for k in 0..4 {
            // About five standard errors, the fourth moment's being the widest.
            assert!((got[k] - want[k]).abs() < [5e-3, 7e-3, 1.2e-2, 2.5e-2][k], "{got:?} instead of {want:?}");
        }
    };
    for seed in 0..3 {
        uniform(seed, 5, &mut f);
        uniform(seed, 6, &mut d);
        assert!(f.iter().all(|x| (0.0..1.0).contains(x)) && d.iter().all(|x| (0.0..1.0).contains(x)));
        near(moments(&wide(&f)), [0.5, 1.0 / 12.0, 0.0, 1.8]);
        near(moments(&d), [0.5, 1.0 / 12.0, 0.0, 1.8]);
        normal(seed, 5, &mut f);
        normal(seed, 6, &mut d);
        near(moments(&wide(&f)), [0.0, 1.0, 0.0, 3.0]);
        near(moments(&d), [0.0, 1.0, 0.0, 3.0]);
        // The share within one and three standard deviations.
        for x in [wide(&f), d.clone()] {
            let share = |k: f64| x.iter().filter(|x| x.abs() < k).count() as f64 / n as f64;
            assert!((share(1.0) - 0.682_689).abs() < 2.5e-3 && (share(3.0) - 0.997_300).abs() < 3e-4);
        }
        // No correlation between the two numbers of a pair, nor between neighbours.
        for lag in [1, 16, 32] {
            let c = f.iter().zip(&f[lag..]).map(|(a, b)| (a * b) as f64).sum::<f64>() / n as f64;
            assert!(c.abs() < 5e-3, "lag {lag}: {c}");
        }
    }
}

#[test]
fn normals_match_box_and_mullers_formula() {
    on_every_path(|| {
        let mut f = vec![0f32; 4096];
        normal(11, 2, &mut f);
        for i in 0..4096 {
            let w = philox(11, 2, (i / 64 * 16 + i % 16) as u64);
            let k = i % 64 / 16;
            let u = (w[k / 2 * 2] as f64 + 0.5) / 4294967296.0;
            let angle = std::f64::consts::TAU * (w[k / 2 * 2 + 1] >> 8) as f64 / 16777216.0;
            let want = (-2.0 * u.ln()).sqrt() * if k % 2 == 0 { angle.cos() } else { angle.sin() };
            assert!((f[i] as f64 - want).abs() < 2e-6, "{} instead of {want}", f[i]);
        }
    });
}

#[test]
fn dropout_keeps_its_share_and_its_mask() {
    on_every_path(|| {
        let n = 100_003;
        let x = noise(n, 1);
        for p in [0.0, 0.1, 0.5, 0.9, 1.0] {
            let (mut y, mut d) = (vec![9f32; n], vec![9f64; n]);
            let (mut bits, mut again) = (vec![9; mask_bytes(n)], vec![7; mask_bytes(n)]);
            dropout(1, 2, p, 3.0, &x, &mut y, &mut bits);
            dropout(1, 2, p, 3.0, &wide(&x), &mut d, &mut again);
            assert_eq!(bits, again);
            assert!((0..n)
                .all(|i| (bits[i / 128 * 16 + i % 16] >> (i % 128 / 16) & 1 != 0) == (d[i] != 0.0 || x[i] == 0.0)));
            // The mask alone gives the same, from a piece on too.
            for from in [0, 128, 99_968] {
                let (mut z, mut w) = (vec![9f32; n - from], vec![9f64; n - from]);
                masked(&bits[mask_bytes(from)..], 3.0, &x[from..], &mut z);
                masked(&bits[mask_bytes(from)..], 3.0, &wide(&x)[from..], &mut w);
                assert!(z == y[from..] && w == d[from..]);
            }
            let kept = (0..n).filter(|&i| d[i] != 0.0 || x[i] == 0.0).count() as f64 / n as f64;
            assert!((kept - (1.0 - p)).abs() < 5.0 * (p * (1.0 - p) / n as f64).sqrt() + 1e-12, "{kept} kept at {p}");
            assert!((0..n).all(|i| y[i] == 0.0 && d[i] == 0.0 || y[i] == x[i] * 3.0 && d[i] == x[i] as f64 * 3.0));
        }
        // What is dropped is zero, whatever it was.
        let mut y = vec![9f32; 100];
        let mut bits = [9; 16];
        dropout(1, 2, 1.0, 1.0, &[f32::NAN; 100], &mut y, &mut bits);
        assert!(y.iter().all(|y| *y == 0.0) && bits == [0; 16]);
        y.fill(9.0);
        masked(&bits, 1.0, &[f32::NAN; 100], &mut y);
        assert!(y.iter().all(|y| *y == 0.0));
    });
}

#[test]
fn an_element_does_not_depend_on_the_length_or_the_threads() {
    let make = |n: usize| {
        let (mut a, mut b, mut c, mut d) = (vec![0f32; n], vec![0f64; n], vec![0f32; n], vec![0f32; n]);
        uniform(3, 4, &mut a);
        normal(3, 4, &mut b);
        normal(3, 4, &mut c);
        dropout(3, 4, 0.5, 2.0, &a, &mut d, &mut vec![0; mask_bytes(n)]);
        (a, b, c, d)
    };
    let long = make(1000);
    for n in [0, 1, 5, 31, 33, 64, 65, 500] {
        let short = make(n);
        assert!(short.0 == long.0[..n] && short.1 == long.1[..n] && short.2 == long.2[..n] && short.3 == long.3[..n]);
    }
    same_for_any_threads("random", || make(100_003));
    let mut kept: Option<Vec<u32>> = None;
    on_every_path(|| {
        let bits: Vec<u32> = make(3000).2.iter().map(|x| x.to_bits()).collect();
        assert!(kept.get_or_insert(bits.clone()) == &bits, "normals differ between paths");
    });
}
