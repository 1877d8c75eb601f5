"""The kit can fail: each of its checks finds a fault that it is there for."""

from __future__ import annotations

import doctest
import importlib
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))
import faulty
import faulty_layers
import faulty_training
from faults import FAULTS

import nncore as nc
from nncore.errors import UnknownComponentError
from nncore.plugins import KINDS
from nncore.testing import CHECKS, CheckError, check_component


def name_of(component: Any) -> str:
    return str(getattr(component, "__name__", None) or component.name)


def spec(kind: str, component: Any) -> Any:
    return KINDS[kind].spec(name="checked", target=component, summary="Under test")


@pytest.mark.parametrize(
    ("kind", "component", "check", "says"), FAULTS, ids=[f"{check}-{name_of(each)}" for _, each, check, _ in FAULTS]
)
def test_a_fault_is_found(kind: str, component: Any, check: str, says: str) -> None:
    failed = [finding for finding in check_component(spec(kind, component)).of(check) if finding.status == "failed"]
    assert failed, f"{check} passed"
    assert any(says in finding.message for finding in failed), [finding.message for finding in failed]


@pytest.mark.parametrize(
    ("kind", "component"),
    [
        ("layer", faulty_layers.Plain),
        ("layer", faulty_layers.Counting),
        ("optimizer", faulty.Descent),
        ("metric", faulty.Mean),
        ("transform", faulty.Centre),
        ("penalty", faulty_training.squares),
    ],
)
def test_what_the_faulty_ones_derive_from_is_right(kind: str, component: Any) -> None:
    check_component(spec(kind, component)).raise_for_failures()


def test_a_check_that_is_skipped_with_a_reason_does_not_run() -> None:
    from nncore.api import example

    @example(inputs=[(3,)], skip={"shape": "on purpose"})
    def pooled(input: Any) -> Any:
        """Σx."""
        return input.sum(-1)

    (finding,) = check_component(spec("activation", pooled)).of("shape")
    assert (finding.status, finding.message) == ("skipped", "on purpose")


def test_kinks_are_moved_off_and_counted() -> None:
    """ReLU's kink at 0 is among the inputs of the first draw alone."""
    report = check_component("activation:nncore/relu")
    assert report.ok and report.of("gradient")[0].message == "5 derivatives"


def test_checking_leaves_the_streams_where_they_were() -> None:
    nc.manual_seed(3)
    expected = [nc.rand((2,)).tolist(), nc.nn.Linear(2, 1).weight.tolist()]
    nc.manual_seed(3)
    check_component("layer:nncore/dropout")
    check_component("layer:nncore/linear")
    assert [nc.rand((2,)).tolist(), nc.nn.Linear(2, 1).weight.tolist()] == expected
    state = np.random.get_state(legacy=False)["state"]["pos"]
    check_component("initializer:nncore/normal")
    assert np.random.get_state(legacy=False)["state"]["pos"] == state


def test_a_report_says_what_it_found() -> None:
    report = check_component(spec("activation", faulty.summing))
    with pytest.raises(CheckError, match="promised is") as caught:
        report.raise_for_failures()
    assert "layer" in str(caught.value), "the hint is part of the message"
    assert report.asdict()["ok"] is False and report.subject == "activation:local/checked"


def test_names_are_looked_up_in_every_kind() -> None:
    assert check_component("lenet5").subject == "architecture:nncore/lenet5"
    with pytest.raises(UnknownComponentError, match="several kinds have it: initializer:constant"):
        check_component("constant")
    with pytest.raises(UnknownComponentError, match="nobody has it"):
        check_component("nobodys")


def test_every_check_is_seen_to_fail() -> None:
    """Those of other kinds that are the same function count."""
    seen = {(kind, check) for kind, _, check, _ in FAULTS}
    functions = {CHECKS[kind][check] for kind, check in seen if check in CHECKS[kind]}
    missing = [
        f"{kind}: {check}"
        for kind, checks in CHECKS.items()
        for check, function in checks.items()
        if function not in functions
    ]
    assert not missing


@pytest.mark.parametrize("module", ["kit", "gradcheck"])
def test_examples_in_docstrings_say_the_truth(module: str) -> None:
    found = doctest.testmod(importlib.import_module(f"nncore.testing.{module}"))
    assert found.attempted > 2 and found.failed == 0
