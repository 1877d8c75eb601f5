"""What a captured step reads from around it, and whether all of it still is what it was.

`Around` walks what a step can reach: closures, globals, the functions and methods that it calls, and of the objects on the
way those attributes whose names its code mentions. Library code is trusted not to change.
"""

from __future__ import annotations

import builtins
import dis
import functools
import io
import operator
import random
import sys
import sysconfig
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextvars import ContextVar
from types import CellType, CodeType, FunctionType, MemberDescriptorType, MethodType, ModuleType
from typing import Any

import numpy as np

from nncore import _modes
from nncore._core import Tensor
from nncore._nest import TENSOR
from nncore._tree import is_plain
from nncore.custom import CustomOp

__all__ = ["EMPTY", "Around", "changed"]

EMPTY = object()
"""What stands where there is nothing."""

_MOST = 4096
"""Items of containers that are compared in each call. Beyond, a step runs without being recorded."""
_BYTES = 1 << 16
"""The same for arrays."""

_SCALARS = (bool, int, float, complex, str, bytes, type(None))
_DYNAMIC = {"getattr", "hasattr", "vars", "__dict__", "__getattribute__", "asdict", "astuple", "replace", "fields"}
"""Names whose use means that any attribute may be read."""
_ANYTHING = {"eval", "exec", "compile", "globals", "locals", "__import__"}
"""Built-in functions through which code may read whatever it likes. A method of such a name is none of them."""
_GETTERS = (operator.attrgetter, operator.methodcaller)
"""Functions that hold names of attributes."""
_CONSTRUCTORS = ("__new__", "__init__", "__post_init__")
"""What a class is called by. What they set up is of no interest where only an object that is there already is used."""
_NAMESPACES = ("types.SimpleNamespace", "argparse.Namespace")
_CONTAINERS = (tuple, frozenset, set, dict, list, deque, bytearray)
_GENERATORS = (random.Random, np.random.Generator, np.random.RandomState)


