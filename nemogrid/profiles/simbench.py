"""Measured load and generation shapes of SimBench.

SimBench [1]_ comes with the quarter-hours of 2016 as measured in Germany, per unit of each
customer's rated power. Its rows are equally long in absolute time, although the times printed
beside them jump with daylight saving.

For loads the first row is midnight of 1 January 2016 in German time: businesses start at seven in
winter, and an hour of rows earlier in summer. For photovoltaic systems it is midnight in UTC, an
hour later: read so, systems that face east start with the sunrise in the middle of Germany and
systems that face west stop with the sunset in every month, and PV5 is centred on the sun's noon.
Read in German time, all of them would stop an hour before sunset. Their rows are hourly values
with straight lines in between.

Parsing SimBench takes several seconds. The shapes are therefore kept in the user's cache
directory, one file per version of SimBench, and neither SimBench nor pandapower is imported as
long as that file is good.

The data are published under the Open Database License (ODbL): name SimBench where they are used.

References
----------
.. [1] S. Meinecke et al., "SimBench: a benchmark dataset of electric power systems to compare
   innovative solutions based on power flow analysis", Energies 13(12), 3290 (2020).
   doi:10.3390/en13123290
"""

from __future__ import annotations

import difflib
import os
import tempfile
import warnings
from collections.abc import Iterable
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from nemogrid.errors import InputError, LabelError, listed

Kind = Literal["load", "pv"]

QUARTERS = 366 * 96
"""Quarter-hours of 2016."""

NORMAL_YEAR_H = 8760.0
"""Hours of a year of 365 days."""

_LAYOUT = 1
_SUFFIX = "_pload"
_AGGREGATES = ("lv_", "mv_", "hv_")


def shape_names(kind: Kind = "load") -> tuple[str, ...]:
    """List the shapes that members can have.

    Parameters
    ----------
    kind : {"load", "pv"}
        Loads: households ``H0-*``, businesses ``G*``, farms ``L*``, heat pumps ``Air_*`` and
        ``Soil_*``, charging points ``HLS_*`` and ``APLS_*``; or photovoltaic systems ``PV*``.

    Returns
    -------
    tuple of str

    Examples
    --------
    >>> shape_names("pv")
    ('PV1', 'PV2', 'PV3', 'PV4', 'PV5', 'PV6', 'PV7', 'PV8')
    """
    import pyarrow.parquet as pq

    prefix = f"{kind}:"
    try:
        columns = pq.read_schema(cache_file()).names
    except (OSError, ValueError):
        columns = list(_rebuild())
    return tuple(c.removeprefix(prefix) for c in columns if c.startswith(prefix))


def read_shapes(names: Iterable[str], *, kind: Kind = "load") -> dict[str, np.ndarray]:
    """Read shapes, from the cache when there is one.

    Parameters
    ----------
    names : iterable of str
        Names of shapes; each is read once.
    kind : {"load", "pv"}
        Whether they are loads or photovoltaic systems.

    Returns
    -------
    dict of str to numpy.ndarray, shape (35136,)
        Power of each quarter-hour of 2016 per unit of rated power, at least 0: of loads in German
        time, of photovoltaic systems in UTC.

    Raises
    ------
    InputError
        If there is no such shape; near names are suggested.

    Examples
    --------
    >>> float(read_shapes(["H0-A"])["H0-A"].max())
    1.0
    """
    wanted = list(dict.fromkeys(names))
    known = shape_names(kind)
    unknown = [name for name in wanted if name not in known]
    if unknown:
        raise InputError(_unknown_shape(unknown[0], known, kind))
    columns = [f"{kind}:{name}" for name in wanted]
    table = _read_cache(columns)
    if table is None:
        table = _rebuild()
    return {n: table[c].to_numpy(dtype=float) for n, c in zip(wanted, columns, strict=True)}


