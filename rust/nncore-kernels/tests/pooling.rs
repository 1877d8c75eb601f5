//! Pooling against naive windows: any stride, padding, dilation, channels; NaN, ties, bits by threads.
mod common;
use common::*;
use nncore_kernels::pooling::*;
use proptest::prelude::*;

/// The places of one axis of a window, by number in the window and in the input (perhaps outside), and how many of them
/// lie before the end of the far padding.
fn axis(p: &Pool, a: usize, o: usize) -> (Vec<(usize, isize)>, usize) {
    let n = p.input[a] as isize;
    if p.adaptive {
        let (first, end) = (o * p.input[a] / p.output[a], ((o + 1) * p.input[a]).div_ceil(p.output[a]));
        return ((first..end).enumerate().map(|(k, i)| (k, i as isize)).collect(), end - first);
    }
    let at = |k: usize| (o * p.stride[a] + k * p.dilation[a]) as isize - p.padding[a] as isize;
    let padded = (0..p.kernel[a]).filter(|&k| at(k) < n + p.padding[a] as isize).count();
    ((0..p.kernel[a]).map(|k| (k, at(k))).filter(|(_, i)| (0..n).contains(i)).collect(), padded)
}

/// What a window sees: (place in the window, number in the plane, input offset) of what lies inside, and the number of
/// places inside the padded input. For each output element, in memory order.
type Seen = (Vec<(usize, usize, usize)>, usize);
fn windows(p: &Pool) -> Vec<Seen> {
    let mut all = vec![];
    let outputs = p.output.iter().product::<usize>();
    for (n, o) in (0..p.batch).flat_map(|n| (0..outputs).map(move |o| (n, o))) {
        let at = [o / (p.output[1] * p.output[2]), o / p.output[2] % p.output[1], o % p.output[2]];
        let [d, h, w] = [0, 1, 2].map(|a| axis(p, a, at[a]));
        for c in 0..p.channels {
            let mut inside = vec![];
            for &(i, z) in &d.0 {
                for &(j, y) in &h.0 {
                    for &(k, x) in &w.0 {
                        let place = (i * p.kernel[1] + j) * p.kernel[2] + k;
                        let number = (z as usize * p.input[1] + y as usize) * p.input[2] + x as usize;
                        let pixel = n * p.input.iter().product::<usize>() + number;
                        inside.push((place, number, pixel * p.channels + c));
                    }
                }
            }
            all.push((inside, d.1 * h.1 * w.1));
        }
    }
    all
}

fn sizes(p: &Pool) -> (usize, usize) {
    let volume = |s: [usize; 3]| p.batch * s.iter().product::<usize>() * p.channels;
    (volume(p.input), volume(p.output))
}

