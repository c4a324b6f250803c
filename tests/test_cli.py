"""Tests of the command line."""

import os
import re
import signal
import subprocess
import sys
import tomllib
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest

import nemogrid
from nemogrid import cli
from nemogrid.errors import PowerFlowError
from nemogrid.report import FILES
from nemogrid.scenario import Scenario

SHORT = """\
name = "short"
[timeline]
start = "2026-06-20T00:00:00"
n_steps = 144
"""


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """Run three days once; the folder is read and never changed."""
    folder = tmp_path_factory.mktemp("run")
    (folder / "scenario.toml").write_text(SHORT, encoding="utf-8")
    code = cli.main(["run", str(folder / "scenario.toml"), "--out", str(folder / "out"), "--quiet"])
    assert code == 0
    return folder / "out"


@pytest.fixture
def scenario(tmp_path):
    """Write a short scenario into an otherwise empty folder."""
    path = tmp_path / "scenario.toml"
    path.write_text(SHORT, encoding="utf-8")
    return path


@pytest.fixture
def computed(monkeypatch, results):
    """Let runs take the results as computed: tests of files need no second simulation."""
    calls = []

    def fake_simulate(scenario, *, quiet):
        calls.append(scenario)
        return None, None

    def fake_write(outcome, reference, folder, *, begin):
        begin("tables")
        (folder / "kpis.csv").write_bytes((results / "kpis.csv").read_bytes())

    monkeypatch.setattr(cli, "_simulate", fake_simulate)
    monkeypatch.setattr(cli, "write_results", fake_write)
    monkeypatch.setattr(cli, "_summary", lambda *_: "summary")
    return calls


def run(scenario: Path, out: Path, *options: str) -> int:
    """Run the command in this process."""
    return cli.main(["run", str(scenario), "--out", str(out), *options])


def test_a_run_writes_every_file_that_the_help_names(results):
    """And nothing else, not even beside the folder."""
    found = {path.relative_to(results).as_posix() for path in results.rglob("*.*")}
    pictures = {name for name in found if name.startswith("figures/")}
    assert found - pictures == set(FILES)
    assert len(pictures) == 7
    assert sorted(p.name for p in results.parent.iterdir()) == ["out", "scenario.toml"]
    help_text = cli.build_parser().format_help()
    assert all(name in help_text for name in FILES)


def test_the_tables_add_up_to_the_key_figures(results):
    """Postings, bills and gains are one and the same money."""
    kpis = pd.read_csv(results / "kpis.csv", index_col="kpi")
    bills = pd.read_csv(results / "bills_by_member.csv", index_col="member")
    postings = pd.read_csv(results / "postings.csv")
    gains = pd.read_csv(results / "gains.csv", index_col="group")
    pays = kpis.at["members_pay", "scenario"]
    assert bills["total"].sum() == pytest.approx(pays, rel=1e-12)
    assert bills.drop(columns="total").to_numpy().sum() == pytest.approx(pays, rel=1e-12)
    paid = postings["payer"].isin(bills.index), postings["payee"].isin(bills.index)
    assert postings["amount"][paid[0]].sum() - postings["amount"][paid[1]].sum() == pytest.approx(
        pays, rel=1e-12
    )
    assert abs(gains["gain"].sum()) < 1e-9
    assert gains.at["consumers", "scenario"] == pytest.approx(-kpis.at["consumers_pay", "scenario"])
    assert gains.at["consumers", "reference"] == pytest.approx(
        -kpis.at["consumers_pay", "reference"]
    )
    assert kpis.at["local_kwh", "scenario"] > 0 == kpis.at["local_kwh", "reference"]


def test_the_written_scenario_repeats_the_run(results):
    """It holds every setting, also those that were left out."""
    written = results / "scenario.toml"
    assert Scenario.from_toml(written) == Scenario.from_toml(SHORT)
    assert tomllib.loads(written.read_text(encoding="utf-8"))["market"]["margin_per_kwh"] == 0.01


def test_pictures_are_png_files(results):
    """Figures can be opened."""
    for path in (results / "figures").iterdir():
        assert path.read_bytes().startswith(b"\x89PNG")


def test_the_folder_can_be_read_by_others(results):
    """A temporary folder's narrow permissions do not stay."""
    (results.parent / "plain").mkdir()
    try:
        assert results.stat().st_mode == (results.parent / "plain").stat().st_mode
    finally:
        (results.parent / "plain").rmdir()


def test_paths_in_a_scenario_stay_right_in_the_copy(tmp_path, computed):
    """A copy in another folder still finds the files that the first one named."""
    source = tmp_path / "settings"
    source.mkdir()
    text = 'feeder = "grid.json"\n[meters]\nload = "load.csv"\nunit = "kW"\n'
    (source / "scenario.toml").write_text(text, encoding="utf-8")
    assert run(source / "scenario.toml", tmp_path / "out", "--quiet") == 0
    copy = Scenario.from_toml(tmp_path / "out" / "scenario.toml")
    assert Path(copy.feeder) == source.resolve() / "grid.json"
    assert Path(copy.meters.load) == source.resolve() / "load.csv"


