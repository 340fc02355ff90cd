"""What comes from an address is not believed to be a cluster's answer: a proxy's page, or junk, is a typed error wherever it is met.

The classes that read answers take them apart as if they were whole; `of_a_cluster` turns every stumbling on the way into one error.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import msgspec

from imr_search.engines.opensearch.cluster import ClusterError
from imr_search.errors import IndexError_

_Class = TypeVar("_Class", bound=type)
_STUMBLING = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, AssertionError, msgspec.MsgspecError)


@contextmanager
def understood() -> Iterator[None]:
    """Raise IndexError_ for an answer that is not shaped as a cluster's are."""
    try:
        yield
    except ClusterError as error:
        raise IndexError_(f"the cluster refused what it was asked: {error.status} {error.kind}") from None
    except _STUMBLING as error:
        raise IndexError_(
            "what answers at this address cannot be understood",
            "is it a cluster of OpenSearch, and nothing before it that changes answers?",
        ) from error


def of_a_cluster(kind: _Class) -> _Class:
    """The class with `understood` around every function that others call."""
    for name, act in list(vars(kind).items()):
        if inspect.isfunction(act) and (not name.startswith("_") or name in ("__enter__", "__exit__", "__next__")):
            setattr(kind, name, _generator(act) if inspect.isgeneratorfunction(act) else function(act))
    return kind


def function(act: Callable[..., Any]) -> Callable[..., Any]:
    """The same for one function."""

    @functools.wraps(act)
    def called(*given: Any, **named: Any) -> Any:
        with understood():
            return act(*given, **named)

    return called


def _generator(act: Callable[..., Iterator[Any]]) -> Callable[..., Iterator[Any]]:
    @functools.wraps(act)
    def called(*given: Any, **named: Any) -> Iterator[Any]:
        found = act(*given, **named)
        while True:
            with understood():
                try:
                    one = next(found)
                except StopIteration:
                    return
            yield one

    return called


def number(value: Any) -> int:
    """A count. Raises TypeError for anything else."""
    if type(value) is not int or value < 0:
        raise TypeError("no count")
    return value


def text(value: Any) -> str:
    """Raises TypeError for what is none."""
    if type(value) is not str:
        raise TypeError("no text")
    return value
