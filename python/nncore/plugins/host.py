"""The plugin host: finds plugins at the first look-up, takes each in alone, and remembers what went wrong."""

from __future__ import annotations

import importlib
import os
import threading
import warnings
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from nncore.errors import ComponentLoadError, PluginError, PluginWarning
from nncore.plugins._frames import stacklevel
from nncore.plugins.discovery import Settings, collect, entry_points, import_object, version_of
from nncore.plugins.kinds import KINDS, kind_of
from nncore.plugins.records import Entry, Failure, PluginRecord, Stage, normalize
from nncore.plugins.registry import Registry
from nncore.plugins.specs import ComponentSpec

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

__all__ = ["PluginHost"]


class PluginHost:
    """Everything that is registered, built-in and third-party alike.

    Nothing happens until the first look-up. Then the built-in plugins and every entry point in the group `nncore` are
    loaded, checked and called one by one, each in a guard of its own and all or nothing: a broken one is recorded with
    its traceback and warned of once, and the others work.

    Args:
        builtins: Modules that register nncore's own components, through the same hooks as everybody's.
        autoload: Whether to look for installed plugins; off for throw-away hosts in tests.
        environ: Where to read `NNCORE_STRICT_PLUGINS`, `NNCORE_DISABLE_PLUGIN_AUTOLOAD` and `NNCORE_PLUGINS`, at the
            time of discovery; the process's environment by default.
    """

    def __init__(
        self, builtins: Iterable[str] = (), *, autoload: bool = True, environ: Mapping[str, str] | None = None
    ) -> None:
        self._builtins = tuple(builtins)
        self._autoload = autoload
        self._environ = environ
        self._lock = threading.RLock()
        self._records: list[PluginRecord] | None = None
        self._discovering = False
        self._registries = {name: Registry(self, kind) for name, kind in KINDS.items()}
        self.generation = 0
        """Grows whenever what is registered changes, so that registries know when to index anew."""

    @property
    def plugins(self) -> tuple[PluginRecord, ...]:
        """Every plugin that was found: loaded, broken and skipped ones."""
        return tuple(self._discovered())

    def registry(self, kind: str) -> Registry:
        """The registry of one kind, by its singular or plural name."""
        return self._registries[kind_of(kind).name]

    def entries(self, kind: str) -> list[Entry]:
        """All components of one kind."""
        return [entry for record in self._discovered() for entry in record.entries if entry.kind == kind]

    def qualified_name(self, component: object) -> str | None:
        """`"kind:distribution/name"` of a class, function or instance; None where it is not registered.

        Nothing is imported: a component that exists has been imported already.
        """
        for registry in self._registries.values():
            name = registry.qualified_name(component)
            if name is not None:
                return name
        return None

    def register(self, plugin: object, *, name: str, distribution: str = "local") -> PluginRecord:
        """Take in a plugin that is not installed: a module, or any object with hooks and an `api_version`.

        Raises:
            PluginError: The plugin is broken. Unlike with an installed plugin, the caller is right here to see it.
        """
        with self._lock:
            records = self._discovered()
            record = PluginRecord(name, type(plugin).__name__, normalize(distribution), version_of(distribution))
            self._take(record, lambda: plugin, records, strict=True)
            records.append(record)
            self.generation += 1
        return record

    def reset(self) -> None:
        """Forget everything; the next look-up discovers anew. Preferences of the user stay."""
        importlib.invalidate_caches()  # for what was installed while this process runs
        with self._lock:
            self._records = None
            self.generation += 1

    def load(self, entry: Entry) -> Any:
        """The component behind an entry, imported at its first use.

        Raises:
            ComponentLoadError: Its target cannot be imported, or is nothing that can be called.
        """
        if entry.loaded:
            return entry.component
        target = entry.spec.target
        try:
            component = import_object(target) if isinstance(target, str) else target
            if not callable(component):
                raise TypeError(f"the target is a {type(component).__name__}, which cannot be called")
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            failure = Failure.of("first use", error, entry.qualified)
            if all(known.component != failure.component for known in entry.plugin.failures):
                entry.plugin.failures.append(failure)
            raise ComponentLoadError(
                f"{entry.kind} {entry.spec.name!r} of {entry.plugin} could not be loaded "
                f"from {target!r}: {failure.error}"
            ) from error
        # It may have failed before and be mended since, say by installing what it lacked.
        entry.plugin.failures = [known for known in entry.plugin.failures if known.component != entry.qualified]
        entry.component, entry.loaded = component, True
        return component

    def _discovered(self) -> list[PluginRecord]:
        if self._records is not None:
            return self._records
        with self._lock:
            if self._records is not None:
                return self._records
            if self._discovering:
                raise PluginError(
                    "a plugin looked up a component while plugins were being found; "
                    "its entry module may only yield specs, so move the look-up into the component"
                )
            self._discovering = True
            try:
                records, complaints = self._discover()
            finally:
                self._discovering = False
            self._records = records
            self.generation += 1
        # Last, since a user may have turned warnings into errors: what was found stays found.
        for complaint in complaints:
            warnings.warn(complaint, PluginWarning, stacklevel=stacklevel())
        return records

    def _discover(self) -> tuple[list[PluginRecord], list[str]]:
        settings = Settings.read(os.environ if self._environ is None else self._environ)
        records: list[PluginRecord] = []
        for path in self._builtins:
            record = PluginRecord("builtin", path, "nncore", version_of("nncore"), builtin=True)
            self._take(record, lambda path=path: import_object(path), records, strict=settings.strict)  # type: ignore[misc]
            records.append(record)
        for point, distribution, version in entry_points() if self._autoload else ():
            record = PluginRecord(point.name, point.value, distribution, version)
            record.reason = settings.reason_to_skip(point.name, distribution)
            if record.reason:
                record.status = "skipped"
            else:
                self._take(record, _loader(point), records, strict=settings.strict)
            records.append(record)
        return records, [*_broken(records), *self._not_found(settings, records)]

    def _take(
        self, record: PluginRecord, load: Callable[[], object], others: list[PluginRecord], *, strict: bool
    ) -> None:
        """Load one plugin and fill in its record. All or nothing; only `strict` lets an error out."""
        stage: Stage = "import"
        try:
            plugin = load()
            stage = "registration"
            entries = [Entry(spec, record) for spec in collect(plugin)]
            _check_unique(entries, others)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # sys.exit() and panics of native code as well
            record.status = "broken"
            record.failures.append(Failure.of(stage, error))
            if strict:
                raise PluginError(f"{record} failed at {stage}: {record.failures[-1].error}") from error
        else:
            record.entries = entries

    def _not_found(self, settings: Settings, records: list[PluginRecord]) -> list[str]:
        if not (self._autoload and settings.autoload):
            return []
        present = {record.name for record in records} | {record.distribution for record in records}
        missing = [name for name in settings.allowed or () if name not in present and normalize(name) not in present]
        if missing and settings.strict:
            raise PluginError(f"NNCORE_PLUGINS names plugins that are not installed: {', '.join(missing)}")
        return [f"NNCORE_PLUGINS names {name!r}, but no such plugin is installed" for name in missing]


