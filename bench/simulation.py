"""The whole year of `simulate`: growth with members and steps, memory and import."""

from __future__ import annotations

from bench.table import Row, fresh_process, median, seconds

GRIDS = ("rural1", "rural2", "rural3", "semiurb4", "semiurb5", "urban6")


def rows(runs: int) -> list[Row]:
    """Measure the whole path.

    Parameters
    ----------
    runs : int
        Runs of each median.

    Returns
    -------
    list of Row
    """
    import nemogrid as ng

    scenario = ng.Scenario()
    spent = median(seconds(lambda: ng.simulate(scenario), runs=runs))
    whole = [
        Row(
            group="simulate",
            case="one year, data cached",
            members=len(ng.simulate(scenario).bills.members),
            steps=scenario.timeline.n_steps,
            value=spent,
            unit="s",
            runs=runs,
            target="below 3 s",
            met=spent < 3,
        )
    ]
    return [*whole, *_processes(runs), *_grids(runs), *_steps(runs)]


def _processes(runs: int) -> list[Row]:
    simulated = [
        fresh_process("import nemogrid as ng; ng.simulate(ng.Scenario())") for _ in range(runs)
    ]
    imported = [fresh_process("import nemogrid") for _ in range(max(runs, 5))]
    import_s = median([spent for spent, _ in imported])
    return [
        Row(
            group="simulate",
            case="one year in a new process, imports included",
            value=median([spent for spent, _ in simulated]),
            unit="s",
            runs=runs,
        ),
        Row(
            group="memory",
            case="peak of a process that simulates one year",
            value=median([peak for _, peak in simulated]),
            unit="MB",
            runs=runs,
        ),
        Row(
            group="import",
            case="import nemogrid",
            value=import_s,
            unit="s",
            runs=max(runs, 5),
            target="below 1 s",
            met=import_s < 1,
        ),
    ]


def _grids(runs: int) -> list[Row]:
    import nemogrid as ng

    table = []
    for grid in GRIDS:
        scenario = ng.Scenario(feeder=f"1-LV-{grid}--0-no_sw")
        members = len(ng.simulate(scenario).bills.members)
        table.append(
            Row(
                group="growth with members",
                case=grid,
                members=members,
                steps=scenario.timeline.n_steps,
                value=median(seconds(lambda s=scenario: ng.simulate(s), runs=runs)),
                unit="s",
                runs=runs,
            )
        )
    return sorted(table, key=lambda row: row.members or 0)


def _steps(runs: int) -> list[Row]:
    import nemogrid as ng

    table = []
    for step_h in (1.0, 0.5, 0.25):
        scenario = ng.Scenario(timeline=ng.Timeline.year(2026, step_h=step_h))
        table.append(
            Row(
                group="growth with steps",
                case=f"steps of {round(step_h * 60)} minutes",
                steps=scenario.timeline.n_steps,
                value=median(seconds(lambda s=scenario: ng.simulate(s), runs=runs)),
                unit="s",
                runs=runs,
            )
        )
    return table
