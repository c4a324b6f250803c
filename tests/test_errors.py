"""Tests of the exception classes and message helpers."""

from nemogrid import errors


def test_there_are_at_most_six_classes_under_value_and_runtime_error():
    """The family stays small and catchable by its built-in parents."""
    classes = [
        c for c in vars(errors).values() if isinstance(c, type) and issubclass(c, Exception)
    ]  # fmt: skip
    assert len(classes) <= 6
    assert all(issubclass(c, ValueError | RuntimeError) for c in classes)


def test_listed_counts_what_it_leaves_out():
    """Nothing disappears from a long list: the rest is counted."""
    assert errors.listed(range(8), most=3) == "'0', '1', '2' and 5 more"
    assert errors.listed([]) == ""
