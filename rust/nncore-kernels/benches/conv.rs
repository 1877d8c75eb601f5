//! Convolution, every pass, over layers of known networks. `cargo bench --bench conv -- forward/1x1` picks some.
use criterion::{criterion_group, criterion_main, Criterion, Throughput};
use nncore_kernels::conv::{self, Conv, Pass};
use std::time::Duration;

/// Images, input channels, height and width, output channels, kernel, stride, padding, groups.
const SHAPES: &[[usize; 8]] = &[
    [64, 1, 28, 6, 5, 1, 2, 1],
    [64, 6, 14, 16, 5, 1, 0, 1],
    [32, 64, 32, 64, 3, 1, 1, 1],
    [32, 128, 16, 128, 3, 1, 1, 1],
    [32, 256, 8, 256, 3, 1, 1, 1],
    [32, 512, 4, 512, 3, 1, 1, 1],
    [32, 64, 32, 128, 3, 2, 1, 1],
    [32, 64, 32, 128, 1, 2, 0, 1],
    [4, 64, 56, 256, 1, 1, 0, 1],
    [4, 512, 14, 1024, 1, 1, 0, 1],
    [4, 3, 224, 64, 7, 2, 3, 1],
    [1, 64, 224, 64, 3, 1, 1, 1],
    [1, 512, 14, 512, 3, 1, 1, 1],
    [32, 512, 1, 512, 3, 1, 1, 1],
    [16, 129, 14, 129, 3, 1, 1, 1],
    [16, 128, 56, 128, 3, 1, 1, 32],
    [16, 32, 112, 32, 3, 1, 1, 32],
    [16, 512, 14, 512, 3, 1, 1, 512],
];

/// Memory that starts at a multiple of 64 bytes.
fn aligned(bytes: usize) -> (Vec<u8>, *mut u8) {
    let mut v = vec![0u8; bytes + 64];
    let p = v.as_mut_ptr();
    let p = p.wrapping_add(p.align_offset(64));
    (v, p)
}

/// Values between -0.5 and 0.5: zeros would let some processors run faster.
fn values(len: usize) -> (Vec<u8>, *mut f32) {
    let (v, p) = aligned(len * 4);
    let p = p as *mut f32;
    for i in 0..len {
        unsafe { *p.add(i) = (i.wrapping_mul(2654435761) >> 8 & 0xffff) as f32 / 65536.0 - 0.5 };
    }
    (v, p)
}

fn bench(criterion: &mut Criterion) {
    for (pass, name) in [(Pass::Forward, "forward"), (Pass::InputGrad, "input_grad"), (Pass::WeightGrad, "weight_grad")]
    {
        let mut group = criterion.benchmark_group(format!("conv2d/{name}"));
        group.sample_size(20).warm_up_time(Duration::from_millis(100)).measurement_time(Duration::from_millis(500));
        for &[n, ci, hw, co, k, stride, padding, groups] in SHAPES {
            let out = (hw + 2 * padding - k) / stride + 1;
            let c = Conv {
                n,
                ci,
                co,
                groups,
                input: [1, hw, hw],
                kernel: [1, k, k],
                output: [1, out, out],
                stride: [1, stride, stride],
                padding: [0, padding, padding],
                dilation: [1; 3],
            };
            let ((_x, x), (_w, w), (_y, y)) = (values(c.input_len()), values(c.weight_len()), values(c.output_len()));
            let (_s, scratch) = aligned(conv::scratch_bytes::<f32>(&c, pass));
            group.throughput(Throughput::Elements(c.flops() as u64));
            group.bench_function(format!("{n}x{ci}x{hw}x{hw}_{co}x{k}x{k}_s{stride}_g{groups}"), |b| {
                // Every buffer has the length that the geometry asks for.
                b.iter(|| unsafe {
                    match pass {
                        Pass::Forward => conv::forward(&c, x, w, std::ptr::null(), y, scratch),
                        Pass::InputGrad => conv::input_grad(&c, y, w, std::ptr::null(), x, scratch),
                        Pass::WeightGrad => conv::weight_grad(&c, x, y, w, scratch),
                    }
                })
            });
        }
        group.finish();
    }
}

criterion_group!(benches, bench);
criterion_main!(benches);
