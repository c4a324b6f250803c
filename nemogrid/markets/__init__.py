"""Market designs: who sells surplus to whom, and at what price."""

from nemogrid.markets.business_as_usual import BusinessAsUsual
from nemogrid.markets.community_pool import CommunityPool
from nemogrid.markets.design import DESIGNS, MarketDesign

__all__ = ["DESIGNS", "BusinessAsUsual", "CommunityPool", "MarketDesign"]
