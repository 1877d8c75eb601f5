"""Weights that are scaled until each layer's outputs on some data have variance 1."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from nncore import _core, _modes, streams
from nncore._core import Tensor
from nncore.errors import InvalidValueError
from nncore.module import Module
from nncore.parameter import Parameter, fill
from nncore.plugins import make

__all__ = ["Scaled", "lsuv"]


@dataclass(frozen=True)
class Scaled:
    """What `lsuv` did to one layer.

    Args:
        layer: Its path in the model.
        before: The variance of its outputs when it was its turn, all layers before it being scaled.
        after: The variance at the end; of the outputs of the unit that is farthest off, with `per="unit"`.
        steps: How often its weights were divided.
    """

    layer: str
    before: float
    after: float
    steps: int


class _Seen(BaseException):
    """Ends a forward pass once the output that was waited for is there. No layer takes it for an error of its own."""


def lsuv(
    model: Module,
    batch: Any,
    *,
    per: Literal["layer", "unit"] = "layer",
    target: float = 1.0,
    tol: float = 0.01,
    max_steps: int = 10,
    orthonormal: bool = True,
    seed: int | None = None,
    layers: Callable[[str, Module], bool] | None = None,
) -> tuple[Scaled, ...]:
    """Scale weights, one layer after the other, until the variance of each layer's outputs on a batch is 1.

    Each layer in the order of the forward pass: `weight = weight/√(variance/target)`, until the variance, over samples,
    channels and positions alike, is within `tol` of the target. The output is taken before the layer's own activation.
    The layers are those with a `weight` of two dimensions or more that is trained; each is scaled once.

    The passes run in evaluation mode without gradients: no dropout, batch norm by its running statistics, no buffer
    changes. Only weights (and, with `orthonormal`, biases) change, in place, and none of them if an error is raised.

    Args:
        model: A Module.
        batch: What it is called with: a tensor, an array, or a tuple of them. Some hundred samples of the training data,
            prepared as they will be.
        per: `"layer"` for one factor a layer, as in the paper; `"unit"` for one a unit or channel, each of which then has
            the variance itself.
        target: The variance.
        tol: How far from the target, as a share of it, is close enough.
        max_steps: Divisions of one layer at most.
        orthonormal: Whether the weights are drawn as orthonormal matrices first, and the biases set to 0, as in the paper.
            False scales what is there.
        seed: Of those draws. Default: the global stream, which `nncore.manual_seed` starts anew.
        layers: `(path, module) -> bool`: which of the layers are scaled. Default: all.

    Returns:
        What was done to each layer, in order.

    Raises:
        InvalidValueError: An argument out of its range, no layer to scale, or a layer whose outputs do not vary or are not
            finite.

    Source: Mishkin and Matas 2016 (arXiv 1511.06422), algorithm 1. One factor a unit is what CS 231n calls normalizing the
    variance of each neuron's output.

    Example:
        >>> import numpy as np, nncore as nc
        >>> model = nc.create("mlp", sizes=[20, 50, 50, 3], seed=0)
        >>> done = nc.initialization.lsuv(model, np.random.default_rng(0).random((256, 20), np.float32), seed=0)
        >>> [row.layer for row in done], all(abs(row.after - 1) < 0.01 for row in done)
        (['layers.0', 'layers.1', 'layers.2'], True)
    """
    _check(model, per, target, tol, max_steps)
    inputs = tuple(_as_tensor(each) for each in (batch if isinstance(batch, (tuple, list)) else (batch,)))
    chosen = {
        path: module
        for path, module in model.named_modules()
        if _weight(module) is not None and (layers is None or layers(path, module))
    }
    if not chosen:
        raise InvalidValueError("lsuv: no layer has a weight of two dimensions or more that is trained and chosen")
    done = []
    with _evaluating(model), _all_or_nothing(chosen), _core.no_grad():
        order = _order(model, inputs, chosen)
        if orthonormal:
            for path, module in order:
                _begin(path, module, seed)
        for path, module in order:
            done.append(_scale(model, inputs, path, module, per, target, tol, max_steps))
    return tuple(done)


def _check(model: Any, per: Any, target: Any, tol: Any, max_steps: Any) -> None:
    if not isinstance(model, Module):
        raise InvalidValueError(f"lsuv: model is a Module, got {type(model).__name__}")
    if per not in ("layer", "unit"):
        raise InvalidValueError(f"lsuv: per is 'layer' or 'unit', got {per!r}")
    for name, value in (("target", target), ("tol", tol)):
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value < float("inf"):
            raise InvalidValueError(f"lsuv: {name} is a number above 0, got {value!r}")
    if isinstance(max_steps, bool) or not isinstance(max_steps, int) or max_steps < 1:
        raise InvalidValueError(f"lsuv: max_steps is an integer of at least 1, got {max_steps!r}")


def _as_tensor(value: Any) -> Tensor:
    return value if isinstance(value, Tensor) else _core.tensor(np.asarray(value))


def _weight(module: Module) -> Parameter | None:
    weight = module._parameters.get("weight")
    return weight if weight is not None and weight.ndim >= 2 and weight.requires_grad else None


@contextmanager
def _evaluating(model: Module) -> Iterator[None]:
    """Evaluation mode for a while; each module is then in the mode in which it was."""
    before = {module: module.training for module in model.modules()}
    model.eval()
    try:
        yield
    finally:
        for module, training in before.items():
            module.__dict__["training"] = training
        _modes.changed()


@contextmanager
def _all_or_nothing(chosen: dict[str, Module]) -> Iterator[None]:
    """The layers' parameters are as before if anything goes wrong."""
    before = [(p, p.detach().clone()) for module in chosen.values() for p in module._parameters.values()]
    try:
        yield
    except BaseException:
        for parameter, value in before:
            fill(parameter, value)
        raise


