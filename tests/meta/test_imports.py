"""What importing nncore costs. Who may import whom is in test_layers.py."""

from __future__ import annotations

import subprocess
import sys


def run(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.strip()


def test_importing_nncore_imports_no_components_and_no_host() -> None:
    loaded = run("import sys, nncore; print(' '.join(m for m in sys.modules))").split()
    for heavy in ("pluggy", "nncore.builtin", "nncore.nn", "rich", "click", "importlib.metadata", "numpy.random"):
        assert heavy not in loaded, f"import nncore imports {heavy}"


def test_importing_nncore_costs_little_more_than_importing_numpy() -> None:
    code = "import time, numpy; t = time.process_time(); import nncore; print((time.process_time() - t) * 1e3)"
    milliseconds = min(float(run(code)) for _ in range(5))
    assert milliseconds < 60, f"import nncore takes {milliseconds:.0f} ms over numpy"
