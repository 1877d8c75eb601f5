"""What each kind of component is.

These protocols are for reading and for type checkers; nothing needs to inherit from them. What they promise is checked
on running components by the kit in `nncore.testing`. The types `Tensor` and `Module` are those of `nncore.api`; they
stand here as type variables, so that the host depends on neither.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeVar, runtime_checkable

if TYPE_CHECKING:
    import numpy as np

__all__ = [
    "Activation",
    "Architecture",
    "Callback",
    "Command",
    "Constraint",
    "Dataset",
    "Initializer",
    "Layer",
    "Loss",
    "Metric",
    "Optimizer",
    "Penalty",
    "Reduction",
    "Schedule",
    "Stream",
    "Transform",
]

Tensor = TypeVar("Tensor")
Module_co = TypeVar("Module_co", covariant=True)

Reduction = Literal["mean", "sum", "none"]
"""What a loss does with its values: their mean, their sum, or nothing."""


@runtime_checkable
class Layer(Protocol[Module_co]):
    """A layer: a `Module` class.

    Its constructor takes JSON values, component specs or Modules. They are recorded by themselves as its config, from
    which a saved model is rebuilt, so the constructor needs no code for that. Parameters are declared with their shape
    and initializer, and are filled in when the model is made::

        from nncore.api import Module, Parameter


        class Scale(Module):
            "Multiply the last axis, of `features` entries, by learned factors."

            def __init__(self, features, init="ones"):
                super().__init__()
                self.weight = Parameter((features,), init=init)

            def forward(self, input):
                return input * self.weight
    """

    def __call__(self, *args: Any, **config: Any) -> Module_co:
        """Make the layer from its config."""
        ...


@runtime_checkable
class Activation(Protocol):
    """An activation: a function of a tensor that keeps its shape and dtype.

    Constants are keyword arguments with defaults, so that `{"name": "squareplus", "b": 1.0}` can set them:

        >>> from nncore.api import ops
        >>> def squareplus(input, b=4.0):
        ...     return (input + ops.sqrt(input * input + b)) * 0.5
        >>> isinstance(squareplus, Activation)
        True
        >>> float(squareplus(0.0)), float(squareplus(0.0, b=1.0))
        (1.0, 0.5)

    Or a class whose instances are such functions and hold the constants. What changes the shape, as maxout does, is a
    layer.
    """

    def __call__(self, input: Tensor, /) -> Tensor:
        """Apply it."""
        ...


@runtime_checkable
class Stream(Protocol):
    """A stream of random numbers, as initializers get it.

    It is keyed by the seed and the parameter's name in the state dict, so that what one parameter draws does not
    depend on the others. Its methods are those of `numpy.random.Generator` that initializers need.
    """

    def random(self, size: Sequence[int], dtype: str = "float64") -> np.ndarray[Any, Any]:
        """Numbers uniform in [0, 1)."""
        ...

    def standard_normal(self, size: Sequence[int], dtype: str = "float64") -> np.ndarray[Any, Any]:
        """Numbers of the normal distribution with mean 0 and standard deviation 1."""
        ...

    def uniform(self, low: float, high: float, size: Sequence[int]) -> np.ndarray[Any, Any]:
        """Numbers uniform in [low, high)."""
        ...

    def normal(self, loc: float, scale: float, size: Sequence[int]) -> np.ndarray[Any, Any]:
        """Numbers of the normal distribution with this mean and standard deviation."""
        ...


@runtime_checkable
class Initializer(Protocol):
    """An initializer: the first values of a parameter, as an array of exactly this shape and dtype.

        >>> import numpy as np
        >>> def xavier_uniform(shape, fan_in, fan_out, stream, dtype, gain=1.0):
        ...     bound = gain * (6 / (fan_in + fan_out)) ** 0.5
        ...     return stream.uniform(-bound, bound, shape).astype(dtype)
        >>> isinstance(xavier_uniform, Initializer)
        True
        >>> weight = xavier_uniform((4, 2), 2, 4, np.random.default_rng(0), "float32")
        >>> weight.shape, weight.dtype.name, bool(abs(weight).max() <= 1)
        ((4, 2), 'float32', True)

    All randomness comes from `stream`, never from a global generator; otherwise a seed would not fix the weights.
    """

    def __call__(
        self, shape: Sequence[int], fan_in: int, fan_out: int, stream: Stream, dtype: str
    ) -> np.ndarray[Any, Any]:
        """The values.

        Args:
            shape: Shape of the parameter.
            fan_in: How many inputs feed one output: `in_features`, or `in_channels * kernel_height * kernel_width`. 0
                where it is not defined: for a vector or a scalar, unless its layer says so.
            fan_out: How many outputs one input feeds; 0 likewise.
            stream: Where to draw from.
            dtype: NumPy name of the dtype, such as `"float32"`.
        """
        ...


@runtime_checkable
class Loss(Protocol):
    """A loss: how far an output is from its target.

        >>> import numpy as np
        >>> def quartic(output, target, *, reduction="mean"):
        ...     square = (output - target) * (output - target)
        ...     loss = square * square
        ...     if reduction == "none":
        ...         return loss
        ...     return loss.sum() if reduction == "sum" else loss.mean()
        >>> isinstance(quartic, Loss)
        True
        >>> float(quartic(np.array([1.0, 3.0]), np.array([0.0, 1.0]), reduction="sum"))
        17.0

    With `"mean"` and `"sum"` the result is a 0-d tensor; with `"none"` there is one value for each that was compared.
    Or a class whose instances are such functions.
    """

    def __call__(self, output: Tensor, target: Tensor, /, *, reduction: Reduction = "mean") -> Tensor:
        """The loss of this output."""
        ...


@runtime_checkable
class Architecture(Protocol[Module_co]):
    """An architecture: a callable that takes a config and returns a `Module`; a `Module` class is one too.

    The config is JSON values, component specs or Modules, all by keyword, all with defaults::

        from nncore.api import Module, Parameter


        class Perceptron(Module):
            "One linear unit, `(N, inputs)` to `(N,)`."

            def __init__(self, inputs=2, init="zeros"):
                super().__init__()
                self.weight = Parameter((inputs,), init=init)

            def forward(self, input):
                return (input * self.weight).sum(-1)
    """

    def __call__(self, **config: Any) -> Module_co:
        """Make the model."""
        ...


@runtime_checkable
class Optimizer(Protocol):
    """An optimizer: a callable that takes settings by keyword, all with defaults, and returns one without parameters.

    What it returns has `bind(parameters)`, `step()`, `zero_grad()`, `lr` and `state_dict()`, as `nncore.optim.Optimizer`
    has; derive from that::

        from nncore.api import Optimizer


        class SignSGD(Optimizer):
            "Steps of one size, by the gradients' signs."

            def __init__(self, params=None, lr=0.01):
                super().__init__(params, {"lr": lr})

            def update(self, group):
                params, grads, _ = group.gradients()
                for param, grad in zip(params, grads):
                    param -= grad.sign() * group["lr"]
    """

    def __call__(self, **settings: Any) -> Any:
        """Make the optimizer."""
        ...


@runtime_checkable
class Schedule(Protocol):
    """A schedule: what the learning rate is multiplied by, as a function of how far the training is.

    It depends on nothing else, so that a training that is resumed goes on as if it had never stopped. Constants are
    keyword arguments with defaults:

        >>> def halving(epoch, epochs, every=10):
        ...     return 0.5 ** (epoch // every)
        >>> isinstance(halving, Schedule)
        True
        >>> halving(25.5, 90), halving(25.5, 90, every=20)
        (0.25, 0.5)

    Or a class whose instances are such functions.
    """

    def __call__(self, epoch: float, epochs: int, /) -> float:
        """The factor.

        Args:
            epoch: Epochs that are done, from 0.0; in the middle of one a fraction.
            epochs: Epochs in all.
        """
        ...


@runtime_checkable
class Penalty(Protocol):
    """A penalty: what a model's parameters add to the objective.

    A function from a model to a 0-d tensor with gradients:

        >>> from nncore.api import nn
        >>> def quartic(model, strength=1e-4):
        ...     return sum((p**4).sum() for p in model.parameters()) * strength
        >>> isinstance(quartic, Penalty)
        True
        >>> quartic(nn.Linear(2, 1, init="ones"), 0.5).item()
        1.0

    Or a class whose instances are such functions. Those that derive from `nncore.api.Penalty` say of one parameter what it
    adds, and know which of a model's parameters count.
    """

    def __call__(self, model: Any, /) -> Any:
        """What is added, a 0-d tensor."""
        ...


@runtime_checkable
class Constraint(Protocol):
    """A constraint: what is done to a model's parameters after each step of the optimizer.

    A function of the model, which changes parameters in place, and nothing where they keep to it already:

        >>> from nncore.api import nn, no_grad
        >>> def not_negative(model):
        ...     with no_grad():
        ...         for parameter in model.parameters():
        ...             parameter.clamp_(min=0.0)
        >>> isinstance(not_negative, Constraint)
        True

    Or a class whose instances are such functions.
    """

    def __call__(self, model: Any, /) -> Any:
        """Bring the parameters to where they may be."""
        ...


class Callback(Protocol):
    """A callback: what happens between the epochs and the steps of a training.

    A class whose constructor takes its config. It has some of the methods of `nncore.training.Callback`; none is needed by
    itself. What it must know again when a training is restored, `state()` gives and `restore(state)` takes.
    """

    def on_fit_begin(self, trainer: Any) -> None:
        """Before the first epoch."""
        ...

    def on_epoch_begin(self, trainer: Any, epoch: int) -> None:
        """Before an epoch; the first is 1."""
        ...

    def on_step_end(self, trainer: Any, step: int, loss: float) -> None:
        """After a batch."""
        ...

    def on_epoch_end(self, trainer: Any, row: dict[str, Any]) -> None:
        """After an epoch and its validation, with its row of the history."""
        ...

    def on_fit_end(self, trainer: Any) -> None:
        """After the last epoch."""
        ...


@runtime_checkable
class Metric(Protocol):
    """A metric: a number about outputs and targets, gathered over many batches.

    A class whose constructor takes its config. State is held in tensors that are changed in place, and made in the
    constructor or at the first update, so that it can be a part of a captured step:

        >>> from nncore.api import ops, zeros
        >>> class Zeros:
        ...     "The share of outputs that are zero."
        ...     def __init__(self):
        ...         self.zeros, self.seen = zeros(()), zeros(())
        ...     def reset(self):
        ...         self.zeros.zero_(), self.seen.zero_()
        ...     def update(self, output, target):
        ...         self.zeros += (output == 0).sum()
        ...         self.seen += output.numel()
        ...     def compute(self):
        ...         return self.zeros.item() / self.seen.item()
        >>> metric = Zeros()
        >>> isinstance(metric, Metric)
        True
        >>> metric.update(ops.relu(zeros((4,))), None)
        >>> metric.compute()
        1.0

    `compute` returns a number, or an array (a confusion matrix). Where larger is better, or smaller, the class says so in
    an attribute `better`, `"max"` or `"min"`.
    """

    def reset(self) -> None:
        """Forget all batches."""
        ...

    def update(self, output: Tensor, target: Tensor, /) -> None:
        """Take a batch into account, in ops on tensors: nothing is read here."""
        ...

    def compute(self) -> Any:
        """What it comes to; NaN where there was no batch."""
        ...


@runtime_checkable
class Transform(Protocol):
    """A transform: what is learned from training samples, and made alike to all samples.

    A class whose constructor takes its config, JSON values or other transforms, and stores them under their names. It has
    the methods of `nncore.preprocess.Transform`, which also refuses validation data and goes into a model's file; derive
    from that::

        import numpy as np

        from nncore.api import Transform


        class Logs(Transform):
            "Log of each feature's distance from its least value in the training data."

            def learn(self, samples):
                return {"least_": samples.array().min(axis=0)}

            def change(self, x):
                return np.log1p(np.maximum(x - self.least_, 0))

            def undo(self, x):
                return np.expm1(x) + self.least_
    """

    def fit(self, x: Any, y: Any = None) -> Any:
        """Learn from training samples, and return self."""
        ...

    def transform(self, x: Any) -> Any:
        """Samples, changed, in a container of the kind that was given."""
        ...


@runtime_checkable
class Dataset(Protocol):
    """A data set: a callable that takes options by keyword, all with defaults, and returns its parts.

        >>> import numpy as np
        >>> from nncore.api import ArrayDataset
        >>> def parity(bits=8):
        ...     rows = np.arange(2**bits)
        ...     x = (rows[:, None] >> np.arange(bits)) & 1
        ...     return ArrayDataset(x.astype("float32"), x.sum(1) % 2, name="parity").split(0.25, seed=0)
        >>> isinstance(parity, Dataset)
        True
        >>> train, test = parity(bits=4)
        >>> len(train), len(test)
        (12, 4)

    Files that it needs come with the package, or from the network with `nncore.api.fetch`.
    """

    def __call__(self, **options: Any) -> Any:
        """Load it.

        Returns:
            `(train, test)`, `(train, validation, test)`, or one `ArrayDataset`.
        """
        ...


@runtime_checkable
class Command(Protocol):
    """A command of the command line: what `click.command()` makes of a function.

    It is imported when somebody runs it. Errors of `nncore.errors` are shown as one line, and exit with 1.
    """

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run it, with these arguments of the command line."""
        ...