def _loader(point: EntryPoint) -> Callable[[], object]:
    # Not `point.load()`: that also takes malformed values apart in its own way, with errors that explain nothing.
    return lambda: import_object(point.value.partition("[")[0].replace(" ", ""))


def _check_unique(entries: list[Entry], others: list[PluginRecord]) -> None:
    """Within one distribution a name and its aliases belong to one component, or qualified names would be ambiguous."""
    taken: dict[tuple[str, str], Entry] = {}
    siblings = [entry for record in others if entries for entry in record.entries]
    home = entries[0].plugin.distribution if entries else ""
    for entry in [*(entry for entry in siblings if entry.plugin.distribution == home), *entries]:
        for name in (entry.spec.name, *entry.spec.aliases):
            other = taken.setdefault((entry.kind, name), entry)
            if other is not entry:
                raise PluginError(f"two components of {home} are called {name!r}: {_what(other)} and {_what(entry)}")


def _what(entry: Entry) -> str:
    spec: ComponentSpec = entry.spec
    return f"{spec} ({spec.target_path or spec.target!r}, plugin {entry.plugin.name!r})"


def _broken(records: list[PluginRecord]) -> list[str]:
    return [
        f"{record} failed at {record.failures[0].stage} and was left out: {record.failures[0].error}\n"
        "`nncore plugins --traceback` shows where."
        for record in records
        if record.status == "broken"
    ]
