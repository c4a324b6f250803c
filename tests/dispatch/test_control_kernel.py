"""The small parts of the compiled loop, by hand."""

import numpy as np
import pytest

from nemogrid.dispatch import control_kernel as kernel


@pytest.mark.parametrize(
    ("deviation", "state", "wish"),
    [
        (0.0, 0, 0), (0.9, 0, 0), (1.0, 0, 1), (-1.0, 0, -1), (0.5, 1, 1), (0.4, 1, 0),
        (-0.5, -1, -1), (-0.4, -1, 0), (-0.6, 1, 0), (-1.2, 1, -1), (1.2, -1, 1),
    ],
)  # fmt: skip
def test_a_wish_follows_the_outer_threshold_in_and_the_inner_one_out(deviation, state, wish):
    """With thresholds at 1 and 0.5."""
    assert kernel.wish_of(deviation, state, 1.0, 0.5) == wish


def test_a_switch_moves_after_the_delay():
    """The third wish in a row moves a switch with a delay of two; an old wish is forgotten."""
    switch, seen = np.zeros(3, dtype=np.int64), []
    for wish in (1, 1, 0, 1, 1, 1, -1, -1, -1):
        kernel.follow(wish, switch, 2)
        seen.append(int(switch[0]))
    assert seen == [0, 0, 0, 0, 0, 1, 1, 1, -1]


def test_energy_on_the_grid_side_is_more_in_and_less_out():
    """Storing one kWh takes 1/0.8, and giving one up yields 0.5."""
    assert kernel.grid_side(1.0, 0.8, 0.5) == 1.25
    assert kernel.grid_side(-1.0, 0.8, 0.5) == -0.5


@pytest.mark.parametrize(
    ("net", "price", "action"),
    [(1.0, 0, 0.7), (1.0, 1, 2.0), (1.0, -1, 0.2), (-1.5, -1, 1.5), (-5.0, 0, 2.0)],
)
def test_loads_take_cheap_energy_and_own_surplus(net, price, action):
    """Between what they must (0.2) and what they can (2), with 0.7 in a calm step."""
    assert kernel.fill_up(net, price, 0.7, 0.2, 2.0) == action


@pytest.mark.parametrize(
    ("net", "bought", "sold", "wear", "action"),
    [
        (-2.0, 0.3, 0.1, 0.0, 2.0),  # surplus costs 0.1, and is worth 0.2
        (2.0, 0.3, 0.1, 0.0, -2.0),  # covers need at 0.3
        (2.0, 0.3, 0.1, 0.12, 0.0),  # not where wear eats the gain
        (2.0, 0.15, 0.1, 0.0, np.inf),  # import is cheap
        (2.0, 0.4, 0.3, 0.0, -np.inf),  # export pays
        (-2.0, 0.3, 0.19, 0.0, 0.0),  # surplus earns more than 0.9 of 0.2
    ],
)
def test_a_battery_compares_the_price_with_the_worth_of_stored_energy(
    net, bought, sold, wear, action
):
    """The worth is 0.2; 0.9 of a kWh arrives, and all of it comes back."""
    assert kernel.follow_price(net, bought, sold, wear, 0.2, 0.9, 1.0) == action
