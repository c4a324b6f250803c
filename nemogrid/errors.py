"""What can go wrong, in six classes.

A message says what was wrong, where (member, step, file and line), what was found and what was
expected. Everything the caller can mend by changing an input is an `InputError` (a
``ValueError``); everything that a computation refused to finish is a ``RuntimeError``.
"""

from __future__ import annotations

from collections.abc import Iterable


class InputError(ValueError):
    """Data or settings that cannot be used as given."""


class LabelError(InputError):
    """Members, buses or time steps of two inputs that should match and do not."""


class NetworkError(InputError):
    """A network that is not a complete balanced low-voltage network."""


class ScenarioError(InputError):
    """A scenario, or a scenario file, with an unknown or impossible setting."""


class SolveError(RuntimeError):
    """An optimisation without a certificate: no solver, no optimum, or too large a residual."""


class PowerFlowError(RuntimeError):
    """An AC power flow that did not converge; the message names the steps."""


def listed(labels: Iterable[object], *, most: int = 5) -> str:
    """Spell out the first few of many labels for a message.

    Parameters
    ----------
    labels : iterable
        What to name: members, steps, columns.
    most : int
        How many are spelt out; the rest is counted.

    Returns
    -------
    str

    Examples
    --------
    >>> listed(["a", "b", "c"], most=2)
    "'a', 'b' and 1 more"
    """
    names = [repr(str(label)) for label in labels]
    text = ", ".join(names[:most])
    return text if len(names) <= most else f"{text} and {len(names) - most} more"