class Around:
    """A snapshot of what a step reads from around it.

    Numbers, strings and tuples of them are compared by value and type, small arrays by their contents, lists, dicts and
    sets item by item, and everything else by identity.

    Args:
        roots: The step, what it is called with besides tensors, and modules and optimizers that it is known to use.

    Attributes:
        reason: What can not be compared, so that the step must not be recorded; empty if everything can.
    """

    def __init__(self, step: Any, others: Iterable[Any] = ()) -> None:
        self.reason = ""
        self._cells: list[tuple[CellType, Any, str]] = []
        self._items: list[tuple[Callable[[str, Any], Any], str, Any, str]] = []
        self._functions: list[tuple[FunctionType, CodeType, Any, str]] = []
        self._tensors: list[tuple[Tensor, str]] = []
        self._contents: list[_Contents] = []
        self._count = 0
        self._own = getattr(step, "__module__", "")
        self._known: dict[Any, Any] = {}
        self._names = {"forward", "update"}  # how modules and optimizers are called
        self._objects: list[tuple[Any, str, set[str]]] = []
        for root in (step, *others):
            self._visit(root, "")
        # What names more code mentions is looked up in objects that were met before.
        while self._attributes():
            pass

    def holds(self) -> bool:
        """Whether all of it is what it was."""
        try:
            for cell, value, _ in self._cells:
                now = cell.cell_contents
                if now is not value and not _same(now, value):
                    return False
        except ValueError:  # emptied
            return not self.difference()
        for get, name, value, _ in self._items:
            now = get(name, EMPTY)
            if now is not value and not _same(now, value):
                return False
        for function, code, defaults, _ in self._functions:
            if function.__code__ is not code or function.__defaults__ is not defaults:
                return False
        for tensor, _ in self._tensors:
            if tensor.requires_grad:
                return False
        for contents in self._contents:  # noqa: SIM110
            if not contents.holds():
                return False
        return True

    def difference(self) -> str:
        """Which of it changed, in words; empty if nothing did."""
        for cell, value, label in self._cells:
            now = _content(cell)
            if now is not value and not _same(now, value):
                return changed(_read(label), value, now)
        for get, name, value, label in self._items:
            now = get(name, EMPTY)
            if now is not value and not _same(now, value):
                return changed(_read(label), value, now)
        for function, code, defaults, label in self._functions:
            if function.__code__ is not code or function.__defaults__ is not defaults:
                return f"the function {label!r}, which the step calls, has other code or defaults now"
        for tensor, label in self._tensors:
            if tensor.requires_grad:
                return f"{_read(label)} did not require a gradient and now does"
        for contents in self._contents:
            if not contents.holds():
                return f"{_read(contents.label)} holds something else now"
        return ""

    # --- the walk ---

    def _visit(self, value: Any, label: str) -> None:
        """Note what a value holds, once."""
        if isinstance(value, _SCALARS) or id(value) in self._known or value is TENSOR or value is EMPTY:
            return
        self._known[id(value)] = value
        for kinds, visit in _VISITS:
            if isinstance(value, kinds):
                visit(self, value, label)
                if kinds is _CONTAINERS and not _library(type(value).__module__):
                    self._object(value, label)
                return
        take = _modes.picture_of(value)
        if take is not None:
            _modes.note(value, take)
            self._component(value, label)
        elif isinstance(value, Iterator) and not isinstance(value, io.IOBase):
            self._refuse(f"{label!r} is an iterator: what it gives next can not be compared")
        else:
            self._object(value, label)

    def _refuse(self, reason: str) -> None:
        self.reason = self.reason or reason

    def _function(self, function: FunctionType, label: str) -> None:
        if _library(function.__module__) and function.__module__ != self._own:
            return
        code = function.__code__
        self._functions.append((function, code, function.__defaults__, label or function.__name__))
        self._objects.append((function, label, set()))  # it may carry attributes
        for name, cell in zip(code.co_freevars, function.__closure__ or (), strict=True):
            if id(cell) not in self._known:
                self._known[id(cell)] = cell
                content = _content(cell)
                self._cells.append((cell, content, name))
                self._visit(content, name)
        space = function.__globals__
        for name in self._mentioned(code):
            if name in space:
                self._item(space, space.get, name, name)
        for name in _globals(code) & _ANYTHING:
            if space.get(name, EMPTY) in (EMPTY, getattr(builtins, name)):
                self._refuse(f"{label or function.__name__!r} calls {name}(), which may read anything")
        self._visit((function.__defaults__, function.__kwdefaults__), label)

    def _mentioned(self, code: CodeType) -> Iterator[str]:
        """The names in some code, and those that it may build attributes' names of."""
        self._names.update(code.co_names)
        yield from code.co_names
        for constant in code.co_consts:
            if isinstance(constant, CodeType):
                yield from self._mentioned(constant)
            elif isinstance(constant, str) and constant.isidentifier():
                self._names.add(constant)

    def _item(self, owner: Any, get: Callable[[str, Any], Any], name: str, label: str) -> None:
        """Watch what stands under a name in the namespace of `owner`."""
        key = (id(owner), name)
        if key not in self._known:
            value = get(name, EMPTY)
            self._known[key] = owner
            self._items.append((get, name, value, label))
            self._visit(value, label)

    def _method(self, method: MethodType, label: str) -> None:
        self._visit(method.__func__, label)
        self._visit(method.__self__, label or "self")

    def _partial(self, partial: functools.partial[Any], label: str) -> None:
        self._visit(partial.func, label)
        self._visit((partial.args, partial.keywords), label)

    def _getter(self, getter: Any, label: str) -> None:
        _, arguments = getter.__reduce__()[:2]
        self._names.update(*(name.split(".") for name in arguments if isinstance(name, str)))
        self._visit(arguments, label)

    def _tensor(self, tensor: Tensor, label: str) -> None:
        # One that requires a gradient is watched by the program.
        if not tensor.requires_grad:
            self._tensors.append((tensor, label))

    def _array(self, array: np.ndarray[Any, Any], label: str) -> None:
        if array.nbytes > _BYTES or array.dtype.hasobject:
            self._refuse(
                f"{label!r} is an array of {array.nbytes} bytes, too many to compare in each call; make it a tensor, or pass "
                "it as an argument"
            )
        else:
            take = lambda: (array.dtype, array.shape, array.tobytes())  # noqa: E731
            self._contents.append(_Contents(label, take, operator.eq))

    def _container(self, items: Any, label: str) -> None:
        if isinstance(items, (tuple, frozenset)):
            self._tuple(items, label)
        elif isinstance(items, set):
            self._set(items, label)
        elif isinstance(items, dict):
            self._dict(items, label)
        else:
            self._sequence(items, label)

    def _sequence(self, items: Any, label: str) -> None:
        if self._counted(items, label):
            self._contents.append(_Contents(label, functools.partial(tuple, items), _alike))
            self._tuple(items, label)

    def _tuple(self, items: Any, label: str) -> None:
        if self._counted(items, label):
            for at, item in enumerate(items):
                self._visit(item, f"{label}[{at}]")

    def _set(self, items: Any, label: str) -> None:
        if self._counted(items, label):
            self._contents.append(_Contents(label, lambda: {(type(item), item) for item in items}, operator.eq))
            for item in items:
                self._visit(item, label)

    def _dict(self, items: dict[Any, Any], label: str) -> None:
        if self._counted(items, label):
            self._contents.append(_Contents(label, lambda: (*items.keys(), *items.values()), _alike))
            for key, item in items.items():
                self._visit(item, f"{label}[{key!r}]")

    def _counted(self, items: Any, label: str) -> bool:
        self._count += len(items)
        if self._count > _MOST:
            self._refuse(
                f"{label!r} holds more than can be compared in each call; pass what the step needs of it as an argument"
            )
            return False
        return True

    def _module(self, module: ModuleType, label: str) -> None:
        if not _library(module.__name__):
            self._objects.append((module, label, set()))

    def _class(self, cls: type, label: str) -> None:
        self._inheritance(cls)
        for base in cls.__mro__:
            if not _library(base.__module__):
                for name in _CONSTRUCTORS:
                    self._visit(vars(base).get(name), label)

    def _inheritance(self, cls: type) -> None:
        """A class and those above it, as they are seen from its objects."""
        for base in cls.__mro__:
            if ("class", base) not in self._known and not _library(base.__module__):
                self._known["class", base] = base
                self._objects.append((base, base.__name__, set()))

    def _generator(self, generator: Any, label: str) -> None:
        get = getattr(generator, "getstate", None) or getattr(generator, "get_state", None)
        take = get or (lambda: generator.bit_generator.state)
        self._contents.append(_Contents(label, lambda: repr(take()), operator.eq))

    def _variable(self, variable: ContextVar[Any], label: str) -> None:
        take = functools.partial(variable.get, EMPTY)
        self._contents.append(_Contents(label, take, lambda now, before: now is before or _same(now, before)))
        self._visit(take(), label)

    def _component(self, item: Any, label: str) -> None:
        """A module or an optimizer: its picture holds its settings, and here is compared what those hold in turn."""
        for path, below in getattr(item, "named_modules", lambda: [("", item)])():
            self._known[id(below)] = below
            where = ".".join(filter(None, (label, path)))
            forward = getattr(type(below), "forward", None)
            if isinstance(forward, FunctionType):
                for _ in self._mentioned(forward.__code__):
                    pass
            hooks = getattr(below, "_hooks", None)
            if hooks is not None:
                self._visit((*hooks.before.values(), *hooks.after.values(), *hooks.gradient.values()), f"{where}.hooks")
            self._object(below, where)

    def _object(self, item: Any, label: str) -> None:
        cls = type(item)
        if isinstance(item, CustomOp):
            # One on arrays is called in each replay, so that nothing of it is frozen.
            self._visit(() if item._numpy else (item._function, item._backward), label)
            return
        if _library(cls.__module__) and callable(getattr(item, "__wrapped__", None)):
            self._visit(item.__wrapped__, label)  # another captured step, or a function under no_grad
            return
        if _ours(cls) or not _library(cls.__module__) or f"{cls.__module__}.{cls.__qualname__}" in _NAMESPACES:
            self._objects.append((item, label, set()))
            self._inheritance(cls)

    def _attributes(self) -> bool:
        """Look up the names that were met so far in the objects that were met so far; whether there was anything new."""
        before = len(self._known)
        everything = bool(self._names & _DYNAMIC)
        for item, label, done in list(self._objects):
            space = getattr(item, "__dict__", {})
            namespace = isinstance(item, (type, ModuleType))
            whole = not namespace and (everything or (_ours(type(item)) and _modes.picture_of(item) is None))
            wanted = (set(space) if whole else self._names & set(space)) - done - _modes.covered(item)
            done |= wanted
            if "lr" in self._names and "lr" not in done and "param_groups" in space:
                # The only setting that is no constant, unless the step itself computes with it.
                done.add("lr")
                for group in space["param_groups"]:
                    self._item(group, group.get, "lr", _dotted(label, "lr"))
            for name in sorted(wanted):
                self._item(space if isinstance(item, ModuleType) else item, space.get, name, _dotted(label, name))
            if isinstance(item, type):
                # Operators are called without being named.
                for name in [name for name in space if name.startswith("__") and name not in _CONSTRUCTORS]:
                    if name not in done and isinstance(space[name], FunctionType):
                        done.add(name)
                        self._visit(space[name], label)
                # What stands in a class above may be hidden by one in this class later.
                above = [base for base in item.__mro__[1:] if not _library(base.__module__)]
                for name in sorted(self._names - done - set(space)):
                    if any(name in vars(base) for base in above):
                        done.add(name)
                        self._item(item, space.get, name, _dotted(label, name))
            elif not namespace and not _library(type(item).__module__) and "_modules" not in space:
                for name in sorted(self._names - done - set(space)):
                    done.add(name)
                    self._inherited(item, space, name, _dotted(label, name))
        return len(self._known) > before

    def _inherited(self, item: Any, space: Any, name: str, label: str) -> None:
        """An attribute that stands in the class: a slot, or a value that one of the object may hide later."""
        found = next((vars(base)[name] for base in type(item).__mro__ if name in vars(base)), EMPTY)
        if isinstance(found, MemberDescriptorType):
            self._item(item, functools.partial(getattr, item), name, label)
        elif found is not EMPTY and isinstance(space, dict) and not hasattr(type(found), "__set__"):
            self._item(item, space.get, name, label)


