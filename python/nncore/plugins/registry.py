"""One read-only mapping per kind, from names to components."""

from __future__ import annotations

import inspect
import sys
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from nncore.errors import UnknownComponentError
from nncore.plugins._frames import stacklevel
from nncore.plugins.kinds import Kind
from nncore.plugins.known import installs
from nncore.plugins.near import did_you_mean
from nncore.plugins.records import Entry, PluginRecord, normalize
from nncore.plugins.specs import ComponentSpec

if TYPE_CHECKING:
    from nncore.plugins.host import PluginHost

__all__ = ["Description", "Registry"]


@dataclass(frozen=True)
class Description:
    """One row of a listing. `name` is the shortest name that resolves; `provider` is the distribution."""

    name: str
    kind: str
    qualified: str
    provider: str
    version: str | None
    summary: str
    aliases: tuple[str, ...]
    formerly: tuple[str, ...]
    target: str | None

    def asdict(self) -> dict[str, Any]:
        """As plain data, for JSON."""
        return asdict(self)


@dataclass
class _Index:
    """Who answers to which name. `current` holds names and aliases, `former` what `formerly=` lists."""

    generation: int = -1
    entries: list[Entry] = field(default_factory=list)
    current: dict[str, list[Entry]] = field(default_factory=dict)
    former: dict[str, list[Entry]] = field(default_factory=dict)

    @classmethod
    def of(cls, entries: list[Entry], generation: int) -> _Index:
        index = cls(generation, entries)
        for entry in entries:
            home = entry.plugin.distribution
            for name in (entry.spec.name, *entry.spec.aliases):
                index.current.setdefault(name, []).append(entry)
                index.current.setdefault(f"{home}/{name}", []).append(entry)
            for name in sorted(entry.former):
                index.former.setdefault(name, []).append(entry)
                index.former.setdefault(name.rpartition("/")[2], []).append(entry)
        return index


