"""Letters made up by a seed, in the true formats of every generation, with the truth about each: the corpus of the benchmarks.

Nothing of a real letter but the form's fixed headings is in them. Words follow Zipf's law, with the steeper tail that real prose has: about
70,000 distinct words at 200,000 items of some 430 words. The commonest ranks are English and clinical words, so that queries read as real ones.

    python bench/corpus.py 5000 --seed 1 --out FOLDER     # 5,000 letters as text files
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate
from pathlib import Path

COMMON = (
    "the of and to is was for in with pain a not this that patient be on or as are has treatment it no from by medical at injured worker "
    "request there chronic back should medically necessary documentation guidelines evidence however low recommended therapy use which been "
    "have had an also reported functional improvement physical records left right lumbar spine cervical shoulder knee weeks criteria "
    "radiculopathy symptoms medication opioid mtus acoem odg report exam dated provided submitted objective findings prior conservative "
    "failed failure taper tapering weaning surgery injection epidural steroid acupuncture chiropractic mri diagnostic imaging drug screen "
    "urine risk monitoring daily dose norco tramadol gabapentin ibuprofen naproxen omeprazole cyclobenzaprine side effects nsaids acute "
    "subacute phase limited support supported documented certify denied authorization work duty modified return activities living range "
    "motion spasm tenderness radiating numbness tingling extremity upper lower bilateral joint facet block branch medial nerve sensory "
    "strength reflexes gait antalgic brace unit electrical stimulation trial rental purchase home exercise program self directed"
).split()
# (title, what it is truly: drug, quantity, visits); {…} are drawn.
TREATMENTS: tuple[tuple[str, str | None, bool, bool], ...] = (
    ("Norco 10/325mg #{quantity}", "hydrocodone/acetaminophen", True, False),
    ("Tramadol 50mg #{quantity}", "tramadol", True, False),
    ("Gabapentin 600mg #{quantity}", "gabapentin", True, False),
    ("Cyclobenzaprine 7.5mg #{quantity}", "cyclobenzaprine", True, False),
    ("Omeprazole 20mg #{quantity}", "omeprazole", True, False),
    ("Naproxen 550mg #{quantity}", "naproxen", True, False),
    ("Physical therapy {times} times a week for {weeks} weeks for the {part}", None, False, True),
    ("Acupuncture {times} times a week for {weeks} weeks for the {part}", None, False, True),
    ("Chiropractic treatment {times} times a week for {weeks} weeks", None, False, True),
    ("MRI of the {part}", None, False, False),
    ("EMG/NCS of the bilateral upper extremities", None, False, False),
    ("Urine drug screen", None, False, False),
    ("Lumbar epidural steroid injection L4-5", None, False, False),
    ("Right knee arthroscopy", None, False, False),
    ("H-wave unit purchase", None, False, False),
    ("Functional capacity evaluation", None, False, False),
    ("Home health aide 4 hours a day", None, False, False),
    ("Associated surgical service: cold therapy unit, 7 day rental", None, False, False),
)
PARTS = ("lumbar spine", "cervical spine", "right shoulder", "left knee", "right wrist", "thoracic spine")
CHAPTERS = (
    (
        "Chronic Pain Medical Treatment",
        ("Opioids, criteria for use", "Physical medicine", "NSAIDs", "Muscle relaxants", "Acupuncture"),
    ),
    ("Low Back Complaints", ("Special Studies", "Physical Methods", "Summary")),
    ("Neck and Upper Back Complaints", ("Special Studies", "Initial Care")),
    ("Knee Complaints", ("Special Studies", "Surgical Considerations")),
)
SPECIALTIES = (
    "Physical Medicine & Rehabilitation",
    "Occupational Medicine",
    "Family Practice",
    "Pain Management",
    "Orthopedic Surgery",
)
STATES = ("California", "Texas", "New York", "Florida", "Oregon")
GENERATIONS = {"0": 1, "1": 3, "2": 4, "3a": 22, "3b": 45, "4": 20, "5": 5}
_VERDICT = {"upheld": "Upheld", "overturned": "Overturned", "modified": "Modified"}
_HOW = (
    "HOW THE IMR FINAL DETERMINATION WAS MADE\nMAXIMUS Federal Services sent the complete case file to an expert reviewer. He/she has no\n"
    "affiliation with the employer, employee, providers or the claims administrator."
)


@dataclass(frozen=True, slots=True)
class Truth:
    """What one item of a made letter says."""

    letter: str
    n: int
    title: str
    outcome: str
    drug: str | None
    quantity: int | None
    visits: int | None
    pages: tuple[int, ...]
    decided: str
    generation: str


@dataclass(frozen=True, slots=True)
class Made:
    """One made letter: a file's name, its text, and the truth of its items."""

    name: str
    text: str
    truth: tuple[Truth, ...]