fn check(p: &Pool) {
    let (n, m) = sizes(p);
    // Few different numbers, so that there are ties.
    let x: Vec<f32> = noise(n, 1).iter().map(|x| (x * 6.0).round()).collect();
    let dy = noise(m, 2);
    let windows = windows(p);
    let (mut y, mut wide_y) = (vec![0f32; m], vec![0f64; m]);
    let (mut bytes, mut words, mut numbers) = (vec![0u8; m], vec![0i32; m], vec![0i64; m]);
    max_pool(p, &x, &mut y, &mut bytes);
    max_pool(p, &wide(&x), &mut wide_y, &mut words);
    max_pool_indices(p, &words, &mut numbers);
    let mut want = vec![0.0; n];
    for (o, (inside, _)) in windows.iter().enumerate() {
        let best = inside.iter().map(|w| x[w.2]).fold(f32::NEG_INFINITY, f32::max);
        assert!(y[o] == best && wide_y[o] == best as f64);
        if let Some(first) = inside.iter().find(|w| x[w.2] == best) {
            assert_eq!((bytes[o] as usize, words[o] as usize, numbers[o] as usize), (first.0, first.0, first.1));
            want[first.2] += dy[o] as f64;
        }
    }
    let (mut dx, mut wide_dx) = (vec![9f32; n], vec![9f64; n]);
    max_pool_grad(p, &dy, &bytes, &mut dx);
    max_pool_grad(p, &wide(&dy), &words, &mut wide_dx);
    close(&dx, &want, 1e-5, "max_pool_grad");
    close(&wide_dx, &want, 1e-14, "max_pool_grad");
    if windows.iter().all(|(inside, _)| !inside.is_empty()) {
        let plane = p.input.iter().product();
        plane_scatter(p.batch, p.channels, plane, true, &dy, &numbers, &mut dx);
        close(&dx, &want, 1e-5, "plane_scatter");
        let mut again = vec![0f32; m];
        plane_gather(p.batch, p.channels, plane, &x, &numbers, &mut again);
        assert_eq!(again, y);
    }
    let divisors = [Divisor::Inside, Divisor::Given(3.0), Divisor::Padded];
    // Adaptive windows have no padding.
    for divisor in divisors.into_iter().take(if p.adaptive { 2 } else { 3 }) {
        let (mut sums, mut slopes) = (vec![0.0; m], vec![0.0; n]);
        for (o, (inside, padded)) in windows.iter().enumerate() {
            let count = match divisor {
                Divisor::Inside => inside.len().max(1) as f64,
                Divisor::Padded => (*padded).max(1) as f64,
                Divisor::Given(n) => n,
            };
            sums[o] = inside.iter().map(|w| x[w.2] as f64).sum::<f64>() / count;
            inside.iter().for_each(|w| slopes[w.2] += dy[o] as f64 / count);
        }
        avg_pool(p, divisor, &x, &mut y);
        close(&y, &sums, 1e-6, "avg_pool");
        avg_pool_grad(p, divisor, &dy, &mut dx);
        close(&dx, &slopes, 1e-5, "avg_pool_grad");
    }
}

fn pools() -> impl Strategy<Value = Pool> {
    let flat = prop_oneof![3 => Just(true), 2 => Just(false)];
    let triple = |r: std::ops::Range<usize>| [r.clone(), r.clone(), r];
    let channels = prop_oneof![1usize..9, Just(16), Just(27), Just(70)];
    let numbers = (triple(1..8), triple(1..5), triple(1..4), triple(0..3), triple(1..3));
    (1usize..3, channels, numbers, any::<bool>(), flat).prop_map(
        |(batch, channels, (mut input, mut kernel, mut stride, pad, mut dilation), ceil, flat)| {
            if flat {
                (input[0], kernel[0], stride[0], dilation[0]) = (1, 1, 1, 1);
                input[2] += 4;
            }
            let padding = [0, 1, 2].map(|a| pad[a].min(kernel[a] / 2));
            let output = [0, 1, 2].map(|a| {
                let reach = dilation[a] * (kernel[a] - 1) + 1;
                let room = input[a] + 2 * padding[a];
                if room < reach {
                    return 0;
                }
                let (over, s) = (room - reach, stride[a]);
                let n = over / s + 1 + (ceil && over % s > 0) as usize;
                // The last window starts inside the input or the padding before it.
                if (n - 1) * s >= input[a] + padding[a] {
                    n - 1
                } else {
                    n
                }
            });
            Pool { batch, channels, input, output, kernel, stride, padding, dilation, adaptive: false }
        },
    )
}
fn adaptive(batch: usize, channels: usize, input: [usize; 3], output: [usize; 3]) -> Pool {
    let kernel = [0, 1, 2].map(|a| Pool::adaptive_kernel(input[a], output[a]));
    let plain = plain(batch, channels, 4, 2, 2);
    Pool { input, output, kernel, padding: [0; 3], adaptive: true, ..plain }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn any_window(p in pools()) {
        on_every_path(|| check(&p));
    }
    #[test]
    fn any_adaptive_window(
        batch in 1usize..3,
        channels in 1usize..20,
        input in [1usize..6, 1usize..7, 1usize..9], // at most 256 places, what a byte counts
        output in [1usize..5, 1usize..10, 1usize..8],
    ) {
        on_every_path(|| check(&adaptive(batch, channels, input, output)));
    }
}

