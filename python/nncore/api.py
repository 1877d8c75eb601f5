"""What plugins import, and all that they may import.

A package that provides components needs nothing else of nncore, and nothing here goes away without a warning for two
minor releases. The built-in components keep to it too.

What each kind of component is:

- **layer**: a `Module` class whose constructor takes JSON values, component specs or Modules.

      class Scale(Module):
          def __init__(self, size, init="ones"):
              super().__init__()
              self.weight = Parameter((size,), init=init)

          def forward(self, input):
              return input * self.weight

- **activation**: a shape-preserving function of a tensor, or a class that holds its constants.

      def squareplus(input, b=4.0):
          return (input + ops.sqrt(input * input + b)) * 0.5

- **initializer**: `(shape, fan_in, fan_out, stream, dtype) -> array`, where `stream` is a `numpy.random.Generator`.

      def he_normal(shape, fan_in, fan_out, stream, dtype):
          return stream.standard_normal(shape, dtype) * dtype.type((2 / fan_in) ** 0.5)

- **loss**: `(output, target, *, reduction) -> tensor`, or a class whose instances are that.

      def quartic(output, target, *, reduction="mean"):
          square = (output - target) * (output - target)
          return reduce(square * square, reduction)

- **architecture**: a callable that takes a config and returns a `Module`.

      def perceptron(inputs=2):
          return nn.Sequential(nn.Linear(inputs, 1))

- **optimizer**: a callable that takes settings and returns an `Optimizer` without parameters.

      class SignSGD(Optimizer):
          def __init__(self, params=None, lr=0.01):
              super().__init__(params, {"lr": lr})

          def update(self, group):
              params, grads, _ = group.gradients()
              for param, grad in zip(params, grads):
                  param -= grad.sign() * group["lr"]

- **schedule**: `(epoch, epochs) -> factor` of the learning rate, or a class whose instances are that.

      def halving(epoch, epochs, every=10):
          return 0.5 ** (epoch // every)

- **penalty**: `(model) -> 0-d tensor`, which is added to the objective, or a class whose instances are that.

      class Quartic(Penalty):
          def of(self, parameter):
              return (parameter**4).sum() * 1e-4

- **constraint**: `(model) -> None`, which changes parameters in place after a step of the optimizer, or such a class.

      def not_negative(model):
          with no_grad():
              for parameter in model.parameters():
                  parameter.clamp_(min=0.0)

- **callback**: a class with some of the methods that a Trainer calls, such as `on_epoch_end(trainer, row)`.

      class Patience:
          def on_epoch_end(self, trainer, row):
              if row["loss"] < 0.01:
                  trainer.stop("it is good enough")

- **metric**: a class with `update(output, target)`, `compute()` and `reset()`, whose state is tensors changed in place.

      class Bias:
          def __init__(self):
              self.total, self.seen = zeros(()), zeros(())

          def reset(self):
              self.total.zero_()
              self.seen.zero_()

          def update(self, output, target):
              self.total += (output - target).sum()
              self.seen += output.numel()

          def compute(self):
              return self.total.item() / self.seen.item()

- **transform**: a class with `fit(x)` and `transform(x)`, for samples before they reach a network.

      class Logs(Transform):
          def learn(self, samples):
              return {"least_": samples.array().min(axis=0)}

          def change(self, x):
              return np.log1p(np.maximum(x - self.least_, 0))

- **dataset**: a callable that takes options and returns `(train, test)`, or one `ArrayDataset`.

      def parity(bits=8):
          x = (np.arange(2**bits)[:, None] >> np.arange(bits)) & 1
          return ArrayDataset(x.astype("float32"), x.sum(1) % 2).split(0.25, seed=0)

- **command**: a click command, for `nncore NAME`.

      @click.command()
      @click.argument("name")
      def count(name):
          click.echo(sum(parameter.numel() for parameter in create(name).parameters()))
"""

import nncore.ops as ops
from nncore import nn as nn
from nncore._core import Tensor, from_numpy, full, no_grad, ones, rand_like, recording, tensor, zeros
from nncore._losses import reduce
from nncore._modes import intercept
from nncore.activation import FunctionActivation, as_activation, as_module
from nncore.custom import custom_op
from nncore.data import ArrayDataset, Remote, fetch
from nncore.errors import DataError, DataLeakError, DTypeError, InvalidValueError, NNCoreError, ShapeError
from nncore.module import Module, create
from nncore.nn.utils.rnn import PackedSequence, pad_packed_sequence
from nncore.optim import Optimizer
from nncore.parameter import Array, Parameter, Shape, fans
from nncore.plugins import (
    Activation,
    ActivationSpec,
    Architecture,
    ArchitectureSpec,
    CallbackSpec,
    Command,
    CommandSpec,
    ConstraintSpec,
    Dataset,
    DatasetSpec,
    Initializer,
    InitializerSpec,
    Layer,
    LayerSpec,
    Loss,
    LossSpec,
    Metric,
    MetricSpec,
    OptimizerSpec,
    PenaltySpec,
    Reduction,
    Schedule,
    ScheduleSpec,
    Stream,
    TransformSpec,
    example,
    given,
    hookimpl,
    make,
    resolve,
    spread,
)
from nncore.preprocess import Samples, Transform
from nncore.regularization import Penalty

__all__ = [
    "Activation",
    "ActivationSpec",
    "Architecture",
    "ArchitectureSpec",
    "Array",
    "ArrayDataset",
    "CallbackSpec",
    "Command",
    "CommandSpec",
    "ConstraintSpec",
    "DTypeError",
    "DataError",
    "DataLeakError",
    "Dataset",
    "DatasetSpec",
    "FunctionActivation",
    "Initializer",
    "InitializerSpec",
    "InvalidValueError",
    "Layer",
    "LayerSpec",
    "Loss",
    "LossSpec",
    "Metric",
    "MetricSpec",
    "Module",
    "NNCoreError",
    "Optimizer",
    "OptimizerSpec",
    "PackedSequence",
    "Parameter",
    "Penalty",
    "PenaltySpec",
    "Reduction",
    "Remote",
    "Samples",
    "Schedule",
    "ScheduleSpec",
    "Shape",
    "ShapeError",
    "Stream",
    "Tensor",
    "Transform",
    "TransformSpec",
    "as_activation",
    "as_module",
    "create",
    "custom_op",
    "example",
    "fans",
    "fetch",
    "from_numpy",
    "full",
    "given",
    "hookimpl",
    "intercept",
    "make",
    "nn",
    "no_grad",
    "ones",
    "ops",
    "pad_packed_sequence",
    "rand_like",
    "recording",
    "reduce",
    "resolve",
    "spread",
    "tensor",
    "zeros",
]
