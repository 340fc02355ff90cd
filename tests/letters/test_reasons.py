"""Why an item was decided: each axis by sentences as reviewers write them, and the whole against 222 items that were labelled by reading."""

from __future__ import annotations

import copy
import csv
import hashlib
import time
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from imr_search import assets, vocabulary
from imr_search.analysis import sentences
from imr_search.letters import reasons
from imr_search.letters.parse import parse
from imr_search.letters.reasons import OTHER, codes, read
from imr_search.letters.wordpatterns import Pattern, PatternSet, plain
from imr_search.model import Item

LETTERS = Path(__file__).parents[2] / "../shared/letters"
LABELS = Path(__file__).with_name("reason_labels.tsv")
# Sentences and whole rationales in the manner of reviewers, written with their labels before the patterns were tried on them.
PARAPHRASES = Path(__file__).with_name("reason_paraphrases.tsv")
RATIONALES = Path(__file__).with_name("reason_rationales.txt")
# What was reached: main, deciding, precision, recall.
NOTHING_LEFT_OUT = (0.90, 0.85, 0.86, 0.87)
LEFT_OUT = (0.83, 0.79, 0.84, 0.81)


class Label(msgspec.Struct, frozen=True):
    """What a reader found, before the patterns were tried on the item. `set`: "development", "further" or "kept" (looked at last); `digest` is of
    the deciding sentence."""

    id: str
    set: str
    deciding: int
    digest: str
    reasons: tuple[str, ...]

    @property
    def letter(self) -> str:
        return self.id.partition("#")[0]


def labels() -> list[Label]:
    with LABELS.open(encoding="utf-8") as stream:
        return [
            Label(row["id"], row["set"], int(row["deciding"]), row["digest"], tuple(row["reasons"].split()))
            for row in csv.DictReader(stream, delimiter="\t")
        ]


def real_items() -> dict[str, Item]:
    found: dict[str, Item] = {}
    for folder in ("seeds", "dwc-2016-2017/pypdf"):
        for path in sorted((LETTERS / folder).glob("*.txt")):
            for letter in parse(
                path.read_text(encoding="utf-8", errors="replace"), file=path.name, sha256="", stem=path.stem
            ):
                found |= {item.id: item for item in letter.items}
    return found


def test_labels_name_codes_of_the_table() -> None:
    rows = labels()
    assert Counter(row.set for row in rows) == {"development": 120, "further": 42, "kept": 60}
    assert all(set(row.reasons) <= codes().keys() and 1 <= len(row.reasons) <= 4 for row in rows)


class Score:
    """Counts over labelled items: main grounds and deciding sentences that are right, codes named, right, and wanted."""

    def __init__(self) -> None:
        self.items = self.main = self.deciding = self.named = self.right = self.wanted = 0

    def add(self, row: Label, item: Item) -> None:
        start, end = sentences(item.rationale)[row.deciding - 1]
        assert hashlib.sha256(item.rationale[start:end].encode()).hexdigest()[:8] == row.digest, row.id
        first, *others = read(item.rationale, item.outcome)
        mine = {reason.code for reason in (first, *others)} - {OTHER}
        self.items += 1
        self.main += first.code == row.reasons[0]
        self.deciding += first.sentence == row.deciding
        self.named += len(mine)
        self.right += len(mine & set(row.reasons))
        self.wanted += len(row.reasons)

    def reached(self) -> tuple[float, float, float, float]:
        """Main, deciding, precision, recall."""
        return self.main / self.items, self.deciding / self.items, self.right / self.named, self.right / self.wanted


def assert_reached(score: Score, floors: tuple[float, float, float, float]) -> None:
    reached = score.reached()
    assert all(now >= floor for now, floor in zip(reached, floors, strict=True)), reached


@pytest.mark.skipif(not LETTERS.exists(), reason="the given letters are not beside the checkout")
def test_labelled_items() -> None:
    """Not below what was reached. The patterns were made on these items: the figures are no forecast."""
    items = real_items()
    score = Score()
    for row in labels():
        score.add(row, items[row.id])
    assert_reached(score, NOTHING_LEFT_OUT)


