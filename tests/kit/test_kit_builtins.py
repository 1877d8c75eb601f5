"""The kit over every built-in component."""

from __future__ import annotations

import pytest

from nncore.plugins import KINDS, current_host
from nncore.testing import CHECKS, check_component, components_of
from nncore.testing.imports import check_entry, check_target, probe


@pytest.mark.parametrize("name", components_of("nncore"))
def test_a_built_in_component_passes(name: str) -> None:
    check_component(name).raise_for_failures()


def test_importing_built_in_components_only_imports() -> None:
    """What `check_plugin("nncore")` does besides."""
    (record,) = (record for record in current_host().plugins if record.builtin)
    found = probe([(record.target, [entry.spec.target for entry in record.entries])])
    assert "ms" in check_entry(found, record)
    for entry in record.entries:
        assert check_target(found, entry)


def test_every_kind_has_its_checks() -> None:
    assert set(CHECKS) == set(KINDS), "a new kind needs checks in nncore/testing/kit.py"
