"""Throw-away distributions: real `.dist-info` folders on `sys.path`, so that discovery is tested as it happens."""

from __future__ import annotations

import importlib.metadata
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from nncore.plugins import PluginHost, current_host, use_host

HEADER = """\
from nncore.plugins import (
    ActivationSpec, ArchitectureSpec, InitializerSpec, LayerSpec, LossSpec, hookimpl,
)
"""

Install = Callable[..., str]


def _others() -> set[str]:
    """Where the distributions of this environment that bring plugins are noted, such as those in `plugins/`."""
    points = importlib.metadata.entry_points(group="nncore")
    return {str(point.dist._path) for point in points if hasattr(point.dist, "_path")}


OTHERS = _others()


@pytest.fixture(autouse=True)
def only_what_a_test_installs(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Hide the plugins of this environment: what they bring is none of these tests' business."""
    every = importlib.metadata.distributions

    def distributions(**context: object) -> Iterator[importlib.metadata.Distribution]:
        return (found for found in every(**context) if str(getattr(found, "_path", "")) not in OTHERS)

    monkeypatch.setattr(importlib.metadata, "distributions", distributions)
    yield
    # Another test's look-up must not find what was hidden here missing.
    current_host().reset()


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """`install("nncore-x", body)` installs a distribution whose plugin module has this body; returns its package."""
    site = tmp_path / "site"
    site.mkdir()
    monkeypatch.syspath_prepend(str(site))
    before = set(sys.modules)

    def write(
        distribution: str,
        body: str = "",
        *,
        version: str = "1.0",
        api: str = "api_version = 1",
        files: dict[str, str] | None = None,
        entry_points: str | None = None,
        raw: bool = False,
    ) -> str:
        package = distribution.replace("-", "_")
        folder = site / package
        folder.mkdir(exist_ok=True)
        (folder / "__init__.py").touch()
        source = textwrap.dedent(body)
        (folder / "plugin.py").write_text(source if raw else f"{HEADER}{api}\n{source}")
        for name, text in (files or {}).items():
            (folder / name).write_text(textwrap.dedent(text))
        info = site / f"{package}-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n")
        points = entry_points or f"[nncore]\n{distribution.removeprefix('nncore-')} = {package}.plugin\n"
        (info / "entry_points.txt").write_text(points)
        return package

    yield write
    for name in set(sys.modules) - before:
        # What nncore itself imported meanwhile stays: its classes must not be there twice.
        if not name.startswith("nncore."):
            del sys.modules[name]


@pytest.fixture
def host() -> Iterator[PluginHost]:
    """A host in place of the default one: installed plugins, no built-in ones, an empty environment."""
    with use_host(PluginHost(environ={})) as fresh:
        yield fresh
