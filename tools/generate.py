"""Write what follows from the ops' definitions: the type stubs of the extension module, and the page of all ops. And the data
of `nncore plugin new`, from the package in plugins/nncore-plugin-template.

    python tools/generate.py            # write
    python tools/generate.py --check    # fail where a file differs from what would be written

It asks the built extension for its table of ops, so build first.
"""

from __future__ import annotations

import argparse
import difflib
import importlib
import importlib.util
import itertools
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = ROOT / "tools" / "templates"
STUBS = ROOT / "python" / "nncore" / "_core"
PAGE = ROOT / "docs" / "ops" / "README.md"
PLUGIN = ROOT / "python" / "nncore" / "cli" / "template.json"
ORIGIN = ROOT / "plugins" / "nncore-plugin-template"
WIDTH = 120

Op = dict[str, Any]


def parameters(op: Op) -> list[str]:
    """The parameters of an op's function, with types and defaults."""
    found = {}
    for put in op["inputs"]:
        one = "_Operand" if put["promote"] or put["float"] else "Tensor"
        match put["arity"]:
            case "one":
                found[put["name"]] = f"{put['name']}: {one}"
            case "optional":
                found[put["name"]] = f"{put['name']}: {one} | None = None"
            case _:
                found[put["name"]] = f"{put['name']}: Iterable[Tensor | None]"
    for attr in op["attrs"]:
        default = "" if attr["default"] is None else f" = {attr['default']}"
        found[attr["name"]] = f"{attr['name']}: {type_of(attr)}{default}"
    return [found[name] for name in op["order"]] or list(found.values())


def type_of(attr: Op) -> str:
    """The type of an attribute."""
    if attr["choices"]:
        base = "Literal[" + ", ".join(f'"{word}"' for word in attr["choices"]) + "]"
        base = {"float or choice": "float | ", "ints or choice": "int | Sequence[int] | "}.get(attr["kind"], "") + base
    else:
        base = {
            "bool": "bool",
            "int": "int",
            "float": "float",
            "ints": "int | Sequence[int]",
            "counts": "int | Sequence[int] | Tensor",
            "pair": "int | tuple[int, int]",
            "floats": "float | Sequence[float]",
            "sizes": "int | Sequence[int | None] | None",
            "dtype": "_DTypeLike",
        }[attr["kind"]]
    return f"{base} | None" if attr["optional"] else base


def result(op: Op) -> str:
    """What an op's function returns."""
    if op["many"]:
        return "tuple[Tensor, ...]"
    if op["returns"] > len(op["outputs"]):
        return " | ".join(
            ["Tensor", *(f"tuple[{', '.join(['Tensor'] * n)}]" for n in range(2, len(op["outputs"]) + 1))]
        )
    match op["returns"]:
        case 0:
            return "None"
        case 1:
            return "Tensor"
        case n:
            return f"tuple[{', '.join(['Tensor'] * n)}]"


def overloads(op: Op) -> Iterator[tuple[list[str], str]]:
    """Parameters and result; more often for an op that gives indices along a dimension only, or when asked to."""
    given = parameters(op)
    places = [put["name"] for put in op["inputs"]] + [attr["name"] for attr in op["attrs"]]
    optional = [a["name"] for a in op["attrs"] if a["kind"] == "int" and a["optional"] and a["default"] == "None"]
    flags = [a["name"] for a in op["attrs"] if a["kind"] == "bool" and a["name"].startswith("return_")]
    if flags and op["returns"] > len(op["outputs"]):
        many = lambda n: f"tuple[{', '.join(['Tensor'] * n)}]" if n > 1 else "Tensor"  # noqa: E731
        first = next(at for at, one in enumerate(given) if one.partition(":")[0] in flags)
        for asked in itertools.product((False, True), repeat=len(flags)):
            words = {f: f"{f}: Literal[{on}]" + ("" if on else " = False") for f, on in zip(flags, asked, strict=True)}
            named = [words.get(one.partition(":")[0], one) for one in given]
            # What is asked for has no default here, so from there on all goes by name.
            yield [*named[:first], *(["*"] if any(asked) else []), *named[first:]], many(1 + sum(asked))
        yield given, " | ".join(many(n + 1) for n in range(len(flags) + 1))
    elif "indices" in op["outputs"][1 : op["returns"]] and optional:
        at = places.index(optional[0])
        yield [*given[:at], f"{optional[0]}: None = None", *given[at + 1 :]], "Tensor"
        yield [*given[:at], f"{optional[0]}: int", *given[at + 1 :]], result(op)
    else:
        yield given, result(op)