class Prose:
    """Sentences of Zipf's words."""

    def __init__(self, words: int = 200_000) -> None:
        self._words = [*COMMON, *_made_words(words - len(COMMON))]
        weights = [1 / (rank + 2.7) if rank <= 5_000 else 5_000**1.8 / rank**2.8 for rank in range(1, words + 1)]
        self._weights = list(accumulate(weights))

    def text(self, chance: random.Random, words: int) -> str:
        """About `words` words in sentences of 8 to 30."""
        drawn = chance.choices(self._words, cum_weights=self._weights, k=words)
        sentences, start = [], 0
        while start < words:
            length = chance.randrange(8, 30)
            sentence = " ".join(drawn[start : start + length])
            sentences.append(f"{sentence[:1].upper()}{sentence[1:]}.")
            start += length
        return " ".join(sentences)


def _made_words(count: int) -> Iterator[str]:
    """Distinct pronounceable words, shorter first, as frequent words are."""
    onsets, vowels, ends = "bcdfghlmnprstv", "aeiou", ("", "n", "r", "s", "x", "l", "m")
    syllables = [onset + vowel + end for end in ends for onset in onsets for vowel in vowels]
    made = 0
    for length in (2, 3, 4):
        for number in range(len(syllables) ** length):
            digits, left = [], number * 7_919 % len(syllables) ** length  # coprime: every word once, in mixed order
            for _ in range(length):
                left, digit = divmod(left, len(syllables))
                digits.append(syllables[digit])
            yield "".join(digits) if length > 1 else digits[0]
            made += 1
            if made == count:
                return
            if length == 2 and number > 60_000:
                break


def letters(count: int, seed: int = 1, first: int = 0) -> Iterator[Made]:
    """`count` letters, numbered from `first`; the same seed and number give the same letter."""
    prose = Prose()
    for number in range(first, first + count):
        yield _letter(number, random.Random(f"{seed} {number}"), prose)


def _letter(number: int, chance: random.Random, prose: Prose) -> Made:
    generation = chance.choices(list(GENERATIONS), list(GENERATIONS.values()))[0]
    year = {"0": 2013, "1": 2013, "2": 2014, "3a": 2014, "3b": 2015, "4": 2017, "5": 2019}[generation]
    case = f"CM{year % 100}-{number:07d}"
    decided = f"{year}-{chance.randrange(1, 13):02d}-{chance.randrange(1, 29):02d}"
    count = chance.choices((1, 2, 3, 4, 5), (45, 25, 15, 10, 5))[0] if generation != "0" else 1
    items = [_item(case, n, chance, decided, generation) for n in range(1, count + 1)]
    write = {"0": _early, "1": _listed, "2": _numbered}.get(generation, _labelled)
    age, sex = chance.randrange(20, 75), chance.choice(("male", "female"))
    summary = f"The injured worker is a {age} year old {sex}. " + prose.text(chance, chance.randrange(150, 320))
    rationales = [prose.text(chance, chance.randrange(90, 230)) for _ in items]
    injured, denied, received, assigned = (
        _before(decided, days) for days in (chance.randrange(200, 2_000), 95, 80, 60)
    )
    header = (
        f"Case Number: {case}\nDate Assigned: {_us(assigned)} Date of Injury: {_us(injured)}\n"
        f"Decision Date: {_us(decided)} UR Denial Date: {_us(denied)}\n"
        f"Priority: {'Expedited' if chance.random() < 0.02 else 'Standard'} Application Received: {_us(received)}\n\n"
    )
    reviewer = (chance.choice(SPECIALTIES), chance.choice(STATES))
    text = header + write(items, summary, rationales, reviewer, chance)
    return Made(f"{year}/{case}.txt", text, tuple(truth for truth, _ in items))


