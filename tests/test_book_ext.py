"""The book's own Sphinx extension, and the template chapter as it is really built."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

ROOT = Path(__file__).resolve().parents[1]
sys.path.append(str(ROOT / "book" / "_ext"))

from nemogrid_book import cache, docstrings, headlines, html, kernel, vendor  # noqa: E402


def test_the_key_of_the_cache_changes_with_every_source(tmp_path):
    """Another byte, name or data file in the library gives another key; byte code does not."""
    package = tmp_path / "nemogrid"
    package.mkdir()
    (package / "a.py").write_text("x = 1\n")
    (tmp_path / "lock").write_text("numpy==2\n")
    keys = [cache.fingerprint(tmp_path, ("nemogrid", "lock"))]
    (package / "__pycache__").mkdir()
    (package / "__pycache__" / "a.pyc").write_bytes(b"1")
    assert cache.fingerprint(tmp_path, ("nemogrid", "lock")) == keys[0]
    for change in (
        lambda: (package / "a.py").write_text("x = 2\n"),
        lambda: (package / "a.py").rename(package / "b.py"),
        lambda: (package / "data.json").write_text("{}"),
        lambda: (tmp_path / "lock").write_text("numpy==3\n"),
    ):
        change()
        keys.append(cache.fingerprint(tmp_path, ("nemogrid", "lock")))
    assert len(set(keys)) == 5


def test_only_the_newest_caches_are_kept(tmp_path):
    """Old caches go, by the time of their last use."""
    for age, name in enumerate(["newest", "middle", "oldest"]):
        (tmp_path / name).mkdir()
        os.utime(tmp_path / name, (1_000_000 - age, 1_000_000 - age))
    cache.drop_oldest(tmp_path, kept=2)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["middle", "newest"]


def test_mathjax_and_plotly_come_from_their_wheels(tmp_path):
    """The installed packages hold all that a page may ask for, and copies are made once."""
    files = vendor.mathjax_files()
    assert {"tex-chtml.js", "output/chtml/fonts/woff-v2/MathJax_Main-Regular.woff"} <= set(files)
    assert not any("svg" in name for name in files)
    plotly = vendor.plotly_files()
    vendor.copy_files(plotly, tmp_path)
    first = (tmp_path / "plotly.min.js").stat()
    vendor.copy_files(plotly, tmp_path)
    assert (tmp_path / "plotly.min.js").stat().st_ctime_ns == first.st_ctime_ns
    assert first.st_size == plotly["plotly.min.js"].stat().st_size > 1_000_000


def test_a_package_without_the_files_is_refused():
    """A wheel that no longer carries its script stops the build instead of breaking pages."""
    with pytest.raises(FileNotFoundError, match="plotly installed no file below nowhere"):
        vendor.files_below("plotly", "nowhere/")


@pytest.mark.parametrize(
    ("text", "value"),
    [("0.25", 0.25), ("3", 3), ("'Zug'", "Zug"), ("True", True), ("-1e-3", -0.001), ("nan", "nan")],
)
def test_scalars_are_read_from_what_a_kernel_prints(text, value):
    """Numbers, texts and truth values come back with their type."""
    got = headlines.scalar(text)
    assert (got, type(got)) == (value, type(value))


@pytest.mark.parametrize("text", ["[1, 2]", "np.float64(0.1)", "<Figure>", "{'a': 1}"])
def test_what_cannot_stand_in_a_sentence_is_refused(text):
    """Lists and representations of objects are no headline."""
    with pytest.raises(ValueError, match=re.escape(text)):
        headlines.scalar(text)


def write_glue(folder, page, **bundles):
    """Write what myst-nb writes for a page's glued values."""
    path = folder / f"{page}.glue.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({key: {"data": data} for key, data in bundles.items()}))


def test_numbers_and_texts_are_collected_page_by_page(tmp_path):
    """Figures and tables are left out, and a value of no use in a sentence is named."""
    write_glue(
        tmp_path,
        "setting/one",
        share={"text/plain": "0.25"},
        town={"text/plain": "'Zug'"},
        figure={"text/plain": "<Figure>", "image/png": "x"},
        table={"text/plain": "a b", "text/html": "<table>"},
        wrong={"text/plain": "[1, 2]"},
    )
    computed, unusable = headlines.collect(tmp_path, ["setting/one", "no-code"])
    assert computed == {"setting/one": {"share": 0.25, "town": "Zug"}}
    assert unusable == ["page setting/one, key wrong: glue a number or a text, got [1, 2]"]


def test_every_kind_of_change_is_told_with_page_and_key():
    """A moved, a new and a missing value give a sentence each; one within tolerance none."""
    accepted = {
        "p": {
            "moved": {"value": 2.0, "rel_tol": 1e-3},
            "within": {"value": 2.0, "rel_tol": 1e-3},
            "gone": {"value": 1},
            "town": {"value": "Zug"},
        }
    }
    computed = {"p": {"moved": 2.01, "within": 2.001, "town": "Bern", "extra": 5}}
    assert headlines.differences(computed, accepted) == [
        "page p, key extra: new value 5, not accepted yet",
        "page p, key gone: expected 1, got nothing",
        "page p, key moved: expected 2.0, got 2.01 (relative tolerance 0.001)",
        "page p, key town: expected 'Zug', got 'Bern'",
    ]


