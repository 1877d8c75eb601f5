"""JSON that every reader takes: there is no NaN in it."""

from __future__ import annotations

import json
import math
from typing import Any

__all__ = ["json_text"]


def json_text(value: Any, indent: int | None = None) -> str:
    """A value as JSON: arrays as lists, what is no data as text, NaN and infinities as null.

    >>> json_text({"loss": float("nan"), "accuracy": 0.5})
    '{"loss": null, "accuracy": 0.5}'
    """
    return json.dumps(_strict(value), indent=indent, allow_nan=False)


def _strict(value: Any) -> Any:
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {str(key): _strict(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_strict(each) for each in value]
    return value if value is None or isinstance(value, (bool, int, str)) else str(value)
