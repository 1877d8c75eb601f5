"""The promises that are files: licences, hooks that need no network, commands that exist."""

from __future__ import annotations

import re

import pytest
from house import ROOT, manifest


def test_every_crate_and_package_says_its_licence() -> None:
    assert (ROOT / "LICENSE-MIT").exists() and (ROOT / "LICENSE-APACHE").exists()
    workspace = manifest("Cargo.toml")["workspace"]["package"]["license"]  # type: ignore[index]
    assert workspace == "MIT OR Apache-2.0"
    for path in (ROOT / "rust").glob("*/Cargo.toml"):
        licence = manifest(str(path.relative_to(ROOT)))["package"]["license"]  # type: ignore[index]
        assert licence == {"workspace": True}, f"{path} does not take the workspace's licence"


def test_the_hooks_of_pre_commit_are_local() -> None:
    text = (ROOT / ".pre-commit-config.yaml").read_text()
    assert re.findall(r"- repo: (\S+)", text) == ["local"], "a hook from elsewhere would be fetched at the first commit"
    assert set(re.findall(r"language: (\S+)", text)) == {"system"}
    assert {"fmt", "clippy", "ruff-format", "ruff-check", "mypy"} <= set(re.findall(r"- id: (\S+)", text))


def targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def commands(text: str) -> set[str]:
    """The `make` targets that a text tells its reader to run."""
    found = re.findall(r"^\s*(?:\$ )?make ([a-z-]+)|`make ([a-z-]+)", text, re.MULTILINE)
    return {line or inline for line, inline in found}


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "docs/performance.md"])
def test_the_commands_of_the_pages_exist(page: str) -> None:
    found = commands((ROOT / page).read_text())
    assert found, f"{page} names no command"
    assert found <= targets(), f"{page} names {found - targets()}, which the Makefile does not have"


def test_commands_are_seen() -> None:
    assert commands("Run `make demo`, then\n\n    make test\n") == {"demo", "test"}


def test_the_readme_opens_with_the_two_commands() -> None:
    lines = (ROOT / "README.md").read_text().splitlines()
    first = next(number for number, line in enumerate(lines) if "make demo" in line)
    assert first < 15 and any("make test" in line for line in lines[first : first + 3])


def links(text: str) -> list[str]:
    """Relative links of a Markdown page, anchors cut off."""
    return [link.partition("#")[0] for link in re.findall(r"\]\((?!https?:|mailto:|#)([^)\s]+)\)", text)]


@pytest.mark.parametrize(
    "page", sorted(str(p.relative_to(ROOT)) for p in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
)
def test_links_lead_somewhere(page: str) -> None:
    path = ROOT / page
    dead = [link for link in links(path.read_text()) if not (path.parent / link).exists()]
    assert not dead, f"{page} links to {dead}"


def test_a_dead_link_is_seen() -> None:
    assert links("[a](x.md#part) [b](https://e.org) [c](#here)") == ["x.md"]