@pytest.mark.parametrize(
    ("value", "accepted", "same"),
    [
        (1.0000001, {"value": 1.0}, True),
        (1.00001, {"value": 1.0}, False),
        (1e-12, {"value": 0.0, "abs_tol": 1e-9}, True),
        (1e-12, {"value": 0.0}, False),
        (3, {"value": 3.0, "rel_tol": 0}, True),
        (4, {"value": 3, "rel_tol": 0}, False),
        (True, {"value": 1}, False),
        ("nan", {"value": 1.0}, False),
        (float("inf"), {"value": 1.0, "rel_tol": 10}, False),
    ],
)
def test_numbers_agree_within_their_tolerance_only(value, accepted, same):
    """The tolerance is relative to the accepted value, or absolute, and types count."""
    assert headlines.agrees(value, accepted) is same


def test_accepting_keeps_tolerances_and_values_that_have_not_moved():
    """New numbers get the default tolerance; old ones keep theirs, and their value if it agrees."""
    accepted = {"p": {"a": {"value": 1.0, "rel_tol": 0.1}, "b": {"value": 1.0, "rel_tol": 0.1}}}
    computed = {"p": {"a": 1.05, "b": 2.0, "c": 0.5, "n": 7, "town": "Zug"}}
    assert headlines.accept(computed, accepted)["p"] == {
        "a": {"value": 1.0, "rel_tol": 0.1},
        "b": {"value": 2.0, "rel_tol": 0.1},
        "c": {"value": 0.5, "rel_tol": headlines.DEFAULT_REL_TOL},
        "n": {"value": 7, "rel_tol": 0},
        "town": {"value": "Zug"},
    }


def test_the_command_compares_and_accepts(tmp_path, capsys):
    """It exits with 1 on a difference, 0 after accepting, and names what moved."""
    computed, accepted = tmp_path / "computed.json", tmp_path / "accepted.json"
    files = ["--computed", str(computed), "--accepted", str(accepted)]
    with pytest.raises(SystemExit, match="2"):
        headlines.main(files)
    headlines.write_json(computed, {"p": {"a": 1.5}})
    assert headlines.main(files) == 1
    assert "page p, key a: new value 1.5" in capsys.readouterr().out
    assert headlines.main([*files, "--accept"]) == 0
    assert headlines.main(files) == 0


def test_roles_that_do_not_fit_are_dropped_from_the_page():
    """The bibliography's withdrawn roles go; its text and classes stay."""
    context = {
        "body": '<div role="list" class="citation-list">'
        '<div class="citation" role="doc-biblioentry">A</div></div>'
    }
    html.drop_unfit_roles(None, "page", "page.html", context, None)
    assert context["body"] == ('<div class="citation-list"><div class="citation">A</div></div>')


def test_footnotes_of_docstrings_become_a_list_and_properties_keep_their_words():
    """Two docstrings of one page may both have a reference 1, and "kW, shape: ..." is no type."""
    lines = ["Solve [1]_.", "", ".. [1] A. Author, a title that runs", "   over two lines."]
    docstrings.number_references(None, "function", "f", None, None, lines)
    assert lines == ["Solve [1].", "", "1. A. Author, a title that runs", "   over two lines."]
    docstrings.open_with_blank_line(None, "function", "f", None, None, lines)
    assert lines[0] == "Solve [1]."
    docstrings.open_with_blank_line(None, "property", "p", None, None, lines)
    assert lines[:2] == ["", "Solve [1]."]


def test_singlehtml_can_write_what_html_can():
    """Handlers registered for html are found for singlehtml, whose own ones win."""
    handlers = {"html": {"a": 1, "b": 2}, "singlehtml": {"b": 3}}
    html.share_html_handlers(
        SimpleNamespace(registry=SimpleNamespace(translation_handlers=handlers))
    )
    assert handlers["singlehtml"] == {"a": 1, "b": 3}


def test_peak_memory_is_read_from_the_kernels_note(tmp_path):
    """A page that noted its peak has one; another has none."""
    app = SimpleNamespace(config=SimpleNamespace(nb_execution_cache_path=str(tmp_path)))
    note = kernel.peak_dir(app) / "setting" / "one.txt"
    note.parent.mkdir(parents=True)
    note.write_text("123.5")
    assert kernel.peak_mib(app, "setting/one") == 123.5
    assert kernel.peak_mib(app, "setting/two") is None


