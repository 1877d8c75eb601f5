"""`save` and `load`: models and state dicts in safetensors files. `docs/format.md` describes the format."""

from __future__ import annotations

import contextlib
import json
import os
import warnings
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from nncore import _core, streams
from nncore._core import Tensor
from nncore._tree import is_plain
from nncore.config import NotRebuildable, module_from_spec, spec_of
from nncore.errors import FileFormatError, InvalidValueError
from nncore.module import Module
from nncore.plugins import current_host
from nncore.weights import safetensors

if TYPE_CHECKING:
    from nncore.preprocess import Transform

__all__ = ["FORMAT_VERSION", "load", "save"]

FORMAT = "nncore"
FORMAT_VERSION = 1
"""Version of the file format. It grows when a file that this release writes could not be read by the one before."""

Path = str | os.PathLike[str]


def save(model: Module | Mapping[str, Any], path: Path, *, preprocess: Transform | None = None) -> None:
    """Write a model, or a state dict, to a safetensors file.

    A model is written with what it was made of, so that `load` gives it back as it is: weights, statistics, modes,
    settings. Any program that reads safetensors can read the weights. The file is complete or not there: a crash or a
    full disk leaves an earlier file as it was.

    Args:
        model: A Module, or a mapping from names to tensors or NumPy arrays.
        path: File to write; one of that name is replaced.
        preprocess: What is done to the model's inputs, fitted: a transform or a pipeline of `nncore.preprocess`.
            `load(path, preprocess=True)` gives it back.

    Raises:
        NotFittedError: The transform has learned nothing yet.
        InvalidValueError: It is no transform of `nncore.preprocess`, or its class is not registered; or the model is
            neither a Module nor a mapping of tensors.

    Warns:
        UserWarning: The model cannot be rebuilt from a description, since its class is not registered, an argument of a
            constructor is no data, or it was rebuilt by hand; then the file holds weights only.
    """
    metadata = {"format": FORMAT, "version": str(FORMAT_VERSION), "written_by": f"nncore {_core.__version__}"}
    described: list[Any] = []
    learned: dict[str, Any] = {}
    if preprocess is not None:
        from nncore.preprocess.saved import describe as describe_transform

        steps, learned = describe_transform(preprocess)
        metadata["preprocess"] = json.dumps(steps)
        described.append(steps)
    if isinstance(model, Module):
        tensors = model.state_dict()
        try:
            description = describe(model)
        except NotRebuildable as error:
            warnings.warn(
                f"{os.fspath(path)} will hold weights only, and load() will return a state dict: {error}", stacklevel=2
            )
        else:
            metadata["model"] = json.dumps(description)
            described.append(description)
    elif isinstance(model, Mapping):
        if {"param_groups", "state"} <= model.keys():
            raise InvalidValueError(
                "save takes a Module or a mapping from names to tensors, got the state_dict() of an optimizer, which holds "
                "settings too; Trainer.save keeps a whole training, pickle this alone"
            )
        tensors = {str(name): _tensor(name, value) for name, value in model.items()}
    else:
        raise InvalidValueError(f"save takes a Module or a mapping from names to tensors, got {type(model).__name__}")
    if described:
        metadata["providers"] = json.dumps(_providers(described), sort_keys=True)
    kept = {name: _tensor(name, value) for name, value in learned.items()}
    _core.save_file(os.fspath(path), {**tensors, **kept}, metadata)


def load(path: Path, *, preprocess: bool = False) -> Any:
    """Read what `save` wrote: a model where the file describes one, else a state dict.

    Nothing in a file is executed. The names in it resolve through the registries alone.

    Args:
        path: The file.
        preprocess: Whether the transform that was saved with the model is wanted too.

    Returns:
        The Module, with its weights, in the modes that it was saved in; or the tensors by name, also for safetensors
        files of other programs. With `preprocess=True` a pair of that and the fitted transform.

    See also: `load_weights`, which reads the files of PyTorch too.

    Raises:
        InvalidValueError: `preprocess=True`, and the file holds none.
        FileFormatError: The file is damaged, no safetensors file, or of a later format version.
        UnknownComponentError: A component of the model is not installed. The message says which package has it.
        StateDictError: The weights do not fit the description.
    """
    found, transform = _read(path, preprocess)
    if not preprocess:
        return found
    if transform is None:
        raise InvalidValueError(
            f"{os.fspath(path)} holds no preprocessing; nncore.save(model, path, preprocess=...) writes it beside the model"
        )
    return found, transform


def load_prepared(path: Path) -> tuple[Any, Transform | None]:
    """What `load` gives, and the transform that was saved with it, or None."""
    return _read(path, True)


def _read(path: Path, preprocess: bool) -> tuple[Any, Transform | None]:
    tensors, metadata = safetensors.read(path)
    if metadata.get("format") != FORMAT:
        return tensors, None
    version = metadata.get("version", "")
    if not version.isdecimal() or not 1 <= int(version) <= FORMAT_VERSION:
        raise FileFormatError(
            f"{os.fspath(path)} has format version {version!r} and was written by {metadata.get('written_by', '?')}; "
            f"this nncore {_core.__version__} reads versions up to {FORMAT_VERSION}"
        )
    transform: Transform | None = None
    if "preprocess" in metadata:
        from nncore.preprocess.saved import PREFIX, rebuild

        learned = {name: tensors.pop(name).numpy() for name in list(tensors) if name.startswith(PREFIX)}
        if preprocess:
            with _readable(path, "the preprocessing"):
                transform = rebuild(json.loads(metadata["preprocess"]), learned)
    found: Any = tensors
    if "model" in metadata:
        with _readable(path, "the description of the model"):
            found = rebuild_model(json.loads(metadata["model"]))
        found.load_state_dict(tensors)
    return found, transform


