r"""Prices that one member faces, read off the charges.

In a pool a step's import is partly local and partly retail. With the local part :math:`\varphi_t`
the price of the step is the mixture

.. math:: p^{im}_t = p^{meter}_t + \varphi_t p^{local}_t + (1 - \varphi_t) p^{retail}_t,

and likewise for the export with the opposite sign.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nemogrid.charges import Charge, Quantity, marginal_price
from nemogrid.errors import LabelError
from nemogrid.results import Clearing


@dataclass(frozen=True, kw_only=True, eq=False)
class MemberPrices:
    """Prices and fees of one member.

    Parameters
    ----------
    import_price, export_price : numpy.ndarray, shape (T,)
        Cost of an imported, revenue of an exported kWh [money per kWh].
    fees : dict of str to float
        Fees for being a member over the whole timeline, by item [money].
    """

    import_price: np.ndarray
    export_price: np.ndarray
    fees: dict[str, float]


def member_prices(clearing: Clearing, charges: tuple[Charge, ...], member: str) -> MemberPrices:
    """Work out what one member pays for import, gets for export and owes in fees.

    Parameters
    ----------
    clearing : Clearing
        Plans and trades.
    charges : tuple of Charge
        All charges that apply, those of the market included.
    member : str
        Name of the member.

    Returns
    -------
    MemberPrices

    Raises
    ------
    LabelError
        If there is no such member.
    """
    names = clearing.community.names
    if member not in names:
        raise LabelError(f"no member {member!r} in the community of {len(names)}")
    timeline, column = clearing.timeline, names.index(member)
    energy = {kind: flows[:, column] for kind, flows in clearing.energy_kwh.items()}

    def price(quantity: Quantity) -> np.ndarray:
        prices = marginal_price(charges, quantity, timeline, names)
        return np.broadcast_to(prices, (timeline.n_steps, len(names)))[:, column]

    def mixture(meter: Quantity, local: Quantity, retail: Quantity) -> np.ndarray:
        total = energy[meter]
        share = np.divide(energy[local], total, out=np.zeros_like(total), where=total > 0)
        return np.asarray(price(meter) + share * price(local) + (1 - share) * price(retail))

    fees: dict[str, float] = {}
    for charge in charges:
        if charge.quantity is Quantity.MEMBERSHIP:
            # The tariff and the market may each have a line of the same name.
            total = fees.get(charge.item, 0.0) + fee_total(charge, clearing, column)
            fees[charge.item] = total
    return MemberPrices(
        import_price=mixture(Quantity.IMPORTED, Quantity.LOCAL_BOUGHT, Quantity.RETAIL_BOUGHT),
        export_price=-mixture(Quantity.EXPORTED, Quantity.LOCAL_SOLD, Quantity.RETAIL_SOLD),
        fees=fees,
    )


def fee_total(charge: Charge, clearing: Clearing, column: int) -> float:
    """Add up a fee over the periods that the timeline covers.

    Parameters
    ----------
    charge : Charge
        A charge on the membership.
    clearing : Clearing
        For the timeline and the members.
    column : int
        Position of the member.

    Returns
    -------
    float
        Money for the whole timeline.
    """
    timeline, names = clearing.timeline, clearing.community.names
    prices = np.broadcast_to(
        charge.prices(timeline, names), (timeline.n_steps, len(names))
    )[timeline.first_steps(charge.period), column]  # fmt: skip
    return float((prices * timeline.covered_share(charge.period)).sum())
