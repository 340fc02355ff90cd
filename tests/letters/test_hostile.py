"""Random bytes and damaged letters: a LetterError or items, never anything else, never a hang, never a silent loss."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from imr_search.errors import LetterError
from imr_search.letters.decoding import read_file, read_text
from imr_search.letters.discovery import LetterFile, find_letters
from imr_search.letters.parse import parse
from imr_search.letters.pdf_reader import PdfReader
from imr_search.letters.warnings import CODES, FAILURES
from imr_search.model import Letter
from tests.letters.forms import item, modern

SLOWEST = 5.0  # seconds for one text, on a busy machine
OUTCOMES = {"upheld", "overturned", "modified", ""}
WORDS = [
    *("Claims Administrator guideline:", "MAXIMUS guideline:", "Decision rationale:", ": Upheld", "\n\n", "\f", "\n"),
    *(
        "IMR ISSUES, DECISIONS AND RATIONALES",
        "HOW THE IMR FINAL DETERMINATION WAS MADE",
        "CLINICAL CASE SUMMARY",
        "Overturned",
    ),
    *(
        "was the original request",
        "The original request, ",
        "MEDICAL PROFESSIONAL REVIEW",
        "ISSUE AT DISPUTE:",
        "Case Number: ",
    ),
    *(
        "1) MAXIMUS Federal Services, Inc. has determined the request for",
        "is not medically necessary and appropriate.",
        "1. ",
    ),
    *(
        "Regarding the request for",
        "The Claims Administrator based its",
        "The Physician Reviewer's decision rationale:",
        "CM15-1234567",
    ),
    *(
        "Rationale for the Decision:",
        "IMR DECISION(S) AND RATIONALE(S)",
        "12/31/2015",
        "98-\n99",
        "Page(s): ",
        "Norco #60",
    ),
]


def check(text: str) -> list[Letter]:
    """Parses within the time and holds every item to the promises that hold of any text."""
    began = time.process_time()
    try:
        letters = parse(text, file="a.txt", sha256="", stem="a")
    except LetterError as error:
        if error.reason not in FAILURES:
            raise
        return []
    finally:
        assert time.process_time() - began < SLOWEST
    assert letters
    for letter in letters:
        assert [found.n for found in letter.items] == list(range(1, len(letter.items) + 1))
        for found in letter.items:
            assert found.outcome in OUTCOMES
            assert {warning.code for warning in found.warnings} <= set(CODES)
            said = {warning.code for warning in found.warnings}
            assert found.outcome or "W01" in said
            assert found.title or "W02" in said
            assert found.rationale or "W05" in said
            assert found.guideline or "W04" in said
            assert found.ca_guideline or "W03" in said or letter.generation == "0"
            assert found.summary or "W06" in said
            assert (found.specialty and found.licensed) or "W07" in said
    if letters[0].generation in ("3a", "3b", "4", "5"):
        count = sum(len(letter.items) for letter in letters)
        doubted = any(each.warnings for letter in letters for each in letter.items)
        for label in (r"Claims\s+Administrator\s+guideline", r"MAXIMUS\s+guideline", r"Decision\s+rationale"):
            # in whatever capitals; one that lost its mark may be read or be prose
            printed = len(re.findall(rf"{label}\s*[:;]", text, re.IGNORECASE))
            most = len(re.findall(label, text, re.IGNORECASE))
            assert printed <= count <= most or doubted, f"{printed} to {most} x {label} in {count} items"
    return letters


def whole_letters(folder: Path) -> list[str]:
    with PdfReader() as pdf:
        return [read_text(f.path, read_file(f.path), pdf) for f in find_letters(folder) if isinstance(f, LetterFile)]


def cut(text: str, draw: random.Random) -> str:
    a, b = sorted(draw.randrange(len(text) + 1) for _ in range(2))
    return text[:a] + text[b:] if draw.random() < 0.7 else text[a:b]


def doubled(text: str, draw: random.Random) -> str:
    lines = text.split("\n")
    a = draw.randrange(len(lines))
    b = min(len(lines), a + draw.randrange(1, 30))
    return "\n".join(lines[:b] + lines[a:])


def shuffled(text: str, draw: random.Random) -> str:
    lines = text.split("\n")
    a = draw.randrange(len(lines))
    some = lines[a : a + draw.randrange(2, 40)]
    draw.shuffle(some)
    return "\n".join(lines[:a] + some + lines[a + len(some) :])


def flipped(text: str, draw: random.Random) -> str:
    data = bytearray(text.encode("utf-8"))
    for _ in range(draw.randrange(1, 40)):
        data[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
    return data.decode("cp1252", errors="replace")


def spliced(text: str, draw: random.Random) -> str:
    words = [draw.choice(WORDS) for _ in range(draw.randrange(1, 8))]
    for word in words:
        at = draw.randrange(len(text) + 1)
        text = text[:at] + word + text[at:]
    return text


MUTATIONS: tuple[Callable[[str, random.Random], str], ...] = (cut, doubled, shuffled, flipped, spliced)


def random_bytes(draw: random.Random) -> bytes:
    kind = draw.randrange(4)
    if kind == 0:
        return draw.randbytes(draw.randrange(2_000))
    if kind == 1:
        return bytes(draw.randrange(32, 127) if draw.random() < 0.97 else 10 for _ in range(draw.randrange(2_000)))
    if kind == 2:
        return b"%PDF-1.7\n" + draw.randbytes(draw.randrange(2_000))
    return "".join(
        draw.choice(WORDS) + draw.choice((" ", "\n", "", "\n\n")) for _ in range(draw.randrange(60))
    ).encode()


def hold_random_bytes(count: int) -> None:
    draw = random.Random(20150317)
    with PdfReader(timeout=20) as pdf:
        for _ in range(count):
            data = random_bytes(draw)
            try:
                text = read_text(Path("a.txt"), data, pdf)
            except LetterError as error:
                if error.reason not in FAILURES:
                    raise
                continue
            check(text)


def hold_mutations(texts: list[str], count: int) -> None:
    draw = random.Random(20170214)
    for n in range(count):
        text = texts[n % len(texts)]
        for _ in range(draw.randrange(1, 4)):
            text = draw.choice(MUTATIONS)(text, draw) or " "
        check(text)


def test_random_bytes() -> None:
    hold_random_bytes(400)


def test_mutations_of_letters(examples: Path) -> None:
    hold_mutations(whole_letters(examples), 400)


@pytest.mark.long
def test_ten_thousand_random_bytes() -> None:
    hold_random_bytes(10_000)


@pytest.mark.long
def test_ten_thousand_mutations(examples: Path, shared_letters: Path) -> None:
    real = [
        text
        for name in ("seeds", "dwc-2016-2017/mupdf", "dwc-2016-2017/pdfminer")
        for text in whole_letters(shared_letters / name)
    ]
    hold_mutations(whole_letters(examples) + real, 10_000)


LABELS = re.compile(
    r"IMR ISSUES, DECISIONS AND RATIONALES|CLINICAL CASE SUMMARY|State\(s\) of Licensure:|Certification\(s\)/Specialty:|"
    r"Claims Administrator guideline:|MAXIMUS guideline:|Decision rationale:|:[ \n]+(?:Upheld|Overturned)(?=[ \n])"
)


def losing_a_heading(text: str) -> None:
    """Each heading in turn taken away: the number of items stays and one is doubted, or the letter is refused."""
    count = sum(len(letter.items) for letter in check(text))
    for found in LABELS.finditer(text):
        letters = check(text[: found.start()] + " " + text[found.end() :])
        items = [each for letter in letters for each in letter.items]
        assert any(each.warnings for each in items), found.group(0)
        assert len(items) == count, found.group(0)


def test_no_heading_is_lost_in_silence() -> None:
    losing_a_heading(modern(item("Norco: Upheld"), item("MRI of the knee: Overturned"), item("CT: Upheld")))


STRAY = [
    *("The Physician Reviewer's decision rationale:", "DECISION RATIONALE:", "decision\nrationale ;"),
    *("claims administrator guideline:", "Maximus guidelines:", "MAXIMUS'S GUIDELINE :"),
]


@pytest.mark.parametrize("label", STRAY)
@pytest.mark.parametrize("word", ["affiliation", "year old", "the knee", "Opioids", "a record"])
def test_a_label_that_gives_no_item_its_text_is_told(label: str, word: str) -> None:
    """Whether it stands among the credentials, in the summary, a title, a guideline or a rationale."""
    text = modern(item("Norco: Upheld"), item("MRI of the knee: Overturned"))
    at = text.index(word)
    for found, told in ((text, False), (f"{text[:at]}{label} {text[at:]}", True)):
        for letter in check(found):
            assert [("W13" in {warning.code for warning in each.warnings}) for each in letter.items] == [told, told]


@pytest.mark.long
def test_no_heading_of_a_real_letter_is_lost_in_silence(shared_letters: Path) -> None:
    for name in ("pypdf", "pdfminer", "mupdf", "pdf"):
        for text in whole_letters(shared_letters / "dwc-2016-2017" / name):
            losing_a_heading(text)


@pytest.mark.parametrize(
    "text",
    [
        "\n" * 200_000,
        " \n" * 200_000,
        "\f" * 200_000,
        "-\n" * 200_000,
        "x" * 1_000_000,
        ": Upheld\n" * 50_000,
        ": Upheld Claims Administrator guideline: " * 20_000,
        "Claims " * 100_000,
        "Claims\n" * 50_000 + "Administrator\n" * 50_000,
        "Decision rationale: " * 20_000,
        "Claims Administrator guideline: was the original request " * 5_000,
        "Claims Administrator guideline:" + "The original request, " * 20_000 + ": Upheld\nMAXIMUS guideline:",
        "Regarding the request for " * 20_000,
        "1) MAXIMUS Federal Services, Inc. has determined the request for " * 10_000,
        "IMR DECISION(S) AND RATIONALE(S)\n" + "\n\n1. x is not medically necessary " * 10_000,
        "IMR DECISION(S) AND RATIONALE(S)\n\n" + "1. \n" * 20_000 + "The Claims Administrator based its x",
        "ISSUE AT DISPUTE: " * 20_000,
        "Case Number: Date Assigned: " * 20_000 + "HOW THE IMR FINAL DETERMINATION WAS MADE",
        "HOW THE IMR FINAL DETERMINATION WAS MADE\n" * 5_000,
        "HOW THE IMR FINAL DETERMINATION WAS MADE Claims Administrator guideline: " * 2_000,
        "Final Determination Letter for IMR Case Number CM15-1234567 " * 10_000,
        "Final Determination Letter for " * 20_000 + "\u00ad\n" * 50_000,
        "HOW THE IMR FINAL DETERMINATION WAS MADE is Board Certified in "
        + "and is licensed " * 20_000
        + " MAXIMUS guideline:",
        "MTUS A" + " 2015" * 50_000 + "MAXIMUS guideline: " + "MTUS A 20" * 20_000 + " Decision rationale: x",
    ],
    ids=range(24),
)
def test_no_text_takes_long(text: str) -> None:
    check(text)
