"""The results of a run as a folder of files: whole, or not at all."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from nemogrid.errors import InputError, listed
from nemogrid.outcome import Outcome
from nemogrid.plots.gallery import draw_pictures
from nemogrid.report.page import kpi_table, write_report
from nemogrid.settlement import gains

FILES = (
    "scenario.toml",
    "kpis.csv",
    "gains.csv",
    "bills_by_member.csv",
    "postings.csv",
    "report.html",
)
"""What `nemogrid run` writes, with PNG files in the folder ``figures``."""


def write_results(
    outcome: Outcome, reference: Outcome, folder: Path, *, begin: Callable[[str], None]
) -> None:
    """Write tables, figures and the report of a scenario.

    Parameters
    ----------
    outcome, reference : Outcome
        The scenario, and the same under business as usual.
    folder : Path
        Existing folder.
    begin : callable
        Called with the name of each part as it begins.
    """
    begin("tables")
    kpi_table(outcome, reference=reference).to_csv(folder / "kpis.csv")
    table = gains(outcome.bills, reference.bills, outcome.clearing.community)
    table.rename_axis("group").to_csv(folder / "gains.csv")
    outcome.bills.by_member().rename_axis("member").to_csv(folder / "bills_by_member.csv")
    outcome.bills.postings.to_csv(folder / "postings.csv", index=False)
    begin("figures and report")
    pictures = draw_pictures(outcome, reference=reference)
    (folder / "figures").mkdir()
    for picture in pictures:
        (folder / "figures" / f"{picture.name}.png").write_bytes(picture.png)
    write_report(outcome, folder, reference=reference, pictures=pictures)


@contextmanager
def new_folder(out: Path, *, force: bool = False) -> Iterator[Path]:
    """Give a folder to fill, which takes its place only when all went well.

    Parameters
    ----------
    out : Path
        The folder wanted.
    force : bool
        Whether the results of an earlier run may be replaced. Anything else in the folder is
        never replaced.

    Yields
    ------
    Path
        A temporary folder beside it, which is removed after an error.

    Raises
    ------
    InputError
        If the folder is not empty, or cannot be written.
    """
    try:
        out = out.resolve()
        _require_replaceable(out, force=force)
        beside = next(parent for parent in out.parents if parent.exists())
        part = beside / f".{out.name}-{secrets.token_hex(4)}.part"
        part.mkdir()
    except OSError as error:
        raise InputError(f"cannot write {out}: {error.strerror}") from None
    try:
        yield part
        _require_replaceable(out, force=force)
        out.parent.mkdir(parents=True, exist_ok=True)
        _replace(out, part)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _require_replaceable(out: Path, *, force: bool) -> None:
    if not out.exists():
        return
    if not out.is_dir():
        raise InputError(f"{out} is a file: expected a folder, or a name that is free")
    # Looked at one by one: the folder may be a home directory.
    found = (path.relative_to(out) for path in out.rglob("*") if not path.is_dir())
    if not force:
        if any(True for _ in found):
            raise InputError(
                f"{out} is not empty: give another folder, or --force to replace a run"
            )
        return
    strange = (
        path.as_posix()
        for path in found
        if path.as_posix() not in FILES
        and not (len(path.parts) == 2 and path.match("figures/*.png"))
    )
    foreign = list(islice(strange, 3))
    if foreign:
        raise InputError(
            f"{out} holds files that no run wrote, and is not replaced: {listed(foreign)}"
        )


def _replace(out: Path, part: Path) -> None:
    if not out.exists():
        part.rename(out)
        return
    old = part.with_suffix(".old")
    out.rename(old)
    try:
        part.rename(out)
    except BaseException:
        old.rename(out)
        raise
    shutil.rmtree(old, ignore_errors=True)
