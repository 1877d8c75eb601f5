"""The page of all components, out of what is registered and their own docstrings.

python tests/docs/components_page.py --write
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parents[2] / "docs" / "components.md"
COMMAND = "python tests/docs/components_page.py --write"
TOP = f"""\
# The components

<!-- Written by `{COMMAND}` from the catalogue and the components' docstrings: change those, not this. -->

Everything that is built in and has a name, by kind. `nncore show NAME` prints the whole documentation of one, with shapes, settings
and errors; `nncore list` shows plugins' components too. Wherever a component is expected there are three ways to write it:
its name (`"gelu"`), its name with settings (`{{"name": "gelu", "approximate": "tanh"}}`), or the class or function itself.

The column "by class" says where Python finds it. What stands under a registry there is a function, which components are
looked up by, rather than imported.
"""
OTHERS = """\
## Besides

These are no components with names, since they are called at a moment of their own: on a model, on gradients, on a batch of
images (`train.batches(64, augment=[...])`). Label smoothing is an argument of `nn.CrossEntropyLoss`; gradients are also clipped by
`Trainer(clip_norm=..., clip_value=...)`.
"""
BESIDES = ("initialization", "data", "optim", "regularization", "training", "transfer")
MACHINERY = (
    *(
        "Scaled",
        "Report",
        "Row",
        "ArrayDataset",
        "Batches",
        "Remote",
        "fetch",
        "available",
        "load",
        "read_idx",
        "write_idx",
    ),
    *(
        "Optimizer",
        "ParamGroup",
        "Penalty",
        "make_penalty",
        "make_constraint",
        "Callback",
        "History",
        "Trainer",
        "Augmentation",
    ),
)
"""What these modules hold that does nothing to a network by itself."""
MODULES = ("nn", "optim", "preprocess", "regularization", "training")


def components(kind: str) -> Iterator[tuple[Any, Any]]:
    """Each built-in component of a kind, with its row of the listing."""
    from nncore.plugins import BUILTINS, PluginHost

    registry = PluginHost(BUILTINS, autoload=False).registry(kind)
    for row in registry.describe():
        yield row, registry[row.name]


def path(row: Any, component: Any, plural: str) -> str:
    """How Python reaches a component."""
    import nncore

    name = getattr(component, "__name__", "")
    for module in MODULES:
        if getattr(getattr(nncore, module), name, None) is component:
            return f"{module}.{name}"
    return f'registry.{plural}["{row.name}"]'


def sentences(component: Any) -> str:
    """The docstring's first paragraph: what it computes."""
    return " ".join((inspect.getdoc(component) or "").partition("\n\n")[0].split())


def source(component: Any) -> str:
    """What the docstring names as its source."""
    found = re.search(r"\bSource: (.*?)(\n\n|\Z)", inspect.getdoc(component) or "", re.DOTALL)
    return " ".join(found.group(1).split()) if found else ""


def cell(text: str) -> str:
    """Text that a table can hold."""
    return re.sub(r"(?<!\\)\|", r"\\|", text)


def section(kind: Any) -> str:
    """The table of a kind."""
    titles = ["| name | by class | what it is | formula, or what it does | source |", "|---|---|---|---|---|"]
    lines = [f"## {kind.plural.capitalize()}", "", *titles]
    for row, component in components(kind.name):
        names = ", ".join(f"`{name}`" for name in (row.name, *row.aliases))
        reached = f"`{path(row, component, kind.plural)}`"
        cells = (names, reached, *map(cell, (row.summary, sentences(component), source(component))))
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def besides() -> str:
    """The table of what is called by its own name."""
    import nncore
    from nncore.plugins import KINDS

    registered = {id(component) for kind in KINDS for _, component in components(kind)}
    lines = ["| by name | what it is | source |", "|---|---|---|"]
    for module in BESIDES:
        found = getattr(nncore, module)
        for name in found.__all__:
            thing = getattr(found, name)
            if id(thing) not in registered and callable(thing) and name not in MACHINERY:
                lines.append(f"| `{module}.{name}` | {cell(sentences(thing))} | {cell(source(thing))} |")
    return "\n".join([OTHERS.strip(), "", *lines])


def text() -> str:
    """What the page must say."""
    from nncore.plugins import KINDS

    # Commands have a page of their own.
    kinds = [kind for kind in KINDS.values() if kind.name != "command"]
    return "\n\n".join([TOP.strip(), *map(section, kinds), besides()]) + "\n"


if __name__ == "__main__":
    if sys.argv[1:] == ["--write"]:
        PAGE.write_text(text())
    else:
        sys.stdout.write(text())
