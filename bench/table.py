"""Rows of the benchmark table, and how they are measured."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of the table.

    Parameters
    ----------
    group, case : str
        What is measured.
    members, steps : int or None
        Size of the problem.
    value : float
        Median of the runs, or a ratio of medians of one run.
    unit : str
        ``"s"``, ``"MB"`` or ``"times"``.
    runs : int
        How many runs the median is of.
    target : str
        What the project promises, empty where it promises nothing.
    met : bool or None
        Whether the promise holds.
    prices : int or None
        Number of distinct prices.
    difference : float or None
        How far the optimum lies from that of the exact engine [money].
    """

    group: str
    case: str
    value: float
    unit: str
    runs: int
    members: int | None = None
    steps: int | None = None
    target: str = ""
    met: bool | None = None
    prices: int | None = None
    difference: float | None = None


def seconds(function: Callable[[], object], *, runs: int) -> list[float]:
    """Time a call several times, after one call that is not counted."""
    function()
    times = []
    for _ in range(runs):
        begin = time.perf_counter()
        function()
        times.append(time.perf_counter() - begin)
    return times


def median(times: list[float]) -> float:
    """Median of the runs."""
    return statistics.median(times)


@contextmanager
def one_core() -> Iterator[None]:
    """Keep this process, and those that it starts, on one core where the platform can.

    HiGHS makes its threads once per process; it is asked to make them anew, before and after.
    """
    import highspy

    pin = getattr(os, "sched_setaffinity", None)
    before = os.sched_getaffinity(0) if pin else set()
    highspy.Highs.resetGlobalScheduler(True)
    if pin:
        pin(0, {min(before)})
    try:
        yield
    finally:
        highspy.Highs.resetGlobalScheduler(True)
        if pin:
            pin(0, before)


_CHILD = """
import json, pathlib, resource, time
begin = time.perf_counter()
{code}
seconds = time.perf_counter() - begin
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
status = pathlib.Path("/proc/self/status")
if status.exists():  # on Linux the other figure is at least that of the process that started this
    peak = int(status.read_text().split("VmHWM:")[1].split()[0]) / 1024
print(json.dumps([seconds, peak]))
"""


def fresh_process(code: str) -> tuple[float, float]:
    """Run code in a new interpreter.

    Returns
    -------
    seconds, megabytes : float
        Time of the code without the start of Python, and peak memory of the process.
    """
    done = subprocess.run(
        [sys.executable, "-c", _CHILD.format(code=code)], capture_output=True, text=True, check=True
    )
    spent, peak = json.loads(done.stdout.splitlines()[-1])
    return float(spent), float(peak)
