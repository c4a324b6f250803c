"""Tests of the certificate from the duals, and of the choice among plans of equal cost."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nemogrid.dispatch import optimum
from nemogrid.errors import SolveError


def small(costs, *, name="small"):
    """Minimise costs over x + y >= 1, x - z <= 2, x + y + z == 3, 0 <= x, y <= 2, z free."""
    import pyomo.environ as pyo

    model = pyo.ConcreteModel(name=name)
    model.x = pyo.Var(bounds=(0, 2))
    model.y = pyo.Var(bounds=(0, 2))
    model.z = pyo.Var()
    model.least = pyo.Constraint(expr=model.x + model.y >= 1)
    model.most = pyo.Constraint(expr=model.x - model.z <= 2)
    model.total = pyo.Constraint(expr=model.x + model.y + model.z == 3)
    model.expenditure = pyo.Objective(
        expr=costs[0] * model.x + costs[1] * model.y + costs[2] * model.z + 7
    )
    model.dual = pyo.Suffix(direction=pyo.Suffix.IMPORT)
    return model


@given(
    costs=st.tuples(*[st.integers(-3, 3)] * 3).filter(lambda c: any(c)),
    then=st.tuples(*[st.integers(-3, 3)] * 3).filter(lambda c: any(c)),
    engine=st.sampled_from(["highs", "glpk"]),
)
@settings(deadline=None, max_examples=8)
def test_strong_duality_holds_and_the_choice_is_the_best_of_the_best(costs, then, engine):
    """The optimum is that of all vertices, and the second objective that of the best of them."""
    vertices = [(1, 0, 2), (0, 1, 2), (2, 0, 1), (1.5, 2, -0.5), (0, 2, 1), (2, 1, 0)]
    values = [np.dot(costs, vertex) + 7 for vertex in vertices]
    model = small(costs)

    def goal(model):
        return then[0] * model.x + then[1] * model.y + then[2] * model.z

    certificate, _ = optimum.solve_certified(model, engine=engine, then=(goal,))
    assert certificate.objective == pytest.approx(min(values), abs=1e-9)
    assert max(certificate.gap, certificate.dual_residual, certificate.primal_residual) < 1e-9
    point = [model.x.value, model.y.value, model.z.value]
    best = [v for v, value in zip(vertices, values, strict=True) if value == min(values)]
    assert np.dot(then, point) == pytest.approx(min(np.dot(then, v) for v in best), abs=1e-9)


def test_the_arrays_say_what_the_model_says():
    """Kinds, bounds and the constant; a point outside is measured."""
    form = optimum.linear_form(small((1, 2, 3)))
    assert sorted(form.kind.tolist()) == [-1, 0, 1]
    assert form.offset == 7
    place = {variable.name: j for j, variable in enumerate(form.variables)}
    assert form.upper[[place["x"], place["z"]]].tolist() == [2.0, np.inf]
    point = np.zeros(3)
    point[place["x"]] = 2.5
    assert form.primal_residual(point) == pytest.approx(0.5)
    point[place["x"]], point[place["z"]] = 1.0, 5.0
    assert form.primal_residual(point) == pytest.approx(3.0)


def test_duals_that_point_the_wrong_way_are_measured():
    """A bound from a row that may not push there proves nothing."""
    model = small((1, 1, 1))
    form = optimum.linear_form(model)
    right = np.where(form.kind == 0, 1.0, 0.0)
    assert form.dual_bound(right) == (10.0, 0.0)
    wrong = np.where(form.kind == 1, 0.5, right)
    assert form.dual_bound(wrong)[1] == pytest.approx(0.5)


@pytest.mark.parametrize("engine", ["highs", "glpk"])
def test_an_answer_that_is_not_optimal_fails_its_certificate(monkeypatch, engine):
    """A solver that stops short of the optimum is found out."""
    solve = optimum._solve

    def stop_short(model, engine):
        solve(model, engine)
        model.x.value, model.z.value = model.x.value + 1.0, model.z.value - 1.0

    monkeypatch.setattr(optimum, "_solve", stop_short)
    with pytest.raises(SolveError, match=f"small, Pyomo with {engine}: gap is"):
        optimum.solve_certified(small((2, 1, 0)), engine=engine)


@pytest.mark.parametrize("engine", ["highs", "glpk"])
def test_a_model_without_an_optimum_raises(engine):
    """Unbounded, and infeasible."""
    unbounded, infeasible = small((0, 0, 1)), small((1, 1, 1))
    unbounded.total.deactivate()
    unbounded.most.deactivate()
    with pytest.raises(SolveError, match=f"small, Pyomo with {engine}: .*, expected optimal"):
        optimum.solve_certified(unbounded, engine=engine)
    infeasible.z.setlb(4)
    with pytest.raises(SolveError, match=f"small, Pyomo with {engine}: .*, expected optimal"):
        optimum.solve_certified(infeasible, engine=engine)