def test_business_as_usual_is_its_own_reference(monkeypatch):
    """It is simulated once, and nobody gains."""
    calls = []
    monkeypatch.setattr(cli, "simulate", lambda scenario, **_: calls.append(scenario))
    usual = Scenario.from_toml('[market]\ndesign = "business-as-usual"\n')
    first, second = cli._simulate(usual, quiet=True)
    assert first is second
    assert calls == [usual]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[market]\nmargn_per_kwh = 1\n", "line 2: unknown key 'margn_per_kwh'.*'margin_per_kwh'"),
        ("seed = ", "not a TOML file"),
        ('feeder = "1-LV-semiurb9--0-no_sw"\n', "unknown feeder"),
        ("[market]\nmargin_per_kwh = 0.2\n", "outside the window"),
    ],
)
def test_wrong_input_says_so_in_one_line_and_leaves_nothing(tmp_path, capsys, text, message):
    """Exit code 2, no traceback, no folder."""
    path = tmp_path / "scenario.toml"
    path.write_text(text, encoding="utf-8")
    assert run(path, tmp_path / "out", "--quiet") == 2
    captured = capsys.readouterr()
    assert re.search(message, captured.err)
    assert captured.err.count("\n") == 1
    assert captured.err.startswith("nemogrid: ")
    assert captured.out == ""
    assert [p.name for p in tmp_path.iterdir()] == ["scenario.toml"]


def test_files_that_cannot_be_read_are_named(tmp_path, capsys):
    """A missing file, and one that is not text."""
    assert run(tmp_path / "none.toml", tmp_path / "out") == 2
    assert "no scenario file" in capsys.readouterr().err
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe\x00")
    assert run(tmp_path / "bytes.toml", tmp_path / "out") == 2
    assert "not a text file" in capsys.readouterr().err
    assert [p.name for p in tmp_path.iterdir()] == ["bytes.toml"]


def test_a_folder_that_cannot_be_written_is_refused_before_the_work(scenario, computed, capsys):
    """Also for root: a file stands in the way."""
    assert run(scenario, scenario / "out") == 2
    assert "cannot write" in capsys.readouterr().err
    assert run(scenario, scenario) == 2
    assert "is a file" in capsys.readouterr().err
    assert computed == []


@pytest.mark.parametrize("broken", [RuntimeError("boom"), OSError(28, "No space left on device")])
def test_an_unexpected_error_is_shown_whole_and_leaves_nothing(scenario, monkeypatch, broken):
    """A fault of the program is not dressed up as one of the user."""

    def fail(outcome, reference, folder, *, begin):
        (folder / "kpis.csv").write_text("half", encoding="utf-8")
        raise broken

    monkeypatch.setattr(cli, "_simulate", lambda *_, **__: (None, None))
    monkeypatch.setattr(cli, "write_results", fail)
    with pytest.raises(type(broken)):
        run(scenario, scenario.parent / "deep" / "out")
    assert [p.name for p in scenario.parent.iterdir()] == ["scenario.toml"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows ends a process without a signal")
def test_termination_leaves_nothing(scenario, monkeypatch):
    """A batch system that runs out of time sends SIGTERM."""

    def wait(scenario, *, progress):
        signal.raise_signal(signal.SIGTERM)

    monkeypatch.setattr(cli, "simulate", wait)
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(SystemExit) as ended:
        run(scenario, scenario.parent / "out", "--quiet")
    assert ended.value.code == 143
    assert [p.name for p in scenario.parent.iterdir()] == ["scenario.toml"]
    assert signal.getsignal(signal.SIGTERM) is before


@pytest.mark.skipif(sys.platform == "win32", reason="no such pipes")
def test_a_reader_who_leaves_early_is_no_error():
    """As in `nemogrid tariffs | head -1`."""
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "nemogrid", "tariffs"]
    done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, "")


def test_a_folder_with_too_long_a_name_is_refused(scenario, capsys):
    """The file system says no, and so does one line."""
    assert run(scenario, scenario.parent / ("a" * 300)) == 2
    assert "cannot write" in capsys.readouterr().err


def test_an_error_of_the_computation_and_ctrl_c_leave_nothing(scenario, monkeypatch, capsys):
    """Exit codes 2 and 130."""
    for error, code, text in (
        (PowerFlowError("step 3\ndid not converge"), 2, "step 3 did not converge"),
        (KeyboardInterrupt(), 130, "interrupted"),
    ):

        def fail(scenario, *, progress, error=error):
            progress("feeder")
            raise error

        monkeypatch.setattr(cli, "simulate", fail)
        assert run(scenario, scenario.parent / "out", "--quiet") == code
        assert text in capsys.readouterr().err
        assert [p.name for p in scenario.parent.iterdir()] == ["scenario.toml"]


def test_an_earlier_run_is_replaced_only_when_told(scenario, computed, capsys):
    """Without --force nothing is touched; with it old files go."""
    out = scenario.parent / "out"
    assert run(scenario, out, "--quiet") == 0
    (out / "report.html").write_text("old", encoding="utf-8")
    assert run(scenario, out, "--quiet") == 2
    assert "--force" in capsys.readouterr().err
    assert (out / "report.html").read_text(encoding="utf-8") == "old"
    assert run(scenario, out, "--quiet", "--force") == 0
    assert not (out / "report.html").exists()
    assert sorted(p.name for p in scenario.parent.iterdir()) == ["out", "scenario.toml"]