_VISITS: list[tuple[Any, Callable[[Around, Any, str], None]]] = [
    (FunctionType, Around._function),
    (MethodType, Around._method),
    (functools.partial, Around._partial),
    (_GETTERS, Around._getter),
    (Tensor, Around._tensor),
    (np.ndarray, Around._array),
    ((staticmethod, classmethod), lambda self, value, label: self._visit(value.__func__, label)),
    (property, lambda self, value, label: self._visit((value.fget, value.fset), label)),
    (functools.cached_property, lambda self, value, label: self._visit(value.func, label)),
    (ModuleType, Around._module),
    (type, Around._class),
    (_GENERATORS, Around._generator),
    (ContextVar, Around._variable),
    (_CONTAINERS, lambda self, value, label: self._container(value, label)),
]


class _Contents:
    """What a container held."""

    __slots__ = ("before", "label", "same", "take")

    def __init__(self, label: str, take: Callable[[], Any], same: Callable[[Any, Any], bool]) -> None:
        self.label, self.take, self.same = label, take, same
        self.before = take()

    def holds(self) -> bool:
        return bool(self.same(self.take(), self.before))


def _alike(now: tuple[Any, ...], before: tuple[Any, ...]) -> bool:
    return len(now) == len(before) and (
        all(map(operator.is_, now, before)) or all(a is b or _same(a, b) for a, b in zip(now, before, strict=True))
    )


