"""The names of `nncore.nn` for type checkers, out of the list of built-in components.

python tests/face/nn_stub.py --write
"""

from __future__ import annotations

import sys
from pathlib import Path

STUB = Path(__file__).parents[2] / "python" / "nncore" / "nn" / "__init__.pyi"
COMMAND = "python tests/face/nn_stub.py --write"


def text() -> str:
    """What the stub must say."""
    from nncore.nn import _targets

    own = {"Module": "nncore.module", "Parameter": "nncore.parameter", "utils": "nncore.nn"}
    places = {**{name: target.partition(":")[0] for name, target in _targets().items()}, **own}
    lines = [f"from {place} import {name} as {name}" for name, place in sorted(places.items(), key=lambda it: it[::-1])]
    return f"# Written by `{COMMAND}`.\n" + "\n".join(lines) + "\n"


if __name__ == "__main__":
    if sys.argv[1:] == ["--write"]:
        STUB.write_text(text())
    else:
        sys.stdout.write(text())
