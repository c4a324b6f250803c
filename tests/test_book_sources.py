"""The sources of the book, read without building it.

How to write a chapter
----------------------
Copy ``book/_template.md``, which is built and checked by ``tests/test_book_ext.py``, and add the
file to ``book/_toc.yml``. A chapter is a page with a ``kernelspec``; the tests below ask of it:

1. The full jupytext header (``formats``, ``text_representation``) and ``kernelspec``, and one
   ``# Title``.
2. Straight after the title, the box ``:::{admonition} Before you start`` with
   ``:class: chapter-header`` and a definition list of exactly *Objectives*, *Prerequisites*,
   *Time to read*, *Time to run*; then ``:::{admonition} The question`` with ``:class: question``,
   whose text ends in a question mark.
3. Sections ``## The answer``, ``## What is assumed, and what would change the answer`` and
   ``## Exercises``, last and in this order. The answer holds at least one glued number.
4. At least three exercises in gated form (``exercise-start``, ``exercise-end``), each with a
   solution (``solution-start``, ``solution-end``, ``:class: dropdown``) that runs a code cell.
5. Code cells of at most 15 lines of code (blank lines, comments and options not counted), and no
   line longer than 80 characters.
6. Every picture is a code cell with ``mystnb: figure: name`` and ``caption`` and
   ``mystnb: image: alt``, or a ``{glue:figure}``, ``{figure}`` or ``{image}`` with ``:alt:``. An
   interactive figure has ``mystnb: figure`` and its alternative text in
   ``update_layout(meta={"alt": ...})``. Every named figure and table is referred to by ``{numref}``
   in the text of its page.
7. No result in prose. A number of the kind that a computation yields (with a decimal, and followed
   by a percent sign, a currency or a unit of energy) stands only in a paragraph that cites its
   source; all others are glued.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

BOOK = Path(__file__).resolve().parents[1] / "book"
TEMPLATE = BOOK / "_template.md"
HEADER_TERMS = ["Objectives", "Prerequisites", "Time to read", "Time to run"]
LAST_SECTIONS = [
    "The answer",
    "What is assumed, and what would change the answer",
    "Exercises",
]
DRAWS = re.compile(r"\bplots?\.\w+\(|\.plot\b|\bplt\.|go\.Figure|\bpx\.\w+\(|\bsns\.\w+\(")
RESULT = re.compile(r"(?<![\w.`])\d+[.,]\d+\s?(?:%|€|EUR|CHF|Rp|kWh|MWh|ct\b)")
CELL = re.compile(r"^```\{code-cell\}[^\n]*\n(.*?)^```", re.M | re.S)


def listed_pages():
    """Names of all pages in the table of contents, without their ending."""
    toc = yaml.safe_load((BOOK / "_toc.yml").read_text("utf8"))
    chapters = [entry["file"] for part in toc["parts"] for entry in part["chapters"]]
    return [toc["root"], *chapters]


def front_matter(text):
    """Metadata on top of a page, {} where there are none."""
    found = re.match(r"---\n(.*?)\n---\n", text, re.S)
    return yaml.safe_load(found[1]) if found else {}


def cells(text):
    """Each code cell as (options, lines of code)."""
    found = []
    for body in CELL.findall(text):
        options, code = {}, body
        if body.startswith("---\n"):
            head, code = body[4:].split("\n---\n", 1)
            options = yaml.safe_load(head) or {}
        lines = [
            line
            for line in code.splitlines()
            if line.strip() and not re.match(r"\s*#|:[\w-]+:", line)
        ]
        found.append((options, lines))
    return found


def prose(text):
    """Paragraphs of running text: no metadata, code, maths, comments or inline code."""
    text = re.sub(r"\A---\n.*?\n---\n", "", text, flags=re.S)
    kept, silent, fences = [], None, []
    for line in text.splitlines():
        fence = re.match(r"(`{3,}|:{3,}|\$\$)(.*)", line)
        if silent is not None:
            silent = None if fence and fence[1] == silent and not fence[2].strip() else silent
        elif fence and fences and fence[1] == fences[-1] and not fence[2].strip():
            fences.pop()
        elif fence and re.match(r"\{(?!code-cell|math)", fence[2]):
            fences.append(fence[1])
        elif fence and not (fence[1] == "$$" and fence[2].rstrip().endswith("$$")):
            silent = fence[1]
        elif not re.match(r"%|:[\w-]+:", line):
            kept.append(line if not fence else "")
            continue
        kept.append("")
    running = re.sub(r"<!--.*?-->|`[^`]+`", "", "\n".join(kept), flags=re.S)
    return [p for p in re.split(r"\n\s*\n", running) if p.strip()]


def sections(text):
    """{title: body} of the second-level sections, in order."""
    parts = re.split(r"^## (.+)$", CELL.sub("", text), flags=re.M)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def results_in_prose(text):
    """Paragraphs with a number that looks computed, and no source for it."""
    return [p for p in prose(text) if RESULT.search(p) and "{cite" not in p]


def chapters():
    """The template, and every page before the back matter that runs code."""
    found = [TEMPLATE]
    for name in listed_pages():
        if name.startswith("back/"):
            continue
        page = BOOK / f"{name}.md"
        if page.exists() and "kernelspec" in front_matter(page.read_text("utf8")):
            found.append(page)
    return found


@pytest.fixture(params=chapters(), ids=lambda p: p.relative_to(BOOK).with_suffix("").as_posix())
def text(request):
    """The source of a chapter."""
    return request.param.read_text("utf8")


def test_the_table_of_contents_and_the_pages_agree():
    """Every page in the table of contents exists, and every page is in it, but for the template."""
    pages = {p.relative_to(BOOK).with_suffix("").as_posix() for p in BOOK.rglob("*.md")}
    pages = {page for page in pages if not page.startswith("_")}
    assert set(listed_pages()) == pages
    assert len(listed_pages()) == len(pages)


def test_parts_of_chapters_are_numbered_and_the_back_matter_is_not():
    """Chapters carry numbers; the glossary and its like do not."""
    toc = yaml.safe_load((BOOK / "_toc.yml").read_text("utf8"))
    for part in toc["parts"]:
        assert part.get("numbered", False) == (part["caption"] != "Back matter"), part["caption"]


def test_every_public_name_is_in_the_library_reference():
    """The page of the library leaves out no name that `import nemogrid` promises."""
    import nemogrid

    page = (BOOK / "back" / "api.md").read_text("utf8")
    assert [name for name in nemogrid.__all__ if not re.search(rf"\b{name}\b", page)] == []


def test_headline_numbers_belong_to_pages_of_the_book():
    """No accepted number belongs to a page that is gone."""
    import json

    accepted = json.loads((BOOK / "headlines.json").read_text("utf8"))
    assert set(accepted) <= set(listed_pages())


def test_every_reference_is_cited():
    """The bibliography holds what a page cites and nothing else."""
    keys = set(re.findall(r"^@\w+\{(\w+),", (BOOK / "references.bib").read_text("utf8"), re.M))
    text = "\n".join(p.read_text("utf8") for p in BOOK.rglob("*.md"))
    cited = {
        key.strip()
        for group in re.findall(r"\{cite(?::\w+)?\}`([^`]+)`", text)
        for key in group.split(",")
    }
    assert cited == keys


def test_a_chapter_opens_as_a_notebook(text):
    """The header is what jupytext writes, so that JupyterLab opens the page as a notebook."""
    meta = front_matter(text)
    form = meta["jupytext"]["text_representation"]
    assert (form["extension"], form["format_name"]) == (".md", "myst")
    assert {"format_version", "jupytext_version"} <= set(form)
    assert meta["kernelspec"] == {
        "display_name": "Python 3",
        "language": "python",
        "name": "python3",
    }
    assert len(re.findall(r"^# .+", CELL.sub("", text), re.M)) == 1


def test_a_chapter_opens_with_its_header_and_its_question(text):
    """Objectives, prerequisites and times come first, then a question."""
    boxes = re.findall(r"^:::\{admonition\} (.+?)\n:class: ([\w-]+)\n(.*?)^:::$", text, re.M | re.S)
    assert [box[:2] for box in boxes[:2]] == [
        ("Before you start", "chapter-header"),
        ("The question", "question"),
    ]
    assert re.findall(r"^(\S.*)\n: \S", boxes[0][2], re.M) == HEADER_TERMS
    assert boxes[1][2].strip().endswith("?")
    title_to_box = text.split("\n# ", 1)[1].split(":::{admonition}", 1)[0]
    assert len(title_to_box.strip().splitlines()) == 1


def test_a_chapter_closes_with_its_answer_and_its_assumptions(text):
    """The answer in numbers, what is assumed, and exercises end the chapter, in this order."""
    found = sections(text)
    assert list(found)[-3:] == LAST_SECTIONS
    assert "{glue:text}" in found["The answer"]
    assert len(re.findall(r"^- ", found[LAST_SECTIONS[1]], re.M)) >= 2


def test_a_chapter_has_three_exercises_with_solutions_that_run(text):
    """Each exercise has one solution, folded away, with a code cell in it."""
    labels = re.findall(r"\{exercise-start\}[^\n]*\n:label: (\S+)", text)
    solutions = re.findall(
        r"\{solution-start\} (\S+)\n:class: dropdown\n(.*?)\{solution-end\}", text, re.S
    )
    assert len(labels) >= 3
    assert len(labels) == text.count("{exercise-end}")
    assert [label for label, _ in solutions] == labels
    assert all("{code-cell}" in body for _, body in solutions)


def test_code_cells_are_short(text):
    """A cell has at most 15 lines of code, and a line at most 80 characters."""
    for _, lines in cells(text):
        assert len(lines) <= 15, "\n".join(lines)
        assert max(map(len, lines), default=0) <= 80, max(lines, key=len)


def test_every_figure_has_a_name_a_caption_and_an_alternative_text(text):
    """A cell that draws says what it draws, to those who see it and to those who do not."""
    for options, lines in cells(text):
        code = "\n".join(lines)
        if not DRAWS.search(code) or "glue(" in code:
            continue
        mystnb = options.get("mystnb", {})
        figure, alt = mystnb.get("figure", {}), mystnb.get("image", {}).get("alt", "")
        assert figure.get("name"), code
        assert figure.get("caption", "").strip(), code
        assert len(alt) >= 40 or '"alt":' in code, code
    for kind, body in re.findall(
        r"^[`:]{3,}\{(figure|image|glue:figure)\}[^\n]*\n(.*?)^[`:]{3,}", text, re.M | re.S
    ):
        assert re.search(r"^:alt: .{40,}", body, re.M), (kind, body)
        assert kind == "image" or ":name:" in body, body


def test_every_figure_and_table_is_named_in_the_text(text):
    """A figure or table that no sentence names is not needed."""
    names = re.findall(r"(?:name:|:name:) ((?:fig|tab)-[\w-]+)", text)
    referred = set(re.findall(r"\{numref\}`(?:[^`<]*<)?([\w-]+)>?`", text))
    assert set(names) - {name for name in names if "interactive" in name} <= referred


def test_no_result_is_typed_into_prose(text):
    """A number that a computation yields is glued; one from elsewhere has its source beside it."""
    assert results_in_prose(text) == []


@pytest.mark.parametrize(
    ("paragraph", "typed"),
    [
        ("The house saves 12.5 % of its bill.", True),
        ("It pays 27,7 Rp more.", True),
        ("The tariff was 27.7 Rp {cite}`ElCom2026`.", False),
        ("It uses {glue:text}`share:.0%` of it.", False),
        ("The step is 0.5 hours and `price=0.25 CHF` is code.", False),
        ("```python\nprint('12.5 %')\n```", False),
        ("$$\n12.5 \\%\n$$", False),
        (":::{note}\nThe house saves 12.5 %.\n:::", True),
        ("```{table} Saved\n:name: tab-a\n\n| a |\n|---|\n| 12.5 % |\n```\n\nText.", True),
        ("```{code-cell} ipython3\nx = '12.5 %'\n```\n\nThen 1.5 kWh in words.", True),
        ("A voltage within 10 % of nominal is allowed.", False),
    ],
)
def test_the_search_for_typed_results_finds_them(paragraph, typed):
    """The rule catches computed-looking numbers and lets sources, glue and code pass."""
    assert bool(results_in_prose(f"# Title\n\n{paragraph}\n")) is typed
