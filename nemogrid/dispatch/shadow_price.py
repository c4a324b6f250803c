r"""What one more kilowatt-hour costs: the shadow price of the energy balance.

A load that grows by a little :math:`\varepsilon` in step :math:`t` raises the cost
:math:`C(e)` of the net energies :math:`e` by :math:`\lambda_t \varepsilon`. The cost is convex and
has kinks: between import and export, between blocks, and where another step becomes the peak. At
a kink one kWh more costs more than one kWh less saves, and the dual of a linear program may be any
number between

.. math::

   \lambda^-_t = \lim_{\varepsilon \downarrow 0} \frac{C(e) - C(e - \varepsilon 1_t)}{\varepsilon}
   \;\le\; \lambda_t \;\le\;
   \lambda^+_t = \lim_{\varepsilon \downarrow 0} \frac{C(e + \varepsilon 1_t) - C(e)}{\varepsilon}.

=============  ===========================================================================
price          what it adds to both bounds (away from kinks)
=============  ===========================================================================
of the step    the marginal price of the block in which the net energy lies
block          the price of the last block reached at the end of the period, in each of its
               steps: there is no cheap kWh early in the month, only a dear one at its end
peak           the price per kW over the length of the step, in the peak step only
fee            nothing
=============  ===========================================================================
"""

from __future__ import annotations

import numpy as np

from nemogrid.dispatch.meter import MeterPrices, PeriodBlocks, PeriodPeaks
from nemogrid.errors import LabelError


def shadow_prices(meter: MeterPrices, net_kwh: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Find what one kWh less saves and what one kWh more costs, in each step.

    Parameters
    ----------
    meter : MeterPrices
        The prices.
    net_kwh : numpy.ndarray, shape (T,)
        Net energy of each step [kWh], import positive.

    Returns
    -------
    lower, upper : numpy.ndarray, shape (T,)
        The bounds of the shadow price [money per kWh].

    Raises
    ------
    LabelError
        If there is not one net energy for each step.

    Examples
    --------
    >>> from nemogrid.dispatch.meter import two_prices
    >>> meter = two_prices(np.full(3, 0.3), np.full(3, 0.1), step_h=0.5)
    >>> lower, upper = shadow_prices(meter, np.array([2.0, 0.0, -1.0]))
    >>> lower.tolist(), upper.tolist()
    ([0.3, 0.1, 0.1], [0.3, 0.3, 0.1])
    """
    net = np.asarray(net_kwh, dtype=float)
    if net.shape != (meter.n_steps,):
        raise LabelError(f"net energy of shape {net.shape}: expected ({meter.n_steps},)")
    steps = np.arange(meter.n_steps)
    below = (meter.edges_kwh < net[:, None]).sum(axis=1)
    reached = (meter.edges_kwh <= net[:, None]).sum(axis=1)
    lower, upper = meter.prices[steps, below], meter.prices[steps, reached]
    for block in meter.blocks:
        less, more = _turned(block.sign, *_of_block(block, block.sign * net))
        lower, upper = lower + less, upper + more
    for peak in meter.peaks:
        less, more = _turned(peak.sign, *_of_peak(peak, peak.sign * net, meter.step_h))
        lower, upper = lower + less, upper + more
    return lower, upper


def _turned(sign: int, less: np.ndarray, more: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where export is counted, one more kWh drawn is one less counted."""
    return (less, more) if sign > 0 else (-more, -less)


def _of_block(block: PeriodBlocks, counted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    period = block.period_of_step
    energy = np.bincount(period, np.maximum(counted, 0.0))[:, None]
    below = (block.limits_kwh < energy).sum(axis=1)
    reached = (block.limits_kwh <= energy).sum(axis=1)
    less = np.where(counted > 0, block.prices[below][period], 0.0)
    more = np.where(counted >= 0, block.prices[reached][period], 0.0)
    return less, more


def _of_peak(
    peak: PeriodPeaks, counted: np.ndarray, step_h: float
) -> tuple[np.ndarray, np.ndarray]:
    period = peak.period_of_step
    highest = np.zeros(len(peak.price_per_kw))
    np.maximum.at(highest, period, counted)
    at_peak = counted >= highest[period]
    alone = np.bincount(period, at_peak)[period] == 1
    per_kwh = peak.price_per_kw[period] / step_h
    less = np.where(at_peak & alone & (counted > 0), per_kwh, 0.0)
    return less, np.where(at_peak, per_kwh, 0.0)
