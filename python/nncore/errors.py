"""Every error that nncore raises on purpose.

All of them are `NNCoreError`s and also the built-in exception that fits, so that both `except NNCoreError` and
`except ValueError` do what a reader expects. They carry what went wrong as data: the op, the shapes and dtypes that it
was given, and the path of the layer inside the model.

    >>> raise ShapeError("inner dimensions differ", op="matmul", shapes=[(2, 3), (4, 5)])
    Traceback (most recent call last):
    ...
    nncore.errors.ShapeError: inner dimensions differ [op matmul; shapes (2, 3), (4, 5)]
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

__all__ = [
    "CaptureError",
    "ComponentLoadError",
    "ConfigError",
    "DTypeError",
    "DataError",
    "DataLeakError",
    "DeviceError",
    "DivergedError",
    "FileFormatError",
    "GradientError",
    "InvalidValueError",
    "LayoutError",
    "NNCoreError",
    "NotFittedError",
    "OutOfRangeError",
    "OverwrittenError",
    "PluginError",
    "PluginWarning",
    "RunError",
    "ShapeError",
    "StateDictError",
    "UnknownComponentError",
    "UnsafeFileError",
    "UnsupportedOnDevice",
]


class NNCoreError(Exception):
    """The base of all errors that nncore raises on purpose.

    Args:
        message: What was given, what was expected, and what to do.
        op: Name of the op that failed.
        shapes: Shapes of its inputs, in order; `None` stands for an input that was left out.
        dtypes: Names of the inputs' dtypes, in order.
        layer: Path of the layer inside the model, such as `"features.3"`. Filled in while the error travels up.
    """

    def __init__(
        self,
        message: str = "",
        *,
        op: str | None = None,
        shapes: Iterable[Sequence[int] | None] = (),
        dtypes: Iterable[str] = (),
        layer: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.op = op
        self.shapes = tuple(None if shape is None else tuple(shape) for shape in shapes)
        self.dtypes = tuple(str(dtype) for dtype in dtypes)
        self.layer = layer

    # Exceptions pickle as class, `args` and `__dict__`. `args` holds the message alone and every constructor takes the
    # message alone, so errors pickle without `__reduce__`, and worker processes can hand them back.

    def __str__(self) -> str:
        where = []
        # Which kind of layer it was is noted on the way up, as its path is.
        kind = getattr(self, "_nncore_kind", None)
        if self.layer:
            where.append(f"layer {self.layer} ({kind})" if kind else f"layer {self.layer}")
        elif kind:
            where.append(f"layer {kind}")
        if self.op:
            where.append(f"op {self.op}")
        if self.shapes:
            where.append("shapes " + ", ".join("none" if shape is None else str(shape) for shape in self.shapes))
        if self.dtypes:
            where.append("dtypes " + ", ".join(self.dtypes))
        if not where:
            return self.message
        return f"{self.message} [{'; '.join(where)}]" if self.message else "; ".join(where)


class ShapeError(NNCoreError, ValueError):
    """Shapes that do not fit each other or the op."""


class DTypeError(NNCoreError, TypeError):
    """A dtype that an op does not take, or dtypes that do not go together."""


class InvalidValueError(NNCoreError, ValueError):
    """A value out of its range: a negative stride, a label beyond the classes, a probability above one."""


class OutOfRangeError(NNCoreError, IndexError):
    """An index beyond the end of its dimension, more indices than dimensions, or a mask of another shape."""


class LayoutError(NNCoreError, ValueError):
    """Memory that is laid out in a way that an op cannot take and must not copy, such as a mutated input."""


class DeviceError(NNCoreError, RuntimeError):
    """A device that is missing, lost, or differs between the inputs of one op."""


class UnsupportedOnDevice(DeviceError, NotImplementedError):
    """Something that this device cannot do and others can, such as float64 on a GPU."""


class GradientError(NNCoreError, RuntimeError):
    """A gradient that cannot be computed."""


class OverwrittenError(GradientError):
    """A tensor that the backward pass needs was changed in place after it had been saved."""


class CaptureError(NNCoreError, RuntimeError):
    """Something inside a captured step that cannot be replayed."""


class CaptureWarning(UserWarning):
    """A captured step that runs as it is, call by call, since it cannot be replayed; its results are right."""


class ConfigError(NNCoreError, ValueError):
    """A run's config that is wrong: the message names file, line and key where there is a file."""


class RunError(NNCoreError, OSError):
    """A run's folder that cannot be used."""


class DivergedError(NNCoreError, ArithmeticError):
    """A training whose loss is NaN or infinite."""


class StateDictError(NNCoreError, ValueError):
    """A state dict that does not fit the module.

    Args:
        message: As for every error.
        missing: Names that the module has and the state dict lacks.
        unexpected: Names that the state dict has and the module lacks.
        mismatched: Names whose shapes or dtypes differ.
    """

    def __init__(
        self,
        message: str = "",
        *,
        missing: Iterable[str] = (),
        unexpected: Iterable[str] = (),
        mismatched: Iterable[str] = (),
        op: str | None = None,
        shapes: Iterable[Sequence[int] | None] = (),
        dtypes: Iterable[str] = (),
        layer: str | None = None,
    ) -> None:
        super().__init__(message, op=op, shapes=shapes, dtypes=dtypes, layer=layer)
        self.missing = tuple(missing)
        self.unexpected = tuple(unexpected)
        self.mismatched = tuple(mismatched)


class FileFormatError(NNCoreError, ValueError):
    """A file that is damaged, of another format, or of a version that this release does not read."""


class UnsafeFileError(FileFormatError):
    """A file that asks for code to be run: it was refused, and nothing was."""


class DataError(NNCoreError, ValueError):
    """A data set or a batch that cannot be used as it is."""


class DataLeakError(DataError):
    """Something is about to be learned from validation or test data, whose results would then say too much."""


class NotFittedError(DataError):
    """A transform that has learned nothing yet is used."""


class UnknownComponentError(NNCoreError, KeyError):
    """A component name that nobody provides, or that several provide."""


class ComponentLoadError(NNCoreError, ImportError):
    """A component that is registered but whose target could not be imported."""


class PluginError(NNCoreError, RuntimeError):
    """A plugin that is broken or that breaks the rules."""


class PluginWarning(UserWarning):
    """A plugin was left out because it failed; everything else works."""
