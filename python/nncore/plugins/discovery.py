"""Finding plugins and taking one in: enumeration, import, checks, collection of its specs."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

import pluggy

from nncore.errors import PluginError
from nncore.plugins import hookspecs
from nncore.plugins.kinds import KINDS, Kind
from nncore.plugins.near import did_you_mean
from nncore.plugins.records import normalize
from nncore.plugins.specs import ComponentSpec

# importlib.metadata takes longer to import than the whole of this package, and is needed at discovery only. So the
# functions below import it themselves.
if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

__all__ = ["API_VERSION", "Settings", "collect", "entry_points", "import_object", "version_of"]

API_VERSION = 1
"""What a plugin's `api_version` must say. It grows only when a plugin written for the old one would break."""

# A hook that never ends would hang the first look-up; no package has this many components.
_MOST_SPECS = 10_000


@dataclass(frozen=True)
class Settings:
    """What the environment asks of the host.

    Args:
        strict: `NNCORE_STRICT_PLUGINS=1`: a broken plugin raises instead of being left out.
        autoload: False under `NNCORE_DISABLE_PLUGIN_AUTOLOAD=1`: built-in components only.
        allowed: `NNCORE_PLUGINS="a,b"`: only plugins of these names, or from these distributions. None allows all.
    """

    strict: bool = False
    autoload: bool = True
    allowed: tuple[str, ...] | None = None

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> Settings:
        """The settings in these environment variables."""

        def flag(name: str) -> bool:
            return environ.get(name, "").strip().lower() not in ("", "0", "false", "no", "off")

        allowed = environ.get("NNCORE_PLUGINS")
        return cls(
            strict=flag("NNCORE_STRICT_PLUGINS"),
            autoload=not flag("NNCORE_DISABLE_PLUGIN_AUTOLOAD"),
            allowed=None if allowed is None else tuple(re.findall(r"[^\s,]+", allowed)),
        )

    def reason_to_skip(self, plugin: str, distribution: str) -> str:
        """Why this plugin is not wanted, or an empty string."""
        if not self.autoload:
            return "NNCORE_DISABLE_PLUGIN_AUTOLOAD is set"
        if self.allowed is not None and not any(
            wanted == plugin or normalize(wanted) == distribution for wanted in self.allowed
        ):
            return "not in NNCORE_PLUGINS"
        return ""


def entry_points() -> Iterator[tuple[EntryPoint, str, str | None]]:
    """Every entry point in the group `nncore`, with its distribution's normalized name and version, in a fixed order.

    Only metadata is read. Where one distribution's metadata is damaged, the others are still found.
    """
    import importlib.metadata

    try:
        found = list(importlib.metadata.entry_points(group=hookspecs.PROJECT))
    except Exception:
        found = list(_entry_points_one_by_one())
    located = []
    for point in found:
        try:
            name, version = normalize(point.dist.name), point.dist.version  # type: ignore[union-attr]
        except Exception:
            name, version = "unknown", None
        located.append((point, name, version))
    return iter(sorted(located, key=lambda item: (item[1], item[0].name, item[0].value)))


def _entry_points_one_by_one() -> Iterator[EntryPoint]:
    import importlib.metadata

    seen = set()
    for distribution in importlib.metadata.distributions():
        try:
            name = normalize(distribution.name)
            points = [point for point in distribution.entry_points if point.group == hookspecs.PROJECT]
        except Exception:
            continue
        if name not in seen:  # the first on sys.path wins, as in an import
            seen.add(name)
            yield from points


def version_of(distribution: str) -> str | None:
    """The installed version of a distribution, None where it has no metadata."""
    import importlib.metadata

    try:
        return importlib.metadata.version(distribution)
    except Exception:
        return None


def import_object(path: str) -> object:
    """The module `"package.module"`, or the object `"package.module:Name"` in it."""
    module_name, _, attributes = path.partition(":")
    found: object = importlib.import_module(module_name)
    for attribute in filter(None, attributes.split(".")):
        try:
            found = getattr(found, attribute)
        except AttributeError as error:
            hint = did_you_mean(attribute, (name for name in dir(found) if not name.startswith("_")))
            raise AttributeError(f"{module_name!r} has no attribute {attributes!r}.{hint}") from error
    return found


def collect(plugin: object) -> list[ComponentSpec]:
    """All specs of one plugin, which is asked alone. Either all of them are right or this raises.

    Raises:
        PluginError: The plugin breaks a rule; the message says which.
        Exception: Whatever the plugin's own hooks raise.
    """
    _check_api_version(plugin)
    # A manager of its own: what another plugin does cannot reach this one, and a failure leaves nothing behind.
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    manager.register(plugin, name="plugin")
    _check_hooks(plugin, manager.get_hookcallers(plugin) or [])
    specs: list[ComponentSpec] = []
    for kind in KINDS.values():
        for result in getattr(manager.hook, kind.hook.__name__)():
            specs.extend(_specs_of(kind, result))
    return specs


def _check_api_version(plugin: object) -> None:
    version = getattr(plugin, "api_version", None)
    if version == API_VERSION and type(version) is int:
        return
    if version is None:
        raise PluginError(f"the plugin does not say which API it is written for; add `api_version = {API_VERSION}`")
    if type(version) is not int:
        raise PluginError(f"api_version must be an integer such as {API_VERSION}, got {version!r}")
    other = "upgrade nncore" if version > API_VERSION else "upgrade the plugin"
    raise PluginError(f"the plugin is written for api_version {version}, this nncore has {API_VERSION}; {other}")


def _check_hooks(plugin: object, callers: list[pluggy.HookCaller]) -> None:
    known = [kind.hook.__name__ for kind in KINDS.values()]
    marked = {caller.name for caller in callers}
    for name in known:
        if name not in marked and callable(getattr(plugin, name, None)):
            raise PluginError(f"{name} is not marked as a hook; write @hookimpl above it")
    for caller in callers:
        # `@hookimpl(optionalhook=True)` is how a plugin serves a hook that only later releases have.
        if caller.name not in known and not all(impl.optionalhook for impl in caller.get_hookimpls()):
            raise PluginError(
                f"there is no hook {caller.name!r}.{did_you_mean(caller.name, known)} "
                "If only later releases have it, mark it with @hookimpl(optionalhook=True)."
            )
    if not marked:
        raise PluginError(f"the plugin implements no hook; the hooks are {', '.join(known)}, marked with @hookimpl")


def _specs_of(kind: Kind, result: object) -> Iterator[ComponentSpec]:
    hook, wanted = kind.hook.__name__, kind.spec.__name__
    if not isinstance(result, Iterable):
        raise PluginError(f"{hook} must yield {wanted}s, but it returned {result!r}")
    specs = iter(result)
    for spec in islice(specs, _MOST_SPECS):
        if not isinstance(spec, kind.spec):
            raise PluginError(f"{hook} must yield {wanted}s, but it yielded {spec!r}")
        yield spec
    if next(specs, None) is not None:
        raise PluginError(f"{hook} does not end: more than {_MOST_SPECS} specs")
