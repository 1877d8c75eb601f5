"""Pickles as data: a reader of their opcodes that has no way to import, to look up or to call anything.

A pickle is a program for a small machine, whose instructions may call any function of any module. This machine knows the
instructions that build containers, numbers and texts. Names of functions stay names, and the few that `torch.save` writes
for tensors stand for functions of this file; whatever else a file names is refused where it is named.
"""

from __future__ import annotations

import pickletools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from nncore.errors import FileFormatError, NNCoreError, UnsafeFileError
from nncore.weights.records import BYTES, Storage, View

__all__ = ["Source", "unpickle"]


class Source(Protocol):
    """What bytes are read from. A read gives fewer where there are fewer, whatever number it is asked for."""

    def read(self, count: int, /) -> bytes: ...
    def readline(self) -> bytes: ...
    def tell(self) -> int: ...


def unpickle(source: Source, storages: dict[str, Storage] | None = None) -> Any:
    """The object of the next pickle: dicts, lists, tuples, sets, numbers, texts, `Storage`s and `View`s of tensors.

    Args:
        source: Where it is read from.
        storages: Takes up each storage that the pickle refers to, by key.

    Raises:
        UnsafeFileError: The pickle names something that is none of a tensor's parts, or makes an object.
        FileFormatError: It is cut off or damaged.
    """
    try:
        return _Machine({} if storages is None else storages).run(source)
    except NNCoreError:
        raise
    # What follows from instructions that do not fit together.
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise FileFormatError(f"the pickle is damaged: {error}") from error


@dataclass(frozen=True, slots=True)
class _Name:
    """The name of something in Python, such as `torch.FloatStorage`; never the thing itself."""

    name: str


_MARK = _Name("(")
_SCALARS = (str, int, float, bytes, type(None))
_SIZED = (str, bytes, list, tuple, dict)
_TIMES, _SPARE = 16, 1_000_000
_MOST = 64
"""Dimensions of a tensor in PyTorch, bits of a number, and parts of a key."""


