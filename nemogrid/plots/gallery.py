"""The figures of one outcome as files, each with a caption and with words for who cannot see it."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nemogrid.community import ACTORS
from nemogrid.outcome import Outcome
from nemogrid.plots.bills import bill_composition, gain_bars
from nemogrid.plots.feeder_map import feeder_map
from nemogrid.plots.flows import community_flows, daily_flows
from nemogrid.plots.layout import distance_km
from nemogrid.plots.money import MONEY_FLOWS_SIZE, money_flows, price_stack
from nemogrid.plots.theme import NAMES, money_text, signed_text, theme
from nemogrid.plots.voltage import voltage_band
from nemogrid.settlement import gains
from nemogrid.settlement.flows import kwh_prices

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDE = (6.0, 3.8)
TALL = (6.0, 4.8)


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A figure as a file.

    Parameters
    ----------
    name : str
        File name without extension.
    caption : str
        What it shows.
    alt : str
        What a reader who cannot see it should know.
    png : bytes
        The image.
    """

    name: str
    caption: str
    alt: str
    png: bytes


def draw_pictures(outcome: Outcome, *, reference: Outcome | None = None) -> tuple[Picture, ...]:
    """Draw the figures of a report in the book's look.

    Parameters
    ----------
    outcome : Outcome
        A simulated scenario.
    reference : Outcome, optional
        The same scenario under business as usual, for bills side by side and for the gains.

    Returns
    -------
    tuple of Picture
    """
    pictures = (
        _flows(outcome),
        _money(outcome),
        _price(outcome),
        _bills(outcome, reference),
        _map(outcome),
        _voltages(outcome),
    )
    return pictures if reference is None else (*pictures, _gains(outcome, reference))


def draw_png(draw: Callable[[Axes], object], *, size: tuple[float, float] = WIDE) -> bytes:
    """Draw one figure in the book's look.

    Parameters
    ----------
    draw : callable
        Draws on an axes.
    size : (float, float)
        Width and height [inch].

    Returns
    -------
    bytes
        A PNG image.

    Examples
    --------
    >>> draw_png(lambda ax: ax.plot([1, 2]))[1:4]
    b'PNG'
    """
    from matplotlib.figure import Figure

    with theme():
        figure = Figure(figsize=size)
        draw(figure.subplots())
        file = io.BytesIO()
        figure.savefig(file, format="png")
    return file.getvalue()


def _flows(outcome: Outcome) -> Picture:
    flows = community_flows(outcome)
    timeline = outcome.clearing.timeline
    daily = flows.groupby(timeline.day).sum() * timeline.step_h
    pv_kwh = outcome.clearing.profiles.pv_kw.sum(axis=1).groupby(timeline.day).sum().to_numpy()
    kwh = daily.iloc[int(pv_kwh.argmax())]
    day = timeline.index[timeline.day == pv_kwh.argmax()][0].date()
    stored = "from_storage_kw" in kwh
    storage = f" {kwh['from_storage_kw']:.0f} from storage," if stored else ""
    charged = f", and batteries {kwh['charging_kw']:.0f} kWh" if stored else ""
    return Picture(
        name="daily-flows",
        caption=f"The daily electricity flows: {day}, the day with the most energy from PV.",
        alt=(
            f"Stacked areas of power over the day. The community used {kwh['load_kw']:.0f} kWh"
            f"{charged}: {kwh['home_kw']:.0f} from PV at home,{storage} {kwh['local_kw']:.0f} "
            f"from PV of neighbours and {kwh['retail_bought_kw']:.0f} from the retailer. The "
            f"retailer bought {kwh['retail_sold_kw']:.0f} kWh{'' if stored else ' of PV'}."
        ),
        png=draw_png(lambda ax: daily_flows(outcome, day, ax)),
    )


