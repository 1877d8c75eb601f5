//! The modern LeNet-5 on plain tensors, for tests and the example: 61,706 parameters.
#![allow(dead_code)]
use nncore::op::Ints;
use nncore::ops::{conv2d::conv2d, copy};
use nncore::ops::{
    cross_entropy, dropout, linear::linear, max_pool2d, relu::relu, reshape::reshape, rng, sgd::SgdStep,
};
use nncore::{backward, dispatch, no_grad, Result, Tensor};

pub struct LeNet {
    pub params: Vec<Tensor>,
    pub velocities: Vec<Tensor>,
    /// Steps made, for each parameter.
    pub counts: Vec<Tensor>,
    /// A 0-d float64 tensor, so that a schedule reaches a captured step.
    pub lr: Tensor,
    /// Seed and counter of the random draws.
    pub generator: Tensor,
    pub dropout: f64,
}
impl LeNet {
    /// Weights from U(-1/sqrt(fan_in), 1/sqrt(fan_in)).
    pub fn new(seed: u64, dropout: f64) -> Result<LeNet> {
        let shapes: [&[u32]; 5] = [&[6, 1, 5, 5], &[16, 6, 5, 5], &[120, 400], &[84, 120], &[10, 84]];
        let mut params = vec![];
        for (k, shape) in shapes.iter().enumerate() {
            let fan_in: u32 = shape[1..].iter().product();
            let bound = 1.0 / (fan_in as f64).sqrt();
            let draw = |k: u64, d: &[u32]| -> Result<Tensor> {
                let t = nncore::ops::sample_in(1000 * seed + k, d, -bound, bound);
                nncore::ops::cast::cast(&t, nncore::DType::F32)
            };
            params.push(copy::to_layout(&draw(2 * k as u64, shape)?, nncore::op::Layout::ChannelsLast)?.leaf());
            params.push(draw(2 * k as u64 + 1, &shape[..1])?.leaf());
        }
        let velocities = params.iter().map(zeros_like).collect::<Result<_>>()?;
        let counts = params.iter().map(|_| Tensor::scalar(0.0f64)).collect::<Result<_>>()?;
        let (lr, generator) = (Tensor::scalar(0.05f64)?, Tensor::from_slice(&[seed as i64, 0], &[2])?);
        Ok(LeNet { params, velocities, counts, lr, generator, dropout })
    }
    /// Logits (N, 10) of images (N, 1, 28, 28).
    pub fn forward(&self, x: &Tensor, training: bool) -> Result<Tensor> {
        let p = &self.params;
        let pool = |x: &Tensor| max_pool2d::max_pool2d(x, 2);
        let h = pool(&relu(&conv2d(x, &p[0], Some(&p[1]), 1, 2)?)?)?;
        let h = pool(&relu(&conv2d(&h, &p[2], Some(&p[3]), 1, 0)?)?)?;
        let h = reshape(&h, &[x.spec.d(0) as i64, -1])?;
        let h = relu(&linear(&h, &p[4], Some(&p[5]))?)?;
        let mut h = relu(&linear(&h, &p[6], Some(&p[7]))?)?;
        if training && self.dropout > 0.0 {
            let ticket = dispatch::one(&rng::RngNext {}, &[&self.generator])?;
            h = dispatch::one(&dropout::Dropout { p: self.dropout }, &[&h, &ticket])?;
        }
        linear(&h, &p[8], Some(&p[9]))
    }
    /// One training step with momentum; gives the loss.
    pub fn step(&self, x: &Tensor, labels: &Tensor) -> Result<Tensor> {
        let loss = cross_entropy::cross_entropy(&self.forward(x, true)?, labels)?;
        for p in &self.params {
            p.set_grad(None)?;
        }
        backward(&loss, None, Default::default())?;
        let grads: Vec<Tensor> = self.params.iter().map(|p| p.grad().expect("a gradient")).collect();
        let states = self.velocities.iter().chain(&self.counts);
        let ins: Vec<Option<&Tensor>> =
            self.params.iter().chain(&grads).chain(states).chain([&self.lr]).map(Some).collect();
        let rule = SgdStep { momentum: 0.9, dampening: 0.0, weight_decay: 0.0, nesterov: false, maximize: false };
        no_grad(|| dispatch::apply(&rule, &ins))?;
        Ok(loss.detach())
    }
    pub fn set_lr(&self, lr: f64) -> Result<()> {
        dispatch::apply(&nncore::ops::assign::Assign {}, &[Some(&self.lr), Some(&Tensor::scalar(lr)?)]).map(|_| ())
    }
    /// Every bit of parameters and velocities.
    pub fn bits(&self) -> Vec<u32> {
        let all = self.params.iter().chain(&self.velocities);
        all.flat_map(|t| t.detach().to_vec::<f32>().expect("float32")).map(f32::to_bits).collect()
    }
}
pub fn zeros_like(t: &Tensor) -> Result<Tensor> {
    let zero = nncore::ops::full::Full { shape: Ints::new(), value: 0.0, dtype: t.spec.dtype };
    let z = dispatch::apply(&zero, &[])?.swap_remove(0);
    no_grad(|| nncore::ops::mul::mul(&t.detach(), &z))
}
/// Reproducible images and labels.
pub fn batch(seed: u64, n: u32) -> (Tensor, Tensor) {
    let x = nncore::ops::cast::cast(&nncore::ops::sample(seed, &[n, 1, 28, 28]), nncore::DType::F32).expect("images");
    let y = nncore::ops::cast::cast(&nncore::ops::sample_in(seed + 1, &[n], 0.0, 10.0), nncore::DType::I64)
        .expect("labels");
    (x, y)
}
