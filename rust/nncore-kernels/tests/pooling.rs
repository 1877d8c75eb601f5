//! Pooling against naive windows: any stride, padding, dilation, channels; NaN, ties, bits by threads.
mod common;
use common::*;
use nncore_kernels::pooling::*;
use proptest::prelude::*;

/// For each output element, in memory order: (place in the window, input offset) of what lies inside, and the number of
/// places inside the padded input.
fn windows(p: &Pool2d) -> Vec<(Vec<(usize, usize)>, usize)> {
    let mut all = vec![];
    for n in 0..p.batch {
        for oy in 0..p.output[0] {
            for ox in 0..p.output[1] {
                for c in 0..p.channels {
                    let (mut inside, mut padded) = (vec![], 0);
                    for i in 0..p.kernel[0] {
                        for j in 0..p.kernel[1] {
                            let y = (oy * p.stride[0] + i * p.dilation[0]) as isize - p.padding[0] as isize;
                            let x = (ox * p.stride[1] + j * p.dilation[1]) as isize - p.padding[1] as isize;
                            let (h, w) = (p.input[0] as isize, p.input[1] as isize);
                            padded += (y < h + p.padding[0] as isize && x < w + p.padding[1] as isize) as usize;
                            if y >= 0 && y < h && x >= 0 && x < w {
                                let at = ((n as isize * h + y) * w + x) as usize * p.channels + c;
                                inside.push((i * p.kernel[1] + j, at));
                            }
                        }
                    }
                    all.push((inside, padded));
                }
            }
        }
    }
    all
}

fn sizes(p: &Pool2d) -> (usize, usize) {
    let area = |s: [usize; 2]| p.batch * s[0] * s[1] * p.channels;
    (area(p.input), area(p.output))
}

fn check(p: &Pool2d) {
    let (n, m) = sizes(p);
    // Few different numbers, so that there are ties.
    let x: Vec<f32> = noise(n, 1).iter().map(|x| (x * 6.0).round()).collect();
    let dy = noise(m, 2);
    let windows = windows(p);
    let (mut y, mut wide_y) = (vec![0f32; m], vec![0f64; m]);
    let (mut bytes, mut words) = (vec![0u8; m], vec![0i32; m]);
    max_pool2d(p, &x, &mut y, &mut bytes);
    max_pool2d(p, &wide(&x), &mut wide_y, &mut words);
    let mut want = vec![0.0; n];
    for (o, (inside, _)) in windows.iter().enumerate() {
        let best = inside.iter().map(|w| x[w.1]).fold(f32::NEG_INFINITY, f32::max);
        assert!(y[o] == best && wide_y[o] == best as f64);
        if let Some(first) = inside.iter().find(|w| x[w.1] == best) {
            assert_eq!((bytes[o] as usize, words[o] as usize), (first.0, first.0));
            want[first.1] += dy[o] as f64;
        }
    }
    let (mut dx, mut wide_dx) = (vec![9f32; n], vec![9f64; n]);
    max_pool2d_grad(p, &dy, &bytes, &mut dx);
    max_pool2d_grad(p, &wide(&dy), &words, &mut wide_dx);
    close(&dx, &want, 1e-6, "max_pool2d_grad");
    close(&wide_dx, &want, 1e-14, "max_pool2d_grad");
    for count_padding in [false, true] {
        let (mut sums, mut slopes) = (vec![0.0; m], vec![0.0; n]);
        for (o, (inside, padded)) in windows.iter().enumerate() {
            let count = if count_padding { *padded } else { inside.len() }.max(1) as f64;
            sums[o] = inside.iter().map(|w| x[w.1] as f64).sum::<f64>() / count;
            inside.iter().for_each(|w| slopes[w.1] += dy[o] as f64 / count);
        }
        avg_pool2d(p, count_padding, &x, &mut y);
        close(&y, &sums, 1e-6, "avg_pool2d");
        avg_pool2d_grad(p, count_padding, &dy, &mut dx);
        close(&dx, &slopes, 1e-6, "avg_pool2d_grad");
    }
}

fn pools() -> impl Strategy<Value = Pool2d> {
    let pair = |r: std::ops::Range<usize>| [r.clone(), r];
    let channels = prop_oneof![1usize..9, Just(16), Just(27), Just(70)];
    (1usize..3, channels, pair(1..12), pair(1..5), pair(1..4), pair(0..3), pair(1..3), any::<bool>()).prop_map(
        |(batch, channels, input, kernel, stride, pad, dilation, ceil)| {
            let padding = [0, 1].map(|a| pad[a].min(kernel[a] / 2));
            let output = [0, 1].map(|a| {
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
            Pool2d { batch, channels, input, output, kernel, stride, padding, dilation }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn any_window(p in pools()) {
        on_every_path(|| check(&p));
    }
}

fn plain(batch: usize, channels: usize, size: usize, kernel: usize, stride: usize) -> Pool2d {
    let out = (size - kernel) / stride + 1;
    Pool2d {
        batch,
        channels,
        input: [size; 2],
        output: [out; 2],
        kernel: [kernel; 2],
        stride: [stride; 2],
        padding: [0; 2],
        dilation: [1; 2],
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
                max_pool2d(&p, &x, &mut y, &mut places);
                assert!((0..channels).all(|c| y[c].is_nan() && places[c] == at as u8));
                assert!((channels..4 * channels).all(|c| y[c] == 1.0 && places[c] == 0));
            }
            // Padded windows of nothing but minus infinity point inside.
            let p = Pool2d { padding: [1; 2], output: [3; 2], ..p };
            let x = vec![f32::NEG_INFINITY; 16 * channels];
            let (mut y, mut places) = (vec![0f32; 9 * channels], vec![9u8; 9 * channels]);
            max_pool2d(&p, &x, &mut y, &mut places);
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
            max_pool2d(&p, &x, &mut y, &mut places);
            max_pool2d_grad(&p, &dy, &places, &mut dx);
            avg_pool2d_grad(&p, false, &dy, &mut da);
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
            let p = Pool2d {
                batch: 2,
                channels,
                input: [6, 2 * width],
                output: [3, width],
                kernel: [2, 2],
                stride: [2, 2],
                padding: [0, 0],
                dilation: [1, 1],
            };
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
            max_pool2d_grad(&p, &dy, &places, &mut dx);
            assert_eq!(dx, want, "{channels} channels, {width} columns");
        }
    }
}