class _Machine:
    """The stack, the memo, and what each instruction does with them."""

    def __init__(self, storages: dict[str, Storage]) -> None:
        self.storages = storages
        self.at = 0
        self.spent = 0
        self.stack: list[Any] = []
        self.memo: dict[int, Any] = {}

    def run(self, source: Source) -> Any:
        for opcode, argument, at in pickletools.genops(source):  # type: ignore[arg-type]
            name = opcode.name
            self.at = at or 0
            if name == "STOP":
                return self.stack.pop()
            if name in _LITERALS:
                self.stack.append(argument)
            elif name in _INSTRUCTIONS:
                _INSTRUCTIONS[name](self, argument)
            else:
                what = f" of {str(argument).replace(' ', '.')}" if name == "INST" else ""
                raise UnsafeFileError(
                    f"the pickle makes an object{what}, by {name} at byte {at}; tensors need none of it"
                )
        raise FileFormatError("the pickle has no end")

    def since_mark(self) -> list[Any]:
        """Take off what lies above the uppermost mark, and the mark."""
        for at in range(len(self.stack) - 1, -1, -1):
            if self.stack[at] is _MARK:
                found = self.stack[at + 1 :]
                del self.stack[at:]
                return found
        raise FileFormatError("the pickle is damaged: an instruction without its mark")

    def top(self, kind: type) -> Any:
        found = self.stack[-1]
        if type(found) is not kind:
            raise FileFormatError(f"the pickle is damaged: {_kind(found)} where a {kind.__name__} is expected")
        return found

    def mark(self, _: Any) -> None:
        self.stack.append(_MARK)

    def nothing(self, _: Any) -> None:
        pass

    def pop(self, _: Any) -> None:
        self.stack.pop()

    def pop_mark(self, _: Any) -> None:
        self.since_mark()

    def duplicate(self, _: Any) -> None:
        self.stack.append(self.stack[-1])

    def none(self, _: Any) -> None:
        self.stack.append(None)

    def true(self, _: Any) -> None:
        self.stack.append(True)

    def false(self, _: Any) -> None:
        self.stack.append(False)

    def get(self, index: int) -> None:
        self.stack.append(self.memo[index])

    def put(self, index: int) -> None:
        self.memo[index] = self.stack[-1]

    def memoize(self, _: Any) -> None:
        self.memo[len(self.memo)] = self.stack[-1]

    def empty_list(self, _: Any) -> None:
        self.stack.append([])

    def list_(self, _: Any) -> None:
        self.stack.append(self.since_mark())

    def append(self, _: Any) -> None:
        item = self.stack.pop()
        self.top(list).append(item)

    def appends(self, _: Any) -> None:
        items = self.since_mark()
        self.top(list).extend(items)

    def empty_tuple(self, _: Any) -> None:
        self.stack.append(())

    def tuple_(self, _: Any) -> None:
        self.stack.append(tuple(self.since_mark()))

    def tuple_of(self, count: int) -> None:
        items = tuple(self.stack[-count:])
        if len(items) < count:
            raise FileFormatError("the pickle is damaged: a tuple of more than there is")
        self.stack[-count:] = [items]

    def empty_dict(self, _: Any) -> None:
        self.stack.append({})

    def dict_(self, _: Any) -> None:
        self.stack.append(_dict(self.since_mark()))

    def set_item(self, _: Any) -> None:
        value, key = self.stack.pop(), self.stack.pop()
        self.top(dict)[_hashable(key)] = value

    def set_items(self, _: Any) -> None:
        items = self.since_mark()
        self.top(dict).update(_dict(items))

    def empty_set(self, _: Any) -> None:
        self.stack.append(set())

    def add_items(self, _: Any) -> None:
        items = self.since_mark()
        self.top(set).update(_hashable(item) for item in items)

    def frozen_set(self, _: Any) -> None:
        self.stack.append(frozenset(_hashable(item) for item in self.since_mark()))

    def named(self, argument: str) -> None:
        self.stack.append(_known(argument.replace(" ", ".")))

    def stack_named(self, _: Any) -> None:
        name, module = self.stack.pop(), self.stack.pop()
        if not isinstance(name, str) or not isinstance(module, str):
            raise FileFormatError(f"the pickle is damaged: a name of {_kind(module)} and {_kind(name)}")
        self.stack.append(_known(f"{module}.{name}"))

    def reduce(self, _: Any) -> None:
        arguments, function = self.stack.pop(), self.stack.pop()
        # A call may copy its arguments, and the memo gives the same ones to any number of calls. What is copied once each
        # is never more than was read.
        parts = arguments if type(arguments) is tuple else ()
        self.spent += len(parts) + sum(len(part) for part in parts if isinstance(part, _SIZED))
        if self.spent > _TIMES * self.at + _SPARE:
            raise FileFormatError("the pickle copies the same things again and again, as no file of weights does")
        self.stack.append(_called(function, arguments))

    def build(self, _: Any) -> None:
        self.stack.pop()
        # Attributes of a state dict, such as the versions of its modules: nothing that tensors need.
        if type(self.stack[-1]) is not dict:
            raise UnsafeFileError(f"the pickle sets attributes of {_kind(self.stack[-1])}; tensors need none of it")

    def persistent(self, _: Any) -> None:
        found = self.stack.pop()
        if (
            type(found) is not tuple
            or len(found) not in (5, 6)
            or found[0] != "storage"
            or found[5:] not in ((), (None,))
        ):
            raise FileFormatError("the pickle refers to something that is no storage of a tensor")
        _, kind, key, _, count = found[:5]
        if not isinstance(kind, _Name) or kind.name not in _STORAGES or type(key) is not str:
            raise FileFormatError(f"the pickle refers to a storage of {_kind(kind)} under {_kind(key)}")
        if not _is_number(count) or count < 0:
            raise FileFormatError("the pickle refers to a storage without its number of elements")
        storage = Storage(key, _STORAGES[kind.name], count)
        if self.storages.setdefault(key, storage) != storage:
            raise FileFormatError(f"the pickle refers to storage {key!r} in two ways")
        self.stack.append(storage)


def _kind(value: Any) -> str:
    return value.name if isinstance(value, _Name) else type(value).__name__


def _hashable(key: Any) -> Any:
    """A key that costs little to hash, however often: nested tuples may be exponentially larger than the file."""
    parts = key if type(key) is tuple else (key,)
    if len(parts) > _MOST or not all(isinstance(part, _SCALARS) for part in parts):
        raise FileFormatError(f"the pickle has a {_kind(key)} as a key, where texts and numbers are expected")
    if any(isinstance(part, int) and part.bit_length() > _MOST for part in parts):
        raise FileFormatError(f"the pickle has a number of more than {_MOST} bits as a key")
    return key


