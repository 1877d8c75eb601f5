"""How faulty components are noted: `FAULTS` lists them, with the check that fails and what it says."""

from __future__ import annotations

from typing import Any

FAULTS: list[tuple[str, Any, str, str]] = []


def fault(kind: str, check: str, says: str) -> Any:
    """Note a component, the check that must fail, and words of what it must say."""

    def note(component: Any) -> Any:
        FAULTS.append((kind, component, check, says))
        return component

    return note


KEPT: list[Any] = []
"""What leaks leak into."""
