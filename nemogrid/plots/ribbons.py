"""Layout of payments as ribbons between parties in three columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import mul

CANVAS_PT = (432.0, 440.0)
"""Width and height for which the layout is made [pt]."""

LINE_PT = 15.0
_PAD_PT = 3.0
_GAP_PT = 10.0
_NOTE_PT = 24.0
_PASSAGE_PT = 26.0
BAR_PT = 10.0
_LABEL_PT = 100.0
X_PT = {"left": 0.0, "middle": 166.0, "right": 342.0}
BETWEEN = ("retailer", "manager")
"""Parties of the middle column, which pay as well as get."""

_ORDER = ("consumers", "prosumers", "retailer", "manager", "dso", "state", "tso", "installer")


@dataclass(frozen=True)
class Flow:
    """A payment: who pays whom, how much [money], and what is written on it."""

    payer: str
    payee: str
    amount: float
    label: str

    @property
    def column(self) -> str:
        """Where the payee stands."""
        inward = self.payee in BETWEEN and self.payer not in BETWEEN
        return "middle" if inward else "right"

    @property
    def passes(self) -> bool:
        """Whether the arrow runs past the middle column."""
        return self.column == "right" and self.payer not in BETWEEN


@dataclass(frozen=True, kw_only=True)
class Bar:
    """A party: its place [pt], and the amount that it pays, keeps or gets."""

    actor: str
    column: str
    top: float
    height: float
    amount: float


@dataclass(frozen=True, kw_only=True)
class Ribbon:
    """A payment as an arrow.

    The points (x, y) lie on its upper edge, two for each straight piece [pt].
    """

    flow: Flow
    points: tuple[tuple[float, float], ...]
    thickness: float
    label_y: float


@dataclass(frozen=True)
class Layout:
    """Bars and ribbons; x to the right and y downwards from the upper left corner [pt]."""

    bars: tuple[Bar, ...]
    ribbons: tuple[Ribbon, ...]


def arrange(flows: Iterable[Flow]) -> Layout:
    """Place parties and payments so that no text meets another.

    Parameters
    ----------
    flows : iterable of Flow
        Payments with positive amounts, at most one for each pair.

    Returns
    -------
    Layout
        With ribbons as thick as `CANVAS_PT` allows.
    """
    flows = tuple(flows)
    room = CANVAS_PT[1] - _NOTE_PT
    low, high = 0.0, room / max(flow.amount for flow in flows)
    for _ in range(50):
        scale = (low + high) / 2.0
        fits = all(_needed(blocks) <= room for blocks in _columns(flows, scale).values())
        low, high = (scale, high) if fits else (low, scale)
    return _place(flows, low, room)


@dataclass(frozen=True, kw_only=True)
class _Block:
    """A party with its text, or the passage below the middle column (without an actor)."""

    actor: str
    bar_top: float
    bar_height: float
    height: float
    arrivals: dict[Flow, float]
    departures: dict[Flow, tuple[float, float]]


def _columns(flows: Sequence[Flow], scale: float) -> dict[str, list[_Block]]:
    payers = {f.payer for f in flows if f.payer not in BETWEEN}
    between = {a for f in flows for a in (f.payer, f.payee) if a in BETWEEN}
    payees = {f.payee for f in flows if f.column == "right"}
    middle = [_block(actor, "middle", flows, scale) for actor in _sorted(between)]
    passing = [f for f in flows if f.passes]
    if passing:
        passing.sort(key=lambda f: (_rank(f.payee), _rank(f.payer)))
        offsets, end = _stacked(passing, scale)
        middle.append(
            _Block(actor="", bar_top=0.0, bar_height=0.0, height=_PASSAGE_PT + end, departures={},
                   arrivals={f: _PASSAGE_PT + y for f, y in offsets.items()})
        )  # fmt: skip
    return {
        "left": [_block(actor, "left", flows, scale) for actor in _sorted(payers)],
        "middle": middle,
        "right": [_block(actor, "right", flows, scale) for actor in _sorted(payees)],
    }


def _block(actor: str, column: str, flows: Sequence[Flow], scale: float) -> _Block:
    arriving = [f for f in flows if f.payee == actor and f.column == column]
    leaving = [f for f in flows if f.payer == actor and column != "right"]
    leaving.sort(key=lambda f: (f.column == "right", _rank(f.payee)))
    arriving.sort(key=lambda f: (f.payer not in BETWEEN, _rank(f.payer)))
    arrivals, depth = _stacked(arriving, scale)
    if column == "right":
        height = max(depth, 2.0 * LINE_PT)
        top = (height - depth) / 2.0
        return _Block(
            actor=actor, bar_top=top, bar_height=depth, height=height, departures={},
            arrivals={f: y + top for f, y in arrivals.items()},
        )  # fmt: skip
    top = 2.0 * LINE_PT
    departures, y = {}, top
    for flow in leaving:
        thickness = scale * flow.amount
        above = 0.0 if thickness >= LINE_PT else LINE_PT
        departures[flow] = (y + above, y + (above or thickness) / 2.0)
        y += above + thickness + _PAD_PT
    bar_height = max(depth, y - top - _PAD_PT)
    return _Block(
        actor=actor, bar_top=top, bar_height=bar_height, height=top + bar_height,
        arrivals={f: at + top for f, at in arrivals.items()}, departures=departures,
    )  # fmt: skip


def _stacked(flows: Sequence[Flow], scale: float) -> tuple[dict[Flow, float], float]:
    offsets, y = {}, 0.0
    for flow in flows:
        offsets[flow] = y
        y += scale * flow.amount
    return offsets, y


def _needed(blocks: Sequence[_Block]) -> float:
    return sum(block.height for block in blocks) + _GAP_PT * (len(blocks) - 1)


def _place(flows: Sequence[Flow], scale: float, room: float) -> Layout:
    bars: list[Bar] = []
    starts: dict[Flow, tuple[float, float]] = {}
    passages: dict[Flow, float] = {}
    ends: dict[Flow, float] = {}
    for column, blocks in _columns(flows, scale).items():
        come_from = {f: y for f, (y, _) in starts.items()} | passages
        for block, y in zip(blocks, _tops(blocks, come_from, room), strict=True):
            arrivals = {f: y + offset for f, offset in block.arrivals.items()}
            (ends if block.actor else passages).update(arrivals)
            starts.update({f: (y + a, y + b) for f, (a, b) in block.departures.items()})
            if block.actor:
                bars.append(
                    Bar(actor=block.actor, column=column, top=y + block.bar_top,
                        height=block.bar_height, amount=_amount(flows, block.actor, column))
                )  # fmt: skip
    ribbons = []
    for flow in flows:
        at = "middle" if flow.payer in BETWEEN else "left"
        begin, label_y = starts[flow]
        x = X_PT[at] + BAR_PT
        points = [(x, begin), (x + _LABEL_PT, begin)]
        if flow.passes:
            points += [(X_PT["middle"], passages[flow]), (x + X_PT["middle"], passages[flow])]
        points.append((X_PT[flow.column], ends[flow]))
        ribbons.append(
            Ribbon(flow=flow, points=tuple(points), thickness=scale * flow.amount, label_y=label_y)
        )  # fmt: skip
    return Layout(tuple(bars), tuple(ribbons))


def _tops(blocks: Sequence[_Block], come_from: dict[Flow, float], room: float) -> list[float]:
    """Put each block level with what arrives there, as far as order and room allow."""
    tops: list[float] = []
    lowest = 0.0
    for block in blocks:
        shifts = [come_from[f] - offset for f, offset in block.arrivals.items() if f in come_from]
        weights = [f.amount for f in block.arrivals if f in come_from]
        level = sum(map(mul, shifts, weights)) / sum(weights) if weights else lowest
        tops.append(max(level, lowest))
        lowest = tops[-1] + block.height + _GAP_PT
    highest = room
    for i in reversed(range(len(blocks))):
        tops[i] = min(tops[i], highest - blocks[i].height)
        highest = tops[i] - _GAP_PT
    return tops


def _amount(flows: Sequence[Flow], actor: str, column: str) -> float:
    paid = sum(f.amount for f in flows if f.payer == actor)
    got = sum(f.amount for f in flows if f.payee == actor and f.column == column)
    return {"left": paid, "middle": got - paid, "right": got}[column]


def _sorted(actors: Iterable[str]) -> list[str]:
    return sorted(actors, key=_rank)


def _rank(actor: str) -> int:
    return _ORDER.index(actor)
