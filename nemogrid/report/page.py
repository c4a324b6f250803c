"""The report of one outcome: a page of HTML that needs no other file and no network."""

from __future__ import annotations

import base64
import math
from collections.abc import Callable
from html import escape
from pathlib import Path
from string import Template

import pandas as pd

import nemogrid
from nemogrid.errors import ScenarioError
from nemogrid.outcome import Outcome
from nemogrid.plots.gallery import Picture, draw_pictures
from nemogrid.plots.theme import NAMES
from nemogrid.settlement import gains
from nemogrid.settlement.flows import parties


def write_report(
    outcome: Outcome,
    folder: str | Path,
    *,
    reference: Outcome | None = None,
    pictures: tuple[Picture, ...] | None = None,
) -> Path:
    """Write one outcome as a page of HTML.

    Parameters
    ----------
    outcome : Outcome
        A simulated scenario.
    folder : str or Path
        Existing folder.
    reference : Outcome, optional
        The same scenario under business as usual, for the gains.
    pictures : tuple of Picture, optional
        From `nemogrid.plots.gallery.draw_pictures`, where they are drawn already.

    Returns
    -------
    Path
        The file ``report.html``.
    """
    if pictures is None:
        pictures = draw_pictures(outcome, reference=reference)
    sections = [_section("Key figures", _kpis(outcome, reference))]
    if reference is not None:
        sections.append(_section("Gains against the reference", _gains(outcome, reference)))
    sections += [
        _section("Figures", "\n".join(_figure(picture) for picture in pictures)),
        _section("What the other actors receive", _actors(outcome)),
        _section("Bills by member", _bills(outcome)),
        _section("Settings", _settings(outcome)),
    ]
    page = Template(_PAGE).substitute(
        title=escape(f"{outcome.scenario.name}, {outcome.clearing.market}"),
        lead=escape(_lead(outcome)),
        sections="\n".join(sections),
        version=escape(nemogrid.__version__),
    )
    path = Path(folder) / "report.html"
    path.write_text(page, encoding="utf-8")
    return path


def kpi_table(outcome: Outcome, *, reference: Outcome | None = None) -> pd.DataFrame:
    """Put the key figures beside those of the reference.

    Parameters
    ----------
    outcome : Outcome
        A simulated scenario.
    reference : Outcome, optional
        The same scenario under business as usual.

    Returns
    -------
    pandas.DataFrame
        A row per key figure; columns ``scenario`` and, with a reference, ``reference``; NaN where
        the reference lacks a figure.
    """
    columns = {"scenario": outcome.kpis}
    if reference is not None:
        columns["reference"] = reference.kpis
    return pd.DataFrame(columns).reindex(outcome.kpis.index).rename_axis("kpi")


def _lead(outcome: Outcome) -> str:
    timeline, community = outcome.clearing.timeline, outcome.clearing.community
    return (
        f"{len(community)} members, {len(community.prosumers)} of them with photovoltaics. "
        f"{timeline.hours / 24:g} days from {timeline.start:%Y-%m-%d} in steps of "
        f"{timeline.step_h:g} h. Tariff {outcome.scenario.tariff.name}. "
        f"Money in {outcome.bills.currency}."
    )


def _kpis(outcome: Outcome, reference: Outcome | None) -> str:
    table = kpi_table(outcome, reference=reference)
    return _table(table, "Key figure", "Units are in the names; shares are 0 to 1.", _by_unit)


def _gains(outcome: Outcome, reference: Outcome) -> str:
    table = gains(outcome.bills, reference.bills, outcome.clearing.community)
    note = "Net receipts, and what changed. What members pay is negative. Gains sum to zero."
    return _table(table.rename(index=NAMES), "Group", note)


def _actors(outcome: Outcome) -> str:
    receipts = outcome.bills.by_actor().reindex(list(parties(outcome.bills)), fill_value=0.0)
    table = receipts.to_frame("net receipts").rename(index=NAMES)
    return _table(table, "Actor", "What each was paid, less what it paid.")


def _bills(outcome: Outcome) -> str:
    note = "What each member pays over the whole timeline; credits are negative."
    return _table(outcome.bills.by_member(), "Member", note)


def _settings(outcome: Outcome) -> str:
    try:
        text = outcome.scenario.to_toml()
    except ScenarioError as error:
        return f"<p>They cannot be written as text: {escape(str(error))}.</p>"
    return f'<pre tabindex="0" aria-label="settings as TOML">{escape(text)}</pre>'


def _figure(picture: Picture) -> str:
    data = base64.b64encode(picture.png).decode("ascii")
    return (
        f'<figure><img src="data:image/png;base64,{data}" alt="{escape(picture.alt)}">'
        f"<figcaption>{escape(picture.caption)}</figcaption></figure>"
    )


def _section(title: str, body: str) -> str:
    return f"<section><h2>{escape(title)}</h2>\n{body}\n</section>"


def _money(_: str, value: float) -> str:
    return f"{value:,.2f}"


def _by_unit(name: str, value: float) -> str:
    if math.isnan(value):
        return "not defined"
    digits = {"_kwh": 0, "_kw": 1, "_share": 3, "_pu": 4}
    places = next((n for unit, n in digits.items() if name.endswith(unit)), 2)
    return f"{value:,.{places}f}"


def _table(
    table: pd.DataFrame, corner: str, note: str, write: Callable[[str, float], str] = _money
) -> str:
    head = "".join(f'<th scope="col">{escape(str(name))}</th>' for name in table.columns)
    rows = "\n".join(
        f'<tr><th scope="row">{escape(str(name))}</th>'
        + "".join(f"<td>{escape(write(str(name), value))}</td>" for value in values)
        + "</tr>"
        for name, values in zip(table.index, table.to_numpy(), strict=True)
    )
    return (
        f'<div class="scroll" role="region" tabindex="0" aria-label="{escape(corner)} table">'
        f"<table><caption>{escape(note)}</caption>\n"
        f'<thead><tr><th scope="col">{escape(corner)}</th>{head}</tr></thead>\n'
        f"<tbody>\n{rows}\n</tbody></table></div>"
    )


_PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>$title</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; color: #1b1b1b; background: #fff;
  max-width: 60rem; margin: 0 auto; padding: 1rem; }
h1, h2 { line-height: 1.2; overflow-wrap: anywhere; }
h2 { margin-top: 2.5rem; }
figure { margin: 0 0 2rem; }
figure img { width: 100%; max-width: 40rem; height: auto; }
figcaption, caption { color: #4a4a4a; text-align: left; }
caption { padding-bottom: .5rem; }
.scroll, pre { overflow-x: auto; }
table { border-collapse: collapse; }
th, td { padding: .2rem .8rem .2rem 0; text-align: right; white-space: nowrap; }
th[scope=row], thead th:first-child { text-align: left; font-weight: 500; }
thead th { border-bottom: 2px solid #1b1b1b; }
tbody tr { border-bottom: 1px solid #ddd; }
pre { background: #f4f4f4; padding: 1rem; }
</style>
</head>
<body>
<main>
<h1>$title</h1>
<p>$lead</p>
$sections
</main>
<footer><p>Made with nemogrid $version. Load and generation shapes of SimBench are data under the
Open Database License.</p></footer>
</body>
</html>
"""
