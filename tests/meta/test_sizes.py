"""Files stay small enough to be read in one sitting."""

from __future__ import annotations

from pathlib import Path

import pytest
from house import files, name_of

WALL = 500
SOURCE = (".rs", ".py", ".pyi", ".toml", ".md", ".wgsl", ".sh", ".yaml", ".yml")
GENERATED = ("python/nncore/_core/", "docs/ops/", "docs/components.md")
"""Written by a tool from the definitions of ops and components, so that their length says nothing."""


def too_long(path: Path) -> int:
    """The lines of a file above the wall."""
    return max(0, len(path.read_text().splitlines()) - WALL)


def test_no_file_is_longer_than_the_wall() -> None:
    offenders = {
        name_of(path): WALL + over
        for path in files(*SOURCE)
        if not name_of(path).startswith(GENERATED) and (over := too_long(path))
    }
    assert not offenders, f"files of more than {WALL} lines, to be split by subject: {offenders}"


def test_the_wall_is_seen(tmp_path: Path) -> None:
    (tmp_path / "long.py").write_text("x = 1\n" * (WALL + 3))
    (tmp_path / "short.py").write_text("x = 1\n" * WALL)
    assert (too_long(tmp_path / "long.py"), too_long(tmp_path / "short.py")) == (3, 0)


@pytest.mark.parametrize("suffix", [".rs", ".py"])
def test_there_is_something_to_measure(suffix: str) -> None:
    assert len(files(suffix)) > 20