def declaration(name: str, given: list[str], returns: str, doc: str = "", indent: str = "") -> str:
    """A function of a stub, on one line where it fits."""
    end = ":" if doc else ": ..."
    line = f"{indent}def {name}({', '.join(given)}) -> {returns}{end}"
    if len(line) > WIDTH:
        inner = ", ".join(given)
        if len(indent) + 4 + len(inner) <= WIDTH:
            line = f"{indent}def {name}(\n{indent}    {inner}\n{indent}) -> {returns}{end}"
        else:
            lines = "".join(f"{indent}    {one},\n" for one in given)
            line = f"{indent}def {name}(\n{lines}{indent}) -> {returns}{end}"
    return f"{line}\n{docstring(doc, indent + '    ')}" if doc else line


def docstring(doc: str, indent: str) -> str:
    """The op's documentation as a docstring."""
    lines = doc.replace("\\", "\\\\").splitlines()
    if len(lines) == 1 and len(indent) + len(lines[0]) + 6 <= WIDTH:
        return f'{indent}"""{lines[0]}"""'
    body = [f'{indent}"""{lines[0]}', *(f"{indent}{line}".rstrip() for line in lines[1:]), f'{indent}"""']
    return "\n".join(body)


def functions(table: list[Op]) -> str:
    """The stub's functions."""
    found = []
    for op in table:
        if not op["public"]:
            continue
        kinds = list(overloads(op))
        for given, returns in kinds:
            text = declaration(op["name"], given, returns, op["doc"] if given is kinds[-1][0] else "")
            found.append(f"@overload\n{text}" if len(kinds) > 1 else text)
    return "\n".join(found)


def methods(table: list[Op], taken: set[str]) -> str:
    """Tensor's methods that are ops."""
    found = []
    for op in table:
        if not op["method"] or op["name"] in taken:
            continue
        kinds = list(overloads(op))
        for given, returns in kinds:
            # Inside the class these names are methods, and the receiver is given by its place.
            rest = [builtin(one) for one in given[1:]]
            if op["spreads"]:
                rest = [f"*{op['attrs'][0]['name']}: _Shape"]
            text = declaration(op["name"], ["self", *rest], returns, indent="    ")
            found.append(f"    @overload\n{text}" if len(kinds) > 1 else text)
        if op["twin"]:
            found.append(
                declaration(f"{op['name']}_", ["self", *map(builtin, kinds[-1][0][1:])], "Self", indent="    ")
            )
    return "\n".join(found)


def builtin(parameter: str) -> str:
    """Types by their full names, where a method of the same name hides them."""
    if parameter == "*":
        return parameter
    name, _, kind = parameter.partition(": ")
    kind, equals, default = kind.partition(" = ")
    for hidden in ("int", "float", "bool"):
        kind = " | ".join(f"builtins.{hidden}" if part == hidden else part for part in kind.split(" | "))
        for open_, close in (("[", "]"), ("[", " "), ("[", ","), (" ", "]")):
            kind = kind.replace(f"{open_}{hidden}{close}", f"{open_}builtins.{hidden}{close}")
    return f"{name}: {kind}{equals}{default}"


def operators() -> str:
    """The arithmetic operators of Tensor."""
    found = []
    for name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "matmul"):
        found.append(f"    def __{name}__(self, value: _Operand, /) -> Tensor: ...")
        found.append(f"    def __r{name}__(self, value: _Operand, /) -> Tensor: ...")
        found.append(f"    def __i{name}__(self, value: _Operand, /) -> Self: ...")
    return "\n".join(found)


def creation() -> str:
    """`zeros` and its kin, and their twins in the likeness of a tensor."""
    rest = ["dtype: _DTypeLike | None = None", "device: str | None = None", "requires_grad: builtins.bool = False"]
    found = []
    for name, extra in [
        ("zeros", []),
        ("ones", []),
        ("empty", []),
        ("rand", ["generator: Tensor | None = None"]),
        ("randn", ["generator: Tensor | None = None"]),
    ]:
        found.append(declaration(name, ["*size: _Shape", *extra, *rest], "Tensor"))
        found.append(declaration(f"{name}_like", ["input: Tensor", *extra, *rest], "Tensor"))
    return "\n".join(found)