def test_force_never_removes_what_no_run_wrote(scenario, computed, capsys):
    """A thesis in the folder survives."""
    out = scenario.parent / "out"
    (out / "figures" / "mine").mkdir(parents=True)
    for name in ("thesis.docx", "figures/mine/photo.png"):
        (out / name).write_text("precious", encoding="utf-8")
    assert run(scenario, out, "--force") == 2
    error = capsys.readouterr().err
    assert "thesis.docx" in error
    assert "photo.png" in error
    assert (out / "thesis.docx").read_text(encoding="utf-8") == "precious"
    assert computed == []


def test_a_failed_replacement_keeps_the_earlier_run(scenario, monkeypatch, computed):
    """The old folder comes back when the new one cannot take its place."""
    out = scenario.parent / "out"
    assert run(scenario, out, "--quiet") == 0
    before = sorted(p.name for p in out.iterdir())
    rename = Path.rename

    def refuse(path, target):
        if path.suffix == ".part":
            raise OSError("busy")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(OSError, match="busy"):
        run(scenario, out, "--quiet", "--force")
    assert sorted(p.name for p in out.iterdir()) == before
    assert sorted(p.name for p in scenario.parent.iterdir()) == ["out", "scenario.toml"]


def test_an_empty_folder_is_filled(scenario, computed):
    """A folder made beforehand needs no --force."""
    (scenario.parent / "out").mkdir()
    assert run(scenario, scenario.parent / "out", "--quiet") == 0
    assert (scenario.parent / "out" / "kpis.csv").is_file()


def test_the_summary_goes_to_the_output_and_quiet_hides_it(scenario, computed, capsys):
    """Progress never goes to the output."""
    assert run(scenario, scenario.parent / "a") == 0
    captured = capsys.readouterr()
    assert captured.out.startswith("summary\nThe report is ")
    assert run(scenario, scenario.parent / "b", "--quiet") == 0
    assert capsys.readouterr() == ("", "")


def test_progress_counts_every_stage_on_a_terminal(monkeypatch, capsys):
    """Both simulations report all their stages."""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    with cli._stages(3, quiet=False) as begin:
        for stage in ("feeder", "market", "business as usual: feeder"):
            begin(stage)
    shown = capsys.readouterr().err
    assert "business as usual: feeder" in shown
    assert "3/3" in shown


def test_init_writes_the_defaults_with_a_comment_on_each_key(tmp_path, capsys):
    """The file is the default scenario, and says what each line means."""
    path = tmp_path / "scenario.toml"
    assert cli.main(["init", str(path)]) == 0
    assert "nemogrid run" in capsys.readouterr().out
    assert Scenario.from_toml(path) == Scenario()
    lines = path.read_text(encoding="utf-8").splitlines()
    for before, line in pairwise(lines):
        if " = " in line and not line.startswith("#"):
            assert before.startswith("# ")


def test_init_does_not_overwrite(tmp_path, capsys):
    """An existing file needs --force; a missing folder is said."""
    path = tmp_path / "scenario.toml"
    path.write_text("mine", encoding="utf-8")
    assert cli.main(["init", str(path)]) == 2
    assert "--force" in capsys.readouterr().err
    assert path.read_text(encoding="utf-8") == "mine"
    assert cli.main(["init", str(path), "--force"]) == 0
    assert cli.main(["init", str(tmp_path / "no" / "s.toml")]) == 2
    assert "cannot write" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("tariffs", "CH-2026      buys at 0.2662, sells at 0.0600 CHF"),
        ("markets", "community-pool"),
        ("feeders", "1-LV-semiurb4--0-no_sw"),
    ],
)
def test_lists_name_what_a_scenario_can_name(capsys, command, expected):
    """Names stand in the output, one a line."""
    assert cli.main([command]) == 0
    assert expected in capsys.readouterr().out


def test_help_is_enough_to_use_it(capsys):
    """Every command, an example and the exit codes are in the help."""
    with pytest.raises(SystemExit) as stop:
        cli.main(["--help"])
    assert stop.value.code == 0
    text = capsys.readouterr().out
    for word in ("run", "init", "tariffs", "markets", "feeders", "--out results", "exit codes"):
        assert word in text
    assert max(map(len, text.splitlines())) <= 100


@pytest.mark.parametrize("arguments", [[], ["run", "scenario.toml"], ["fly"]])
def test_wrong_arguments_have_exit_code_2(capsys, arguments):
    """Argparse says how it is used."""
    with pytest.raises(SystemExit) as stop:
        cli.main(arguments)
    assert stop.value.code == 2
    assert "usage: nemogrid" in capsys.readouterr().err


def test_the_module_is_the_command():
    """``python -m nemogrid`` works and knows its version."""
    done = subprocess.run(
        [sys.executable, "-m", "nemogrid", "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout == f"nemogrid {nemogrid.__version__}\n"
