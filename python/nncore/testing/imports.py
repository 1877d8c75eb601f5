"""The check of what importing costs: a fresh interpreter imports the entry module, then each component, and tells."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

from nncore.plugins import PluginRecord
from nncore.plugins.records import Entry
from nncore.testing.report import Fault, NotApplicable

__all__ = ["Imported", "check_entry", "check_target", "probe"]

_HINT = "Importing a module only defines things: do the rest where the component is made or called."


@dataclass(frozen=True)
class Imported:
    """What one import did.

    Args:
        modules: The modules that it brought.
        seconds: How long it took, for information.
        acts: What else it did: files written, connections, processes.
        error: Why it failed, or an empty string.
    """

    modules: tuple[str, ...] = ()
    seconds: float = 0.0
    acts: tuple[str, ...] = ()
    error: str = ""


def probe(plugins: list[tuple[str, list[Any]]]) -> dict[str, Imported]:
    """What the imports do, in a fresh interpreter and in this order.

    Args:
        plugins: Entry modules, each with its specs' targets. Objects that are no names are left out.

    Returns:
        For each module that was asked for, what its import did.
    """
    wanted = [entry.partition(":")[0] for entry, _ in plugins]
    wanted += [t.partition(":")[0] for _, targets in plugins for t in targets if isinstance(t, str)]
    wanted = list(dict.fromkeys(wanted))
    if not wanted:
        return {}
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(path or os.getcwd() for path in sys.path)}
    command = [sys.executable, "-B", "-m", "nncore.testing.probe", *wanted]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=300)
    try:
        rows = json.loads(done.stdout.splitlines()[-1])
    except (IndexError, ValueError):
        last = (done.stderr.strip().splitlines() or ["nothing"])[-1]
        return {name: Imported(error=f"the interpreter ended with {done.returncode}: {last}") for name in wanted}
    return {
        name: Imported(tuple(row["modules"]), row["seconds"], tuple(row["acts"]), row["error"])
        for name, row in rows.items()
    }


def check_entry(found: dict[str, Imported], record: PluginRecord) -> str:
    """The entry module imports none of its components, and does nothing but import."""
    name = record.target.partition(":")[0]
    imported = found[name]
    _judge(imported)
    targets = {
        entry.spec.target.partition(":")[0] for entry in record.entries if isinstance(entry.spec.target, str)
    } - {name}
    early = sorted(targets & set(imported.modules))
    if early:
        raise Fault(
            f"{name} imports {', '.join(early)}, where its components are",
            "Name them in the specs as strings, 'package.module:Name', and import nothing of them.",
        )
    return _cost(imported)


def check_target(found: dict[str, Imported], entry: Entry) -> str:
    """The component's module does nothing but import."""
    target = entry.spec.target
    if not isinstance(target, str):
        raise NotApplicable("its spec holds the object itself, which is imported whenever nncore looks for plugins")
    imported = found[target.partition(":")[0]]
    _judge(imported)
    return _cost(imported)


def _judge(imported: Imported) -> None:
    if imported.error:
        raise Fault(f"in a fresh interpreter the import fails: {imported.error}")
    if imported.acts:
        more = f" and {len(imported.acts) - 3} more" if len(imported.acts) > 3 else ""
        raise Fault(f"importing it {', '.join(imported.acts[:3])}{more}", _HINT)


def _cost(imported: Imported) -> str:
    count = len(imported.modules)
    return f"{count} module{'s' if count != 1 else ''}, {imported.seconds * 1000:.1f} ms"
