"""What a model returns, batch by batch: a tensor, or several by name or place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nncore import _core
from nncore._core import Tensor
from nncore.errors import DataError

__all__ = ["checked_rows", "joined"]


def checked_rows(x: Tensor, output: Any) -> Any:
    """The output, which has a row for each sample of the batch.

    Raises:
        DataError: It has not, as where a single sample was taken for a batch of numbers.
    """
    rows = {len(each) if each.ndim else 1 for each in _leaves(output)}
    if not x.ndim or rows != {len(x)}:
        raise DataError(
            f"of inputs of shape {tuple(x.shape)} the model makes {', '.join(map(str, sorted(rows)))} rows; expected one for "
            "each sample. Data is an array (N, ...): a single sample is x[None]"
        )
    return output


def joined(outputs: list[Any]) -> Any:
    """The outputs of batches as those of all samples."""
    first = outputs[0]
    if isinstance(first, Mapping):
        return {name: joined([output[name] for output in outputs]) for name in first}
    if isinstance(first, (tuple, list)):
        return tuple(joined([output[at] for output in outputs]) for at in range(len(first)))
    return first if len(outputs) == 1 else _core.ops.cat(outputs, 0)


def _leaves(output: Any) -> list[Tensor]:
    if isinstance(output, Tensor):
        return [output]
    several = output.values() if isinstance(output, Mapping) else output
    return [tensor for each in several for tensor in _leaves(each)]
