"""Frozen, slotted records: what `@dataclass(frozen=True, slots=True)` gives, at a tenth of what it costs to load.

A one-shot search loads some seventy record types. The standard decorator compiles five functions for each at import, half a millisecond
a type, which came to more than the search itself. Here a type's constructor is compiled when it has made some records, and the rest is shared.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, dataclass_transform

T = TypeVar("T")


_FEW = 20  # records of a type that are made one by one; compiling a constructor costs as much as a hundred of them


class _Missing:
    """No default."""


class _Part:
    """What `part` says of one field."""

    __slots__ = ("compare", "default", "default_factory", "init", "repr")

    def __init__(self, default: Any, default_factory: Any, compare: bool, repr: bool, init: bool) -> None:
        self.default = default
        self.default_factory = default_factory
        self.compare = compare
        self.repr = repr
        self.init = init


def part(
    *,
    default: Any = _Missing,
    default_factory: Any = _Missing,
    compare: bool = True,
    repr: bool = True,
    init: bool = True,
) -> Any:
    """A field with more to say than a default: a factory of defaults, left out of equality, of the printed form, or of the constructor."""
    return _Part(default, default_factory, compare, repr, init)


@dataclass_transform(frozen_default=True, field_specifiers=(part,))
def record(cls: type[T]) -> type[T]:
    """The class as a record of its annotated names, in their order. Compared and hashed by value; cannot be changed; `match` takes its fields."""
    return _build(cls, frozen=True)


@dataclass_transform(field_specifiers=(part,))
def working(cls: type[T]) -> type[T]:
    """The same for a state that is worked on: its fields can be set, and it is not hashed."""
    return _build(cls, frozen=False)


def _build(cls: type[T], frozen: bool) -> type[T]:
    annotations = cls.__annotations__
    names = tuple(
        name for name in annotations if not str(annotations[name]).startswith(("ClassVar", "typing.ClassVar"))
    )
    parts = {}
    for name in names:
        said = cls.__dict__.get(name, _Missing)
        parts[name] = said if isinstance(said, _Part) else _Part(said, _Missing, True, True, True)
    space = {key: value for key, value in cls.__dict__.items() if key not in ("__dict__", "__weakref__", *names)}
    compared = tuple(name for name in names if parts[name].compare)
    space |= {
        "__slots__": names,
        "__match_args__": names,
        "__record__": parts,
        "__qualname__": cls.__qualname__,
        "__reduce__": _reduce,
        "__init__": _few_init,
        "__few__": [_FEW],
    }
    if frozen:
        space |= {"__setattr__": _refuse, "__delattr__": _refuse}
    space.setdefault("__repr__", _repr)
    if "__eq__" not in space:
        space |= {"__eq__": _equal(compared), "__hash__": _hash(compared) if frozen else None}
    kind: Any = type(cls)
    made: type[T] = kind(cls.__name__, cls.__bases__, space)
    return made


def names(kind: Any) -> tuple[str, ...]:
    """The fields of a record or of its type, in order."""
    found: tuple[str, ...] = kind.__match_args__
    return found


def replace(record: T, /, **changes: Any) -> T:
    """The record with some of its fields changed."""
    kept = {name: getattr(record, name) for name in names(record)}
    return type(record)(**(kept | changes))


def plain(value: Any) -> Any:
    """Records as dicts and tuples as lists, all the way down: what JSON takes."""
    if hasattr(type(value), "__record__"):
        return {name: plain(getattr(value, name)) for name in names(value)}
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    return [plain(inner) for inner in value] if isinstance(value, (list, tuple)) else value


def _few_init(self: Any, *args: Any, **kwargs: Any) -> None:
    """Makes the first few records of a type; then, and for what is not as it should be, a constructor is compiled."""
    cls = type(self)
    cls.__few__[0] -= 1
    parts = cls.__record__
    given = dict(zip(parts, args, strict=False), **kwargs)
    usual = len(given) == len(args) + len(kwargs) and parts.keys() >= given.keys()
    for name, said in parts.items():
        known = name in given or said.default is not _Missing or said.default_factory is not _Missing
        usual = usual and said.init and known
    if cls.__few__[0] < 0 or not usual:
        cls.__init__ = _make_init(cls)
        cls.__init__(self, *args, **kwargs)
        return
    for name, said in parts.items():
        if name in given:
            value = given[name]
        elif said.default_factory is not _Missing:
            value = said.default_factory()
        else:
            value = said.default
        object.__setattr__(self, name, value)
    if hasattr(cls, "__post_init__"):
        self.__post_init__()


def _make_init(cls: Any) -> Callable[..., None]:
    arguments, lines = [], []
    space: dict[str, Any] = {"_set": object.__setattr__, "_missing": _Missing}
    for name, said in cls.__record__.items():
        value = name
        if not said.init:
            continue
        if said.default_factory is not _Missing:
            space[f"_factory_{name}"] = said.default_factory
            arguments.append(f"{name}=_missing")
            value = f"_factory_{name}() if {name} is _missing else {name}"
        elif said.default is not _Missing:
            space[f"_default_{name}"] = said.default
            arguments.append(f"{name}=_default_{name}")
        else:
            arguments.append(name)
        lines.append(f"    _set(self, {name!r}, {value})")
    if hasattr(cls, "__post_init__"):
        lines.append("    self.__post_init__()")
    exec(f"def __init__(self, {', '.join(arguments)}):\n" + ("\n".join(lines) or "    pass"), space)
    made: Callable[..., None] = space["__init__"]
    return made


def _refuse(self: Any, name: str, value: Any = None) -> None:
    raise AttributeError(f"{type(self).__name__} cannot be changed: {name}")


def _reduce(self: Any) -> tuple[Any, ...]:
    return type(self), tuple(getattr(self, name) for name in names(self))


def _repr(self: Any) -> str:
    shown = (f"{name}={getattr(self, name)!r}" for name, said in type(self).__record__.items() if said.repr)
    return f"{type(self).__qualname__}({', '.join(shown)})"


def _equal(compared: tuple[str, ...]) -> Callable[[Any, Any], bool]:
    def __eq__(self: Any, other: Any) -> bool:
        if type(self) is not type(other):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in compared)

    return __eq__


def _hash(compared: tuple[str, ...]) -> Callable[[Any], int]:
    def __hash__(self: Any) -> int:
        return hash(tuple(getattr(self, name) for name in compared))

    return __hash__