def lists_of_patterns(declared: dict[str, Any]) -> Iterator[list[str]]:
    for section, keys in declared.items():
        if section not in {"words", "points"}:
            for key, texts in keys.items():
                if key.endswith("_phrases") or key in {"ground", "topic", "formula", "not", "rest", "hints"}:
                    yield texts


@pytest.mark.skipif(not LETTERS.exists(), reason="the given letters are not beside the checkout")
def test_each_letter_without_the_patterns_that_only_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave one letter out: its items are read without every pattern that no other labelled letter has."""
    items = real_items()
    rows = labels()
    declared = tomllib.loads(assets.text(vocabulary.REASONS))
    said: dict[str, list[str]] = {}
    spaced = PatternSet((), {}).said
    for row in rows:
        rationale = items[row.id].rationale
        line = plain(rationale)
        said.setdefault(row.letter, []).extend(spaced(line[start:end]).line for start, end in sentences(rationale))
    texts = {text for patterns in lists_of_patterns(declared) for text in patterns}
    only: dict[str, set[str]] = {letter: set() for letter in said}
    for text in texts:
        pattern = Pattern(text, 1, declared["words"])
        having = [letter for letter, lines in said.items() if any(pattern.place(line) >= 0 for line in lines)]
        if len(having) == 1:
            only[having[0]].add(text)
    score = Score()
    for letter, left_out in only.items():
        fewer = copy.deepcopy(declared)
        for patterns in lists_of_patterns(fewer):
            patterns[:] = [text for text in patterns if text not in left_out]
        rules = reasons._Rules(fewer)
        monkeypatch.setattr(reasons, "_rules", lambda rules=rules: rules)
        read.cache_clear()
        for row in rows:
            if row.letter == letter:
                score.add(row, items[row.id])
    read.cache_clear()
    assert_reached(score, LEFT_OUT)


def sentences_of(path: Path) -> list[tuple[str, str, str]]:
    with path.open(encoding="utf-8") as stream:
        return [(row[0], row[1], row[2]) for row in csv.reader(stream, delimiter="\t", quoting=csv.QUOTE_NONE)]


def sentences_of_the_kinds() -> list[tuple[str, str, str]]:
    return sentences_of(LABELS.with_name("reason_sentences.tsv"))


def in_a_rationale(sentence: str, outcome: str) -> str:
    closing = "is medically necessary." if outcome == "overturned" else "is not medically necessary."
    return f"The MTUS guidelines recommend the treatment as an option for some patients. {sentence} Therefore, the request {closing}"


@pytest.mark.parametrize(("outcome", "code", "sentence"), sentences_of_the_kinds())
def test_a_sentence_of_the_kind_is_the_main_ground(outcome: str, code: str, sentence: str) -> None:
    first, *_ = read(in_a_rationale(sentence, outcome), outcome)
    assert (first.code, first.sentence) == (code, 2)


def test_every_axis_has_sentences() -> None:
    assert {code for _, code, _ in sentences_of_the_kinds()} == codes().keys() - {OTHER}


def test_paraphrases() -> None:
    """Sentences that were not made for the patterns: not all are met, and no fewer than were."""
    rows = sentences_of(PARAPHRASES)
    met = sum(read(in_a_rationale(text, outcome), outcome)[0].code == code for outcome, code, text in rows)
    assert len(rows) == 667
    assert {code for _, code, _ in rows} == codes().keys() - {OTHER}
    assert met >= 0.88 * len(rows), met


def rationales() -> Iterator[tuple[str, tuple[str, ...], str, int]]:
    """Outcome, grounds, rationale, and the number of its deciding sentence."""
    for block in RATIONALES.read_text(encoding="utf-8").removeprefix("= ").split("\n= "):
        head, *lines = block.strip().split("\n")
        outcome, _, grounds = head.split(" | ")
        text = " ".join(line.removeprefix("> ") for line in lines)
        assert len(sentences(text)) == len(lines)
        yield outcome, tuple(grounds.split()), text, 1 + [line.startswith("> ") for line in lines].index(True)


def test_whole_rationales() -> None:
    rows = list(rationales())
    found = [read(text, outcome)[0] for outcome, _, text, _ in rows]
    main = sum(first.code == grounds[0] for first, (_, grounds, _, _) in zip(found, rows, strict=True))
    deciding = sum(first.sentence == number for first, (*_, number) in zip(found, rows, strict=True))
    assert len(rows) == 98
    assert main >= 72
    assert deciding >= 88


# Read by hand: the grounds of the letters that the project ships, with the sentence of the main one.
EXAMPLES = {
    "CM13-9900003#1": ("findings", 1),
    "CM13-9900021#1": ("functional-improvement", 2),
    "CM13-9900021#2": ("monitoring", None),
    "CM13-9900147#3": ("findings", 2),
    "CM14-9900103#3": ("functional-improvement", 2),
    "CM15-9900012#1": ("functional-improvement", 3),
    "CM15-9900012#2": ("amount", 2),
    "CM15-9900012#3": ("findings", 2),
    "CM15-9900047#1": ("findings", 2),
    "CM15-9900047#3": ("amount", None),
    "CM15-9900088#1": ("monitoring", 2),
    "CM15-9900088#2": ("amount", 2),
    "CM15-9900088#3": ("risk", 1),
    "CM16-9900205#2": ("amount", None),
    "CM17-9900009#2": ("findings", 2),
    "CM17-9900009#3": ("functional-improvement", 2),
    "CM17-9900031#1": ("findings", 1),
    "CM17-9900031#2": ("risk", 2),
    "CM17-9900054#2": ("amount", 3),
    "CM17-9900054#3": ("findings", 2),
    "CM17-9900076#1": ("conservative-care", 1),
    "CM19-9900018#1": ("functional-improvement", 2),
    "low-back-clinic#2": ("findings", 2),
}


def test_the_letters_that_are_shipped(examples: Path) -> None:
    found: dict[str, Item] = {}
    for path in sorted(examples.rglob("*.txt")):
        for letter in parse(path.read_text(encoding="utf-8"), file=path.name, sha256="", stem=path.stem):
            found |= {item.id: item for item in letter.items}
    checked = 0
    for key, (code, sentence) in EXAMPLES.items():
        if key not in found:  # the letters that are PDF
            continue
        first, *_ = read(found[key].rationale, found[key].outcome)
        assert first.code == code, key
        assert sentence is None or first.sentence == sentence, key
        checked += 1
    assert checked >= 14


def test_other_patterns_are_another_reading(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An index remembers what its letters were read by: a change of the patterns reads them again."""
    before = vocabulary.digest()
    other = tmp_path / "reasons.toml"
    other.write_text(assets.text(vocabulary.REASONS) + "\n# changed\n", encoding="utf-8")
    path = assets.path
    monkeypatch.setattr(assets, "path", lambda name: other if name == vocabulary.REASONS else path(name))
    assert vocabulary.digest() != before


def test_nothing_found_is_other() -> None:
    assert [reason.code for reason in read("The sky is blue. The letter ends here.", "upheld")] == [OTHER]
    assert read("", "upheld") == ()


def test_linear_in_the_text() -> None:
    unit = "However, there is no documentation of functional improvement with the prior sessions of physical therapy not exceeding "
    times = []
    for count in (400, 3_200):
        for text in (
            unit * count,
            (unit[:-1] + ". ") * count,
            "no " * count * 20,
            '"' * count * 50,
            "the patient " * count,
        ):
            start = time.process_time()
            read(text, "upheld")
            times.append(time.process_time() - start)
    small, large = sum(times[:5]), sum(times[5:])
    assert large < 8 * 4 * small + 0.2
