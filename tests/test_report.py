"""Tests of the report."""

import base64
import dataclasses
import re
from html.parser import HTMLParser

import pandas as pd
import pytest

import nemogrid
from nemogrid.errors import InputError
from nemogrid.markets import BusinessAsUsual
from nemogrid.plots.gallery import Picture, draw_pictures
from nemogrid.report import kpi_table, new_folder, write_report
from nemogrid.scenario import Scenario
from nemogrid.simulation import simulate
from nemogrid.timeline import Timeline

DAYS = Timeline(pd.Timestamp("2026-06-20", tz="Europe/Zurich"), 0.5, 3 * 48)
WITHOUT_END = {"meta", "img", "!doctype"}


class Page(HTMLParser):
    """Read a page strictly: every element is closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        """Open an element."""
        self.elements.append((tag, dict(attrs)))
        if tag not in WITHOUT_END:
            self.open.append(tag)

    def handle_endtag(self, tag):
        """Close the innermost element."""
        assert self.open.pop() == tag

    def handle_data(self, data):
        """Collect the text outside of the style sheet."""
        if "style" not in self.open:
            self.text += data

    def all(self, tag):
        """List the attributes of all elements of a kind."""
        return [attrs for name, attrs in self.elements if name == tag]


@pytest.fixture(scope="module")
def outcome():
    """Simulate three days."""
    return simulate(Scenario(timeline=DAYS))


@pytest.fixture(scope="module")
def reference():
    """Simulate them under business as usual."""
    return simulate(Scenario(timeline=DAYS, market=BusinessAsUsual()))


@pytest.fixture(scope="module")
def pictures(outcome, reference):
    """Draw the figures once."""
    return draw_pictures(outcome, reference=reference)


@pytest.fixture(scope="module")
def page(outcome, reference, pictures, tmp_path_factory):
    """Write and read the report."""
    path = write_report(
        outcome, tmp_path_factory.mktemp("report"), reference=reference, pictures=pictures
    )
    return Page(path.read_text(encoding="utf-8"))


def test_the_page_needs_nothing_else(page):
    """No link, script or file; every image is in the page."""
    assert not page.all("script")
    assert not page.all("link")
    assert all(image["src"].startswith("data:image/png;base64,") for image in page.all("img"))
    assert not any(
        re.search(r"https?:", value or "") for _, attrs in page.elements for value in attrs.values()
    )


def test_every_figure_is_in_the_page_with_words(page, pictures):
    """Images are those drawn, alternative texts say what they show."""
    assert len(pictures) == 7
    drawn = [base64.b64decode(i["src"].partition(",")[2]) for i in page.all("img")]
    assert drawn == [picture.png for picture in pictures]
    assert all(len(image["alt"]) > 60 for image in page.all("img"))
    assert all(picture.caption in page.text for picture in pictures)


def test_the_page_can_be_read_without_eyes(page):
    """Language, title, one main heading, headers with scope, captions and reachable tables."""
    assert page.all("html") == [{"lang": "en"}]
    assert len(page.all("h1")) == len(page.all("main")) == len(page.all("title")) == 1
    assert all(th.get("scope") in {"row", "col"} for th in page.all("th"))
    assert len(page.all("caption")) == len(page.all("table")) == 4
    assert all(div["tabindex"] == "0" and div["aria-label"] for div in page.all("div"))


def test_the_numbers_are_those_of_the_outcome(page, outcome, reference):
    """Key figures, bills, gains and settings are in the text."""
    assert f"{outcome.kpis['consumers_pay']:,.2f}" in page.text
    assert f"{reference.kpis['consumers_pay']:,.2f}" in page.text
    for name, total in outcome.bills.by_member()["total"].items():
        assert name in page.text
        assert f"{total:,.2f}" in page.text
    assert outcome.scenario.to_toml() in page.text
    assert nemogrid.__version__ in page.text


def test_a_name_cannot_smuggle_in_a_script(outcome, pictures, tmp_path):
    """What a user typed is text, in the title, the settings and the tables."""
    evil = '<script>alert("x")</script> & $title'
    named = dataclasses.replace(outcome, scenario=dataclasses.replace(outcome.scenario, name=evil))
    picture = dataclasses.replace(pictures[0], alt='"><script>', caption="<b>")
    text = write_report(named, tmp_path, pictures=(picture,)).read_text(encoding="utf-8")
    page = Page(text)
    assert "<script" not in text
    assert not page.all("b")
    assert evil in page.text
    assert page.all("img")[0]["alt"] == '"><script>'


def test_a_report_needs_no_reference(outcome, pictures, tmp_path):
    """Without one there are no gains."""
    page = Page(write_report(outcome, tmp_path, pictures=pictures[:1]).read_text(encoding="utf-8"))
    assert "Gains" not in page.text
    assert list(kpi_table(outcome).columns) == ["scenario"]


def test_pictures_are_drawn_where_none_are_given(outcome, tmp_path, monkeypatch):
    """The report draws its own."""
    one = (Picture(name="n", caption="the caption", alt="a", png=b"png"),)
    monkeypatch.setattr("nemogrid.report.page.draw_pictures", lambda *_, **__: one)
    assert "the caption" in write_report(outcome, tmp_path).read_text(encoding="utf-8")


def test_the_installer_is_on_the_page_where_it_is_paid(outcome, page, pictures, tmp_path):
    """Without wear there is no row for it."""
    paid = outcome.bills.postings.iloc[:1].assign(payee="installer", amount=12.34)
    postings = pd.concat([outcome.bills.postings, paid], ignore_index=True)
    worn = dataclasses.replace(outcome, bills=dataclasses.replace(outcome.bills, postings=postings))
    text = write_report(worn, tmp_path, pictures=pictures[:1]).read_text(encoding="utf-8")
    assert '<tr><th scope="row">installer</th><td>12.34</td></tr>' in text
    assert "installer" not in page.text


def test_a_feeder_in_memory_is_said_and_not_hidden(outcome, pictures, tmp_path):
    """Settings that no text can hold are replaced by the reason."""
    memory = dataclasses.replace(
        outcome, scenario=dataclasses.replace(outcome.scenario, feeder=outcome.network)
    )
    path = write_report(memory, tmp_path, pictures=pictures[:1])
    assert "the feeder is a network in memory" in Page(path.read_text(encoding="utf-8")).text


def test_pictures_are_the_same_every_time(outcome, reference, pictures):
    """A run can be repeated to the last byte."""
    assert draw_pictures(outcome, reference=reference)[1] == pictures[1]


def test_a_new_folder_is_only_there_when_all_went_well(tmp_path):
    """The temporary one lies beside it and goes."""
    with new_folder(tmp_path / "out") as part:
        assert part.parent == tmp_path.resolve()
        assert not (tmp_path / "out").exists()
    assert (tmp_path / "out").is_dir()
    with pytest.raises(InputError), new_folder(tmp_path / "other"):
        raise InputError("no")
    assert [p.name for p in tmp_path.iterdir()] == ["out"]
