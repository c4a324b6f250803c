"""A batch of balanced AC power flows: what a plan does to the wires, step by step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from nemogrid.errors import InputError, LabelError, NetworkError, PowerFlowError, listed
from nemogrid.feeder.check import check_network
from nemogrid.feeder.convert import GridModel, to_grid_model
from nemogrid.results import Certificate, FeederState

_BATCH_BYTES = 100_000_000
OUTPUT = {
    "node": {"u_pu", "p", "q"},
    "generic_branch": {"p_from", "p_to", "i_from", "i_to"},
}
# Newton-Raphson squares the error: a last correction of 1e-6 leaves about 1e-12.
VOLTAGE_TOLERANCE_PU = 1e-6
# On a base of 1 MVA, as in pandapower.
_MISMATCH_TOLERANCE_PU = 1e-8


def run_power_flow(
    network: Any,
    net_load_kw: pd.DataFrame,
    *,
    reactive_kvar: pd.DataFrame | None = None,
    transformer_model: str = "t",
    progress: Callable[[int], object] | None = None,
) -> FeederState:
    """Compute voltages, loadings and losses of every step.

    The net load is the whole injection: the network's own loads, generators and storages are not
    used, and buses without a column carry nothing. All steps are solved by the Newton-Raphson
    method in one batch of power-grid-model [1]_, on the branch equations of pandapower.

    Parameters
    ----------
    network : pandapowerNet
        The feeder; it is not changed.
    net_load_kw : pandas.DataFrame, shape (T, n)
        Net load [kW], consumption positive; a row per step, columns are bus indices.
    reactive_kvar : pandas.DataFrame, shape (T, n), optional
        Reactive net load [kvar], inductive positive; rows and columns as `net_load_kw`.
        Default: none.
    transformer_model : {"t", "pi"}
        Equivalent circuit of the transformers. Default: that of pandapower's ``runpp``.
    progress : callable, optional
        Called with the number of steps just finished, such as ``tqdm.update``.

    Returns
    -------
    FeederState
        Voltages of the B buses in service, loadings of all lines and transformers (the larger
        current of the two ends by the rated one; 0 where out of service), and losses, which are
        the power that enters lines and transformers and does not leave them.

    Raises
    ------
    NetworkError
        If the network cannot be carried completely.
    LabelError
        If a column is not a bus in service, is repeated, or the tables have different labels.
    InputError
        If a value is not a finite number; the message names bus and step.
    PowerFlowError
        If a step has no solution or the certificate is not met; the message names the steps.

    References
    ----------
    .. [1] Y. Xiang et al., "Power Grid Model: a high-performance distribution grid calculation
       library", CIRED 2023, doi:10.1049/icp.2023.0633.

    Examples
    --------
    >>> from nemogrid.feeder import load_feeder
    >>> network = load_feeder("1-LV-rural1--0-no_sw")
    >>> state = run_power_flow(network, pd.DataFrame({7: [0.0, 60.0], 13: [0.0, 20.0]}))
    >>> state.vm_pu[7].round(4).tolist(), state.loss_kw.round(3).tolist()
    ([1.025, 1.0172], [0.483, 1.128])
    """
    check_network(network)
    p_w, buses = _injection(network, net_load_kw, "net load [kW]")
    if reactive_kvar is None:
        q_var = np.zeros_like(p_w)
    else:
        if not reactive_kvar.columns.equals(net_load_kw.columns):
            raise LabelError("reactive power [kvar]: the buses are not those of the net load")
        if not reactive_kvar.index.equals(net_load_kw.index):
            raise LabelError("reactive power [kvar]: the steps are not those of the net load")
        q_var, _ = _injection(network, reactive_kvar, "reactive power [kvar]")
    grid = to_grid_model(network, buses, transformer_model=transformer_model)
    return _run(grid, p_w, q_var, net_load_kw.index, progress)


def _injection(network: Any, table: pd.DataFrame, what: str) -> tuple[np.ndarray, np.ndarray]:
    if not isinstance(table, pd.DataFrame):
        raise InputError(f"{what} is a {type(table).__name__}: expected a DataFrame")
    if not len(table):
        raise InputError(f"{what}: no steps")
    alive = network.bus.index[network.bus["in_service"].astype(bool)]
    twice = table.columns[table.columns.duplicated()]
    if len(twice):
        raise LabelError(f"{what}: more than one column for bus {listed(twice)}")
    unknown = [bus for bus in table.columns if bus not in alive]
    if unknown:
        raise LabelError(f"{what}: no bus in service is {listed(unknown)}")
    for bus, dtype in table.dtypes.items():
        if dtype.kind not in "fiu":
            raise InputError(
                f"{what} of bus {listed([bus])}: values of type {dtype}, expected numbers"
            )
    values = np.ascontiguousarray(table.to_numpy(dtype=float) * 1e3)
    if not np.isfinite(values).all():
        step, column = (int(i) for i in np.argwhere(~np.isfinite(values))[0])
        raise InputError(
            f"{what} of bus {listed([table.columns[column]])} at {table.index[step]} is "
            f"{values[step, column]}: expected a finite number"
        )
    return values, table.columns.to_numpy(dtype=int)


def _run(
    grid: GridModel,
    p_w: np.ndarray,
    q_var: np.ndarray,
    steps: pd.Index,
    progress: Callable[[int], object] | None,
) -> FeederState:
    T, L = len(steps), len(grid.lines)
    B, K = len(grid.node), len(grid.transformers)
    vm_pu, loading, loss_kw = np.empty((T, B)), np.empty((T, L + K)), np.empty(T)
    residual_pu = 0.0
    batch = max(_BATCH_BYTES // (8 * (3 * B + 4 * (L + K) + 4 * p_w.shape[1] + 1)), 1)
    for first in range(0, T, batch):
        part = slice(first, min(first + batch, T))
        output = _solve(grid, p_w[part], q_var[part], steps, first)
        node, branch = output["node"], output["generic_branch"]
        vm_pu[part] = node["u_pu"][:, grid.node.to_numpy()]
        from_share, to_share = branch["i_from"], branch["i_to"]
        from_share /= grid.rated_from_a
        to_share /= grid.rated_to_a
        np.maximum(from_share, to_share, out=loading[part])
        loss_kw[part] = (branch["p_from"].sum(axis=1) + branch["p_to"].sum(axis=1)) / 1e3
        mismatch_pu = _mismatch_pu(grid, node, p_w[part], q_var[part])
        residual_pu = max(residual_pu, mismatch_pu)
        if progress is not None:
            progress(part.stop - part.start)
    certificate = Certificate(
        method="Newton-Raphson (power-grid-model)", primal_residual=residual_pu
    )
    certificate.require(_MISMATCH_TOLERANCE_PU)
    return FeederState(
        vm_pu=pd.DataFrame(vm_pu, index=steps, columns=grid.node.index),
        line_loading_share=pd.DataFrame(loading[:, :L], index=steps, columns=grid.lines),
        transformer_loading_share=pd.DataFrame(
            loading[:, L:], index=steps, columns=grid.transformers
        ),
        loss_kw=pd.Series(loss_kw, index=steps, name="loss_kw"),
        certificate=certificate,
    )


def _solve(
    grid: GridModel, p_w: np.ndarray, q_var: np.ndarray, steps: pd.Index, first: int
) -> dict[str, Any]:
    from power_grid_model.errors import PowerGridBatchError, PowerGridError

    update: Any = {"sym_load": {"p_specified": p_w, "q_specified": q_var}}
    output: Any = OUTPUT
    try:
        result: Any = grid.model.calculate_power_flow(
            update_data=update if p_w.shape[1] else None,
            output_component_types=output,
            error_tolerance=VOLTAGE_TOLERANCE_PU,
            threading=0,
        )
    except PowerGridBatchError as error:
        failed = steps[first + np.sort(error.failed_scenarios)]
        raise PowerFlowError(
            f"the power flow of {len(failed)} of {len(steps)} steps has no solution: "
            f"{listed(failed)}; the loads, or the generation, may be more than the feeder can carry"
        ) from error
    except PowerGridError as error:
        raise NetworkError(f"power-grid-model refuses the network: {error}") from error
    # A network without any injection is solved once, without the axis of the steps.
    return {
        component: {name: np.atleast_2d(values) for name, values in columns.items()}
        for component, columns in result.items()
    }


def _mismatch_pu(grid: GridModel, node: Any, p_w: np.ndarray, q_var: np.ndarray) -> float:
    """Find the largest |power into a node - power of its loads|, on a base of 1 MVA."""
    free = np.setdiff1d(grid.node, grid.source_node)
    at_node = (grid.load_node[:, None] == free).astype(float)
    if not free.size:
        return 0.0
    # A node's power in power-grid-model is what it injects.
    surplus = [node[name][:, free] + va @ at_node for name, va in (("p", p_w), ("q", q_var))]
    return float(max(max(s.max(), -s.min()) for s in surplus)) / 1e6
