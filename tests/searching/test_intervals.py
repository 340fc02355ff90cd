"""Statistics against what other programs compute, and intervals against the equation that defines them.

The values are those of statsmodels 0.15 (`proportion_confint`, `confint_proportions_2indep`, `OLS` with clustered errors), scipy 1.17
(`fisher_exact`) and numpy (`quantile`), asked for these tests and not at their run. The counts of the intervals are the examples of Newcombe's
two papers in Statistics in Medicine 17 (1998).
"""

from __future__ import annotations

from math import sqrt

import pytest

from imr_search.searching.intervals import Z, clustered_difference, fisher, newcombe, quantile, wilson

SHARES = [  # statsmodels: proportion_confint(k, n, method="wilson")
    (81, 263, 0.2553, 0.3662),
    (15, 148, 0.0624, 0.1605),
    (0, 20, 0.0000, 0.1611),
    (1, 29, 0.0061, 0.1718),
]
DIFFERENCES = [  # statsmodels: confint_proportions_2indep(k, n, other_k, other_n, method="newcomb", compare="diff")
    (56, 70, 48, 80, 0.0524, 0.3339),
    (9, 10, 3, 10, 0.1705, 0.8090),
    (6, 7, 2, 7, 0.0582, 0.8062),
    (5, 56, 0, 29, -0.0381, 0.1926),
    (0, 10, 0, 20, -0.1611, 0.2775),
    (0, 10, 0, 10, -0.2775, 0.2775),
    (10, 10, 0, 20, 0.6791, 1.0000),
    (10, 10, 0, 10, 0.6075, 1.0000),
]


def ends_by_bisection(k: int, n: int) -> tuple[float, float]:
    """The Wilson interval as it is defined: the shares that lie Z of their own standard errors from k/n, found by halving."""
    seen = k / n

    def end(inner: float, outer: float) -> float:
        for _ in range(200):
            middle = (inner + outer) / 2
            if (seen - middle) ** 2 < Z * Z * middle * (1 - middle) / n:
                inner = middle
            else:
                outer = middle
        return inner

    within = (seen * n + Z * Z / 2) / (n + Z * Z)  # the middle of the interval lies in it
    return end(within, 0.0), end(within, 1.0)


@pytest.mark.parametrize(("k", "n", "low", "high"), SHARES)
def test_wilson_is_that_of_statsmodels_and_of_its_definition(k: int, n: int, low: float, high: float) -> None:
    assert wilson(k, n) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))
    assert wilson(k, n) == pytest.approx(ends_by_bisection(k, n), abs=1e-12)


@pytest.mark.parametrize(("k", "n", "other_k", "other_n", "low", "high"), DIFFERENCES)
def test_newcombe_is_that_of_statsmodels_and_of_its_definition(
    k: int, n: int, other_k: int, other_n: int, low: float, high: float
) -> None:
    assert newcombe(k, n, other_k, other_n) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))
    back = newcombe(other_k, other_n, k, n)
    assert back == (pytest.approx(-high, abs=5e-5), pytest.approx(-low, abs=5e-5))
    (below, above), (other_below, other_above) = ends_by_bisection(k, n), ends_by_bisection(other_k, other_n)
    one, two = k / n, other_k / other_n
    by_definition = (
        one - two - sqrt((one - below) ** 2 + (other_above - two) ** 2),
        one - two + sqrt((above - one) ** 2 + (two - other_below) ** 2),
    )
    assert newcombe(k, n, other_k, other_n) == pytest.approx(by_definition, abs=1e-9)


@pytest.mark.parametrize(
    ("k", "n", "other_k", "other_n", "p"),
    [
        (3, 4, 1, 4, 0.48571428571428565),  # the lady tasting tea
        (1, 10, 11, 14, 0.0027594561852200836),
        (8, 10, 1, 6, 0.034965034965034975),
        (5, 56, 0, 29, 0.1606214432094711),
        (56, 70, 48, 80, 0.012521129749209154),
        (21, 214, 112, 1000, 0.6301807942996718),
        (0, 10, 0, 10, 1.0),
        (1300, 9000, 2100, 16000, 0.003702405766120822),
        (3, 18, 12, 96, 0.7036953936025527),
    ],
)
def test_fisher_is_that_of_scipy(k: int, n: int, other_k: int, other_n: int, p: float) -> None:
    assert fisher(k, n, other_k, other_n) == pytest.approx(p, rel=1e-6)
    assert fisher(other_k, other_n, k, n) == pytest.approx(p, rel=1e-6)
    assert fisher(n - k, n, other_n - other_k, other_n) == pytest.approx(p, rel=1e-6)


def test_the_clustered_interval_is_that_of_a_regression_with_clustered_errors() -> None:
    """Outcome on group by least squares, errors clustered by letter, with the factor m/(m - 1): statsmodels' OLS."""
    rows = [
        (1, 3, 0, 0),
        (2, 2, 0, 1),
        (0, 4, 1, 2),
        (0, 1, 0, 0),
        (3, 3, 1, 1),
        (0, 2, 0, 5),
        (0, 0, 2, 2),
        (1, 1, 0, 3),
    ]
    assert clustered_difference(rows) == (pytest.approx(-0.3345036627457987), pytest.approx(0.6380750913172273))


def test_items_of_a_letter_that_agree_widen_the_interval() -> None:
    alone = clustered_difference(
        [(k, 1, 0, 0) for k in (1, 0, 0, 1, 0, 0)] + [(0, 0, k, 1) for k in (0, 0, 1, 0, 0, 0)]
    )
    together = clustered_difference(
        [(4 * k, 4, 0, 0) for k in (1, 0, 0, 1, 0, 0)] + [(0, 0, 4 * k, 4) for k in (0, 0, 1, 0, 0, 0)]
    )
    assert alone == together  # four times the items, and no more is known
    low, high = newcombe(8, 24, 4, 24)
    assert together is not None
    assert together[1] - together[0] > high - low


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [(1, 2, 0, 1)],
        [(1, 2, 0, 0), (0, 1, 0, 0)],
        [(0, 2, 0, 0), (0, 0, 0, 3)],
        [(1, 3, 0, 1), (0, 2, 0, 4)],
        [(1, 3, 1, 1), (0, 2, 4, 4)],
    ],
)
def test_what_says_nothing_of_the_variance_gives_no_interval(rows: list[tuple[int, int, int, int]]) -> None:
    assert clustered_difference(rows) is None


@pytest.mark.parametrize(
    ("share", "found"),
    [(0.0, 1), (0.25, 2.0), (0.5, 3.5), (0.75, 7.5), (1.0, 40)],  # numpy.quantile, R's type 7
)
def test_quantiles_are_those_of_numpy(share: float, found: float) -> None:
    counted = [(1, 1), (2, 2), (3, 1), (4, 1), (7, 1), (9, 1), (40, 1)]
    assert quantile(counted, share) == pytest.approx(found)
