"""The kit over every built-in component."""

from __future__ import annotations

import pytest

from nncore.plugins import KINDS
from nncore.testing import CHECKS, check_component, check_package, components_of


@pytest.mark.parametrize("name", components_of("nncore"))
def test_a_built_in_component_passes(name: str) -> None:
    check_component(name).raise_for_failures()


def test_importing_built_in_components_only_imports() -> None:
    report = check_package("nncore")
    report.raise_for_failures()
    assert len(report.parts) == len(components_of("nncore"))


def test_every_kind_has_its_checks() -> None:
    assert set(CHECKS) == set(KINDS), "a new kind needs checks in nncore/testing/kit.py"
