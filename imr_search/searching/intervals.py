"""Shares and what may be said of them: intervals, differences, exact tests, clusters, quantiles. Plain functions of counts, by the standard library.

Each names the source of its formula; tests hold them to statsmodels', scipy's and numpy's values, and the intervals to their definition.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import exp, lgamma, sqrt

from imr_search.model import GroupCounts

Rated = tuple[int, int | None, int, int, int, float | None, float | None, float | None]

Z = 1.959963984540054  # the normal quantile of 97.5 %
Interval = tuple[float, float]


def wilson(k: int, n: int) -> Interval:
    """The Wilson 95 % interval of k of n; (0.0, 1.0) for n = 0, which says nothing.

    E. B. Wilson, Probable inference, the law of succession, and statistical inference, JASA 22 (1927) 209-212.
    """
    if n == 0:
        return 0.0, 1.0
    share, spread = k / n, Z * Z / n
    middle = share + spread / 2
    width = Z * sqrt(share * (1 - share) / n + spread / (4 * n))
    low = 0.0 if k == 0 else (middle - width) / (1 + spread)
    high = 1.0 if k == n else (middle + width) / (1 + spread)
    return max(0.0, low), min(1.0, high)


def rated(row: GroupCounts) -> Rated:
    """A group as a rate's columns: its counts, the share overturned, and its interval; None where there is nothing to divide by."""
    counts = (row.items, row.letters, row.overturned, row.modified, row.upheld)
    if row.items == 0:
        return (*counts, None, None, None)
    return (*counts, share(row), *wilson(row.overturned, row.items))


def share(row: GroupCounts) -> float | None:
    """The share overturned."""
    return row.overturned / row.items if row.items else None


def newcombe(k: int, n: int, other_k: int, other_n: int) -> Interval:
    """The 95 % interval of k/n - other_k/other_n, two independent groups, neither empty: the square-and-add of their Wilson intervals.

    R. G. Newcombe, Interval estimation for the difference between independent proportions, Statistics in Medicine 17 (1998) 873-890, method 10.
    """
    one, two = k / n, other_k / other_n
    low, high = wilson(k, n)
    other_low, other_high = wilson(other_k, other_n)
    difference = one - two
    return (
        max(-1.0, difference - sqrt((one - low) ** 2 + (other_high - two) ** 2)),
        min(1.0, difference + sqrt((high - one) ** 2 + (two - other_low) ** 2)),
    )


def fisher(k: int, n: int, other_k: int, other_n: int) -> float:
    """The two-sided p of Fisher's exact test that k of n and other_k of other_n come from one share: all tables with these margins that are no
    likelier than this one, as R's fisher.test and scipy's fisher_exact have it.

    R. A. Fisher, Statistical Methods for Research Workers (1934), section 21.02; the two-sided rule: A. Agresti, Categorical Data Analysis, 3.5.
    """
    hits, total = k + other_k, n + other_n
    first, last = max(0, hits - other_n), min(n, hits)

    def likelihood(x: int) -> float:
        return _log_choose(n, x) + _log_choose(other_n, hits - x) - _log_choose(total, hits)

    seen = likelihood(k) + 1e-7  # what is as likely but for rounding counts too: R's relative error
    return min(1.0, sum(exp(found) for x in range(first, last + 1) if (found := likelihood(x)) <= seen))


def _log_choose(n: int, k: int) -> float:
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)


Cluster = tuple[int, int, int, int]  # of one letter: overturned and items in the one group, then in the other


def clustered_difference(clusters: Iterable[Cluster]) -> Interval | None:
    """The 95 % interval of the difference of two shares when the items of a cluster are not independent: the linearised variance of a difference of
    two ratios, with clusters as the sampled units, whichever group (or both) their items are in. None for fewer than two clusters, for an empty
    group, and for a group in which all or none were overturned: its part of the variance would be nought, and the interval too narrow.

    W. G. Cochran, Sampling Techniques, 3rd ed. (1977), 6.13 and 9A.5; the "sandwich" of K.-Y. Liang and S. L. Zeger, Biometrika 73 (1986) 13-22,
    with the factor m/(m - 1).
    """
    rows = list(clusters)
    m = len(rows)
    k, n, other_k, other_n = (sum(row[at] for row in rows) for at in range(4))
    if m < 2 or k in (0, n) or other_k in (0, other_n):
        return None
    one, two = k / n, other_k / other_n
    variance = sum(((a - one * b) / n - (c - two * d) / other_n) ** 2 for a, b, c, d in rows) * m / (m - 1)
    if variance <= 0:
        return None
    width = Z * sqrt(variance)
    return max(-1.0, one - two - width), min(1.0, one - two + width)


def quantile(counted: Sequence[tuple[int, int]], share: float) -> float:
    """The quantile of numbers that are given with how often each occurs, in rising order: linear between the two nearest, R's default.

    R. J. Hyndman and Y. Fan, Sample quantiles in statistical packages, The American Statistician 50 (1996) 361-365, definition 7.
    """
    at = share * (sum(times for _, times in counted) - 1)
    below = int(at)
    low = _nth(counted, below)
    high = _nth(counted, below + 1) if at > below else low
    return low + (at - below) * (high - low)


def _nth(counted: Sequence[tuple[int, int]], k: int) -> int:
    passed = 0
    for value, times in counted:
        passed += times
        if k < passed:
            return value
    raise IndexError(k)
