"""Errors carry what went wrong as data, show it, survive pickling, and are the built-ins that they should be."""

from __future__ import annotations

import copy
import pickle

import pytest

from nncore import errors

CLASSES = [
    value
    for name, value in sorted(vars(errors).items())
    if isinstance(value, type) and issubclass(value, errors.NNCoreError)
]
BUILTINS = {
    "ShapeError": ValueError,
    "DTypeError": TypeError,
    "InvalidValueError": ValueError,
    "LayoutError": ValueError,
    "DeviceError": RuntimeError,
    "DivergedError": ArithmeticError,
    "ConfigError": ValueError,
    "RunError": OSError,
    "UnsupportedOnDevice": NotImplementedError,
    "GradientError": RuntimeError,
    "OutOfRangeError": IndexError,
    "OverwrittenError": errors.GradientError,
    "CaptureError": RuntimeError,
    "StateDictError": ValueError,
    "FileFormatError": ValueError,
    "UnsafeFileError": errors.FileFormatError,
    "DataLeakError": ValueError,
    "NotFittedError": ValueError,
    "DataError": ValueError,
    "UnknownComponentError": KeyError,
    "ComponentLoadError": ImportError,
    "PluginError": RuntimeError,
    "NNCoreError": Exception,
}


def test_every_error_is_the_built_in_that_fits() -> None:
    assert {cls.__name__ for cls in CLASSES} == set(BUILTINS)
    for cls in CLASSES:
        assert issubclass(cls, BUILTINS[cls.__name__])
    assert set(errors.__all__) == {*BUILTINS, "PluginWarning"}
    assert issubclass(errors.PluginWarning, UserWarning)


@pytest.mark.parametrize("cls", CLASSES)
def test_str_is_the_message_and_where(cls: type[errors.NNCoreError]) -> None:
    assert str(cls("plain")) == "plain"
    full = cls("wrong", op="matmul", shapes=[(2, 3), None, ()], dtypes=["float32", "int64"], layer="features.3")
    assert str(full) == "wrong [layer features.3; op matmul; shapes (2, 3), none, (); dtypes float32, int64]"
    full.layer = None
    full.dtypes = ()
    assert str(full) == "wrong [op matmul; shapes (2, 3), none, ()]"


@pytest.mark.parametrize("cls", CLASSES)
@pytest.mark.parametrize("trip", [lambda error: pickle.loads(pickle.dumps(error)), copy.copy, copy.deepcopy])
def test_errors_survive_pickling_and_copying(cls: type[errors.NNCoreError], trip) -> None:
    error = cls("wrong", op="matmul", shapes=[(2, 3)], dtypes=["float32"], layer="a.b")
    error.add_note("a note")
    back = trip(error)
    assert type(back) is cls and back.args == ("wrong",)
    assert (back.message, back.op, back.shapes, back.dtypes, back.layer) == (
        "wrong",
        "matmul",
        ((2, 3),),
        ("float32",),
        "a.b",
    )
    assert back.__notes__ == ["a note"] and str(back) == str(error)


def test_a_state_dict_error_carries_its_names_through_pickling() -> None:
    error = errors.StateDictError("does not fit", missing=["a"], unexpected=["b", "c"], mismatched=["d"])
    back = pickle.loads(pickle.dumps(error))
    assert (back.missing, back.unexpected, back.mismatched) == (("a",), ("b", "c"), ("d",))
