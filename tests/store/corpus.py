"""Letters made for these tests, and two ways to look at an index: all of it, and only what may be compared between two of them."""

from __future__ import annotations

import random
from collections.abc import Iterable
from pathlib import Path

from imr_search.indexing import BuildOptions, Built, run
from imr_search.model import Item
from imr_search.plan import All, SortKey, Words
from imr_search.store import open_index

TREATMENTS = (
    "Acupuncture, 6 visits",
    "Norco 10/325mg #60",
    "MRI of the lumbar spine",
    "Physical therapy 2x3",
    "H-wave unit, 30 days",
)


def letter(
    case: str | None,
    decided: str = "2/14/2016",
    outcomes: Iterable[str] = ("Upheld",),
    word: str = "pain",
    number: int = 0,
) -> str:
    """A letter in the form of 2015 and 2016. `case` None leaves the header out."""
    header = (
        ""
        if case is None
        else f"Case Number: {case}\nDate Assigned: 1/20/2016\nDate of Injury: 10/18/2015\nDecision Date: {decided}\n\n"
    )
    items = "\n\n".join(
        f"{TREATMENTS[(number + n) % len(TREATMENTS)]}: {outcome}\n\n"
        "Claims Administrator guideline: Decision based on MTUS ACOEM Chapter 12 Low Back Complaints, page 98.\n\n"
        f"MAXIMUS guideline: Decision based on MTUS Chronic Pain Treatment Guidelines Page(s): {90 + n}-99.\n\n"
        f"Decision rationale: The request is about {word}. There is no record of functional improvement in this case of {word}."
        for n, outcome in enumerate(outcomes)
    )
    return (
        f"{header}HOW THE IMR FINAL DETERMINATION WAS MADE\nMAXIMUS Federal Services sent the complete case file to an expert reviewer.\n\n"
        "The Expert Reviewer has the following credentials:\nState(s) of Licensure: California\n"
        "Certification(s)/Specialty: Occupational Medicine\n\n"
        "CLINICAL CASE SUMMARY\nThe expert reviewer developed the following clinical case summary based on a review of the case file:\n\n"
        f"The injured worker is a 42 year old male with {word} of the low back since 2015.\n\n"
        "IMR ISSUES, DECISIONS AND RATIONALES\n"
        f"The Final Determination was based on decisions for the disputed items/services set forth below:\n\n{items}\n"
    )


def plant(folder: Path, letters: int = 6, start: int = 0) -> Path:
    """A folder of so many letters, with cases numbered from `start`."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(start, start + letters):
        text = letter(
            f"CM16-{number:07d}",
            f"2/{1 + number % 28}/2016",
            ("Upheld", "Overturned")[: 1 + number % 2],
            f"word{number}",
            number,
        )
        (folder / f"CM16-{number:07d}.txt").write_text(text)
    return folder


def build(index: Path, *letters: Path, **options: object) -> Built:
    """A build in this process, with the reference engine unless another is named."""
    return run(list(letters), index, BuildOptions(**{"engine": "memory", "workers": 1} | options))  # type: ignore[arg-type]


def items(index: Path) -> list[Item]:
    """Every item of an index, in the order of ids."""
    with open_index(index) as opened:
        found = opened.searcher.search(All(), (SortKey("letter"),), None)
        return opened.searcher.items(found.ids)


def answer(index: Path) -> tuple[object, ...]:
    """What an index says: all its items, and some searches with their order and scores."""
    with open_index(index) as opened:
        searcher = opened.searcher
        everything = searcher.search(All(), (SortKey("letter"),), None)
        nodes = [Words("rationale", (word,)) for word in ("functional", "word1", "word3", "pain")] + [
            Words("treatment", ("acupuncture",))
        ]
        found = [searcher.search(node, (), None) for node in nodes]
        assert opened.manifest.items == everything.total
        assert opened.manifest.letters == searcher.table(All(), ())[0].letters
        return (
            tuple(searcher.items(everything.ids)),
            tuple((one.ids, one.scores, one.total) for one in found),
            tuple((t.group, t.items, t.letters) for node in (All(), *nodes) for t in searcher.table(node, ())),
            opened.manifest.digest,
            opened.manifest.failures,
        )


def comparable(found: tuple[object, ...]) -> tuple[object, ...]:
    """An answer without scores and their order: letters that were taken out still count in some engine's scores until it merges its segments."""
    items, searches, *rest = found
    return (items, tuple((sorted(ids), total) for ids, _, total in searches), *rest)  # type: ignore[attr-defined]


def change(root: Path, rng: random.Random) -> None:
    """One thing that happens to a folder of letters."""
    files = sorted(path for path in root.rglob("*") if path.is_file())
    act = rng.choice(
        ("new", "new", "version", "nameless", "nameless", "delete", "move", "copy", "rewrite", "break", "two", "twin")
    )
    folder = root / rng.choice(("", "a", "b", "a/c"))
    folder.mkdir(parents=True, exist_ok=True)
    case = f"CM16-{rng.randrange(8):07d}"
    decided = f"{rng.randrange(1, 13)}/3/2016"
    word = f"word{rng.randrange(9)}"
    outcomes = rng.choice((("Upheld",), ("Overturned", "Upheld")))
    stem = rng.choice(("report", "Report", "scan", "report~2", "CM16-0000001", "report.txt"))
    match act:
        case "new" | "version":
            (folder / f"{case}{rng.choice(('', '-v2', '-v3'))}.txt").write_text(letter(case, decided, outcomes, word))
        case "nameless":
            (folder / f"{stem}.txt").write_text(letter(None, decided, outcomes, word))
        case "two":
            (folder / f"{stem}.txt").write_text(
                letter(None, decided, outcomes, word) + "\f" + letter(case, decided, outcomes, "other")
            )
        case "twin":
            (folder / f"{stem}.txt").write_text(letter(None, decided, ("Upheld",), "twin"))
        case "delete" if files:
            rng.choice(files).unlink()
        case "move" if files:
            rng.choice(files).rename(folder / f"moved{rng.randrange(3)}.txt")
        case "copy" if files:
            (folder / f"copy{rng.randrange(3)}.txt").write_bytes(rng.choice(files).read_bytes())
        case "rewrite" if files:
            rng.choice(files).write_text(letter(case, decided, outcomes, word))
        case "break" if files:
            rng.choice(files).write_bytes(rng.choice((b"", b"\0\1\2", b"nothing that is a letter")))
        case _:
            pass
