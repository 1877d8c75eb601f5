"""The page of components says what the components say, and misses none."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import components_page

import nncore
from nncore.plugins import KINDS

SHOWN = [name for name in KINDS if name != "command"]
FORMULA = re.compile(r"[=+*/^·²√ΣΠ∂|<>≤≥×∈∞]|\b(exp|log|max|min|sum|mean|softmax|sigmoid|tanh|U|N)[(\[]")
PLAIN = {
    "layer": {
        *("features", "flatten", "function_activation", "identity", "sequential", "unflatten"),
        *("module_dict", "module_list", "parameter_dict", "parameter_list"),
        *(f"{way}_pad{n}d" for way in ("circular", "constant", "reflection", "replication", "zero") for n in (1, 2, 3)),
    },
    "initializer": {"constant", "ones", "zeros"},
    "schedule": {"chain", "product", "constant"},
    "metric": {"accuracy", "confusion_matrix", "precision", "recall", "top_k_accuracy"},
    "callback": {"checkpoint", "save_best", "tensorboard", "unfreeze"},
    "transform": {"pipeline"},
}
"""What holds, moves or counts things, so that there is neither a formula nor somebody who found it."""


def test_the_page_is_what_the_components_say() -> None:
    assert components_page.PAGE.read_text() == components_page.text(), f"run `{components_page.COMMAND}`"


@pytest.mark.parametrize("kind", SHOWN)
def test_each_component_is_on_the_page_and_where_the_page_says(kind: str) -> None:
    page = components_page.PAGE.read_text()
    for row, component in components_page.components(kind):
        reached = components_page.path(row, component, KINDS[kind].plural)
        assert f"`{row.name}`" in page and f"| `{reached}` |" in page
        assert eval(reached, {**vars(nncore), "nn": nncore.nn, "registry": nncore.registry}) is component
        if kind in ("layer", "activation", "loss", "optimizer", "penalty", "constraint", "callback", "transform"):
            assert not reached.startswith("registry"), f"{row.name} is not reached by its class"


@pytest.mark.parametrize("kind", [kind for kind in SHOWN if kind != "dataset"])
def test_each_component_has_a_formula_or_a_source(kind: str) -> None:
    told = {
        row.name
        for row, component in components_page.components(kind)
        if components_page.source(component) or FORMULA.search(f"{row.summary} {components_page.sentences(component)}")
    }
    names = {row.name for row, _ in components_page.components(kind)}
    assert names - told <= PLAIN.get(kind, set()), "write the formula into the first lines, or a line `Source: ...`"
    assert PLAIN.get(kind, set()) <= names


def test_what_has_no_name_is_there_too() -> None:
    page = components_page.besides()
    for name in ("initialization.lsuv", "data.MixUp", "data.Cutout", "optim.clip_grad_norm", "optim.EMA", "optim.SWA"):
        assert f"| `{name}` |" in page
    assert "`training.EarlyStopping`" not in page, "it is a component"


def test_a_table_can_hold_what_a_docstring_says() -> None:
    assert components_page.cell("|x| and \\|y|") == "\\|x\\| and \\|y\\|"
    assert components_page.source(lambda: None) == ""
