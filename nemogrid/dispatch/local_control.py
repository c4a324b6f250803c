r"""Load control without anybody in charge: each household decides from what its own socket tells.

In the Swiss2Grid project [1]_ households shifted their loads by a local algorithm that knew only
the voltage and the frequency at the house, to cut their own cost and to steady the grid. This is a
rule in that spirit, not that project's code. Frequency is left out: a power flow has one frequency.

**What the voltage says.** A household keeps the running mean :math:`\bar u` and spread
:math:`\sigma` of the voltages it has measured. A step's deviation is
:math:`z_t = (u_{t-1} - \bar u) / \sigma`, from the voltage of the step before. Its state
:math:`h` is *high*, *calm* or *low* (1, 0, -1), with two thresholds each way (hysteresis):

.. math::

   h_t = \begin{cases}
       \pm 1 & \pm z_t \ge z^{enter} \\
       h_{t-1} & h_{t-1} z_t \ge z^{leave} \\
       0 & \text{else,}
   \end{cases}
   \qquad
   r_t = \min\{1, g\,(h_t z_t - z^{leave})^+\} .

A change has to be asked for in more than :math:`d_n` steps in a row, and until then the response
stays what it was; the delay :math:`d_n` is the household's own, drawn at random, so that
neighbours neither react nor return all at once.

The response follows :math:`r_t` with the time constant of a ramp: half an hour after a thousand
houses have moved, the voltage is another one, and who answers at once to old news swings.

**What it does.** Each store has a habit for calm steps. A car charges at the least even pace that
keeps what its trips need; appliances run at once; a heat pump keeps its level. All take own
surplus, and more when the price of import is below its running mean by more than a band, and wait
when it is above by more than the band; a heat pump never stores more than it uses in the next six
hours. A battery charges where the price of the step lies below the worth of stored energy (the
middle between the mean prices of import and export), at the calm share of the power if the voltage
is calm, to leave room for noon; it discharges where the price lies above. In high voltage the
action moves from the habit towards charging all that is possible, in low voltage towards
discharging or deferring, by the response.

**What it never does.** The action stays in the band from which the store can keep all its later
bounds, `nemogrid.dispatch.must_run`: the car is full when it leaves. A household knows the needs
of its own devices ahead, and nothing else: no later voltage, price, load or PV. Of its prices it
reads those of the first imported and the first exported kWh of a step; blocks and peaks of periods
are billed, but not looked at.

References
----------
.. [1] D. Rivola, A. Giusti, M. Salani, A. E. Rizzoli, R. Rudel and L. M. Gambardella, "A
   decentralized approach to demand side load management: the Swiss2Grid project".
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nemogrid.dispatch.household import HABITS, Household
from nemogrid.dispatch.local_settings import LocalControl
from nemogrid.dispatch.member_plan import StorePath
from nemogrid.dispatch.meter import MeterPrices
from nemogrid.dispatch.must_run import safe_kwh
from nemogrid.dispatch.store import Store
from nemogrid.errors import LabelError, SolveError

PREHEAT_H = 6.0
"""How far ahead a heat pump fills its store: heat that is used later than this is not kept [h]."""

LOOK_AHEAD_H = 24.0
"""How far ahead the even pace looks for what a car needs [h]."""


@dataclass(frozen=True, kw_only=True, eq=False)
class LinearVoltage:
    """Voltages near a known state of the feeder.

    Parameters
    ----------
    base_pu : numpy.ndarray, shape (T, N)
        Voltages at the households in the known state [pu].
    base_kw : numpy.ndarray, shape (T, N)
        Net loads of that state [kW].
    pu_per_kw : numpy.ndarray, shape (N, N)
        Change of the voltage of the row's household with the net load of the column's; zeros for
        voltages that do not depend on the households.
    """

    base_pu: np.ndarray
    base_kw: np.ndarray
    pu_per_kw: np.ndarray

    def __post_init__(self) -> None:
        for name in ("base_pu", "base_kw", "pu_per_kw"):
            object.__setattr__(self, name, np.ascontiguousarray(getattr(self, name), dtype=float))
        T, N = self.base_pu.shape
        if self.base_kw.shape != (T, N) or self.pu_per_kw.shape != (N, N):
            raise LabelError(
                f"voltages of shape {(T, N)}, loads of {self.base_kw.shape}, sensitivities of "
                f"{self.pu_per_kw.shape}: expected the same households and steps"
            )


@dataclass(frozen=True, kw_only=True, eq=False)
class LocalRun:
    """How all stores ran under the rule.

    Parameters
    ----------
    paths : tuple of dict of str to StorePath
        By household, by kind of store.
    net_kw : numpy.ndarray, shape (T, N)
        Net load at each meter [kW].
    voltage_pu : numpy.ndarray, shape (T, N)
        Voltage at each household by the linear model [pu].
    state : numpy.ndarray of int, shape (T, N)
        1 high, 0 calm, -1 low.
    """

    paths: tuple[dict[str, StorePath], ...]
    net_kw: np.ndarray
    voltage_pu: np.ndarray
    state: np.ndarray


def draw_delays(
    n_households: int, control: LocalControl, *, step_h: float, seed: int
) -> np.ndarray:
    """Draw each household's delay.

    Parameters
    ----------
    n_households : int
        Number of households N.
    control : LocalControl
        For the longest delay.
    step_h : float
        Length of a step [h].
    seed : int
        Of the draw.

    Returns
    -------
    numpy.ndarray of int, shape (N,)
        Whole steps, uniform between none and the longest delay.

    Examples
    --------
    >>> draw_delays(6, LocalControl(longest_delay_h=1.0), step_h=0.5, seed=1).tolist()
    [1, 1, 2, 2, 0, 0]
    """
    most = int(np.floor(control.longest_delay_h / step_h + 1e-9))
    return np.random.default_rng(seed).integers(0, most + 1, n_households)


def run_local_control(
    households: tuple[Household, ...],
    control: LocalControl,
    voltage: LinearVoltage,
    *,
    delay_steps: np.ndarray,
) -> LocalRun:
    """Let every household follow the rule, step by step.

    Parameters
    ----------
    households : tuple of Household
        N households.
    control : LocalControl
        Settings.
    voltage : LinearVoltage
        How the voltages follow from what all households draw.
    delay_steps : numpy.ndarray of int, shape (N,)
        Delay of each household, from `draw_delays`.

    Returns
    -------
    LocalRun

    Raises
    ------
    LabelError
        If the numbers of households or steps differ.
    SolveError
        If a store cannot keep its bounds, naming household, store and step.

    Examples
    --------
    A car that would charge evenly waits for the voltage to recover:

    >>> car = Store(name="vehicle", charge_limit_kwh=np.full(4, 2.0),
    ...             discharge_limit_kwh=np.zeros(4), lower_kwh=np.array([0.0, 0, 0, 0, 4.0]),
    ...             upper_kwh=np.full(5, 4.0), initial_kwh=0.0)
    >>> meter = MeterPrices(step_h=1.0, prices=np.tile([0.1, 0.3], (4, 1)),
    ...                     edges_kwh=np.zeros((4, 1)))
    >>> house = Household(name="a", net_kwh=np.ones(4), meter=meter, stores={"vehicle": car})
    >>> measured = LinearVoltage(base_pu=np.array([[0.98], [0.98], [1.0], [1.0]]),
    ...                          base_kw=np.zeros((4, 1)), pu_per_kw=np.zeros((1, 1)))
    >>> settings = LocalControl(learns=False, least_spread_pu=0.01, gain_per_spread=1.0, ramp_h=0)
    >>> run = run_local_control((house,), settings, measured, delay_steps=np.array([0]))
    >>> run.state[:, 0].tolist(), run.paths[0]["vehicle"].drawn_kwh.tolist()
    ([0, -1, -1, 0], [1.0, 0.0, 1.0, 2.0])
    """
    T, N = voltage.base_pu.shape
    if len(households) != N or any(len(house.net_kwh) != T for house in households):
        raise LabelError(
            f"{len(households)} households of {len(households[0].net_kwh) if households else 0} "
            f"steps, voltages of shape {(T, N)}: expected one column each"
        )
    if len(delay_steps) != N:
        raise LabelError(f"{len(delay_steps)} delays for {N} households")
    from nemogrid.dispatch import control_kernel

    step_h = households[0].meter.step_h
    places = [
        (n, kind)
        for n, house in enumerate(households)
        for kind in sorted(house.stores, key=HABITS.__getitem__)
    ]
    stores = [households[n].stores[kind] for n, kind in places]
    bounds = [_bounds(households[n].name, households[n].stores[kind]) for n, kind in places]
    prices = [_two_prices(house.meter) for house in households]
    homes = control_kernel.Homes(
        net_kwh=_columns([house.net_kwh for house in households], T),
        import_price=_columns([bought for bought, _ in prices], T),
        export_price=_columns([sold for _, sold in prices], T),
        delay=np.asarray(delay_steps, dtype=np.int64),
    )
    devices = control_kernel.Stores(
        owner=np.array([n for n, _ in places], dtype=np.int64),
        habit=np.array([HABITS[kind] for _, kind in places], dtype=np.int64),
        charge_kwh=_columns([store.charge_limit_kwh for store in stores], T),
        discharge_kwh=_columns([store.discharge_limit_kwh for store in stores], T),
        lower_kwh=_columns([lower for lower, _ in bounds], T + 1),
        upper_kwh=_columns([upper for _, upper in bounds], T + 1),
        used_kwh=_columns([store.used_kwh for store in stores], T),
        soon_kwh=_columns([_soon_kwh(store, round(PREHEAT_H / step_h)) for store in stores], T),
        initial_kwh=np.array([store.initial_kwh for store in stores], dtype=float),
        efficiencies=np.array(
            [(s.charge_efficiency, s.discharge_efficiency, s.kept_share) for s in stores]
        ).reshape(-1, 3),
        wear=np.array(
            [
                store.wear_per_kwh + households[n].meter.wear_per_kwh
                for (n, _), store in zip(places, stores, strict=True)
            ],
            dtype=float,
        ),
    )
    settings = control_kernel.Settings(
        enter=float(control.enter_spreads),
        leave=float(control.leave_spreads),
        gain=float(control.gain_per_spread),
        calm_share=float(control.calm_share),
        ramp=min(step_h / control.ramp_h, 1.0) if control.ramp_h > 0 else 1.0,
        price_band=float(control.price_band_share),
        memory=min(step_h / control.memory_h, 1.0),
        look_ahead=round(LOOK_AHEAD_H / step_h),
        learns=bool(control.learns),
        reference=float(control.reference_pu),
        least_spread=float(control.least_spread_pu),
        serves_feeder=bool(control.serves_feeder),
    )
    grid = control_kernel.Grid(voltage.base_pu, voltage.base_kw, voltage.pu_per_kw)
    drawn, stored, state, volts, meter = control_kernel.run(homes, devices, grid, settings, step_h)
    paths: list[dict[str, StorePath]] = [{} for _ in households]
    for column, (n, kind) in enumerate(places):
        paths[n][kind] = StorePath(
            charge_kwh=np.maximum(drawn[:, column], 0.0),
            discharge_kwh=np.maximum(-drawn[:, column], 0.0),
            stored_kwh=stored[:, column].copy(),
        )
    return LocalRun(
        paths=tuple(paths),
        net_kw=meter / step_h,
        voltage_pu=volts,
        state=state,
    )


def _bounds(member: str, store: Store) -> tuple[np.ndarray, np.ndarray]:

    try:
        return safe_kwh(store)
    except SolveError as error:
        raise SolveError(f"member {member!r}: {error}") from None


def _two_prices(meter: MeterPrices) -> tuple[np.ndarray, np.ndarray]:
    """Read the price of the first imported and the first exported kWh of each step."""
    first_import = (meter.edges_kwh <= 0).sum(axis=1)
    first_export = (meter.edges_kwh < 0).sum(axis=1)
    steps = np.arange(meter.n_steps)
    return meter.prices[steps, first_import], meter.prices[steps, first_export]


def _soon_kwh(store: Store, n_steps: int) -> np.ndarray:
    """Add up what is used in each step and the following ones, n in all."""
    total = np.r_[0.0, np.cumsum(store.used_kwh)]
    step = np.arange(store.n_steps)
    return np.asarray(total[np.minimum(step + n_steps, store.n_steps)] - total[step])


def _columns(rows: list[np.ndarray | None], length: int) -> np.ndarray:
    return np.ascontiguousarray(np.array(rows, dtype=float).reshape(len(rows), length).T)
