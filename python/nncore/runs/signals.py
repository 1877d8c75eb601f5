"""How signals and gradients fare on their way through a network: one batch, seen through hooks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from nncore._core import Tensor
from nncore.module import Module

__all__ = ["Layer", "look", "verdicts"]

VANISHED = 1e-3
"""A spread below this part of the largest one counts as vanished."""
DEAD = 1e-12


@dataclass(frozen=True)
class Layer:
    """What one batch showed of a module without modules in it.

    `activation` and `gradient` are (mean, standard deviation, share of zeros); the gradient is None where none came.
    `varying` is how far an element differs between samples, which is what the layers behind can learn from. `dead` is the share of units that were zero for every sample.
    """

    name: str
    kind: str
    shape: tuple[int, ...]
    parameters: int
    activation: tuple[float, float, float]
    varying: float
    dead: float
    gradient: tuple[float, float, float] | None = None


def look(model: Module, loss: Any, x: Tensor, y: Any) -> list[Layer]:
    """Run one batch forward and backward in evaluation mode; weights, gradients and mode are afterwards as they were.

    Args:
        model: The network.
        loss: A function of output and target, to a 0-d tensor.
        x, y: The batch.
    """
    outputs: dict[str, tuple[Module, np.ndarray[Any, Any]]] = {}
    gradients: dict[str, tuple[float, float, float]] = {}
    handles = []
    for path, module in model.named_modules():
        if module._modules:
            continue
        name = path or type(module).__name__

        def after(module: Module, args: Any, output: Any, name: str = name) -> None:
            if isinstance(output, Tensor):
                outputs[name] = (module, output.detach().numpy())

        def backward(module: Module, gradient: Tensor, name: str = name) -> None:
            gradients[name] = _spread(gradient.detach().numpy())

        handles += [module.register_forward_hook(after), module.register_gradient_hook(backward)]
    training = model.training
    before = [(p, p.grad) for p in model.parameters()]
    try:
        model.eval()
        loss(model(x), y).backward()
    finally:
        for handle in handles:
            handle.remove()
        for parameter, gradient in before:
            parameter.grad = gradient
        model.train(training)
    return [
        Layer(
            name,
            type(module).__name__,
            tuple(values.shape[1:]),
            sum(p.numel() for p in module.parameters()),
            _spread(values),
            _varying(values),
            _dead(values),
            gradients.get(name),
        )
        for name, (module, values) in outputs.items()
    ]


def verdicts(layers: list[Layer]) -> dict[str, str]:
    """A sentence each on `signals`, `gradients` and `units`."""
    signals = _fading([(layer.name, layer.varying) for layer in layers])
    found = [(layer.name, layer.gradient[1]) for layer in layers if layer.gradient is not None]
    gradients = _fading(found[::-1])
    dead = [layer for layer in layers if layer.dead > 0.5]
    if dead:
        worst = max(dead, key=lambda layer: layer.dead)
        units = f"Dead units: {worst.dead:.0%} of the units of {worst.name} are zero for every sample of the batch."
    else:
        units = "No layer is dead: in each, at least half of the units answer to some sample of the batch."
    return {
        "signals": f"Signals vanish: they hardly differ any more from {signals} on."
        if signals
        else "Signals do not vanish: each layer's outputs differ between samples.",
        "gradients": "There are no gradients to look at."
        if not found
        else f"Gradients vanish on the way back: next to nothing reaches {gradients}."
        if gradients
        else "Gradients do not vanish: they reach the first layer.",
        "units": units,
    }


def _fading(spreads: list[tuple[str, float]]) -> str:
    """The first place where the spread has become tiny beside the largest before it; empty where there is none."""
    largest = 0.0
    for name, spread in spreads:
        largest = max(largest, spread)
        if spread <= max(VANISHED * largest, DEAD):
            return name
    return ""


def _spread(values: np.ndarray[Any, Any]) -> tuple[float, float, float]:
    values = values.astype(np.float64)
    if not values.size:
        return 0.0, 0.0, 0.0
    return float(values.mean()), float(values.std()), float((values == 0).mean())


def _varying(values: np.ndarray[Any, Any]) -> float:
    return float(np.sqrt(values.astype(np.float64).var(axis=0).mean())) if values.ndim and values.size else 0.0


def _dead(values: np.ndarray[Any, Any]) -> float:
    """Of images a unit is a channel, else an element of the sample."""
    if values.ndim < 2 or not values.size:
        return 0.0
    silent = (values == 0).all(axis=(0, *range(2, values.ndim)) if values.ndim == 4 else 0)
    return float(silent.mean())