def copy_book(folder):
    """Put a book into a folder whose only chapter is the template; its pages are a preface too."""
    ignored = shutil.ignore_patterns("setting", "vendor", "__pycache__", "*.glue.json")
    shutil.copytree(ROOT / "book", folder / "book", ignore=ignored)
    shutil.copy(ROOT / "_config.yml", folder)
    (folder / "book" / "_template.md").rename(folder / "book" / "template.md")
    back = [f"back/{name}" for name in ("glossary", "data", "notation", "status", "references")]
    toc = {
        "format": "jb-book",
        "root": "preface",
        "parts": [
            {"caption": "Part", "numbered": True, "chapters": [{"file": "template"}]},
            {"caption": "Back matter", "chapters": [{"file": name} for name in back]},
        ],
    }
    (folder / "book" / "_toc.yml").write_text(json.dumps(toc))
    (folder / "nemogrid").mkdir()
    (folder / "nemogrid" / "empty.py").write_text("")
    (folder / "book" / "headlines.json").write_text("{}")


def build(folder):
    """Build the copied book strictly; return exit code and everything it said."""
    jupyter_book = Path(sys.executable).with_name("jupyter-book")
    command = [jupyter_book, "build", "book", "-n", "-W", "--keep-going", "--all"]
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, timeout=280
    )
    return done.returncode, re.sub(r"\x1b\[[\d;]*m", "", done.stdout + done.stderr)


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The template, built strictly after its numbers were accepted; with what each build said."""
    folder = tmp_path_factory.mktemp("template")
    copy_book(folder)
    first = build(folder)
    files = [
        f"--computed={folder}/_build/headlines.json",
        f"--accepted={folder}/book/headlines.json",
    ]
    headlines.main([*files, "--accept"])
    return folder, first, build(folder)


@pytest.mark.long
def test_numbers_that_nobody_accepted_fail_the_build(built):
    """The first build computes all, warns of each glued number by page and key, and fails."""
    folder, (code, said), _ = built
    computed = json.loads((folder / "_build" / "headlines.json").read_text())["template"]
    assert code == 1
    assert len(computed) >= 7
    for key in computed:
        assert f"page template, key {key}: new value" in said


@pytest.mark.long
def test_the_template_builds_strictly_and_runs_once(built):
    """With its numbers accepted the build passes, and serves the page from the cache."""
    folder, _, (code, said) = built
    assert code == 0, said[-3000:]
    assert "Using cached notebook" in said
    assert len(list((folder / "_build" / ".jupyter_cache").glob("*/peaks/template.txt"))) == 1


@pytest.mark.long
def test_the_templates_page_has_what_the_template_promises(built):
    """Numbered figures with alternative text, glued numbers, tables, solutions with output."""
    folder, _, _ = built
    page = (folder / "_build" / "html" / "template.html").read_text("utf8")
    body = page[page.index("<article") :]
    assert re.findall(r'<span class="caption-number">((?:Fig|Table)[^<]+?) ?</span>', body) == [
        "Fig. 1.1",
        "Table 1.1",
        "Fig. 1.2",
    ]
    assert '<span class="std std-numref">Fig. 1.1</span>' in body
    assert re.search(r'<img alt="Two curves over 24 hours\.', body)
    assert body.count("<img ") == 1
    assert 'class="interactive-figure" role="group" aria-label="Generation and load' in body
    assert '<script defer="defer" src="_static/vendor/plotly.min.js' in page
    assert "18%" in body
    assert body.count("Solution to") == 3
    assert "WARNING" not in body


@pytest.mark.long
def test_pages_ask_nobody_else_and_load_no_thebe(built):
    """No page loads a script or style from elsewhere; MathJax is loaded from the book itself."""
    folder, _, _ = built
    html_dir = folder / "_build" / "html"
    for path in html_dir.rglob("*.html"):
        page = path.read_text("utf8")
        assert not re.search(r'<(?:script|link|img)[^>]+(?:src|href)="https?://(?!nemogrid)', page)
        assert "thebe" not in page.lower()
    assert "_static/vendor/mathjax/tex-chtml.js" in (html_dir / "template.html").read_text("utf8")
    assert "plotly.min.js" not in (html_dir / "preface.html").read_text("utf8")


@pytest.mark.long
def test_the_status_page_tells_time_and_memory(built):
    """The table has the template's title, its seconds and its peak memory."""
    folder, _, _ = built
    page = (folder / "_build" / "html" / "back" / "status.html").read_text("utf8")
    rows = [re.findall(r"<p>(.*?)</p>", row) for row in re.findall(r"<tr.*?</tr>", page, re.S)]
    row = next(row for row in rows if row and "The title says" in row[0])
    assert float(row[1]) > 0
    assert 20 < float(row[2]) < 700
    assert row[3] == "passed"


@pytest.mark.long
def test_a_moved_number_and_a_changed_library_are_noticed(built):
    """A wrong accepted value fails the build by name; another library runs the page again."""
    folder, _, _ = built
    path = folder / "book" / "headlines.json"
    before = path.read_text()
    accepted = json.loads(before)
    accepted["template"]["own_use_share"]["value"] *= 1.01
    path.write_text(json.dumps(accepted))
    (folder / "nemogrid" / "empty.py").write_text("x = 1\n")
    code, said = build(folder)
    path.write_text(before)
    assert code == 1
    assert "page template, key own_use_share: expected" in said
    assert said.count("headline:") == 1
    assert "Executed notebook in" in said