class Registry(Mapping[str, Any]):
    """The components of one kind by name; looking one up imports it, and nothing else does.

    A name is bare (`"swiglu"`), qualified (`"nncore-swiglu/swiglu"`), or fully qualified
    (`"layer:nncore-swiglu/swiglu"`). Qualified names always resolve. A bare name means the built-in component where
    there is one, else the only one of that name; where several packages have it, the error lists them. Iteration gives
    each component once, under the shortest name that resolves.
    """

    def __init__(self, host: PluginHost, kind: Kind) -> None:
        self._host = host
        self._kind = kind
        self._preferred: dict[str, str] = {}
        self._cached = _Index()

    def __getitem__(self, name: str) -> Any:
        """The component of this name, imported if need be.

        Raises:
            UnknownComponentError: Nobody provides it, or several do.
            ComponentLoadError: It is registered, but its target cannot be imported.
        """
        return self.load(self.entry(name))

    def __contains__(self, name: object) -> bool:
        if not isinstance(name, str):
            return False
        found, _ = self._candidates(name)
        return len(found) == 1

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._shortest(entry) for entry in self._index().entries))

    def __len__(self) -> int:
        return len(self._index().entries)

    def __repr__(self) -> str:
        return f"<registry of {len(self)} {self._kind.plural}>"

    def _ipython_key_completions_(self) -> list[str]:
        return list(self)

    def entry(self, name: str) -> Entry:
        """The registration of this name; imports nothing of the component.

        Raises:
            UnknownComponentError: Nobody provides it, or several do.
        """
        found, former = self._candidates(name)
        if len(found) > 1:
            raise UnknownComponentError(self._ambiguous(name, found))
        if not found:
            raise UnknownComponentError(self._unknown(name))
        if former:
            warnings.warn(
                f"{self._kind.name} {name!r} is now called {self._shortest(found[0])!r}; the old name will go away",
                DeprecationWarning,
                stacklevel=stacklevel(),
            )
        return found[0]

    def load(self, entry: Entry) -> Any:
        """The component behind an entry, imported if need be."""
        return self._host.load(entry)

    def spec(self, name: str) -> ComponentSpec:
        """The spec that was registered under this name."""
        return self.entry(name).spec

    def provider(self, name: str) -> PluginRecord:
        """The plugin that provides this name, with its distribution and version."""
        return self.entry(name).plugin

    def qualify(self, name: str) -> str:
        """The fully qualified form `"kind:distribution/name"` of a name."""
        return self.entry(name).qualified

    def qualified_name(self, component: object) -> str | None:
        """The fully qualified name of a class, function or instance; None where it is not registered here."""
        entries = self._index().entries
        # An instance of a registered class may also be a target itself, so it is tried first.
        routine = isinstance(component, type) or inspect.isroutine(component)
        for candidate in (component,) if routine else (component, type(component)):
            for entry in entries:
                if _existing(entry) is candidate:
                    return entry.qualified
        return None

    def prefer(self, name: str) -> None:
        """Let a bare name mean this provider's component, even where it shadows a built-in one.

        `prefer("nncore-fast/relu")` makes `"relu"` mean that one; `prefer("nncore/relu")` goes back. Qualified names,
        and so saved models, are not touched.

        Raises:
            UnknownComponentError: Nobody provides it, or the name is not qualified.
        """
        bare = self._strip(name)
        if "/" not in bare:
            raise UnknownComponentError(f"prefer() takes a qualified name such as 'nncore/{bare}', got {name!r}")
        self._preferred[bare.rpartition("/")[2]] = self.entry(name).short

    def describe(self) -> list[Description]:
        """One row per component, sorted by name; imports nothing."""
        rows = []
        for entry in self._index().entries:
            spec, plugin = entry.spec, entry.plugin
            rows.append(
                Description(
                    name=self._shortest(entry),
                    kind=entry.kind,
                    qualified=entry.qualified,
                    provider=plugin.distribution,
                    version=plugin.version,
                    summary=spec.summary,
                    aliases=tuple(spec.aliases),
                    formerly=tuple(spec.formerly),
                    target=spec.target_path,
                )
            )
        return sorted(rows, key=lambda row: row.name)

    def _index(self) -> _Index:
        entries = self._host.entries(self._kind.name)  # discovers, which may raise the generation
        if self._cached.generation != self._host.generation:
            self._cached = _Index.of(entries, self._host.generation)
        return self._cached

    def _strip(self, name: str) -> str:
        """The name without this kind's prefix. Another kind's prefix stays, and so is not found."""
        return name.removeprefix(f"{self._kind.name}:")

    def _candidates(self, name: str) -> tuple[list[Entry], bool]:
        """Who answers to this name, and whether it is a former name. One is an answer, several are a clash."""
        index, bare = self._index(), self._strip(name)
        distribution, slash, last = bare.rpartition("/")
        if slash:
            bare = f"{normalize(distribution)}/{last}"
        elif bare in self._preferred and self._preferred[bare] in index.current:
            bare = self._preferred[bare]
        current, former = index.current.get(bare, []), index.former.get(bare, [])
        # What is built in comes first, former names included, so that installing a package changes no meaning.
        for found, is_former in ((_builtin(current), False), (_builtin(former), True)):
            if found:
                return found[:1], is_former
        return (current, False) if current else (former, True)

    def _shortest(self, entry: Entry) -> str:
        found, former = self._candidates(entry.spec.name)
        return entry.spec.name if found == [entry] and not former else entry.short

    def _ambiguous(self, name: str, found: list[Entry]) -> str:
        providers = ", ".join(repr(entry.short) for entry in found)
        return (
            f"{self._kind.name} {name!r} is provided by several packages: {providers}. Write one of these, or choose "
            f"once with nncore.registry.{self._kind.plural}.prefer({found[0].short!r})."
        )

    def _unknown(self, name: str) -> str:
        index = self._index()
        parts = [f"unknown {self._kind.name} {name!r}.{did_you_mean(self._strip(name), index.current)}"]
        for plural, registry in self._others():
            if name in registry:
                parts.append(f"There is one in nncore.registry.{plural}.")
        plugins = self._host.plugins
        broken = [record for record in plugins if record.status == "broken"]
        if broken:
            failures = "; ".join(f"{record} at {record.failures[0].stage}" for record in broken)
            parts.append(f"It may be in a plugin that failed to load: {failures}. See `nncore plugins`.")
        skipped = [f"{record} ({record.reason})" for record in plugins if record.status == "skipped"]
        if skipped:
            parts.append(f"It may be in a plugin that was skipped: {'; '.join(skipped)}.")
        installed = {record.distribution for record in plugins}
        parts += [
            f"`pip install {package}` provides it."
            for package in installs(self._kind.name, self._strip(name))
            if package not in installed
        ]
        parts.append(f"`nncore list {self._kind.plural}` shows all.")
        return " ".join(parts)

    def _others(self) -> Iterator[tuple[str, Registry]]:
        for kind, registry in self._host._registries.items():
            if kind != self._kind.name:
                yield registry._kind.plural, registry


def _builtin(entries: list[Entry]) -> list[Entry]:
    return [entry for entry in entries if entry.plugin.builtin]


def _existing(entry: Entry) -> object:
    """The component if it exists already, without importing anything."""
    if entry.loaded:
        return entry.component
    target = entry.spec.target
    if not isinstance(target, str):
        return target
    module, _, attributes = target.partition(":")
    found: object = sys.modules.get(module)
    for attribute in attributes.split("."):
        found = vars(found).get(attribute) if hasattr(found, "__dict__") else None
    return found if found is not None else entry  # an entry is equal to no component
