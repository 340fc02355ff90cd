"""Records are what frozen, slotted dataclasses are."""

from __future__ import annotations

import copy
import pickle

import pytest

from imr_search.record import names, part, plain, record, replace


@record
class Point:
    """A record for the tests."""

    x: int
    y: int = 0
    span: tuple[int, int] = part(default=(0, 0), compare=False, repr=False)
    marks: list[int] = part(default_factory=list)

    @property
    def far(self) -> bool:
        return self.x > 9


@record
class Other:
    x: int
    y: int = 0


@record
class Empty:
    pass


def test_it_is_made_by_place_and_by_name() -> None:
    assert Point(1, 2) == Point(y=2, x=1)
    assert Point(1).y == 0
    assert Point(10).far
    assert Empty() == Empty()
    for wrong in ((), (1, 2, (0, 0), [], 5)):
        with pytest.raises(TypeError):
            Point(*wrong)
    with pytest.raises(TypeError):
        Point(1, z=2)  # type: ignore[call-arg]


def test_the_first_and_the_later_are_made_alike() -> None:
    for _ in range(100):
        assert (Point(1, 2, (3, 4)).span, Point(5, marks=[6]).marks, Point(7).marks) == ((3, 4), [6], [])
    assert Point(1).marks is not Point(1).marks


def test_it_is_equal_by_value_and_kind() -> None:
    assert Point(1, span=(3, 4)) == Point(1)
    assert Point(1) != Point(2)
    assert Other(1) != Point(1)
    assert hash(Other(1)) == hash(Other(1))
    assert len({Other(1), Other(1), Other(2)}) == 2
    assert repr(Point(1, span=(3, 4))) == "Point(x=1, y=0, marks=[])"


def test_it_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        Other(1).x = 2  # type: ignore[misc]
    with pytest.raises(AttributeError):
        del Other(1).x
    with pytest.raises(AttributeError):
        Other(1).z = 2  # type: ignore[attr-defined]
    assert not hasattr(Other(1), "__dict__")


def test_defaults_of_a_factory_are_not_shared() -> None:
    first, second = Point(1), Point(1)
    assert first.marks is not second.marks


def test_match_replace_and_names() -> None:
    match Other(1, 5):
        case Other(x, y=5):
            assert x == 1
        case _:
            pytest.fail("not matched")
    assert replace(Other(1, 5), y=6) == Other(1, 6)
    assert names(Other) == names(Other(1)) == ("x", "y")
    assert plain({"a": (Other(1), 2)}) == {"a": [{"x": 1, "y": 0}, 2]}


def test_it_travels_between_processes() -> None:
    assert pickle.loads(pickle.dumps(Other(1, 2))) == Other(1, 2)
    assert copy.deepcopy(Point(1, marks=[2])) == Point(1, marks=[2])
