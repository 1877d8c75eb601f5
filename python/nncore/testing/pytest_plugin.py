"""For pytest: a test of each component of a package, and fixtures.

    pytest -p nncore.testing.pytest_plugin --nncore-check nncore-swiglu

It is switched on by that `-p`, or by `pytest_plugins = ["nncore.testing.pytest_plugin"]` in the top `conftest.py`. It is not
registered by itself: an entry point would import nncore in every run of pytest, of every project.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from nncore.errors import UnknownComponentError
from nncore.plugins import BUILTINS, PluginHost, use_host
from nncore.testing.kit import check_component, check_package, components_of
from nncore.testing.report import CheckError, Report

__all__ = ["nncore_check", "nncore_host"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--nncore-check PACKAGE`."""
    parser.getgroup("nncore").addoption(
        "--nncore-check",
        metavar="PACKAGE",
        action="append",
        default=[],
        help="Test the package's registration, and each of its components, with nncore's kit. Can be given several times.",
    )


def pytest_collection_modifyitems(session: pytest.Session, config: pytest.Config, items: list[pytest.Item]) -> None:
    """Add a test of each package and of each component."""
    for package in config.getoption("--nncore-check"):
        try:
            names = components_of(package)
        except UnknownComponentError as error:
            raise pytest.UsageError(f"--nncore-check: {error}") from error
        items.append(_item(session, f"nncore-check[{package}]", lambda p=package: check_package(p)))  # type: ignore[misc]
        items += [_item(session, f"nncore-check[{name}]", lambda n=name: check_component(n)) for name in names]  # type: ignore[misc]


def _item(session: pytest.Session, name: str, check: Callable[[], Report]) -> pytest.Item:
    item: pytest.Item = CheckItem.from_parent(session, name=name, check=check)
    return item


class CheckItem(pytest.Item):
    """A test that the kit makes."""

    def __init__(self, *, check: Callable[[], Report], **more: Any) -> None:
        super().__init__(**more)
        self._check = check

    def runtest(self) -> None:
        """Run the checks.

        Raises:
            CheckError: Something failed.
        """
        self._check().raise_for_failures()

    def repr_failure(self, excinfo: Any, style: Any = None) -> Any:
        """What failed and how to mend it, without the kit's own frames."""
        return str(excinfo.value) if excinfo.errisinstance(CheckError) else super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Any, int | None, str]:
        """Where the test is; it has no file."""
        return self.config.rootpath, None, self.name


@pytest.fixture
def nncore_check() -> Callable[..., Report]:
    """`nncore_check("layer:nncore-swiglu/swiglu")`, or with a spec: run the kit, and fail where it fails."""

    def check(component: Any) -> Report:
        report = check_component(component)
        report.raise_for_failures()
        return report

    return check


@pytest.fixture
def nncore_host() -> Iterator[PluginHost]:
    """A plugin host of this test's own, with what is built in and installed; `register` takes a plugin in for the test."""
    with use_host(PluginHost(BUILTINS)) as host:
        yield host