def _item(case: str, n: int, chance: random.Random, decided: str, generation: str) -> tuple[Truth, str]:
    """The truth of one item, and its reviewer's guideline as printed."""
    pattern, drug, counted, visited = chance.choices(TREATMENTS, [1 / (rank + 1) for rank in range(len(TREATMENTS))])[0]
    quantity = chance.choice((30, 60, 90, 120)) if counted else None
    times, weeks = chance.choice((1, 2, 3)), chance.choice((2, 3, 4, 6))
    title = pattern.format(quantity=quantity, times=times, weeks=weeks, part=chance.choice(PARTS))
    outcome = chance.choices(("upheld", "overturned", "modified"), (88, 11, 1))[0]
    if generation in "012" and outcome == "modified":
        outcome = "upheld"
    chapter, sections = chance.choice(CHAPTERS)
    section = chance.choice(sections)
    low = chance.choices(range(9, 310), [1 / (1 + abs(page - 80)) for page in range(9, 310)])[0]
    pages = tuple(range(low, low + chance.choice((1, 1, 2, 5)))) if generation in ("2", "3a", "3b") else ()
    cited = f"{pages[0]}-{pages[-1]}" if len(pages) > 1 else "".join(map(str, pages))
    match generation:
        case "4" | "5":
            guideline = (
                f"Decision based on MTUS {chapter} {2016 if generation == '4' else 2018}, Section(s): {section}."
            )
        case "2":
            guideline = f"The Physician Reviewer based his/her decision on the MTUS {chapter} Guidelines, {section}, pg. {cited}."
        case "3a" | "3b":
            guideline = f"Decision based on MTUS {chapter} Guidelines {section} Page(s): {cited}."
        case _:
            guideline = (
                f"The Expert Reviewer based his/her decision on the {chapter} Guidelines, {section}, part of the MTUS."
            )
    truth = Truth(
        case, n, title, outcome, drug, quantity, times * weeks if visited else None, pages, decided, generation
    )
    return truth, guideline


def _before(day: str, days: int) -> str:
    return (date.fromisoformat(day) - timedelta(days=days)).isoformat()


def _us(day: str) -> str:
    year, month, number = day.split("-")
    return f"{month}/{number}/{year}"


_Items = list[tuple[Truth, str]]


def _labelled(
    items: _Items, summary: str, rationales: list[str], reviewer: tuple[str, str], chance: random.Random
) -> str:
    """Generations 3a to 5."""
    specialty, state = reviewer
    if items[0][0].generation == "3a":
        head = f"{_HOW} The expert reviewer is Board Certified in {specialty} and is licensed to practice in {state}."
    else:
        credentials = f"State(s) of Licensure: {state}\nCertification(s)/Specialty: {specialty}"
        head = f"{_HOW}\n\nThe Expert Reviewer has the following credentials:\n{credentials}"
    parts = [
        head,
        "CLINICAL CASE SUMMARY\nThe expert reviewer developed the following clinical case summary based on a review of the\n"
        f"case file, including all medical records:\n\n{summary}",
        "IMR ISSUES, DECISIONS AND RATIONALES\nThe Final Determination was based on decisions for the disputed items/services set forth below:",
    ]
    for (truth, guideline), rationale in zip(items, rationales, strict=True):
        ca = chance.choice(
            (
                "Decision based on MTUS ACOEM.",
                "Decision based on Non-MTUS Citation Official Disability Guidelines (ODG).",
            )
        )
        parts += [
            f"{truth.title}: {_VERDICT[truth.outcome]}",
            f"Claims Administrator guideline: {ca}",
            f"MAXIMUS guideline: {guideline}",
            f"Decision rationale: {rationale}",
        ]
    return "\n\n".join(parts) + "\n"


