"""Code blocks of the Markdown pages, so that tests can run what readers are told to write."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, its code, and the text between the block before it and this one."""

    language: str
    code: str
    lead: str

    @property
    def path(self) -> str | None:
        """The file that the text says this block is: the last path in code type before it."""
        paths = re.findall(r"`([\w./-]+\.(?:rs|py|toml))`", self.lead)
        return paths[-1] if paths else None


def blocks(page: str, section: str = "") -> list[Block]:
    """The blocks of a page, or of one of its sections."""
    text = (ROOT / page).read_text()
    if section:
        found = re.search(rf"^## {re.escape(section)}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
        assert found, f"{page} has no section {section!r}"
        text = found[1]
    parts = re.split(r"^```(\w*)\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)
    return [Block(parts[i + 1], parts[i + 2], parts[i]) for i in range(0, len(parts) - 1, 3)]


def file_block(page: str, section: str, path: str) -> str:
    """The block that is the file of this path."""
    (found,) = [block.code for block in blocks(page, section) if block.path and block.path.endswith(path)]
    return found
