"""From an estimator's parameters to a network that fits the data."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from nncore import _core, streams
from nncore.errors import InvalidValueError, NNCoreError
from nncore.module import Module, create
from nncore.plugins import resolve

__all__ = ["network", "outputs_of"]

_LEAST = 16
"""Rows that a prediction has at least. Small products have kernels of their own, whose last bits differ."""
_MOST = 4096


def network(model: Any, hidden: Sequence[int], act: Any, init: Any, inputs: int, outputs: int, seed: int) -> Module:
    """A network with weights drawn by the seed.

    Args:
        model: The name or the spec of an architecture, a function `(inputs, outputs) -> Module`, or a Module, which is
            copied with its weights.
        hidden: Neurons of the hidden layers, for an architecture that takes `sizes`.
        act: Their activation, for an architecture that takes `act`.
        init: Initializer of the weights, for an architecture that takes `init`.
        inputs: Features.
        outputs: Numbers that it shall give for a sample.
        seed: The seed.

    Raises:
        InvalidValueError: It is none of these, or does not fit the data.
    """
    if isinstance(model, Module):
        made: Any = copy.deepcopy(model)
    elif isinstance(model, (str, Mapping)):
        name, config = _spec(model)
        parameters = inspect.signature(resolve("architecture", name).component).parameters
        given = {"sizes", "in_features", "hidden", "n_layers"} & config.keys()
        if "sizes" in parameters and not given:
            config["sizes"] = [inputs, *hidden, outputs]
        elif "sizes" not in config:
            config |= {
                key: value
                for key, value in {"in_features": inputs, "num_classes": outputs}.items()
                if key in parameters and key not in config
            }
        for key, value in {"act": act, "init": init}.items():
            if key in parameters:
                config.setdefault(key, value)
        made = create(name, seed=seed, **config)
    elif callable(model):
        with streams.drawing_later():
            made = model(inputs, outputs)
        if isinstance(made, Module):
            made.initialize(seed)
    else:
        made = model
    if not isinstance(made, Module):
        raise InvalidValueError(
            "model is the name or spec of an architecture, a Module, or a function (features, outputs) -> Module; "
            f"got {type(model).__name__}" + (f", which gave {type(made).__name__}" if made is not model else "")
        )
    try:
        got = outputs_of(made.eval(), np.zeros((1, inputs), dtype=np.float32)).shape[1:]
    except NNCoreError as error:
        raise InvalidValueError(f"{type(made).__name__} cannot take samples of {inputs} features: {error}") from error
    if got != (outputs,):
        raise InvalidValueError(f"{type(made).__name__} gives outputs of shape {got} a sample; expected ({outputs},)")
    return made


def outputs_of(model: Module, x: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """The outputs for some samples, as float64. What a sample gets depends on no other sample, to the bit."""
    found = []
    with _core.no_grad():
        for start in range(0, len(x), _MOST):
            rows = x[start : start + _MOST]
            count = len(rows)
            if count < _LEAST:
                rows = np.concatenate([rows, np.zeros((_LEAST - count, *x.shape[1:]), dtype=x.dtype)])
            found.append(model(_core.tensor(rows)).numpy()[:count])
    return np.concatenate(found).astype(np.float64)


def _spec(model: str | Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    if isinstance(model, str):
        return model, {}
    config = dict(model)
    name = config.pop("name", None)
    if not isinstance(name, str):
        raise InvalidValueError(
            f"a configured architecture is a dict with its name, as in {{'name': 'mlp'}}; got {model!r}"
        )
    return name, config
