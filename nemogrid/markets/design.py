"""What every market design offers, and the register of designs."""

from __future__ import annotations

from typing import Any, ClassVar, Protocol, TypeVar

from nemogrid.charges import Charge
from nemogrid.community import Community
from nemogrid.dispatch import Planning
from nemogrid.results import Clearing, Profiles


class MarketDesign(Protocol):
    """A market that turns profiles and charges into plans and trades.

    A design is a frozen dataclass of settings. `individually_rational` says whether it promises
    that no member pays more than under business as usual.
    """

    name: ClassVar[str]

    @property
    def individually_rational(self) -> bool:
        """Whether the design promises that no member is worse off."""

    def clear(
        self,
        community: Community,
        profiles: Profiles,
        charges: tuple[Charge, ...],
        *,
        planning: Planning | None = None,
    ) -> Clearing:
        """Plan, then trade.

        Parameters
        ----------
        community : Community
            N members.
        profiles : Profiles
            What they use and generate over T steps.
        charges : tuple of Charge
            What they can react to.
        planning : Planning, optional
            How they decide about what they can shift.

        Returns
        -------
        Clearing
        """


DESIGNS: dict[str, type[Any]] = {}
"""Market designs by name; the conformance suite runs over all of them."""

Design = TypeVar("Design", bound=type[Any])


def register(design: Design) -> Design:
    """Enter a market design into `DESIGNS` under its name."""
    DESIGNS[design.name] = design
    return design
