"""Tests of the bench: its cases are what it says, and its engines agree."""

import os

import numpy as np
import pandas as pd
import pytest

from bench import storage, storage_cases, storage_growth
from bench.__main__ import kept_with
from bench.table import fresh_process, one_core
from nemogrid.dispatch.exact import burning_steps, solve_exact
from nemogrid.dispatch.lp_highs import in_arrays
from nemogrid.dispatch.lp_model import assemble
from nemogrid.dispatch.meter import two_prices


@pytest.mark.parametrize("levels", [1, 2, 4, 256, 960])
def test_prices_come_in_as_many_levels_as_asked(levels):
    """Levels are distinct and keep the order of the prices."""
    prices = storage_cases.wave(960, per_day=48)
    rounded = storage_cases.in_levels(prices, levels)
    assert len(np.unique(rounded)) == levels
    order = np.argsort(prices)
    assert (np.diff(rounded[order]) >= -1e-12).all()
    assert rounded.min() > 0


def test_a_year_is_cut_or_repeated():
    """Steps beyond the year begin it anew."""
    assert storage_growth.tiled(np.arange(4), 2).tolist() == [0, 1]
    assert storage_growth.tiled(np.arange(4), 6).tolist() == [0, 1, 2, 3, 0, 1]


def test_the_engines_of_the_bench_find_the_same_optimum():
    """A week of the household, at prices that do not pay for burning energy."""
    steps = 336
    spot = storage_cases.wave(steps, per_day=48)
    meter = two_prices(spot + 0.15, spot, step_h=storage_cases.STEP_H)
    hour = np.arange(steps) * storage_cases.STEP_H % 24
    net_kwh = 0.4 - 1.2 * np.maximum(np.sin((hour - 6) / 12 * np.pi), 0.0)
    store = storage_cases.box_store(steps)
    assert not burning_steps(meter, net_kwh, store).size
    cost = solve_exact(meter, net_kwh, store).cost
    arrays = in_arrays(assemble(meter, net_kwh, (store,)))
    assert storage.bare_highs(arrays) == pytest.approx(cost, abs=1e-7)
    spent, same = storage.timed(lambda: solve_exact(meter, net_kwh, store).cost, 1)
    assert spent > 0
    assert same == cost


def test_one_core_is_given_back():
    """Inside, the process runs on one core where the platform can; afterwards on all of before."""
    if not hasattr(os, "sched_getaffinity"):
        pytest.skip("this platform cannot keep a process on a core")
    before = os.sched_getaffinity(0)
    with one_core():
        assert os.sched_getaffinity(0) == {min(before)}
    assert os.sched_getaffinity(0) == before


def test_the_memory_of_a_new_process_is_its_own():
    """Five hundred megabytes here do not count there."""
    here = np.ones(500 * 2**17)
    spent, peak = fresh_process("x = bytearray(50 * 2**20)")
    assert here.nbytes == 500 * 2**20
    assert 50 < peak < 200
    assert spent > 0


def test_measuring_a_part_keeps_the_rows_of_the_others(tmp_path):
    """New rows take the place of those of their group; the order of groups stays."""
    path = tmp_path / "results.csv"
    columns = ["group", "case", "value", "members", "steps", "prices", "difference"]
    old = [["a", "x", 1.0], ["b", "y", 2.0]]
    pd.DataFrame([[*row, 1, 2, 3, 0.0] for row in old], columns=columns).to_csv(path, index=False)
    new = pd.DataFrame([["a", "z", 3.0, 1, 2, 3, 0.0]], columns=columns)
    kept = kept_with(new, path)
    assert kept[["group", "case", "value"]].values.tolist() == [["a", "z", 3.0], ["b", "y", 2.0]]
    assert kept_with(new, tmp_path / "none.csv") is new
