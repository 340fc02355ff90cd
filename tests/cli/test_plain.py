"""What is read without click is what click reads."""

from __future__ import annotations

from random import Random

import pytest

from imr_search.cli.options import OPTIONS
from imr_search.cli.plain import plainly
from imr_search.cli.search import _by_click
from imr_search.errors import UsageError

WORDS = (
    "pain",
    "treatment:acupuncture",
    "-",
    "--",
    "5",
    "json",
    "",
    "a b",
    "=x",
    "auto",
    "--limit",
    "-n",
    "-5",
    "é",
    "--limit=",
    "-x",
)


def line(rng: Random) -> list[str]:
    found: list[str] = []
    for _ in range(rng.randint(0, 6)):
        row = rng.choice(OPTIONS)
        flag = rng.choice((*row.flags, *([row.off] if row.off else [])))
        value = rng.choice((*row.values, *WORDS)) if rng.random() < 0.5 else rng.choice(row.values or ("3", "x.csv"))
        match rng.randrange(6):
            case 0:
                found.append(rng.choice(WORDS))
            case 1 if row.metavar:
                found.append(flag + ("=" if flag.startswith("--") else "") + value)
            case 2:
                found.append(flag[: rng.randint(2, len(flag))])
            case _:
                found += [flag, value] if row.metavar else [flag]
    return found


def by_click(arguments: list[str]) -> dict[str, object] | None:
    try:
        return _by_click(arguments)
    except UsageError:
        return None


@pytest.mark.parametrize("seed", range(5))
def test_random_command_lines_are_read_as_click_reads_them(seed: int) -> None:
    rng, read = Random(seed), 0
    for _ in range(400):
        arguments = line(rng)
        found = plainly(arguments)
        if found is None:
            continue
        read += 1
        expected = by_click(arguments)
        assert expected is not None, arguments
        assert {name: value or None for name, value in found.items() if value is not False} == {
            name: value or None for name, value in expected.items() if value is not False
        }, arguments
        assert {name for name, value in found.items() if value is False} == {
            name for name, value in expected.items() if value is False
        }, arguments
    assert read > 100


@pytest.mark.parametrize(
    "arguments",
    [
        ["pain"],
        ["-i", "x", "treatment:acupuncture outcome:upheld", "-n", "5"],
        ["pain", "-fjson", "--limit=3", "--no-pager", "--param", "a=1", "--param", "b=2"],
        ["--", "-opioid"],
        [],
    ],
)
def test_usual_lines_do_without_click(arguments: list[str]) -> None:
    assert plainly(arguments) is not None


@pytest.mark.parametrize(
    "arguments",
    [["--lim", "3"], ["--limit", "many"], ["-f", "pdf"], ["-n"], ["--nothing"], ["--count=1"], ["-n", "1" * 5_000]],
)
def test_what_is_wrong_is_left_to_click(arguments: list[str]) -> None:
    assert plainly(arguments) is None