def _dict(items: list[Any]) -> dict[Any, Any]:
    if len(items) % 2:
        raise FileFormatError("the pickle is damaged: a key without its value")
    return {_hashable(key): value for key, value in zip(items[::2], items[1::2], strict=True)}


def _known(name: str) -> _Name:
    """A name that files of tensors may hold."""
    if name in _FUNCTIONS or name in _STORAGES or name in _TYPES or name in _DTYPES:
        return _Name(name)
    raise UnsafeFileError(
        f"the pickle names {name[:200]}, which is none of a tensor's parts; nothing was imported or run. A file of whole "
        "objects is read by the program that wrote it alone: save model.state_dict() there, if you trust it"
    )


def _called(function: Any, arguments: Any) -> Any:
    """What a known function makes of its arguments."""
    if not isinstance(function, _Name) or function.name not in _FUNCTIONS:
        raise UnsafeFileError(f"the pickle calls {_kind(function)}; tensors need none of it")
    if type(arguments) is not tuple:
        raise FileFormatError(f"the pickle calls {function.name} with a {_kind(arguments)}, where a tuple is expected")
    return _FUNCTIONS[function.name](*arguments)


# --- what the known names stand for ---


def _is_number(value: Any) -> bool:
    return type(value) is int and value.bit_length() < _MOST


def _numbers(value: Any, what: str) -> tuple[int, ...]:
    if type(value) not in (tuple, list) or len(value) > _MOST or not all(map(_is_number, value)):
        raise FileFormatError(f"the {what} of a tensor is a tuple of integers, got {_kind(value)}")
    return tuple(value)


def _view(storage: Any, element: str, offset: Any, size: Any, stride: Any, metadata: Any) -> View:
    if not isinstance(storage, Storage) or not _is_number(offset):
        raise FileFormatError(f"a tensor of {_kind(storage)} at {_kind(offset)}; a storage and an integer are expected")
    if type(metadata) is dict and any(value is True for value in metadata.values()):
        raise FileFormatError(
            f"a tensor that is kept as {' and '.join(map(str, metadata))} of another; resolve it and save"
        )
    return View(storage, element, offset, _numbers(size, "size"), _numbers(stride, "stride"))


def _tensor(storage: Any, offset: Any, size: Any, stride: Any, *more: Any) -> View:
    """`_rebuild_tensor_v2(storage, offset, size, stride, requires_grad, hooks, metadata)`, and what came before it."""
    metadata = more[2] if len(more) > 2 else None
    return _view(storage, getattr(storage, "element", ""), offset, size, stride, metadata)


def _tensor_of_dtype(
    storage: Any, offset: Any, size: Any, stride: Any, _grad: Any, _hooks: Any, dtype: Any, metadata: Any = None
) -> View:
    """`_rebuild_tensor_v3`: the storage is bytes, and the dtype is said."""
    if not isinstance(dtype, _Name) or dtype.name not in _DTYPES:
        raise FileFormatError(f"the dtype of a tensor is {_kind(dtype)}, where a dtype is expected")
    return _view(storage, dtype.name.removeprefix("torch."), offset, size, stride, metadata)


def _same(value: Any, *_: Any) -> View:
    """A Parameter: its tensor."""
    if not isinstance(value, View):
        raise FileFormatError(f"a parameter of {_kind(value)}, where a tensor is expected")
    return value


def _of_type(function: Any, _kind_of: Any, arguments: Any, *_: Any) -> View:
    """A tensor with attributes: the tensor."""
    if not isinstance(function, _Name) or _FUNCTIONS.get(function.name) not in (_tensor, _tensor_of_dtype):
        raise FileFormatError(f"a tensor made by {_kind(function)}")
    return _same(_called(function, arguments))


def _mapping(pairs: Any = ()) -> dict[Any, Any]:
    """An OrderedDict, which dicts are by now."""
    if type(pairs) not in (list, tuple) or not all(type(pair) in (list, tuple) and len(pair) == 2 for pair in pairs):
        raise FileFormatError(f"an OrderedDict of {_kind(pairs)}, where a list of pairs is expected")
    return {_hashable(key): value for key, value in pairs}


def _set(items: Any = ()) -> set[Any]:
    if type(items) not in (list, tuple):
        raise FileFormatError(f"a set of {_kind(items)}, where a list is expected")
    return {_hashable(item) for item in items}