def taken(core: Any) -> set[str]:
    """The names that Tensor has of its own: no op's method takes their place."""
    of_ops = {op["name"] for op in core.op_table() if op["method"]}
    own = {name for name, value in vars(core.Tensor).items() if getattr(value, "__text_signature__", None)}
    template = (TEMPLATES / "core.pyi.in").read_text()
    return {name for name in own & of_ops if f"    def {name}(" in template}


def exported(names: list[str]) -> str:
    """What a star import takes."""
    return "__all__ = [\n" + "".join(f'    "{name}",\n' for name in sorted(names)) + "]"


def page(table: list[Op]) -> str:
    """Every public op with its signature and documentation."""
    groups: dict[str, list[Op]] = {}
    for op in table:
        if op["public"]:
            groups.setdefault(op["group"], []).append(op)
    lines = [
        "# The ops",
        "",
        "<!-- Written by tools/generate.py from the ops' definitions: change those, not this. -->",
        "",
        "Functions of `nncore.ops`, each with its shapes, errors and source; `help(nncore.ops.relu)` says the same. A star",
        "marks those that are methods of `Tensor` too.",
        "",
        "| | |",
        "|---|---|",
    ]
    for group, ops in sorted(groups.items()):
        links = " · ".join(f"[{op['name']}](#{op['name']}){'*' if op['method'] else ''}" for op in ops)
        lines.append(f"| {group} | {links} |")
    for op in (op for op in table if op["public"]):
        lines += ["", f"## {op['name']}", "", f"`{op['name']}{op['signature']}`", "", op["doc"]]
    return "\n".join(lines) + "\n"


def plugin_template() -> str:
    """The files of the package that `nncore plugin new` makes others of."""
    places = [ORIGIN / "README.md", ORIGIN / "pyproject.toml", *ORIGIN.glob("src/*/*.py"), *ORIGIN.glob("tests/*.py")]
    files = {path.relative_to(ORIGIN).as_posix(): path.read_text() for path in sorted(places)}
    return json.dumps(files, indent=1, ensure_ascii=False) + "\n"


def outputs(core: Any) -> dict[Path, str]:
    """Every generated file and its text."""
    table: list[Op] = sorted(core.op_table(), key=lambda op: op["name"])

    def filled(name: str, parts: dict[str, Callable[[], str]]) -> str:
        text = (TEMPLATES / name).read_text()
        for mark, make in parts.items():
            lines = [line for line in text.splitlines() if line.strip() == f"# <{mark}>"]
            assert len(lines) == 1, f"{name} has no place for {mark}"
            text = text.replace(lines[0], make())
        return text

    return {
        STUBS / "__init__.pyi": filled(
            "core.pyi.in",
            {
                "all": lambda: exported(core.__all__),
                "operators": operators,
                "methods": lambda: methods(table, taken(core)),
                "creation": creation,
            },
        ),
        PAGE: page(table),
        PLUGIN: plugin_template(),
        STUBS / "ops.pyi": filled(
            "ops.pyi.in", {"all": lambda: exported(core.ops.__all__), "functions": lambda: functions(table)}
        ),
    }


def extension() -> ModuleType:
    """The built extension of this tree, or the one that is installed."""
    for path in sorted((ROOT / "python" / "nncore").glob("_core*.so")):
        spec = importlib.util.spec_from_file_location("nncore._core", path)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module
    return importlib.import_module("nncore._core")


def main() -> int:
    """Write the files, or compare them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="compare instead of writing; fail where they differ")
    check: bool = parser.parse_args().check
    stale = 0
    for path, text in outputs(extension()).items():
        old = path.read_text() if path.exists() else ""
        if old == text:
            continue
        stale += 1
        name = path.relative_to(ROOT)
        if check:
            diff = difflib.unified_diff(
                old.splitlines(), text.splitlines(), f"{name} (committed)", f"{name} (generated)"
            )
            print("\n".join(list(diff)[:40]))
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            print(f"wrote {name}")
    if check and stale:
        print(f"{stale} generated files are out of date: run `make generate` and commit them")
    return int(check and stale > 0)


if __name__ == "__main__":
    sys.exit(main())
