"""What 50 installed plugins cost: in `import nncore`, and in the first look-up of a component.

    python benches/python/plugins_many.py [--plugins 50] [--rounds 15]

Each plugin is a distribution of its own with four components in two kinds. Fresh interpreters run in turns, with the plugins and
without; medians of the wall-clock time and what the plugins add to them. The promise: at most 5 ms and 100 ms.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import nncore

MODULE = """from nncore.api import ActivationSpec, LayerSpec, hookimpl

api_version = 1


@hookimpl
def nncore_layers():
    yield LayerSpec(name="one", target="{package}.parts:One", summary="One")
    yield LayerSpec(name="two", target="{package}.parts:Two", summary="Two", aliases=("second",))


@hookimpl
def nncore_activations():
    yield ActivationSpec(name="three", target="{package}.parts:three", summary="Three")
    yield ActivationSpec(name="four", target="{package}.parts:four", summary="Four")
"""

PROGRAM = """
import json, time
begin = time.perf_counter()
import nncore
imported = time.perf_counter()
nncore.registry.layers["linear"]
found = time.perf_counter()
print(json.dumps([imported - begin, found - imported, len(nncore.plugins.current_host().plugins)]))
"""


def install(site: Path, count: int) -> None:
    """Write the distributions as an installer would."""
    for number in range(count):
        package = f"nncore_many_{number:03}"
        (site / package).mkdir(parents=True)
        (site / package / "__init__.py").touch()
        (site / package / "plugin.py").write_text(MODULE.format(package=package))
        info = site / f"{package}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package.replace('_', '-')}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[nncore]\nmany{number:03} = {package}.plugin\n")


def measured(paths: list[Path]) -> list[float]:
    """Seconds of the import and of the first look-up in a fresh interpreter, and the plugins that it found."""
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, paths))}
    done = subprocess.run([sys.executable, "-c", PROGRAM], env=env, capture_output=True, text=True, check=True)
    found: list[float] = json.loads(done.stdout)
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--plugins", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=15)
    given = parser.parse_args()
    root = Path(nncore.__file__).parents[1]
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder)
        install(site, given.plugins)
        rows: dict[str, list[list[float]]] = {"without": [], "with": []}
        for number in range(given.rounds + 1):
            for name, paths in (("without", [root]), ("with", [root, site])):
                row = measured(paths)
                if number:  # the first writes byte code
                    rows[name].append(row)
    assert rows["with"][0][2] - rows["without"][0][2] == given.plugins
    for at, what in enumerate(("import nncore", "the first look-up")):
        alone, beside = (statistics.median(row[at] for row in rows[name]) * 1000 for name in ("without", "with"))
        print(f"{what}: {alone:.1f} ms alone, {beside:.1f} ms beside {given.plugins} plugins: {beside - alone:+.1f} ms")


if __name__ == "__main__":
    main()
