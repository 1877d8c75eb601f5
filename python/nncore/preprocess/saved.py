"""A fitted transform as data, and back: JSON and arrays, so that no file can run code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nncore.errors import FileFormatError, InvalidValueError
from nncore.plugins import current_host
from nncore.preprocess.transform import Transform

__all__ = ["PREFIX", "describe", "rebuild"]

Array = NDArray[Any]
PREFIX = "preprocess/"
"""What the names of the arrays begin with, which no name in a state dict does."""


def describe(transform: Transform) -> tuple[dict[str, Any], dict[str, Array]]:
    """A transform as JSON values, and its arrays by name: `preprocess/n/attribute`, n its number in order of appearance.

    Raises:
        InvalidValueError: It is no `Transform`, its class is not registered, or an argument or a thing learned is no data.
        NotFittedError: It has learned nothing yet.
    """
    arrays: dict[str, Array] = {}
    return _Encoder(arrays).spec(transform), arrays


class _Encoder:
    def __init__(self, arrays: dict[str, Array]) -> None:
        self._arrays, self._count = arrays, 0

    def spec(self, transform: Any) -> dict[str, Any]:
        cls = type(transform)
        if not isinstance(transform, Transform):
            raise InvalidValueError(f"preprocess is {transform!r}; expected a nncore.preprocess.Transform")
        name = current_host().registry("transform").qualified_name(cls)
        if name is None:
            raise InvalidValueError(
                f"{cls.__module__}.{cls.__qualname__} is not registered, so that a file can name it; register it in a plugin, "
                "as a transform"
            )
        number, self._count = self._count, self._count + 1
        state = {}
        for key, value in transform.state().items():
            if isinstance(value, np.ndarray):
                self._arrays[f"{PREFIX}{number}/{key}"] = value
            else:
                state[key] = self.value(value, f"{cls.__name__}.{key}")
        config = {key: self.value(value, f"{cls.__name__}.{key}") for key, value in transform.get_params().items()}
        return {"name": name, "number": number, "config": config, "state": state}

    def value(self, value: Any, where: str) -> Any:
        if value is None or isinstance(value, (bool, int, float, str)):
            return value
        if isinstance(value, np.generic):
            return value.item()
        if isinstance(value, Transform):
            return {"$transform": self.spec(value)}
        if isinstance(value, np.ndarray):
            return value.tolist()
        if isinstance(value, (list, tuple)):
            return [self.value(item, where) for item in value]
        if isinstance(value, Mapping) and all(isinstance(key, str) and not key.startswith("$") for key in value):
            return {key: self.value(item, where) for key, item in value.items()}
        raise InvalidValueError(f"{where} is {value!r}, which is neither plain data nor a Transform")


def rebuild(spec: Any, arrays: Mapping[str, Array]) -> Transform:
    """The transform that `describe` gave. Names resolve through the registry alone.

    Raises:
        UnknownComponentError: A transform is not installed.
        FileFormatError: It is not such a description.
    """
    if not isinstance(spec, Mapping) or not isinstance(spec.get("name"), str):
        raise FileFormatError(f"a transform is described by its name, config and state, got {spec!r}")
    cls: Any = current_host().registry("transform")[spec["name"]]
    made = cls(**{key: _value(value, arrays) for key, value in spec["config"].items()})
    if not isinstance(made, Transform):
        raise FileFormatError(f"{spec['name']!r} made a {type(made).__name__}, expected a Transform")
    start = f"{PREFIX}{spec['number']}/"
    own = {key.removeprefix(start): value for key, value in arrays.items() if key.startswith(start)}
    return made.restore({**spec["state"], **own})


def _value(value: Any, arrays: Mapping[str, Array]) -> Any:
    if isinstance(value, list):
        return [_value(item, arrays) for item in value]
    if not isinstance(value, Mapping):
        return value
    if "$transform" in value:
        return rebuild(value["$transform"], arrays)
    return {key: _value(item, arrays) for key, item in value.items()}