def _encoded(text: Any, encoding: Any) -> bytes:
    """How bytes are written in pickles that know texts alone."""
    if type(text) is not str or encoding not in ("latin1", "latin-1"):
        raise FileFormatError("bytes are kept as a text in latin1")
    return text.encode("latin-1")


def _size(numbers: Any = ()) -> tuple[int, ...]:
    return _numbers(numbers, "size")


def _device(*parts: Any) -> str:
    return ":".join(str(part) for part in parts if type(part) in (str, int))


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "torch._utils._rebuild_tensor": _tensor,
    "torch._utils._rebuild_tensor_v2": _tensor,
    "torch._utils._rebuild_tensor_v3": _tensor_of_dtype,
    "torch._utils._rebuild_parameter": _same,
    "torch._utils._rebuild_parameter_with_state": _same,
    "torch._tensor._rebuild_from_type_v2": _of_type,
    "torch.Size": _size,
    "torch.device": _device,
    "collections.OrderedDict": _mapping,
    "_codecs.encode": _encoded,
    "builtins.set": _set,
    "__builtin__.set": _set,
}
_TYPES = frozenset({"torch.Tensor", "torch.nn.parameter.Parameter", "torch.nn.parameter.Buffer"})
_DTYPES = frozenset(
    f"torch.{name}"
    for name in (
        *("bool", "uint8", "uint16", "uint32", "uint64", "int8", "int16", "int32", "int64", "float16", "bfloat16"),
        *("float32", "float64", "complex32", "complex64", "complex128", "float8_e4m3fn", "float8_e5m2"),
        *("float8_e4m3fnuz", "float8_e5m2fnuz"),
    )
)
_STORAGES = {
    "torch.BoolStorage": "bool",
    "torch.ByteStorage": "uint8",
    "torch.CharStorage": "int8",
    "torch.ShortStorage": "int16",
    "torch.IntStorage": "int32",
    "torch.LongStorage": "int64",
    "torch.HalfStorage": "float16",
    "torch.BFloat16Storage": "bfloat16",
    "torch.FloatStorage": "float32",
    "torch.DoubleStorage": "float64",
    "torch.ComplexFloatStorage": "complex64",
    "torch.ComplexDoubleStorage": "complex128",
    "torch.UntypedStorage": BYTES,
    "torch.storage.UntypedStorage": BYTES,
}
# Instructions that push their own argument.
_LITERALS = frozenset(
    (
        *("INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4", "FLOAT", "BINFLOAT"),
        *("STRING", "BINSTRING", "SHORT_BINSTRING", "UNICODE", "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8"),
        *("BINBYTES", "SHORT_BINBYTES", "BINBYTES8"),
    )
)
_INSTRUCTIONS: dict[str, Callable[[_Machine, Any], None]] = {
    "PROTO": _Machine.nothing,
    "FRAME": _Machine.nothing,
    "MARK": _Machine.mark,
    "POP": _Machine.pop,
    "POP_MARK": _Machine.pop_mark,
    "DUP": _Machine.duplicate,
    "NONE": _Machine.none,
    "NEWTRUE": _Machine.true,
    "NEWFALSE": _Machine.false,
    **dict.fromkeys(("GET", "BINGET", "LONG_BINGET"), _Machine.get),
    **dict.fromkeys(("PUT", "BINPUT", "LONG_BINPUT"), _Machine.put),
    "MEMOIZE": _Machine.memoize,
    "EMPTY_LIST": _Machine.empty_list,
    "LIST": _Machine.list_,
    "APPEND": _Machine.append,
    "APPENDS": _Machine.appends,
    "EMPTY_TUPLE": _Machine.empty_tuple,
    "TUPLE": _Machine.tuple_,
    "TUPLE1": lambda machine, _: machine.tuple_of(1),
    "TUPLE2": lambda machine, _: machine.tuple_of(2),
    "TUPLE3": lambda machine, _: machine.tuple_of(3),
    "EMPTY_DICT": _Machine.empty_dict,
    "DICT": _Machine.dict_,
    "SETITEM": _Machine.set_item,
    "SETITEMS": _Machine.set_items,
    "EMPTY_SET": _Machine.empty_set,
    "ADDITEMS": _Machine.add_items,
    "FROZENSET": _Machine.frozen_set,
    "GLOBAL": _Machine.named,
    "STACK_GLOBAL": _Machine.stack_named,
    "REDUCE": _Machine.reduce,
    "BUILD": _Machine.build,
    "BINPERSID": _Machine.persistent,
}