def _order(model: Module, inputs: tuple[Tensor, ...], chosen: dict[str, Module]) -> list[tuple[str, Module]]:
    """The layers in the order in which the forward pass first calls them."""
    called: dict[str, Module] = {}

    def note(path: str, module: Module) -> Callable[..., None]:
        def hook(*_: Any) -> None:
            called.setdefault(path, module)

        return hook

    handles = [module.register_forward_pre_hook(note(path, module)) for path, module in chosen.items()]
    try:
        model(*inputs)
    finally:
        for handle in handles:
            handle.remove()
    return list(called.items())


def _begin(path: str, module: Module, seed: int | None) -> None:
    """Orthonormal weights, and biases of 0."""
    weight = _weight(module)
    assert weight is not None
    stream = streams.next_stream() if seed is None else streams.initial_stream(seed, f"{path}.weight")
    drawn = make("initializer", "orthogonal")(
        tuple(weight.shape), weight.fan_in, weight.fan_out, stream, weight.dtype.name
    )
    fill(weight, _core.tensor(drawn))
    bias = module._parameters.get("bias")
    if bias is not None:
        bias.detach().zero_()


def _scale(
    model: Module,
    inputs: tuple[Tensor, ...],
    path: str,
    module: Module,
    per: str,
    target: float,
    tol: float,
    max_steps: int,
) -> Scaled:
    weight = _weight(module)
    assert weight is not None
    before = variance = _variance(model, inputs, path, module, per)
    steps = 0
    while steps < max_steps and _farthest(variance, target) > tol:
        factor = (target / variance) ** 0.5
        factor = factor.reshape(_places(path, module, weight, factor.size))
        weight.detach().mul_(_core.tensor(factor.astype(weight.dtype.name)))
        variance = _variance(model, inputs, path, module, per)
        steps += 1
    at = abs(variance / target - 1).argmax()
    return Scaled(path, float(before.mean()), float(variance[at]), steps)


def _farthest(variance: Any, target: float) -> float:
    return float(abs(variance / target - 1).max())


def _places(path: str, module: Module, weight: Parameter, units: int) -> tuple[int, ...]:
    """The shape in which one factor a unit multiplies the weight."""
    if units == 1:
        return (1,) * weight.ndim
    outputs = getattr(module, "out_features", getattr(module, "out_channels", None))
    if outputs == units == weight.shape[0] and "Transpose" not in type(module).__name__:
        return (units,) + (1,) * (weight.ndim - 1)
    raise InvalidValueError(
        f"lsuv: layer {path!r}, a {type(module).__name__} with a weight of shape {tuple(weight.shape)}, has no unit in each "
        'row of it, so that one factor a unit has no place there; take per="layer", or leave it out by layers='
    )


def _variance(model: Module, inputs: tuple[Tensor, ...], path: str, module: Module, per: str) -> Any:
    """The variance of the layer's outputs: one number in an array, or one for each unit."""
    output = _output(model, inputs, path, module)
    values = output.detach().to("float64").numpy()
    if per == "layer":
        found = np.array([values.var()])
    else:
        # Units are the second dimension of images and the like, the last one of everything else.
        weight = _weight(module)
        assert weight is not None
        axis = 1 if weight.ndim > 2 and values.ndim > 2 else values.ndim - 1
        found = np.moveaxis(values, axis, 0).reshape(values.shape[axis], -1).var(1)
    if not np.isfinite(found).all() or not (found > 0).all():
        at = int(np.argmin(np.where(np.isfinite(found), found, -1)))
        which = "" if per == "layer" else f" (unit {at})"
        raise InvalidValueError(
            f"lsuv: the outputs of layer {path!r}{which} have variance {found[at]}, which no factor makes the target; look at "
            "the batch, and at what comes before the layer"
        )
    return found


def _output(model: Module, inputs: tuple[Tensor, ...], path: str, module: Module) -> Tensor:
    """What the layer computes from its weights, before an activation that is part of it."""
    seen: list[Any] = []
    inside: list[bool] = []

    def take(value: Any) -> None:
        seen.append(value[0] if isinstance(value, (tuple, list)) else value)
        raise _Seen

    handles = [
        module.register_forward_pre_hook(lambda *_: inside.append(True)),
        module.register_forward_hook(lambda _, __, output: take(output)),
    ]
    act = getattr(module, "act", None)
    if isinstance(act, Module):
        # Several layers may share it.
        handles.append(act.register_forward_pre_hook(lambda _, args: take(args) if inside else None))
    try:
        model(*inputs)
    except _Seen:
        pass
    finally:
        for handle in handles:
            handle.remove()
    if not seen or not isinstance(seen[0], Tensor):
        raise InvalidValueError(f"lsuv: layer {path!r} gave no tensor; leave it out by layers=")
    output: Tensor = seen[0]
    return output