def _money(outcome: Outcome) -> Picture:
    kpis = outcome.kpis
    actors = [
        f"{NAMES[actor]} {money_text(kpis[f'{actor}_receives'])}"
        for actor in ACTORS
        if f"{actor}_receives" in kpis
    ]
    return Picture(
        name="money-flows",
        caption="Cost and revenues of the market: who pays whom.",
        alt=(
            f"Arrows between parties, as thick as the amounts in {outcome.bills.currency}. After "
            f"what they earn, consumers pay {money_text(kpis['consumers_pay'])} and prosumers "
            f"{money_text(kpis['prosumers_pay'])}; the others are left with: {', '.join(actors)}."
        ),
        png=draw_png(lambda ax: money_flows(outcome, ax), size=MONEY_FLOWS_SIZE),
    )


def _price(outcome: Outcome) -> Picture:
    tariff, clearing = outcome.scenario.tariff, outcome.clearing
    prices = kwh_prices(clearing, tariff.ex_ante(clearing.community, clearing.timeline)).sum()
    said = {
        "retail_bought": "the buyer pays {} to the retailer",
        "local_bought": "the buyer pays {} for energy of a neighbour",
        "local_sold": "the seller gets {} from a neighbour",
        "retail_sold": "the seller gets {} from the retailer",
    }
    parts = [said[str(route)].format(f"{abs(price):.3f}") for route, price in prices.items()]
    return Picture(
        name="price-of-a-kwh",
        caption="What one kilowatt-hour costs the buyer, and what the seller gets.",
        alt=f"Bars by line of the bill, {outcome.bills.currency} per kWh: {'; '.join(parts)}.",
        png=draw_png(lambda ax: price_stack(outcome, ax)),
    )


def _bills(outcome: Outcome, reference: Outcome | None) -> Picture:
    community, kpis = outcome.clearing.community, outcome.kpis
    means = [
        f"{money_text(kpis[f'{group}_pay'] / len(members))} for {group}"
        for group, members in (
            ("consumers", community.consumers),
            ("prosumers", community.prosumers),
        )
        if members
    ]
    shown = outcome if reference is None else {"reference": reference, "scenario": outcome}
    return Picture(
        name="bills",
        caption="The mean bill of consumers and of prosumers, line by line.",
        alt=f"Stacked bars. The mean bill is {' and '.join(means)} [{outcome.bills.currency}].",
        png=draw_png(lambda ax: bill_composition(shown, ax), size=TALL),
    )


def _map(outcome: Outcome) -> Picture:
    highest = outcome.state.vm_pu.max()
    pv_buses = [member.bus for member in outcome.clearing.community if member.pv is not None]
    return Picture(
        name="feeder-map",
        caption="The highest voltage at each bus of the feeder.",
        alt=(
            f"Map of the feeder, buses coloured by their highest voltage, which lies between "
            f"{highest.min():.3f} and {highest.max():.3f} per unit."
        ),
        png=draw_png(
            lambda ax: feeder_map(
                outcome.network, highest, ax, pv_buses=pv_buses, label="highest voltage [pu]"
            ),
            size=TALL,
        ),
    )


def _voltages(outcome: Outcome) -> Picture:
    kpis, distance = outcome.kpis, distance_km(outcome.network)
    return Picture(
        name="voltage-band",
        caption="Voltages of each bus against its distance from the transformer.",
        alt=(
            f"Highest, median and lowest voltage of each bus, between {kpis['vm_min_pu']:.3f} and "
            f"{kpis['vm_max_pu']:.3f} per unit, with the limits at 0.9 and 1.1."
        ),
        png=draw_png(lambda ax: voltage_band(outcome.state, ax, distance_km=distance)),
    )


def _gains(outcome: Outcome, reference: Outcome) -> Picture:
    currency = outcome.bills.currency
    table = gains(outcome.bills, reference.bills, outcome.clearing.community)
    said = ", ".join(
        f"{NAMES[str(group)]} {signed_text(gain)}" for group, gain in table["gain"].items()
    )
    return Picture(
        name="gains",
        caption="Who gains against the reference.",
        alt=f"Bars of the gain in {currency}: {said}.",
        png=draw_png(lambda ax: gain_bars(table, ax, currency=currency)),
    )
