"""What the host remembers of each plugin: where it comes from, what it provides, and how it failed."""

from __future__ import annotations

import re
import traceback
from dataclasses import dataclass, field
from typing import Any, Literal

from nncore.plugins.kinds import KINDS
from nncore.plugins.specs import ComponentSpec

__all__ = ["Entry", "Failure", "PluginRecord", "Stage", "Status", "normalize"]

Stage = Literal["import", "registration", "first use"]
Status = Literal["loaded", "broken", "skipped"]


def normalize(distribution: str) -> str:
    """A distribution's name as package indexes compare it (PEP 503): lower case, runs of `-_.` as one hyphen."""
    return re.sub(r"[-_.]+", "-", distribution).lower()


@dataclass(frozen=True)
class Failure:
    """One thing that went wrong in a plugin.

    Args:
        stage: `"import"` of the plugin's module, `"registration"` of its specs, or `"first use"` of a component.
        error: One line: the exception's type and message.
        traceback: The whole traceback.
        component: Qualified name of the component, for a failure at first use.
    """

    stage: Stage
    error: str
    traceback: str
    component: str | None = None

    @classmethod
    def of(cls, stage: Stage, error: BaseException, component: str | None = None) -> Failure:
        """The record of this exception. It holds text only, so that no frame of the plugin stays alive."""
        line = traceback.format_exception_only(error)[-1].strip()
        return cls(stage, line, "".join(traceback.format_exception(error)), component)


@dataclass
class PluginRecord:
    """One plugin as the host sees it.

    Args:
        name: Name of the entry point.
        target: What the entry point names, such as `"nncore_swiglu.plugin"`.
        distribution: Normalized name of the distribution that declares it.
        version: Version of that distribution; None where it has no metadata.
        builtin: Whether it is part of nncore itself.
        status: `"loaded"`, `"broken"` (left out as a whole) or `"skipped"` (not wanted; see `reason`).
        reason: Why it was skipped.
        entries: What it provides; empty unless loaded.
        failures: What went wrong. A loaded plugin may have failures at first use.
    """

    name: str
    target: str
    distribution: str
    version: str | None = None
    builtin: bool = False
    status: Status = "loaded"
    reason: str = ""
    entries: list[Entry] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)

    def __str__(self) -> str:
        version = f" {self.version}" if self.version else ""
        return f"plugin {self.name!r} ({self.target}, from {self.distribution}{version})"


@dataclass(eq=False)
class Entry:
    """One component of one plugin; `component` is there once somebody has asked for it."""

    spec: ComponentSpec
    plugin: PluginRecord = field(repr=False)
    loaded: bool = False
    component: Any = None

    @property
    def kind(self) -> str:
        return type(self.spec).kind

    @property
    def short(self) -> str:
        """`"distribution/name"`."""
        return f"{self.plugin.distribution}/{self.spec.name}"

    @property
    def qualified(self) -> str:
        """`"kind:distribution/name"`, which always resolves."""
        return f"{self.kind}:{self.short}"

    @property
    def former(self) -> set[str]:
        """What this component was called, as `"distribution/name"`."""
        home = self.plugin.distribution
        parts = (name.rpartition("/") for name in self.spec.formerly)
        return {f"{normalize(distribution) if slash else home}/{bare}" for distribution, slash, bare in parts}


assert all(kind.spec.kind == name for name, kind in KINDS.items()), "specs and the table of kinds disagree"
