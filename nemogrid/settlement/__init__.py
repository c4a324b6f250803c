"""Settlement: bills as double-entry postings, and who gained."""

from nemogrid.settlement.bills import settle
from nemogrid.settlement.gains import gain_summary, gains, member_gains
from nemogrid.settlement.rules import Rules

__all__ = ["Rules", "gain_summary", "gains", "member_gains", "settle"]
