"""Means of the weights that a training passes through, and the statistics that belong to them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np

from nncore import _core, _modes
from nncore._core import Tensor
from nncore.errors import InvalidValueError, StateDictError
from nncore.module import Module
from nncore.optim.checks import number

__all__ = ["EMA", "SWA", "update_bn"]


class _Average:
    """What the means share; they differ in what an update counts."""

    def __init__(self, model: Module, buffers: bool) -> None:
        if not isinstance(model, Module):
            raise InvalidValueError(f"{type(self).__name__}: model is a Module, got {type(model).__name__}")
        self._live: dict[str, Tensor] = dict(model.named_parameters())
        if buffers:
            saved = model.state_dict()
            found = ((name, buffer) for name, buffer in model.named_buffers() if name in saved)
            self._live |= {name: buffer for name, buffer in found if buffer.dtype.is_floating_point}
        self._mean = {name: tensor.detach().clone() for name, tensor in self._live.items()}
        self._step = _core.zeros((), dtype="float64")

    @property
    def step(self) -> int:
        """How many updates there were."""
        return int(self._step.item())

    def copy_to_model(self) -> None:
        """Write the means into the model, for good."""
        for name, live in self._live.items():
            live.detach().copy_(self._mean[name])

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Inside the block the model has the means; behind it, what it had before."""
        before = {name: live.detach().clone() for name, live in self._live.items()}
        self.copy_to_model()
        try:
            yield
        finally:
            for name, live in self._live.items():
                live.detach().copy_(before[name])

    def state_dict(self) -> dict[str, Tensor]:
        """The means by `mean.` and the parameter's name, and the number of updates; they share the memory of this object."""
        return {"step": self._step, **{f"mean.{name}": mean for name, mean in self._mean.items()}}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take over what `state_dict` gave, in place. Everything is checked first.

        Raises:
            StateDictError: It is of another model.
        """
        mine = self.state_dict()
        missing, unexpected = [n for n in mine if n not in state], [n for n in state if n not in mine]
        given = {n: v if isinstance(v, Tensor) else _core.tensor(np.asarray(v)) for n, v in state.items()}
        wrong = [n for n in mine if n in given and tuple(given[n].shape) != tuple(mine[n].shape)]
        if missing or unexpected or wrong:
            raise StateDictError(
                f"the state of this {type(self).__name__} is of another model: "
                f"missing {missing}, unexpected {unexpected}, of another shape {wrong}",
                missing=missing,
                unexpected=unexpected,
                mismatched=wrong,
            )
        for name, tensor in mine.items():
            tensor.copy_(given[name])


class EMA(_Average):
    """Exponential moving average of a model's weights: mean = decay·mean + (1 - decay)·weight after each step.

    The mean begins at the weights that the model has. It is smoother than the weights, and often does better:

        average = optim.EMA(model, decay=0.999)
        for x, y in batches:
            ...
            optimizer.step()
            average.update()
        with average.applied():
            evaluate(model)

    Args:
        model: The model; make the average after `model.to(...)`.
        decay: What stays of the mean in an update, at least 0 and below 1.
        warmup: Whether the decay is (1 + n) / (10 + n) in update n, from 0, while that is less.
        buffers: Whether floating-point buffers, such as the statistics of batch normalizations, are averaged alike.

    `update` works in place with ops, so that it can be a part of a captured step.

    Raises:
        InvalidValueError: A decay out of range, or a model that is no Module.

    Source: Polyak and Juditsky 1992; Tarvainen and Valpola 2017 (arXiv 1703.01780), equation 1.

    Example:
        >>> import nncore as nc
        >>> from nncore import nn, optim
        >>> model = nn.Linear(1, 1, bias=False, init="zeros")
        >>> average = optim.EMA(model, decay=0.75)
        >>> _ = model.load_state_dict({"weight": nc.ones((1, 1))})
        >>> average.update()
        >>> with average.applied():
        ...     print(model.weight.item())
        0.25
        >>> model.weight.item()
        1.0
    """

    def __init__(self, model: Module, decay: float = 0.999, *, warmup: bool = False, buffers: bool = True) -> None:
        self.decay = number("decay", decay, 0.0, 1.0)
        self.warmup = bool(warmup)
        super().__init__(model, bool(buffers))

    def update(self) -> None:
        """Take the model's present weights into account."""
        with _core.no_grad():
            new: Any = 1 - self.decay
            if self.warmup:
                new = 1 - _core.ops.clamp((self._step + 1) / (self._step + 10), None, self.decay)
            for name, mean in self._mean.items():
                share = new.to(mean.dtype) if isinstance(new, Tensor) else new
                mean += (self._live[name].detach() - mean) * share
            self._step += 1


