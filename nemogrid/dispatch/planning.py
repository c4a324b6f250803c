"""How members decide about what they can shift: the settings of a plan."""

from __future__ import annotations

from dataclasses import dataclass

from nemogrid.errors import ScenarioError

CONTROLS = ("optimum", "uncontrolled")
HORIZONS = ("whole", "day", "rolling")
FORESIGHTS = ("perfect", "naive")


@dataclass(frozen=True, kw_only=True)
class Planning:
    """How batteries, cars, heat pumps and appliances are run.

    Parameters
    ----------
    control : {"optimum", "uncontrolled"}
        ``"optimum"`` minimises what the member pays; ``"uncontrolled"`` lets batteries store own
        surplus, cars charge on arrival, heat pumps follow the demand and appliances run at once.
    horizon : {"whole", "day", "rolling"}
        Optimise the whole timeline at once; each local day for itself, ending with at least the
        energy it began with; or each day with a look into the next, of which only the first day
        is kept.
    look_ahead_h : float
        How far past the day a rolling plan looks [h].
    foresight : {"perfect", "naive"}
        Whether the net load is known, or taken to be the mean of yesterday's and last week's.

    Raises
    ------
    ScenarioError
        For unknown settings, or foresight that does not fit the horizon.
    """

    control: str = "optimum"
    horizon: str = "whole"
    look_ahead_h: float = 24.0
    foresight: str = "perfect"

    def __post_init__(self) -> None:
        choices = {"control": CONTROLS, "horizon": HORIZONS, "foresight": FORESIGHTS}
        for name, known in choices.items():
            if getattr(self, name) not in known:
                raise ScenarioError(
                    f"planning: {name} is {getattr(self, name)!r}, expected one of "
                    f"{', '.join(known)}"
                )
        if not 0 <= self.look_ahead_h <= 168:
            raise ScenarioError(
                f"planning: look_ahead_h is {self.look_ahead_h}, expected 0 to 168 hours"
            )
        if self.foresight == "naive" and self.horizon == "whole":
            raise ScenarioError(
                "planning: naive foresight knows yesterday and last week; expected the horizon "
                "'day' or 'rolling', not 'whole'"
            )