@contextlib.contextmanager
def _readable(path: Path, what: str) -> Iterator[None]:
    """Make an error of the file of whatever a damaged description leads to."""
    try:
        yield
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        if type(error).__module__ == "nncore.errors":
            raise
        raise FileFormatError(f"{os.fspath(path)}: {what} cannot be read: {error}") from error


def describe(model: Module) -> dict[str, Any]:
    """A model as data: its spec, and what is different from a fresh module of that spec.

    Raises:
        NotRebuildable: A module that is built from the spec would not be the same.
    """
    spec = spec_of(model)
    try:
        spec = json.loads(json.dumps(spec, allow_nan=True))
        with streams.drawing_later():
            twin = module_from_spec(spec)
    except Exception as error:
        raise NotRebuildable(f"{type(model).__name__} cannot be built from its config: {error}") from error
    description = {"spec": spec, **_differences(model, twin)}
    _compare(model, twin)
    return description


def _differences(model: Module, twin: Module) -> dict[str, Any]:
    """What was changed since the constructor: modes, attributes, which parameters are trained, the dtype."""
    found: dict[str, Any] = {}
    ours, theirs = dict(model.named_modules()), dict(twin.named_modules())
    modes = {path: module.training for path, module in ours.items()}
    if len(set(modes.values())) == 1:
        found["training"] = model.training
    else:
        found["training"] = modes
    settings: dict[str, dict[str, Any]] = {}
    for path in (path for path in ours if path in theirs):
        changed = {
            name: value
            for name, value in ours[path].__dict__.items()
            if not name.startswith("_")
            and name != "training"
            and is_plain(value)
            and not isinstance(value, bytes)
            and (name not in theirs[path].__dict__ or theirs[path].__dict__[name] != value)
        }
        if changed:
            settings[path] = changed
    if settings:
        found["settings"] = settings
    fresh = dict(twin.named_parameters())
    parameters = dict(model.named_parameters())
    fixed = [
        name for name, p in parameters.items() if name in fresh and not p.requires_grad and fresh[name].requires_grad
    ]
    if fixed:
        found["fixed"] = fixed
    dtypes = {p.dtype.name for p in parameters.values()}
    if len(dtypes) == 1 and dtypes != {p.dtype.name for p in fresh.values()}:
        found["dtype"] = dtypes.pop()
        twin.to(found["dtype"])
    return found


def _compare(model: Module, twin: Module) -> None:
    """Raise where the twin is another network: other modules, or other names, shapes and dtypes of weights."""
    ours, theirs = ({path: type(m) for path, m in each.named_modules()} for each in (model, twin))
    for path in [*ours, *(path for path in theirs if path not in ours)]:
        if ours.get(path) is not theirs.get(path):
            was, now = (getattr(each.get(path), "__name__", "nothing") for each in (theirs, ours))
            raise NotRebuildable(
                f"its constructor makes {was} at {path!r}, and there is {now}; it was changed by hand after it was made"
            )
    shapes, others = (
        {name: (tuple(t.shape), t.dtype) for name, t in each.state_dict().items()} for each in (model, twin)
    )
    for name in [*shapes, *(name for name in others if name not in shapes)]:
        if shapes.get(name) != others.get(name):
            raise NotRebuildable(
                f"its constructor makes {name!r} as {others.get(name)}, and it is {shapes.get(name)}; it was changed by hand"
            )


def rebuild_model(description: Mapping[str, Any]) -> Module:
    """A model from what `describe` gave. Its parameters are not drawn yet."""
    with streams.drawing_later():
        model = module_from_spec(description["spec"])
    if "dtype" in description:
        model.to(description["dtype"])
    modules = dict(model.named_modules())
    for path, settings in description.get("settings", {}).items():
        for name, value in settings.items():
            old = modules[path].__dict__.get(name)
            setattr(modules[path], name, tuple(value) if isinstance(old, tuple) and isinstance(value, list) else value)
    training = description.get("training", True)
    if isinstance(training, bool):
        model.train(training)
    else:
        for path, mode in training.items():
            modules[path].training = bool(mode)
    parameters = dict(model.named_parameters())
    for name in description.get("fixed", ()):
        parameters[name].requires_grad = False
    return model


def _providers(description: Any) -> dict[str, str | None]:
    """The distributions that the description names components of, with their versions."""
    found: dict[str, str | None] = {}
    host = current_host()

    def visit(value: Any) -> None:
        if isinstance(value, dict):
            for item in value.values():
                visit(item)
        elif isinstance(value, list):
            for item in value:
                visit(item)
        elif isinstance(value, str) and ":" in value and "/" in value:
            kind = value.partition(":")[0]
            with contextlib.suppress(Exception):
                plugin = host.registry(kind).provider(value)
                found[plugin.distribution] = plugin.version

    visit(description)
    return found


def _tensor(name: object, value: Any) -> Tensor:
    if isinstance(value, Tensor):
        return value.detach()
    if isinstance(value, (np.ndarray, np.generic)):
        return _core.tensor(np.asarray(value))
    raise InvalidValueError(f"save takes a mapping from names to tensors, got a {type(value).__name__} for {name!r}")
