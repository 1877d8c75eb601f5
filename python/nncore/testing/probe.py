"""Run as a program: import modules one after the other and print, as JSON, what each import brought and did."""

from __future__ import annotations

import importlib
import json
import os
import sys
import time
from typing import Any

__all__ = ["main"]

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
_ACTS = {
    "os.mkdir": "makes the folder",
    "os.rename": "renames",
    "os.remove": "removes",
    "os.rmdir": "removes the folder",
    "os.truncate": "truncates",
    "socket.connect": "connects to",
    "socket.getaddrinfo": "looks up",
    "subprocess.Popen": "starts the program",
    "os.system": "starts",
    "os.posix_spawn": "starts the program",
}


def main(names: list[str]) -> None:
    """Import these modules and print what happened."""
    import nncore.api  # noqa: F401  (what every plugin has already)

    acts: list[str] = []

    def watch(event: str, args: tuple[Any, ...]) -> None:
        if event == "open" and isinstance(args[2], int) and args[2] & _WRITING and args[0] != os.devnull:
            acts.append(f"writes the file {args[0]}")
        elif event in _ACTS:
            acts.append(f"{_ACTS[event]} {args[1] if event.startswith('socket.connect') else args[0]}")

    # What a plugin prints belongs to it; the last line is ours.
    sys.addaudithook(watch)
    rows = {}
    for name in names:
        before = set(sys.modules)
        acts.clear()
        error = ""
        start = time.perf_counter()
        try:
            importlib.import_module(name)
        except BaseException as problem:
            error = f"{type(problem).__name__}: {problem}"
        seconds = time.perf_counter() - start
        new = sorted(set(sys.modules) - before)
        rows[name] = {"modules": new, "seconds": seconds, "acts": list(acts), "error": error}
    print()
    print(json.dumps(rows))


if __name__ == "__main__":
    main(sys.argv[1:])
