"""Everything that a training needs to go on, in one file: tensors in safetensors, the rest as JSON in its header."""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from nncore import _core
from nncore._core import Tensor
from nncore.errors import FileFormatError, StateDictError

if TYPE_CHECKING:
    from nncore.training.trainer import Trainer

__all__ = ["FORMAT", "FORMAT_VERSION", "read", "write"]

FORMAT = "nncore-training"
FORMAT_VERSION = 1


def write(trainer: Trainer, path: str | os.PathLike[str]) -> None:
    """Write a training's state. The file is complete or not there."""
    optimizer = trainer.optimizer.state_dict()
    tensors = {f"model/{name}": value for name, value in trainer.model.state_dict().items()}
    for at, own in optimizer["state"].items():
        tensors |= {f"optimizer/{at}/{name}": value for name, value in own.items()}
    tensors |= trainer.sums.tensors()
    tensors["random"] = _core.default_generator()
    notes = []
    for at, callback in enumerate(trainer.callbacks):
        state = callback.state() if hasattr(callback, "state") else {}
        tensors |= {f"callback/{at}/{name}": value for name, value in state.items() if isinstance(value, Tensor)}
        notes.append({name: value for name, value in state.items() if not isinstance(value, Tensor)})
    header = {
        "place": trainer.place,
        "seed": trainer.seed,
        "rates": trainer.rates,
        "optimizer": {"name": optimizer["name"], "param_groups": optimizer["param_groups"]},
        "history": [{name: _plain(value) for name, value in row.items()} for row in trainer.history],
        "callbacks": notes,
        "data": trainer.data,
        "cpu_path": _core.cpu_path(),
    }
    metadata = {"format": FORMAT, "version": str(FORMAT_VERSION), "written_by": f"nncore {_core.__version__}"}
    _core.save_file(os.fspath(path), tensors, {**metadata, "training": json.dumps(header)})


def read(trainer: Trainer, path: str | os.PathLike[str]) -> None:
    """Bring a training to where it was. All is checked before anything is changed."""
    tensors, metadata = _core.load_file(os.fspath(path))
    header = _header(path, metadata)
    weights = _under(tensors, "model/")
    _fits(trainer, weights)
    callbacks = header["callbacks"]
    metrics = {name.partition("/")[0] for name in _under(tensors, "metric/")}
    if not metrics <= trainer.sums.metrics.keys():
        raise StateDictError(f"the file has metrics {sorted(metrics)}, this training {sorted(trainer.sums.metrics)}")
    if len(callbacks) != len(trainer.callbacks):
        raise StateDictError(
            f"the file is of a training with {len(callbacks)} callbacks, this one has {len(trainer.callbacks)}"
        )
    rows: dict[int, dict[str, Tensor]] = {}
    for name, value in _under(tensors, "optimizer/").items():
        number, _, slot = name.partition("/")
        rows.setdefault(int(number), {})[slot] = value
    # JSON has no tuples; of "params" only the length is looked at.
    groups = [
        {name: tuple(value) if isinstance(value, list) else value for name, value in group.items()}
        for group in header["optimizer"]["param_groups"]
    ]
    # It checks itself before it changes anything.
    trainer.optimizer.load_state_dict({**header["optimizer"], "param_groups": groups, "state": rows})
    trainer.model.load_state_dict(weights)
    trainer.sums.restore(tensors)
    for name, value in _under(tensors, "metric/").items():
        # Made at the first batch, and there was none here yet.
        metric, _, attribute = name.partition("/")
        setattr(trainer.sums.metrics[metric], attribute, value.clone())
    _core.default_generator().copy_(tensors["random"])
    for at, (callback, notes) in enumerate(zip(trainer.callbacks, callbacks, strict=True)):
        if hasattr(callback, "restore"):
            callback.restore({**notes, **_under(tensors, f"callback/{at}/")})
    trainer.seed, trainer.rates = header["seed"], list(header["rates"])
    trainer.place = header["place"]
    trainer.data = header.get("data", {})
    trainer.history.rows[:] = [{name: _value(value) for name, value in row.items()} for row in header["history"]]
    if header["cpu_path"] != _core.cpu_path():
        warnings.warn(
            f"this training ran on the {header['cpu_path']} instructions and goes on with {_core.cpu_path()}: its numbers "
            "will differ in their last bits from those of an uninterrupted one",
            stacklevel=3,
        )


def _header(path: str | os.PathLike[str], metadata: Mapping[str, str]) -> dict[str, Any]:
    if metadata.get("format") != FORMAT:
        raise FileFormatError(f"{os.fspath(path)} holds no training; Trainer.save writes such a file")
    version = metadata.get("version", "")
    if version != str(FORMAT_VERSION):
        raise FileFormatError(
            f"{os.fspath(path)} has version {version!r} and was written by {metadata.get('written_by', '?')}; this nncore "
            f"{_core.__version__} reads version {FORMAT_VERSION}"
        )
    try:
        header = json.loads(metadata["training"])
        for name in ("place", "seed", "rates", "optimizer", "history", "callbacks", "cpu_path"):
            header[name]
    except (ValueError, KeyError, TypeError) as error:
        raise FileFormatError(f"{os.fspath(path)}: the state of the training cannot be read: {error!r}") from error
    found: dict[str, Any] = header
    return found


def _fits(trainer: Trainer, weights: Mapping[str, Tensor]) -> None:
    ours = {name: tuple(value.shape) for name, value in trainer.model.state_dict().items()}
    theirs = {name: tuple(value.shape) for name, value in weights.items()}
    wrong = [name for name in {**ours, **theirs} if ours.get(name) != theirs.get(name)]
    if wrong:
        name = wrong[0]
        raise StateDictError(
            f"the file is of another model: {name!r} has shape {theirs.get(name, 'none')} there and {ours.get(name, 'none')} "
            f"here ({len(wrong)} of {len(ours)} differ)",
            mismatched=wrong,
        )


def _under(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return {"array": value.tolist(), "dtype": value.dtype.name}
    return value.item() if isinstance(value, np.generic) else value


def _value(value: Any) -> Any:
    return np.array(value["array"], value["dtype"]) if isinstance(value, dict) else value