fn plain(batch: usize, channels: usize, size: usize, kernel: usize, stride: usize) -> Pool {
    let out = (size - kernel) / stride + 1;
    Pool {
        batch,
        channels,
        input: [1, size, size],
        output: [1, out, out],
        kernel: [1, kernel, kernel],
        stride: [1, stride, stride],
        padding: [0; 3],
        dilation: [1; 3],
        adaptive: false,
    }
}

#[test]
fn the_windows_that_networks_use() {
    for p in [plain(8, 6, 28, 2, 2), plain(8, 16, 10, 2, 2), plain(2, 64, 13, 3, 2), plain(1, 96, 8, 8, 8)] {
        on_every_path(|| check(&p));
    }
}

#[test]
fn nan_wins_and_the_lowest_number_has_a_place() {
    on_every_path(|| {
        for channels in [1, 3, 6, 16, 20] {
            let p = plain(1, channels, 4, 2, 2);
            for at in 0..4 {
                let mut x = vec![1f32; 16 * channels];
                let pixel = at / 2 * 4 + at % 2;
                x[pixel * channels..(pixel + 1) * channels].fill(f32::NAN);
                let (mut y, mut places) = (vec![0f32; 4 * channels], vec![9u8; 4 * channels]);
                max_pool(&p, &x, &mut y, &mut places);
                assert!((0..channels).all(|c| y[c].is_nan() && places[c] == at as u8));
                assert!((channels..4 * channels).all(|c| y[c] == 1.0 && places[c] == 0));
            }
            // Padded windows of nothing but minus infinity point inside.
            let p = Pool { padding: [0, 1, 1], output: [1, 3, 3], ..p };
            let x = vec![f32::NEG_INFINITY; 16 * channels];
            let (mut y, mut places) = (vec![0f32; 9 * channels], vec![9u8; 9 * channels]);
            max_pool(&p, &x, &mut y, &mut places);
            assert!(places[..channels].iter().all(|&i| i == 3));
        }
    });
}

#[test]
fn bits_do_not_depend_on_threads() {
    for p in [plain(16, 6, 28, 2, 2), plain(4, 64, 27, 3, 2), plain(1, 200, 27, 3, 2)] {
        let (n, m) = sizes(&p);
        let (x, dy) = (noise(n, 1), noise(m, 2));
        same_for_any_threads("pooling", || {
            let (mut y, mut places, mut dx, mut da) = (vec![0f32; m], vec![0u8; m], vec![0f32; n], vec![0f32; n]);
            max_pool(&p, &x, &mut y, &mut places);
            max_pool_grad(&p, &dy, &places, &mut dx);
            avg_pool_grad(&p, Divisor::Inside, &dy, &mut da);
            (y, places, dx, da)
        });
    }
}

/// Windows of 2x2 that tile the image have a way of their own for few channels: every width of a row against the
/// definition.
#[test]
fn gradients_of_tiling_windows_go_where_their_maxima_were() {
    for channels in 1..=13 {
        for width in [1, 2, 5, 11, 14, 40] {
            let p = Pool { input: [1, 6, 2 * width], output: [1, 3, width], ..plain(2, channels, 6, 2, 2) };
            let n = 2 * 3 * width * channels;
            let dy: Vec<f32> = (0..n).map(|i| i as f32 + 1.0).collect();
            let places: Vec<u8> = (0..n).map(|i| ((i * 7 + i / 3) % 4) as u8).collect();
            let mut want = vec![0f32; 4 * n];
            for (i, (g, at)) in dy.iter().zip(&places).enumerate() {
                let (c, q, row) = (i % channels, i / channels % width, i / channels / width);
                let (y, x) = (2 * row + *at as usize / 2, 2 * q + *at as usize % 2);
                want[(y * 2 * width + x) * channels + c] = *g;
            }
            let mut dx = vec![f32::NAN; 4 * n];
            max_pool_grad(&p, &dy, &places, &mut dx);
            assert_eq!(dx, want, "{channels} channels, {width} columns");
        }
    }
}
