"""The command ``nemogrid``: the whole path from a scenario file to bills, figures and a report."""

from __future__ import annotations

import argparse
import dataclasses
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import nemogrid
from nemogrid.errors import InputError, PowerFlowError, ScenarioError, SolveError
from nemogrid.markets import DESIGNS, BusinessAsUsual
from nemogrid.outcome import Outcome
from nemogrid.report import new_folder, write_results
from nemogrid.scenario import Scenario
from nemogrid.scenario_text import default_scenario
from nemogrid.simulation import STAGES, simulate
from nemogrid.tariffs import preset, preset_names

_EXAMPLES = """\
examples:
  nemogrid init scenario.toml                 write the default settings, with comments
  nemogrid run scenario.toml --out results    simulate a year (the first run takes longer:
                                              SimBench's data are parsed once and kept)
  nemogrid run scenario.toml --out results --force --quiet

what `run` writes into the folder:
  report.html           figures and tables on one page; open it in a browser
  kpis.csv              key figures; the column `reference` is business as usual
  gains.csv             who gained and lost against business as usual
  bills_by_member.csv   what each member pays, by line of the bill
  postings.csv          every payment: period, payer, payee, item, quantity, amount
  scenario.toml         all settings, to repeat the run
  figures/*.png         the figures of the report

exit codes: 0 done; 2 wrong input or a computation that did not finish (one line says why);
130 interrupted; 143 terminated. Whatever the error, nothing half-written is left.
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command.

    Parameters
    ----------
    argv : sequence of str, optional
        Arguments; those of the process by default.

    Returns
    -------
    int
        Exit code: 0, 2 for an error of `nemogrid.errors`, 130 for Ctrl-C, 141 when the output is
        cut off, as by ``head``.
    """
    arguments = build_parser().parse_args(argv)
    try:
        arguments.run(arguments)
        sys.stdout.flush()
    except (InputError, SolveError, PowerFlowError) as error:
        sys.stderr.write(f"nemogrid: {' '.join(str(error).split())}\n")
        return 2
    except KeyboardInterrupt:
        sys.stderr.write("nemogrid: interrupted, nothing was written\n")
        return 130
    except BrokenPipeError:
        # Whoever read the output has read enough; Python would complain once more at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    return 0


