"""Rules by which a clearing is billed."""

from __future__ import annotations

from dataclasses import dataclass

from nemogrid.errors import ScenarioError
from nemogrid.timeline import Period


@dataclass(frozen=True, kw_only=True)
class Rules:
    """How bills are made.

    Parameters
    ----------
    billing_period : Period
        Span of a posting: day, month or year.
    """

    billing_period: Period = Period.MONTH

    def __post_init__(self) -> None:
        try:
            period = Period(self.billing_period)
        except ValueError:
            period = Period.STEP
        if period is Period.STEP:
            raise ScenarioError(
                f"billing period {str(self.billing_period)!r}: expected 'day', 'month' or 'year'"
            )
        object.__setattr__(self, "billing_period", period)
