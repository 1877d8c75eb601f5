//! Optimizer steps against PyTorch's update rules written out in float64.
mod common;
use common::*;
use nncore_kernels::optim::*;

#[test]
fn sgd_with_every_option() {
    on_every_path(|| {
        for n in [0, 1, 17, 1000] {
            for (momentum, dampening, nesterov) in
                [(0.0, 0.0, false), (0.9, 0.0, false), (0.9, 0.3, false), (0.8, 0.0, true)]
            {
                for weight_decay in [0.0, 0.01] {
                    let lr = 0.1;
                    let (mut p, mut v) = (noise(n, 1), vec![f32::NAN; if momentum == 0.0 { 0 } else { n }]);
                    let mut p64 = wide(&p);
                    let mut exact = p64.clone();
                    let (mut v64, mut buffer) = (vec![f64::NAN; v.len()], vec![0.0; n]);
                    for step in 0..4 {
                        let g = noise(n, 10 + step);
                        let c = Sgd { lr, momentum, dampening, weight_decay, nesterov, first: step == 0 };
                        sgd(&c, &mut p, &g, &mut v);
                        sgd(&c, &mut p64, &wide(&g), &mut v64);
                        for i in 0..n {
                            let g = g[i] as f64 + weight_decay * exact[i];
                            buffer[i] = if step == 0 { g } else { momentum * buffer[i] + (1.0 - dampening) * g };
                            let update = match (momentum == 0.0, nesterov) {
                                (true, _) => g,
                                (_, true) => g + momentum * buffer[i],
                                _ => buffer[i],
                            };
                            exact[i] -= lr * update;
                        }
                    }
                    close(&p64, &exact, 1e-14, "sgd");
                    close(&p, &exact, 1e-6, "sgd in float32");
                }
            }
        }
    });
}

#[test]
fn adam_and_adamw() {
    on_every_path(|| {
        for n in [0, 1, 17, 1000] {
            for (weight_decay, decoupled) in [(0.0, false), (0.1, false), (0.1, true)] {
                let (lr, beta1, beta2, eps) = (0.01, 0.9, 0.999, 1e-8);
                let (mut p, mut m, mut v) = (noise(n, 1), vec![0f32; n], vec![0f32; n]);
                let (mut p64, mut m64, mut v64) = (wide(&p), vec![0f64; n], vec![0f64; n]);
                let (mut exact, mut first, mut second) = (p64.clone(), vec![0.0; n], vec![0.0; n]);
                for step in 1..5 {
                    let g = noise(n, 10 + step);
                    let c = Adam { lr, beta1, beta2, eps, weight_decay, decoupled, step };
                    adam(&c, &mut p, &g, &mut m, &mut v);
                    adam(&c, &mut p64, &wide(&g), &mut m64, &mut v64);
                    for i in 0..n {
                        let mut g = g[i] as f64;
                        if decoupled {
                            exact[i] *= 1.0 - lr * weight_decay;
                        } else {
                            g += weight_decay * exact[i];
                        }
                        first[i] = beta1 * first[i] + (1.0 - beta1) * g;
                        second[i] = beta2 * second[i] + (1.0 - beta2) * g * g;
                        let (b1, b2) = (1.0 - beta1.powi(step as i32), 1.0 - beta2.powi(step as i32));
                        exact[i] -= lr / b1 * first[i] / (second[i].sqrt() / f64::sqrt(b2) + eps);
                    }
                }
                close(&p64, &exact, 1e-12, "adam");
                close(&p, &exact, 1e-5, "adam in float32");
            }
        }
    });
}

#[test]
fn bits_do_not_depend_on_threads() {
    let n = 200_003;
    same_for_any_threads("optimizers", || {
        let (mut p, g, mut m, mut v) = (noise(n, 1), noise(n, 2), noise(n, 3), vec![0.5; n]);
        let c = Adam { lr: 0.1, beta1: 0.9, beta2: 0.99, eps: 1e-8, weight_decay: 0.1, decoupled: true, step: 3 };
        adam(&c, &mut p, &g, &mut m, &mut v);
        sgd(&Sgd { lr: 0.1, momentum: 0.9, nesterov: true, ..Sgd::default() }, &mut p, &g, &mut m);
        (p, m, v)
    });
}