def build_parser() -> argparse.ArgumentParser:
    """Describe the arguments.

    Returns
    -------
    argparse.ArgumentParser
    """
    parser = argparse.ArgumentParser(
        prog="nemogrid",
        description="Peer-to-peer electricity markets in low-voltage communities.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"nemogrid {nemogrid.__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    def command(name: str, run: Callable[..., None], text: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=text, description=f"{text[0].upper()}{text[1:]}.")
        added.set_defaults(run=run)
        return added

    run = command("run", _run, "simulate a scenario and write bills, figures and a report")
    run.add_argument("scenario", type=Path, metavar="SCENARIO.TOML", help="settings; see `init`")
    run.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder to write")
    run.add_argument("--force", action="store_true", help="replace the results of an earlier run")
    run.add_argument("--quiet", action="store_true", help="show no progress and no summary")
    init = command("init", _init, "write the default scenario, with comments")
    init.add_argument("file", type=Path, metavar="SCENARIO.TOML", help="file to write")
    init.add_argument("--force", action="store_true", help="replace an existing file")
    command("tariffs", _tariffs, "list the tariffs that a scenario can name")
    command("markets", _markets, "list the market designs that a scenario can name")
    command("feeders", _feeders, "list the SimBench feeders that a scenario can name")
    return parser


def _run(arguments: argparse.Namespace) -> None:
    scenario = _read(arguments.scenario)
    settings = scenario.to_toml()
    with _leaving_on_termination(), new_folder(arguments.out, force=arguments.force) as folder:
        outcome, reference = _simulate(scenario, quiet=arguments.quiet)
        with _stages(2, quiet=arguments.quiet) as begin:
            write_results(outcome, reference, folder, begin=begin)
        (folder / "scenario.toml").write_text(settings, encoding="utf-8")
    if not arguments.quiet:
        _say(_summary(outcome, reference))
        _say(f"The report is {Path(arguments.out).resolve() / 'report.html'}")


@contextmanager
def _leaving_on_termination() -> Iterator[None]:
    """Let a signal to terminate, as from a batch system, clean up as Ctrl-C does."""

    def leave(number: int, _: object) -> None:
        sys.exit(128 + number)

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _read(path: Path) -> Scenario:
    try:
        return Scenario.from_toml(path.resolve())
    except OSError as error:
        raise ScenarioError(f"cannot read {path}: {error}") from None


def _simulate(scenario: Scenario, *, quiet: bool) -> tuple[Outcome, Outcome]:
    usual = dataclasses.replace(scenario, market=BusinessAsUsual())
    alone = scenario == usual
    with _stages(len(STAGES) * (1 if alone else 2), quiet=quiet) as begin:
        outcome = simulate(scenario, progress=begin)
        if alone:
            return outcome, outcome
        reference = simulate(usual, progress=lambda stage: begin(f"business as usual: {stage}"))
    return outcome, reference


@contextmanager
def _stages(total: int, *, quiet: bool) -> Iterator[Callable[[str], None]]:
    from tqdm import tqdm

    width = 36
    with tqdm(
        total=total, file=sys.stderr, disable=True if quiet else None, leave=False,
        bar_format="{desc} {bar} {n}/{total}",
    ) as bar:  # fmt: skip

        def begin(stage: str) -> None:
            bar.set_description_str(f"{stage:{width}}", refresh=False)
            bar.update()
            bar.refresh()

        yield begin


def _init(arguments: argparse.Namespace) -> None:
    path = arguments.file
    try:
        with path.open("w" if arguments.force else "x", encoding="utf-8") as file:
            file.write(default_scenario())
    except FileExistsError:
        raise InputError(f"{path} exists: give another name, or --force to replace it") from None
    except OSError as error:
        raise InputError(f"cannot write {path}: {error.strerror}") from None
    _say(f"Wrote {path}. Next: nemogrid run {path} --out results")


def _tariffs(_: argparse.Namespace) -> None:
    _say("Prices per kWh to a member, without fees by the month:")
    for name in preset_names():
        tariff = preset(name)
        buy = tariff.volumetric_price("imported", "retail_bought")
        sell = -tariff.volumetric_price("exported", "retail_sold")
        _say(f"  {name:12} buys at {buy:.4f}, sells at {sell:.4f} {tariff.currency}")


def _markets(_: argparse.Namespace) -> None:
    for name, design in DESIGNS.items():
        _say(f"  {name:18} {(design.__doc__ or '').strip().splitlines()[0]}")


def _feeders(_: argparse.Namespace) -> None:
    from nemogrid.feeder.quiet import quiet

    with quiet():
        import simbench
    _say("SimBench codes; the path of a pandapower JSON file does as well:")
    for code in simbench.collect_all_simbench_codes():
        if code.startswith("1-LV"):
            _say(f"  {code}")


def _summary(outcome: Outcome, reference: Outcome) -> str:
    kpis, currency = outcome.kpis, outcome.bills.currency
    lines = [
        f"{outcome.scenario.name}: {outcome.clearing.market}, {len(outcome.bills.members)} members",
        f"  traded locally {kpis['local_kwh']:14,.2f} kWh",
    ]
    for group in ("consumers", "prosumers"):
        pay, usual = kpis[f"{group}_pay"], reference.kpis[f"{group}_pay"]
        change = f"{pay - usual:+,.2f} against business as usual"
        lines.append(f"  {group} pay  {pay:14,.2f} {currency} ({change})")
    lines.append(f"  voltages {kpis['vm_min_pu']:.3f} to {kpis['vm_max_pu']:.3f} pu")
    return "\n".join(lines)


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