class SWA(_Average):
    """Stochastic weight averaging: the plain mean of a model's weights at several moments.

    With n moments before, mean = n/(n + 1)·mean + weight/(n + 1). The moments are ends of epochs late in a training, at a
    rate that stays high. Batch normalizations need statistics that belong to the mean: `update_bn`.

        average = optim.SWA(model)
        for epoch in range(epochs):
            train(model)
            if epoch >= 0.75 * epochs:
                average.update()
        average.copy_to_model()
        optim.update_bn(batches, model)

    Args:
        model: The model; make the average after `model.to(...)`.
        buffers: Whether floating-point buffers are averaged too.

    `update` works in place with ops, so that it can be a part of a captured step.

    Raises:
        InvalidValueError: A model that is no Module.

    Source: Izmailov and others 2018 (arXiv 1803.05407), algorithm 1.

    Example:
        >>> import nncore as nc
        >>> from nncore import nn, optim
        >>> model = nn.Linear(1, 1, bias=False)
        >>> average = optim.SWA(model)
        >>> for value in (1.0, 2.0, 6.0):
        ...     _ = model.load_state_dict({"weight": nc.full((1, 1), value)})
        ...     average.update()
        >>> average.copy_to_model()
        >>> model.weight.item(), average.step
        (3.0, 3)
    """

    def __init__(self, model: Module, *, buffers: bool = False) -> None:
        super().__init__(model, bool(buffers))

    def update(self) -> None:
        """Take the model's present weights into account."""
        with _core.no_grad():
            old = self._step / (self._step + 1)
            new = 1 / (self._step + 1)
            for name, mean in self._mean.items():
                mean *= old.to(mean.dtype)
                mean += self._live[name].detach() * new.to(mean.dtype)
            self._step += 1


def update_bn(loader: Iterable[Any], model: Module) -> None:
    """Estimate the running statistics of batch normalizations anew, as plain means over batches.

    The model is called in training mode, without gradients, and is in the modes from before afterwards. Modules that are
    frozen keep their statistics; a model without any is not called.

    Args:
        loader: Batches: inputs, or tuples or lists whose first is the input.
        model: The model.

    Raises:
        InvalidValueError: There is no batch. Nothing has changed then.

    Source: Izmailov and others 2018 (arXiv 1803.05407), section 3.2.
    """
    norms: list[Any] = normalizations(model)
    if not norms:
        return
    batches = iter(loader)
    batch = next(batches, None)
    if batch is None:
        raise InvalidValueError("update_bn: there is no batch to estimate statistics from")
    modes = [(module, module.training) for module in model.modules()]
    momenta = [norm.momentum for norm in norms]
    try:
        model.train()
        for norm in norms:
            norm.running_mean.zero_()
            norm.running_var.fill_(1.0)
            norm.num_batches_tracked.zero_()
        with _core.no_grad():
            count = 0
            while batch is not None:
                count += 1
                for norm in norms:
                    norm.momentum = 1 / count  # the plain mean over the batches so far
                x = batch[0] if isinstance(batch, (tuple, list)) else batch
                model(x if isinstance(x, Tensor) else _core.asarray(x))
                batch = next(batches, None)
    finally:
        for norm, momentum in zip(norms, momenta, strict=True):
            norm.momentum = momentum
        for module, mode in modes:
            module.__dict__["training"] = mode
        _modes.changed()


def normalizations(model: Module) -> list[Any]:
    """The modules that follow the statistics of batches."""
    kept = ("running_mean", "running_var", "num_batches_tracked")
    return [
        module
        for module in model.modules()
        if not module.frozen
        and hasattr(module, "momentum")
        and all(isinstance(getattr(module, name, None), Tensor) for name in kept)
    ]
