"""The one look of all figures: fixed colours by meaning, and text that a phone can show.

Colours are those of Okabe and Ito [1]_, which people with any of the common kinds of colour
blindness can tell apart, with a few more that they can tell from these. A colour keeps its meaning
through the whole book.

References
----------
.. [1] M. Okabe, K. Ito, "Color universal design", 2008; recommended in B. Wong, "Color
   blindness", Nature Methods 8:441, 2011, doi:10.1038/nmeth.1618.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any

COLOURS: Mapping[str, str] = MappingProxyType(
    {
        "load": "#222222",
        "pv": "#E69F00",
        "import": "#0072B2",
        "export": "#56B4E9",
        "local": "#009E73",
        "storage": "#F0E442",
        "retailer": "#0072B2",
        "dso": "#D55E00",
        "tso": "#CC79A7",
        "state": "#5F5F5F",
        "manager": "#009E73",
        "installer": "#5B3A8C",
        "consumers": "#56B4E9",
        "prosumers": "#E69F00",
        "limit": "#B00020",
        "wire": "#9A9A9A",
    }
)
"""Colours by meaning, as hexadecimal RGB."""

NAMES: Mapping[str, str] = MappingProxyType(
    {
        "consumers": "consumers",
        "prosumers": "prosumers",
        "retailer": "retailer",
        "dso": "DSO",
        "tso": "TSO",
        "state": "state",
        "manager": "manager",
        "installer": "installer",
    }
)
"""How the groups of actors are written in a figure."""


def rc_params() -> Any:
    """List the settings of the book's look.

    Returns
    -------
    dict
        Matplotlib settings. A figure is 6 inches wide with text of 12 points, so that scaled to a
        screen of 390 pixels the text still has 10.
    """
    import matplotlib as mpl
    import seaborn as sns

    ticks = {k: v for k, v in sns.axes_style("ticks").items() if k in mpl.rcParams}
    return {
        **ticks,
        "figure.figsize": (6.0, 3.8),
        "figure.dpi": 110,
        "figure.constrained_layout.use": True,
        "savefig.dpi": 200,
        "savefig.facecolor": "white",
        "font.family": ["sans-serif"],
        "font.sans-serif": ["DejaVu Sans"],
        "font.size": 12.0,
        "axes.titlesize": 12.0,
        "axes.labelsize": 12.0,
        "xtick.labelsize": 11.0,
        "ytick.labelsize": 11.0,
        "legend.fontsize": 11.0,
        "legend.frameon": False,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.edgecolor": "#444444",
        "axes.grid": False,
        "axes.unicode_minus": True,
        "lines.linewidth": 1.6,
        "patch.linewidth": 0.0,
        "svg.hashsalt": "nemogrid",
    }


@contextmanager
def theme() -> Iterator[None]:
    """Give the figures drawn within the block the book's look.

    Examples
    --------
    >>> import matplotlib as mpl
    >>> with theme():
    ...     mpl.rcParams["legend.frameon"]
    False
    >>> mpl.rcParams["legend.frameon"]
    True
    """
    import matplotlib as mpl

    with mpl.rc_context(rc_params()):
        yield


def set_theme() -> None:
    """Give all figures from here on the book's look, for the first cell of a notebook."""
    import matplotlib as mpl

    mpl.rcParams.update(rc_params())


def item_colours(lines: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Colour the lines of a bill by who is paid, in shades where one party has several.

    Parameters
    ----------
    lines : iterable of (str, str)
        Item and the actor that is on the other side of it.

    Returns
    -------
    dict
        Different hexadecimal RGB colours by item.

    Examples
    --------
    >>> item_colours([("energy", "retailer"), ("buy-back", "retailer")])
    {'energy': '#0072b2', 'buy-back': '#80b8d8'}
    """
    from matplotlib.colors import to_hex, to_rgb

    by_actor: dict[str, list[str]] = {}
    for item, actor in dict(lines).items():
        by_actor.setdefault(actor, []).append(item)
    colours = {}
    for actor, items in by_actor.items():
        red, green, blue = to_rgb(COLOURS[actor])
        for i, item in enumerate(items):
            white = i / len(items)
            own = 1.0 - white
            colours[item] = to_hex((own * red + white, own * green + white, own * blue + white))
    return colours


def money_text(amount: float) -> str:
    """Write an amount with as many digits as a reader needs.

    Parameters
    ----------
    amount : float
        Money.

    Returns
    -------
    str

    Examples
    --------
    >>> money_text(12345.6), money_text(-9.87), money_text(-1e-12)
    ('12,346', '−9.87', '0.00')
    """
    rounded = round(amount, 0 if abs(amount) >= 100 else 2) + 0.0
    return f"{rounded:,.{0 if abs(amount) >= 100 else 2}f}".replace("-", "−")


def signed_text(amount: float) -> str:
    """Write a gain with its sign.

    Parameters
    ----------
    amount : float
        Money.

    Returns
    -------
    str

    Examples
    --------
    >>> signed_text(-1234.0), signed_text(5.0), signed_text(1e-12)
    ('−1,234', '+5.00', '0')
    """
    if abs(amount) < 0.005:
        return "0"
    return ("+" if amount > 0 else "−") + money_text(abs(amount))


def amount_formatter(value: float, _: float) -> str:
    """Write an amount at a tick of an axis."""
    return f"{value:,g}".replace("-", "−")
