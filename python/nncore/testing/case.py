"""One example of one component: how it is made, what it is called with, and what comes out."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from nncore import _core, streams
from nncore._core import Tensor
from nncore.config import call_with
from nncore.module import Module, architecture
from nncore.plugins import KINDS, Example, Given, given
from nncore.testing.report import Fault

__all__ = ["Case", "Drawn", "arrays", "tensors", "tuples"]

SEED = 20_240


@dataclass
class Drawn:
    """Inputs that were drawn: the arguments, and the leaves that gradients are taken by."""

    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    leaves: list[tuple[str, Tensor]] = field(default_factory=list)

    def tensors(self) -> list[Tensor]:
        """All tensors among the arguments."""
        return [tensor for _, tensor in tensors((self.args, self.kwargs))]


@dataclass
class Case:
    """A component with one of its examples.

    Args:
        kind: The kind's name.
        name: The qualified name.
        component: The class, function or instance.
        example: What to make it with and to call it with; complete, so its inputs are None only for what is not called.
        number: Which example it is, from 1.
    """

    kind: str
    name: str
    component: Any
    example: Example
    number: int = 1

    def config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        config = self.example.config
        return dict(config() if callable(config) else config)

    def make(self, dtype: str = "float32", seed: int = SEED) -> Any:
        """The component ready for use, with weights that depend on the seed alone.

        It changes the global streams: call it inside `streams.left_alone()`.
        """
        streams.manual_seed(seed)
        config = self.config()
        if self.kind == "architecture":
            made: Any = architecture(self.name, config)
        elif isinstance(self.component, type) or KINDS[self.kind].made:
            made = call_with(self.component, config)
        else:
            made = functools.partial(self.component, **config) if config else self.component
        if isinstance(made, Module) and dtype != "float32":
            made.to(dtype)
        return made

    def inputs(self, dtype: str = "float32", seed: int = 0) -> Drawn:
        """What it is called with, floats in this dtype. The same numbers for each dtype."""
        rng = np.random.default_rng([SEED, seed])
        wanted = self.example.inputs or ()
        drawn = Drawn((), {})
        if isinstance(wanted, Mapping):
            drawn.kwargs = {name: _draw(value, rng, dtype, name, drawn.leaves) for name, value in wanted.items()}
        else:
            names = _places(self.component, len(wanted))
            drawn.args = tuple(
                _draw(value, rng, dtype, name, drawn.leaves) for name, value in zip(names, wanted, strict=True)
            )
        return drawn

    def call(self, thing: Any, drawn: Drawn, **more: Any) -> Any:
        """Call it, with the global streams at their start, so that what it draws is the same each time."""
        streams.manual_seed(SEED)
        return thing(*drawn.args, **drawn.kwargs, **more)


def _places(component: Any, count: int) -> list[str]:
    """What messages call the inputs."""
    function = getattr(component, "forward", component) if isinstance(component, type) else component
    try:
        names = [name for name in inspect.signature(function).parameters if name != "self"]
    except (TypeError, ValueError):
        names = []
    return [names[at] if at < len(names) else f"input {at}" for at in range(count)]


def _draw(value: Any, rng: np.random.Generator, dtype: str, name: str, leaves: list[tuple[str, Tensor]]) -> Any:
    if isinstance(value, tuple) and all(type(size) is int for size in value):
        value = given(value)
    if isinstance(value, tuple):
        return tuple(_draw(item, rng, dtype, f"{name}[{at}]", leaves) for at, item in enumerate(value))
    if isinstance(value, Given):
        low, high = value.bounds
        wanted = value.dtype or dtype
        if wanted.startswith("float"):
            array: Any = rng.uniform(low, high, value.shape)
        else:
            array = rng.integers(int(low), int(high), value.shape)
        array, grad = np.asarray(array, dtype=wanted), value.grad and value.dtype is None
    elif isinstance(value, (list, np.ndarray)):
        array, grad = np.asarray(value), False
        if array.dtype.kind == "f":
            array = array.astype(dtype)
    else:
        return value
    tensor = _core.tensor(array)
    if grad and tensor.dtype.is_floating_point:
        leaves.append((name, tensor))
    return tensor


def tensors(value: Any, path: str = "output") -> Iterator[tuple[str, Tensor]]:
    """The tensors in a nest of tuples, lists and dicts, with their places."""
    if isinstance(value, Tensor):
        yield path, value
    elif isinstance(value, (tuple, list)):
        for at, item in enumerate(value):
            yield from tensors(item, f"{path}[{at}]")
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from tensors(item, f"{path}[{key!r}]")


def arrays(value: Any) -> list[np.ndarray[Any, Any]]:
    """Copies of the numbers in a nest, for comparisons.

    Raises:
        Fault: There is no tensor in it.
    """
    found = [tensor.detach().numpy().copy() for _, tensor in tensors(value)]
    if not found:
        raise Fault(f"it returned {_shown(value)}; expected a tensor", "Return nncore tensors, computed by ops.")
    return found


def tuples(value: Any) -> Any:
    """The shapes in a nest, nested alike: what an example's `output` says."""
    if isinstance(value, Tensor):
        return tuple(value.shape)
    if isinstance(value, (tuple, list)):
        return tuple(tuples(item) for item in value)
    return None


def _shown(value: Any) -> str:
    text = repr(value)
    return f"a {type(value).__name__}, {text}" if len(text) < 60 else f"a {type(value).__name__}"
