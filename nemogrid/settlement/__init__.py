"""Settlement: bills as double-entry postings, and who gained."""

from nemogrid.settlement.bills import settle
from nemogrid.settlement.gains import gains
from nemogrid.settlement.rules import Rules

__all__ = ["Rules", "gains", "settle"]