def _numbered(
    items: _Items, summary: str, rationales: list[str], reviewer: tuple[str, str], chance: random.Random
) -> str:
    """Generation 2."""
    outcomes = {truth.outcome for truth, _ in items}
    cover = "PARTIAL OVERTURN" if len(outcomes) > 1 else "UPHOLD" if outcomes == {"upheld"} else "OVERTURN"
    parts = [
        f"MAXIMUS FEDERAL SERVICES, INC.\nIndependent Medical Review\n\nFinal Determination: {cover}",
        f"{_HOW} The physician reviewer is Board Certified in {reviewer[0]} and is licensed to practice in {reviewer[1]}.",
        f"CLINICAL CASE SUMMARY\nThe physician reviewer developed the following clinical case summary:\n\n{summary}",
        "DOCUMENTS REVIEWED\n\nMedical records from the claims administrator",
        "IMR DECISION(S) AND RATIONALE(S)\nThe Final Determination was based on decisions for the disputed items/services set forth below:",
    ]
    for (truth, guideline), rationale in zip(items, rationales, strict=True):
        denied = "" if truth.outcome == "overturned" else "not "
        parts += [
            f"{truth.n}. {truth.title} is {denied}medically necessary and appropriate.",
            "The Claims Administrator based its decision on the MTUS.",
            guideline,
            f"The Physician Reviewer's decision rationale: {rationale}",
        ]
    return "\n\n".join(parts) + "\n"


def _listed(
    items: _Items, summary: str, rationales: list[str], reviewer: tuple[str, str], chance: random.Random
) -> str:
    """Generation 1: the list of verdicts twice, then the details."""
    verdicts = "\n\n".join(
        f"{truth.n}) MAXIMUS Federal Services, Inc. has determined the request for {truth.title} "
        f"{'is' if truth.outcome == 'overturned' else 'is not'} medically necessary and appropriate."
        for truth, _ in items
    )
    parts = [
        "Notice of Independent Medical Review Determination",
        verdicts,
        "INDEPENDENT MEDICAL REVIEW DECISION AND RATIONALE",
        verdicts,
        f"Medical Qualifications of the Expert Reviewer:\nThe physician reviewer is Board Certified in {reviewer[0]} and is licensed "
        f"to practice in {reviewer[1]}.",
        f"Case Summary:\n{summary}",
        "Documents Reviewed for Determination:\nMedical records",
    ]
    for (truth, guideline), rationale in zip(items, rationales, strict=True):
        parts += [
            f"{truth.n}) Regarding the request for {truth.title}:",
            "Section of the MTUS Relied Upon by the Expert Reviewer to Make His/Her Decision",
            f"The Claims Administrator based its decision on the MTUS.\n\n{guideline}",
            f"Rationale for the Decision:\n{rationale}",
        ]
    return "\n\n".join(parts) + "\n"


def _early(items: _Items, summary: str, rationales: list[str], reviewer: tuple[str, str], chance: random.Random) -> str:
    """Generation 0: one item."""
    ((truth, guideline),) = items
    denied = "IS" if truth.outcome == "overturned" else "IS NOT"
    return "\n\n".join(
        (
            "MEDICAL PROFESSIONAL REVIEW",
            f"ISSUE AT DISPUTE:\n{truth.title}",
            f"CASE SUMMARY:\n{summary}",
            "DOCUMENTS REVIEWED FOR DETERMINATION:\nMedical records",
            f"MEDICAL TREATMENT GUIDELINE(S) RELIED UPON BY PROFESSIONAL REVIEWER AND WHY:\n{guideline}",
            f"RATIONALE FOR WHY THE REQUESTED TREATMENT/SERVICE {denied} MEDICALLY NECESSARY:\n{rationales[0]}",
            f"MEDICAL REVIEWER QUALIFICATIONS:\nThe reviewer is Board Certified in {reviewer[0]} and is licensed to practice in {reviewer[1]}.\n",
        )
    )


def write(folder: Path, items: int, seed: int) -> None:
    """Letters as text files, a folder a year, until they have so many items."""
    count = 0
    for made in letters(items, seed):
        if count >= items:
            return
        count += len(made.truth)
        _write(folder, made)


def _write(folder: Path, made: Made) -> None:
    path = folder / made.name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(made.text, encoding="utf-8")


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("count", type=int)
    ask.add_argument("--seed", type=int, default=1)
    ask.add_argument("--first", type=int, default=0)
    ask.add_argument("--out", type=Path, required=True)
    given = ask.parse_args()
    for made in letters(given.count, given.seed, given.first):
        _write(given.out, made)


if __name__ == "__main__":
    main()
