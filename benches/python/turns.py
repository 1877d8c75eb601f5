"""Two libraries in processes of their own that take turns, case by case: what the comparisons by case have in common."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import IO, Any, cast

Runs = dict[str, Callable[[], Any]]
"""By name, what runs it once."""
SHORT = 2e-4
"""A run below these seconds is repeated between two looks at the clock."""


def timed(run: Callable[[], Any], seconds: float, clock: Callable[[], float]) -> float:
    """Seconds of one call: the fastest of several, after some to warm up."""
    run()
    start = clock()
    run()
    times = range(max(1, round(SHORT / max(clock() - start, 1e-9))))
    best, end = float("inf"), clock() + seconds
    while True:
        start = clock()
        for _ in times:
            run()
        stop = clock()
        best = min(best, (stop - start) / len(times))
        if stop > end:
            return best


def work(make: Callable[[int], list[Runs]], cpu: bool) -> None:
    """The program of a worker: a case's number and seconds a line, and figures back.

    `make` gives the runs of a case for each layout that the library has; the fastest counts.
    """
    clock = time.process_time if cpu else time.perf_counter
    for line in sys.stdin:
        number, seconds = json.loads(line)
        layouts = make(number)
        times = {name: min(timed(runs[name], seconds, clock) for runs in layouts) for name in layouts[0]}
        print(json.dumps(times), flush=True)


class Turns:
    """Workers of both libraries: `script --worker NAME`, one Python each."""

    def __init__(self, script: str, peers: str, threads: int, cpu: bool) -> None:
        count = "1" if cpu else str(threads)
        env = {**os.environ, "BENCH_THREADS": count, "NNCORE_NUM_THREADS": count}
        self.workers = {
            library: subprocess.Popen(
                [python, script, "--worker", library, *(["--cpu"] if cpu else [])],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                env=env,
            )
            for library, python in (("ours", sys.executable), ("torch", peers))
        }

    def _ask(self, library: str, number: int, seconds: float) -> dict[str, float]:
        process = self.workers[library]
        print(json.dumps([number, seconds]), file=cast(IO[str], process.stdin), flush=True)
        answer: dict[str, float] = json.loads(cast(IO[str], process.stdout).readline())
        return answer

    def medians(self, number: int, rounds: int, seconds: float) -> Iterator[tuple[str, float, float]]:
        """For each run of a case: its name, our seconds and theirs, medians over rounds of turns."""
        turns = [{name: self._ask(name, number, seconds) for name in self.workers} for _ in range(rounds)]
        for run in turns[0]["ours"]:
            mine, other = (statistics.median(turn[name][run] for turn in turns) for name in self.workers)
            yield run, mine, other

    def close(self) -> None:
        """End both."""
        for process in self.workers.values():
            cast(IO[str], process.stdin).close()
            process.wait()
