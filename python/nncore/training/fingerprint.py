"""What data a training was of, in a few words, so that it is not resumed with other data unnoticed."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from nncore._core import Tensor
from nncore.data import Batches
from nncore.errors import DataError
from nncore.training.feeds import Feed

__all__ = ["check_same", "fingerprint"]

_ROWS = 16
"""Samples whose values are looked at."""
_BYTES = 1 << 22
"""Bytes of an array that are looked at; more of it is only sampled."""


def fingerprint(feed: Feed | None) -> dict[str, Any]:
    """Length, shapes, dtypes, order, and a checksum of some values, by name; what nobody can know without going through
    the data is left out."""
    if feed is None:
        return {"data": "none"}
    source = feed.source
    if isinstance(source, Batches):
        return _of_batches(source, feed.columns)
    found: dict[str, Any] = {}
    if len(feed):
        found["batches"] = len(feed)
    if isinstance(source, Sequence) and len(source):
        for at, place in ((0, "first"), (-1, "last")):
            arrays = _arrays(source[at])
            found[f"{place} batch"] = ", ".join(_form(array) for array in arrays)
            found[f"values of the {place} batch"] = _checksum(arrays)
    return found


def check_same(
    then: Mapping[str, Mapping[str, Any]], now: Mapping[str, Mapping[str, Any]], *, resumed: bool, middle: bool
) -> None:
    """Refuse other data than before, where a training goes on as if it were the same.

    Args:
        then, now: Fingerprints of `"training"` and `"validation"` data.
        resumed: Whether the training goes on from a file, to the end that was set for it.
        middle: Whether it goes on in the middle of an epoch.

    Raises:
        DataError: The data differs. The message says in what, and how to go on all the same.
    """
    for name, held in now.items():
        if not (resumed or (middle and name == "training")) or name not in then:
            continue
        found = differences(then[name], held)
        if found:
            way = (
                "set trainer.place['batch'] = 0, which begins the epoch anew, and give its epochs"
                if middle
                else "say for how long: fit(data, epochs=…)"
            )
            raise DataError(
                f"the {name} data is not what this training was of: {found}. To train on it all the same, {way}"
            )


def differences(then: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """In words what differs, of all that both know; empty where nothing does."""
    none = then.get("data") == "none", now.get("data") == "none"
    if none[0] != none[1]:
        return "there was none then, and there is some now" if none[0] else "there was some then, and there is none now"
    words = []
    for name, value in then.items():
        if name not in now or now[name] == value:
            continue
        if name.startswith("values"):
            words.append(f"{name} are others")
        else:
            words.append(f"{name}: {value} then, {now[name]} now")
    # Other shapes have other values too, and that goes without saying.
    return "; ".join(word for word in words if not word.startswith("values") or len(words) == 1)


def _of_batches(batches: Batches, columns: Mapping[str, np.ndarray[Any, Any]]) -> dict[str, Any]:
    held = batches.dataset
    targets = columns or ({"y": held.y} if held.y is not None else {})
    found: dict[str, Any] = {
        "samples": len(held),
        "inputs": _form(held.stored, 1) + (f" / {held.scale:g}" if held.scale is not None else ""),
        "targets": ", ".join(f"{name} {_form(y, 1)}" for name, y in targets.items()),
        "batch_size": batches.batch_size,
        "order": f"shuffled with seed {batches.seed}" if batches.shuffle else "as it is",
        "short last batch": "dropped" if batches.drop_last else "kept",
        "values": _checksum([held.stored, *targets.values()]),
    }
    if batches.augment:
        found["augment"] = ", ".join(type(change).__name__ for change in batches.augment)
    return found


def _arrays(batch: Any) -> list[np.ndarray[Any, Any]]:
    """The arrays of a batch, in order."""
    if isinstance(batch, Tensor):
        return [batch.detach().numpy()]
    if isinstance(batch, Mapping):
        return [array for value in batch.values() for array in _arrays(value)]
    if isinstance(batch, tuple):
        return [array for value in batch for array in _arrays(value)]
    try:
        array = np.asarray(batch)
    except (TypeError, ValueError):
        return []
    return [array] if array.dtype.kind in "biuf" else []


def _form(array: np.ndarray[Any, Any], first: int = 0) -> str:
    return f"{array.dtype} ({', '.join(map(str, array.shape[first:]))})"


def _checksum(arrays: Sequence[np.ndarray[Any, Any]]) -> str:
    """Of all bytes of small arrays, and of some rows of larger ones."""
    found = 0
    for array in arrays:
        if array.ndim and array.nbytes > _BYTES:
            array = array[np.linspace(0, len(array) - 1, _ROWS).astype(np.intp)]
        found = zlib.crc32(np.ascontiguousarray(array).reshape(-1).view(np.uint8)[:_BYTES].data, found)
    return f"{found:08x}"