def yearly_energy_kwh(rated_kw: pd.Series, shapes: pd.Series) -> pd.Series:
    """Compute the energy of a normal year of each load.

    Energy = rated power x mean of the shape x 8760 h.

    Parameters
    ----------
    rated_kw : pandas.Series, shape (N,)
        Rated power of each load [kW].
    shapes : pandas.Series, shape (N,)
        Name of the shape of each load, with the same labels in the same order.

    Returns
    -------
    pandas.Series, shape (N,)
        Energy of a year of 365 days [kWh].

    Raises
    ------
    LabelError
        If the labels differ.
    InputError
        If a rated power is negative or not a number, or a shape is unknown.

    Examples
    --------
    >>> yearly_energy_kwh(pd.Series({"house": 3.0}), pd.Series({"house": "H0-A"})).round(0)
    house    3656.0
    Name: yearly_kwh, dtype: float64
    """
    if not rated_kw.index.equals(shapes.index):
        raise LabelError("rated powers and shapes of the loads have different labels")
    power_kw = rated_kw.to_numpy(dtype=float)
    wrong = ~(np.isfinite(power_kw) & (power_kw >= 0))
    if wrong.any():
        raise InputError(
            f"rated power of load {listed(rated_kw.index[wrong])} is {power_kw[wrong][0]} kW: "
            "expected a finite number of at least 0"
        )
    means = {name: shape.mean() for name, shape in read_shapes(shapes).items()}
    full_load_h = shapes.map(means).to_numpy(dtype=float) * NORMAL_YEAR_H
    return pd.Series(power_kw * full_load_h, index=rated_kw.index, name="yearly_kwh")


def cache_file() -> Path:
    """Tell where the parsed shapes are kept.

    Returns
    -------
    pathlib.Path
        A file in the user's cache directory, named after the version of SimBench.
    """
    import platformdirs

    folder = Path(platformdirs.user_cache_dir("nemogrid", appauthor=False))
    return folder / f"simbench-{version('simbench')}-shapes-{_LAYOUT}.parquet"


def _unknown_shape(name: str, known: tuple[str, ...], kind: Kind) -> str:
    near = difflib.get_close_matches(str(name), known, n=3, cutoff=0.3)
    hint = f"did you mean {listed(near)}?" if near else f"known are {listed(known, most=8)}"
    what = {"load": "load", "pv": "photovoltaic"}[kind]
    return f"SimBench has no {what} shape {name!r}: {hint}"


def _read_cache(columns: list[str]) -> pd.DataFrame | None:
    """Read the cache, or None when it is absent, damaged or incomplete."""
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(cache_file(), columns=columns, page_checksum_verification=True)
    except (OSError, ValueError):
        return None
    if table.num_rows != QUARTERS or table.column_names != columns:
        return None
    return table.to_pandas()


def _rebuild() -> pd.DataFrame:
    """Parse SimBench and write the cache, whole or not at all."""
    table = _parse()
    try:
        _write(table, cache_file())
    except OSError as error:
        warnings.warn(f"SimBench shapes are not kept for the next time: {error}", stacklevel=4)
    return table


@lru_cache(maxsize=1)
def _parse() -> pd.DataFrame:
    """Take the shapes of single loads and systems out of SimBench, telling a terminal so."""
    from tqdm import tqdm

    with tqdm(total=3, desc="SimBench shapes, first use", leave=False, disable=None) as bar:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import simbench

            bar.update()
            profiles = simbench.get_all_simbench_profiles(0)
            bar.update()
        load, renewables = profiles["load"], profiles["renewables"]
        columns = {
            f"load:{name.removesuffix(_SUFFIX)}": load[name].to_numpy(dtype=float)
            for name in load.columns
            if name.endswith(_SUFFIX) and not name.startswith(_AGGREGATES)
        }
        columns |= {
            f"pv:{name}": renewables[name].to_numpy(dtype=float)
            for name in renewables.columns
            if name.startswith("PV")
        }
        bar.update()
    # A few measured values are negative, by at most 1.2e-5.
    return pd.DataFrame(columns).clip(lower=0.0)


def _write(table: pd.DataFrame, path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.stem, suffix=".part")
    os.close(handle)
    try:
        pq.write_table(
            pa.Table.from_pandas(table, preserve_index=False), name,
            compression="zstd", write_page_checksum=True,
        )  # fmt: skip
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
