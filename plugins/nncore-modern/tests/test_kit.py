"""Every component passes nncore's own kit: shapes, gradients, files, captured steps and more. `nncore plugin check` shows it."""

import pytest

from nncore.plugins.known import KNOWN
from nncore.testing import check_component, check_package, components_of

HERE = "nncore-modern"


def test_the_package_registers_and_imports_nothing_too_early() -> None:
    check_package(HERE).raise_for_failures()


@pytest.mark.parametrize("name", components_of(HERE))
def test_the_component_passes(name: str) -> None:
    check_component(name).raise_for_failures()


def test_nncore_knows_who_provides_the_networks() -> None:
    ours = {name.rpartition("/")[2] for name in components_of(HERE) if name.startswith("architecture:")}
    assert set(KNOWN[HERE]["architecture"]) == ours
