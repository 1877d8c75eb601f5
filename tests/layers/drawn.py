"""The built-in layers, each as its examples make and call it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

import nncore as nc
from nncore.plugins import Example, Given, current_host, examples_of


def layers() -> Iterator[tuple[str, type[nc.nn.Module]]]:
    """Name and class of each built-in layer."""
    registry = current_host().registry("layer")
    for entry in current_host().entries("layer"):
        if entry.plugin.builtin:
            yield entry.spec.name, registry.load(entry)


CONTAINERS = {"function_activation", "module_dict", "module_list", "parameter_dict", "parameter_list", "sequential"}
"""What is not called, or is what it is given."""


def examples() -> list[tuple[str, type[nc.nn.Module], Example]]:
    """All examples, under names for tests. A layer without any needs no arguments, and takes what it is given."""
    return [
        (f"{name}-{number}", cls, example)
        for name, cls in layers()
        if name not in CONTAINERS
        for number, example in enumerate(examples_of(cls) or [Example(inputs=((2, 4, 6),))])
    ]


def made(cls: type[nc.nn.Module], example: Example, dtype: str = "float64") -> nc.nn.Module:
    """A layer of an example, by a fixed seed, with parameters that are no round numbers."""
    config = example.config() if callable(example.config) else example.config
    nc.manual_seed(0)
    layer = cls.from_config(config)
    rng = np.random.default_rng(7)
    for parameter in layer.parameters():
        values = parameter.numpy() + rng.uniform(-0.3, 0.3, parameter.shape)
        parameter.detach().copy_(values.astype("float32"))
    return layer.to(dtype)


def drawn(example: Example, dtype: str = "float64") -> tuple[list[Any], dict[str, Any]]:
    """Inputs of an example: arguments, and those by name."""
    rng = np.random.default_rng(3)
    if isinstance(example.inputs, Mapping):
        return [], {name: _input(value, rng, dtype) for name, value in example.inputs.items()}
    return [_input(value, rng, dtype) for value in example.inputs or ()], {}


def _input(value: Any, rng: np.random.Generator, dtype: str) -> Any:
    if isinstance(value, tuple) and all(isinstance(size, int) for size in value):
        value = Given(value)
    if isinstance(value, tuple):
        return tuple(_input(each, rng, dtype) for each in value)
    if isinstance(value, Given):
        low, high = value.bounds
        if value.dtype is None or value.dtype.startswith("float"):
            return nc.tensor(rng.uniform(low, high, value.shape).astype(value.dtype or dtype))
        return nc.tensor(rng.integers(int(low), int(high), value.shape).astype(value.dtype))
    if isinstance(value, (list, np.ndarray)):
        array = np.asarray(value)
        return nc.tensor(array.astype(dtype) if array.dtype.kind == "f" else array)
    return value


def tensors(output: Any) -> list[nc.Tensor]:
    """The tensors of an output, in order."""
    if isinstance(output, nc.Tensor):
        return [output]
    items = output.values() if isinstance(output, Mapping) else output if isinstance(output, (tuple, list)) else ()
    return [tensor for item in items for tensor in tensors(item)]