def _same(now: Any, value: Any) -> bool:
    """Whether plain values are the same to a step: 1 and 1.0 are not, nor are 0.0 and -0.0."""
    if type(now) is not type(value):
        return False
    if type(now) is float:
        return bool(now.hex() == value.hex())
    if type(now) is tuple:
        return _alike(now, value)
    return isinstance(value, _SCALARS) and bool(now == value)


def _globals(code: CodeType) -> set[str]:
    """The names that some code, and code inside it, looks up in its module or among the built-in functions."""
    names = {each.argval for each in dis.get_instructions(code) if each.opname in ("LOAD_GLOBAL", "LOAD_NAME")}
    return names.union(*(_globals(constant) for constant in code.co_consts if isinstance(constant, CodeType)))


def _content(cell: CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # not assigned yet
        return EMPTY


def _read(label: str) -> str:
    return f"{label!r}, which the step reads from around it,"


def _dotted(label: str, name: str) -> str:
    return f"{label}.{name}" if label else name


def changed(what: str, before: Any, now: Any) -> str:
    """That something changed, in words."""
    if is_plain(before) and is_plain(now):
        return f"{what} was {before!r} and is now {now!r}"
    return f"{what} is another object now"


def _ours(cls: type) -> bool:
    """Components of ours hold what a step depends on; other objects of the library do not change."""
    return any(base in _modes.components for base in cls.__mro__) or cls.__module__.startswith("nncore.optim")


_PLACES = tuple(sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib"))


@functools.cache
def _library(name: str | None) -> bool:
    """Whether a module is one whose functions and settings are taken not to change: installed, and not the user's."""
    top = (name or "").partition(".")[0]
    if top in ("nncore", "numpy", "builtins"):
        return True
    module = sys.modules.get(name or "")
    file = getattr(module, "__file__", None)
    if file is None:
        return top in sys.stdlib_module_names
    return str(file).startswith(_PLACES) or "site-packages" in file
