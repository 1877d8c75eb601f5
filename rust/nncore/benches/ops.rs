//! Every op of the list, on its own samples: the ids are the ops' names. `cargo bench -p nncore --bench ops -- relu` picks
//! some. Samples are small, so this is what a call costs; the kernels' benches say what large ones cost.
use criterion::{criterion_group, criterion_main, Criterion};
use nncore::op::OpInfo;
use nncore::{ops, DType, Tensor};
use std::hint::black_box;
use std::time::Duration;

/// As users hold them: float32, unless the op changes them in place (optimizers read float64 rates).
fn single(info: &OpInfo, t: &Tensor) -> Tensor {
    match t.spec.dtype {
        DType::F64 if !info.mutates => ops::cast::cast(t, DType::F32).expect("a cast"),
        _ => t.clone(),
    }
}

fn bench(criterion: &mut Criterion) {
    for info in ops::all() {
        let Some(case) = (info.cases)().into_iter().next() else { continue };
        let own: Vec<Option<Tensor>> = case.inputs.iter().map(|t| t.as_ref().map(|t| single(info, t))).collect();
        let ins: Vec<Option<&Tensor>> = own.iter().map(|t| t.as_ref()).collect();
        let mut group = criterion.benchmark_group("ops");
        group.sample_size(20).warm_up_time(Duration::from_millis(50)).measurement_time(Duration::from_millis(200));
        group.bench_function(info.name, |b| {
            b.iter(|| (info.call)(black_box(&case.attrs), black_box(&ins)).expect(info.name))
        });
        group.finish();
    }
}

criterion_group!(benches, bench);
criterion_main!(benches);
