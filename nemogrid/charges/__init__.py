"""A charge: price x quantity x period, from a member to a payee.

Every euro that anybody pays is a `Charge`. The objective functions and the bills read the same
charges, and therefore cannot disagree.

=============  ===========================================================================
quantity       what is measured, at the member's meter
=============  ===========================================================================
imported       energy drawn from the feeder, whoever sold it [kWh]
exported       energy fed into the feeder, whoever buys it [kWh]
retail_bought  the part of the import that the retailer sold [kWh]
retail_sold    the part of the export that the retailer bought [kWh]
local_bought   the part of the import that other members sold [kWh]
local_sold     the part of the export that other members bought [kWh]
discharged     energy that batteries and cars give back [kWh]
peak_imported  highest mean power of a step drawn from the feeder in the period [kW]
peak_exported  highest mean power of a step fed into the feeder in the period [kW]
membership     being a customer [periods]
=============  ===========================================================================

A positive price is paid by the member, a negative price is paid to the member. A price may rise
in `Blocks`, of the energy of a day, month or year, or of the power of each step.
"""

from nemogrid.charges.blocks import Blocks
from nemogrid.charges.charge import Charge, Quantity
from nemogrid.charges.ownership import ownership_charges
from nemogrid.charges.prices import marginal_price, retail_window

__all__ = [
    "Blocks",
    "Charge",
    "Quantity",
    "marginal_price",
    "ownership_charges",
    "retail_window",
]
