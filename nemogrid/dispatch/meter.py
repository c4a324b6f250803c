r"""What energy through one meter costs: the charges of one member, laid out for a solver.

Let :math:`e_t` be the net energy through the meter in a step (import positive). The part of the
bill that a member can change is convex in it:

.. math::

   \sum_t \phi_t(e_t) \;+\; \sum_{b}\sum_{P} \beta_{b,P}\Big(\sum_{t \in P} e_t^{\pm}\Big)
   \;+\; \sum_{k}\sum_{P} \pi_{k,P} \max_{t \in P} \frac{e_t^{\pm}}{h} \;+\; F .

:math:`\phi_t` is piecewise linear with the marginal price rising from block to block: deep export,
export, import, deep import. :math:`\beta` prices the energy of a period in blocks, above the price
of the first block, which is in :math:`\phi_t`; :math:`\pi` prices its peak, and :math:`F` are fees.
All come from `Charge`, and from nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from nemogrid.charges import Blocks, Charge, Quantity
from nemogrid.errors import LabelError, SolveError
from nemogrid.timeline import Period, Timeline

IMPORTS = (Quantity.IMPORTED, Quantity.RETAIL_BOUGHT)
EXPORTS = (Quantity.EXPORTED, Quantity.RETAIL_SOLD)
_DECIMALS = 14


@dataclass(frozen=True, kw_only=True, eq=False)
class PeriodBlocks:
    """Energy of each period, priced in rising blocks.

    Parameters
    ----------
    item : str
        Line of the bill.
    sign : int
        +1 counts import, -1 counts export.
    period_of_step : numpy.ndarray of int, shape (T,)
        Number of the period of each step.
    limits_kwh : numpy.ndarray, shape (P, K - 1)
        Where each block but the last ends in each period [kWh].
    prices : numpy.ndarray, shape (K,)
        Price of each block [money per kWh], not falling. `read_meter_prices` counts them from that
        of the first block, which it adds to the price of every step.
    """

    item: str
    sign: int
    period_of_step: np.ndarray
    limits_kwh: np.ndarray
    prices: np.ndarray


@dataclass(frozen=True, kw_only=True, eq=False)
class PeriodPeaks:
    """Highest mean power of each period, priced per kW.

    Parameters
    ----------
    item : str
        Line of the bill.
    sign : int
        +1 counts import, -1 counts export.
    period_of_step : numpy.ndarray of int, shape (T,)
        Number of the period of each step.
    price_per_kw : numpy.ndarray, shape (P,)
        Price in each period [money per kW], not negative.
    """

    item: str
    sign: int
    period_of_step: np.ndarray
    price_per_kw: np.ndarray


@dataclass(frozen=True, kw_only=True, eq=False)
class MeterPrices:
    """What energy through one meter costs.

    Parameters
    ----------
    step_h : float
        Length of a step [h].
    prices : numpy.ndarray, shape (T, M)
        Marginal price of net energy in each block of the step [money per kWh], not falling from
        left (most export) to right (most import); kept to fourteen decimals.
    edges_kwh : numpy.ndarray, shape (T, M - 1)
        Net energies at which the blocks meet [kWh], increasing; one of them is 0.
    blocks : tuple of PeriodBlocks
        Energies of periods in blocks.
    peaks : tuple of PeriodPeaks
        Peaks of periods.
    wear_per_kwh : float
        Price of a discharged kWh [money per kWh].
    fees : dict of str to float
        What does not depend on energy, by item [money].

    Raises
    ------
    SolveError
        If export pays more than import costs in a step, so that nothing bounds the trade.
    """

    step_h: float
    prices: np.ndarray
    edges_kwh: np.ndarray
    blocks: tuple[PeriodBlocks, ...] = ()
    peaks: tuple[PeriodPeaks, ...] = ()
    wear_per_kwh: float = 0.0
    fees: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("prices", "edges_kwh"):
            object.__setattr__(self, name, np.ascontiguousarray(getattr(self, name), dtype=float))
        # Prices that differ by rounding are one price: only then is a tie between them seen.
        object.__setattr__(self, "prices", self.prices.round(_DECIMALS))
        falling = np.argwhere(np.diff(self.prices, axis=1) < 0)
        if falling.size:
            t, block = (int(i) for i in falling[0])
            sold, paid = self.prices[t, block], self.prices[t, block + 1]
            raise SolveError(
                f"unbounded arbitrage: at step {t} a kWh is sold at {sold:.4f} and bought at "
                f"{paid:.4f}; expected a price that does not fall as more is drawn"
            )

    @property
    def n_steps(self) -> int:
        """Number of steps T."""
        return len(self.prices)

    @property
    def couples_steps(self) -> bool:
        """Whether blocks or peaks of periods tie steps together."""
        return bool(self.blocks or self.peaks)

    @property
    def coupling(self) -> str:
        """Items that tie steps together, for messages."""
        items = [block.item for block in self.blocks] + [peak.item for peak in self.peaks]
        return ", ".join(repr(item) for item in items)


def two_prices(
    import_price: np.ndarray,
    export_price: np.ndarray,
    *,
    step_h: float,
    fees: Mapping[str, float] | None = None,
) -> MeterPrices:
    """Make the prices of a meter from a price of import and a price of export.

    Parameters
    ----------
    import_price, export_price : numpy.ndarray, shape (T,)
        Cost of an imported and revenue of an exported kWh [money per kWh].
    step_h : float
        Length of a step [h].
    fees : mapping of str to float, optional
        What does not depend on energy, by item [money].

    Returns
    -------
    MeterPrices
    """
    prices = np.column_stack([export_price, import_price])
    return MeterPrices(
        step_h=step_h, prices=prices, edges_kwh=np.zeros((len(prices), 1)), fees=dict(fees or {})
    )


def read_meter_prices(
    charges: tuple[Charge, ...], timeline: Timeline, names: tuple[str, ...], member: str
) -> MeterPrices:
    """Lay out what one member pays the retailer and everybody else.

    Parameters
    ----------
    charges : tuple of Charge
        All charges; those on locally traded energy do not apply to a member on its own.
    timeline : Timeline
        T steps.
    names : tuple of str
        The N members.
    member : str
        One of them.

    Returns
    -------
    MeterPrices

    Raises
    ------
    LabelError
        If there is no such member, or a price carries other labels than the steps or members.
    SolveError
        If export pays more than import costs in a step, naming it.
    """
    if member not in names:
        raise LabelError(f"no member {member!r} in the community of {len(names)}")
    column, T = list(names).index(member), timeline.n_steps

    def laid_out(charge: Charge) -> np.ndarray:
        prices = np.broadcast_to(charge.prices(timeline, names), (T, len(names)))
        return np.asarray(prices[:, column])

    linear = {+1: np.zeros(T), -1: np.zeros(T)}
    steps: dict[int, list[Blocks]] = {+1: [], -1: []}
    blocks: list[PeriodBlocks] = []
    peaks: list[PeriodPeaks] = []
    fees: dict[str, float] = {}
    wear = 0.0
    for charge in charges:
        first = timeline.first_steps(charge.period)
        share = timeline.covered_share(charge.period)
        sign = +1 if charge.quantity in (*IMPORTS, Quantity.PEAK_IMPORTED) else -1
        if charge.quantity is Quantity.MEMBERSHIP:
            due = float((laid_out(charge)[first] * share).sum())
            fees[charge.item] = fees.get(charge.item, 0.0) + due
        elif charge.quantity is Quantity.DISCHARGED:
            wear += _one_price(charge, laid_out(charge))
        elif charge.quantity.is_peak:
            price = laid_out(charge)[first] * share
            number = _numbered(timeline, charge.period)
            peaks.append(
                PeriodPeaks(item=charge.item, sign=sign, period_of_step=number, price_per_kw=price)
            )
        elif charge.quantity not in (*IMPORTS, *EXPORTS):
            continue
        elif not isinstance(charge.price, Blocks):
            linear[sign] += laid_out(charge)
        elif charge.period is Period.STEP:
            steps[sign].append(charge.price)
        else:
            # The first block's price belongs to every kWh, and bounds the trade in every step.
            first_price = charge.price.prices[0]
            linear[sign] += first_price
            blocks.append(
                PeriodBlocks(
                    item=charge.item,
                    sign=sign,
                    period_of_step=_numbered(timeline, charge.period),
                    limits_kwh=share[:, None] * np.array(charge.price.limits),
                    prices=np.array(charge.price.prices) - first_price,
                )
            )
    up_kwh, up = _stacked(linear[+1], steps[+1], timeline.step_h)
    down_kwh, down = _stacked(linear[-1], steps[-1], timeline.step_h)
    edges = np.r_[-down_kwh[::-1], 0.0, up_kwh]
    try:
        return MeterPrices(
            step_h=timeline.step_h,
            prices=np.hstack([-down[:, ::-1], up]),
            edges_kwh=np.broadcast_to(edges, (T, len(edges))),
            blocks=tuple(blocks),
            peaks=tuple(peaks),
            wear_per_kwh=wear,
            fees=fees,
        )
    except SolveError as error:
        raise SolveError(f"member {member!r}: {error}") from None


def meter_cost(
    meter: MeterPrices, net_kwh: np.ndarray, discharged_kwh: np.ndarray | float = 0.0
) -> float:
    """Price what passed through the meter.

    Parameters
    ----------
    meter : MeterPrices
        The prices.
    net_kwh : numpy.ndarray, shape (T,)
        Net energy of each step [kWh], import positive.
    discharged_kwh : numpy.ndarray or float
        What stores gave back [kWh].

    Returns
    -------
    float
        Money: energy, blocks, peaks and wear, without fees.

    Examples
    --------
    >>> meter = two_prices(np.array([0.3, 0.3]), np.array([0.1, 0.1]), step_h=1.0)
    >>> round(meter_cost(meter, np.array([2.0, -1.0])), 9)
    0.5
    """
    # Each block counts the energy between 0 and the net energy that lies inside it.
    total, edges = 0.0, [None, *meter.edges_kwh.T, None]
    for k in range(meter.prices.shape[1]):
        reached, start = net_kwh, np.zeros(())
        if k:
            reached, start = np.maximum(reached, edges[k]), np.maximum(start, edges[k])
        if edges[k + 1] is not None:
            reached, start = np.minimum(reached, edges[k + 1]), np.minimum(start, edges[k + 1])
        total += float((meter.prices[:, k] * (reached - start)).sum())
    for block in meter.blocks:
        energy = np.bincount(block.period_of_step, np.maximum(block.sign * net_kwh, 0.0))
        ends = np.hstack([block.limits_kwh, np.full((len(energy), 1), np.inf)])
        starts = np.hstack([np.zeros((len(energy), 1)), block.limits_kwh])
        total += float((np.clip(energy[:, None] - starts, 0.0, ends - starts) @ block.prices).sum())
    for peak in meter.peaks:
        highest = np.zeros(len(peak.price_per_kw))
        np.maximum.at(highest, peak.period_of_step, peak.sign * net_kwh / meter.step_h)
        total += float(highest @ peak.price_per_kw)
    return total + meter.wear_per_kwh * float(np.sum(discharged_kwh))


def _numbered(timeline: Timeline, period: Period) -> np.ndarray:
    return np.cumsum(np.isin(np.arange(timeline.n_steps), timeline.first_steps(period))) - 1


def _one_price(charge: Charge, prices: np.ndarray) -> float:
    if np.ptp(prices) > 0:
        raise SolveError(
            f"charge {charge.item!r} prices discharge differently over time: expected one price"
        )
    return float(prices[0])


def _stacked(
    linear: np.ndarray, blocks: list[Blocks], step_h: float
) -> tuple[np.ndarray, np.ndarray]:
    """Add the blocks of the steps to the linear price: edges [kWh] and prices, shape (T, K)."""
    edges = np.unique(np.concatenate([[], *(np.array(b.limits) for b in blocks)]))
    inside = np.r_[0.0, edges]
    extra = np.zeros(len(inside))
    for block in blocks:
        extra += np.array(block.prices)[np.searchsorted(block.limits, inside, side="right")]
    return edges * step_h, linear[:, None] + extra
