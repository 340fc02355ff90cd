"""Hostile texts of any length: the runs that a pattern may trip over, and the places of a letter where they may stand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from tests.letters.forms import CA, MAXIMUS, REASONS, SENTENCE, SUMMARY, TABLED, item, modern

# A run of about `count` characters is made by repeating one of these.
UNITS: Final[Mapping[str, str]] = {
    "spaces": " ",
    "tabs": "\t",
    "no-break spaces": "\u00a0",
    "ogham spaces": "\u1680",
    "line breaks": "\n",
    "blank lines": " \n",
    "form feeds": "\f",
    "page breaks": "\n\f\n",
    "line separators": "\u2028",
    "soft hyphens": "\u00ad \n",
    "dots": ".",
    "spaced dots": ". ",
    "commas": ",",
    "spaced commas": ", ",
    "semicolons": "; ",
    "colons": ":",
    "spaced colons": ": ",
    "hyphens": "-",
    "hyphens at line ends": "-\n",
    "slashes": "/",
    "quotes": '"',
    "closing brackets": ")",
    "opening brackets": "(",
    "brackets": "()",
    "nested brackets": "(((()",
    "digits": "7",
    "spaced digits": "7 ",
    "numbers": "12, ",
    "ranges": "1-9 ",
    "years": "2016 ",
    "numbered lines": "\n1. ",
    "numbered paragraphs": "\n\n1. x",
    "number signs": "#",
    "quantities": "#90 ",
    "strengths": "10/325/",
    "per cents": "4% ",
    "times": "2x",
    "frequencies": "2 times a week ",
    "sessions": "6 sessions ",
    "dates": "12/07/2016 ",
    "dates without a break": "1/1/",
    "letters": "a",
    "capitals": "A",
    "capital words": "AB ",
    "words": "pain ",
    "lines of words": "pain\n",
    "and": "and ",
    "not": "not ",
    "does not": "does not base ",
    "outside of the MTUS": "outside of the MTUS ",
    "no section": "no section ",
    "combining marks": "\u0301",
    "marks of two classes": "\u0301\u0316",
    "half-width voiced marks": "\uff9e",
    "ligatures that grow": "\ufdfa",
    "zero widths": "\u200b",
    "emoji": "\U0001f600",
    "upheld": ": Upheld",
    "upheld lines": "\n\nx: Upheld",
    "verdicts": " is not medically necessary",
    "numbered verdicts": "\n\n1. x is not medically necessary and appropriate",
    "original requests": "was the original request. ",
    "claims labels": "Claims Administrator guideline: ",
    "maximus labels": "MAXIMUS guideline: ",
    "rationale labels": "Decision rationale: ",
    "claims words": "Claims ",
    "claims administrators": "The Claims Administrator based its ",
    "reviewers": "The Physician Reviewer based his/her ",
    "footers": "Final Determination Letter for IMR Case Number CM15-1234567 ",
    "footer beginnings": "Final Determination Letter for ",
    "how headings": "HOW THE IMR FINAL DETERMINATION WAS MADE\n",
    "issues headings": "IMR ISSUES, DECISIONS AND RATIONALES\n",
    "summary headings": "CLINICAL CASE SUMMARY\n",
    "header labels": "Date of Injury: ",
    "case numbers": "CM15-1234567 ",
    "licensures": "State(s) of Licensure: ",
    "specialties": "Certification(s)/Specialty: ",
    "board": "is Board Certified in ",
    "licensed": "and is licensed to practice in ",
    "mtus": "MTUS ",
    "chapters": "Chapter 12 ",
    "chronic pain": "Chronic Pain Medical Treatment 2016, ",
    "sections": "Section(s): ",
    "pages": "Page(s): ",
    "odg": "ODG, Low Back, ",
    "odg pieces": "; Low Back / ",
    "year olds": "42 year old ",
    "he": "he ",
    "requests": "Regarding the request for ",
    "determined": "1) MAXIMUS Federal Services, Inc. has determined the request for ",
    "disputes": "ISSUE AT DISPUTE: ",
    "rationales": "RATIONALE FOR WHY THE REQUESTED TREATMENT/SERVICE IS NOT MEDICALLY NECESSARY: ",
    "professional": "MEDICAL PROFESSIONAL REVIEW ",
    "covers": "\nCase Number: ",
    "closings": "\nSincerely,",
    "angle brackets": "<",
    "tags": "<p>",
    "entities": "&amp;",
}


def run_of(unit: str, count: int) -> str:
    return unit * (count // len(unit) + 1)


FOOTER: Final = "\nFinal Determination Letter for IMR Case Number CM15-1234567  3\n"
LETTER: Final = modern(item("Norco 10/325mg #90: Upheld")) + FOOTER
GEN1: Final = (
    "Notice of Independent Medical Review Determination\n{0}\n"
    "1) MAXIMUS Federal Services, Inc. has determined the request for x{0} is not medically necessary and appropriate.\n\n"
    "INDEPENDENT MEDICAL REVIEW DECISION AND RATIONALE\n{0}\nMedical Qualifications of the Expert Reviewer:\n"
    "The Expert Reviewer is Board Certified in x{0} and is licensed to practice in y{0}.\n\nCase Summary:\n{0}\n\n"
    "1) Regarding the request for x{0}:\n\nSection of the MTUS Relied Upon by the Expert Reviewer:\n"
    "The Claims Administrator based its decision on the{0}. The Expert Reviewer found{0}\n\n"
    "Rationale for the Decision:\nx{0}\n"
)
GEN2: Final = (
    "HOW THE IMR FINAL DETERMINATION WAS MADE\nx{0}\nCLINICAL CASE SUMMARY\nx{0}\nIMR DECISION(S) AND RATIONALE(S)\n\n"
    "1. x{0} is not medically necessary and appropriate.\n\nThe Claims Administrator based its decision on{0}.\n\n"
    "The Physician Reviewer based his/her decision on{0}\n\nThe Physician Reviewer's decision rationale:\nx{0}\n"
)
GEN0: Final = (
    "MEDICAL PROFESSIONAL REVIEW\n{0}\nISSUE AT DISPUTE:\nx{0}\n\nCASE SUMMARY:\nx{0}\n\n"
    "MEDICAL TREATMENT GUIDELINE(S) RELIED UPON BY PROFESSIONAL REVIEWER AND WHY:\nx{0}\n\n"
    "RATIONALE FOR WHY THE REQUESTED TREATMENT/SERVICE IS NOT MEDICALLY NECESSARY:\nx{0}\n\nMEDICAL REVIEWER QUALIFICATIONS:\nx{0}\n"
)

# Where the run stands. Each takes the run and gives a letter's text.
PLACES: Final[Mapping[str, Callable[[str], str]]] = {
    "alone": lambda run: run,
    "before the letter": lambda run: run + LETTER,
    "before a footer": lambda run: LETTER + run + FOOTER.lstrip(),
    "before half a footer": lambda run: LETTER + run + "Determination Letter",
    "inside a footer": lambda run: (
        LETTER + "Final Determination Letter" + run + "for IMR Case Number" + run + "CM15-1234567"
    ),
    "in the header": lambda run: LETTER.replace("Date of Injury:", f"Date of Injury:{run}", 1),
    "in the credentials": lambda run: (
        modern(item("x: Upheld"), reviewer=TABLED.replace("Texas", f"Texas{run}")) + FOOTER
    ),
    "in the sentence on the reviewer": lambda run: (
        modern(item("x: Upheld"), reviewer=SENTENCE.replace("Medicine &", f"Medicine{run} &")) + FOOTER
    ),
    "in the summary": lambda run: LETTER.replace(SUMMARY[-30:], run + SUMMARY[-30:], 1),
    "in the title": lambda run: modern(item("a: Upheld"), item(f"Norco{run} 10mg: Upheld")) + FOOTER,
    "in both guidelines": lambda run: (
        modern(item("a: Upheld", ca=CA + run + "x", maximus=MAXIMUS + run + "x")) + FOOTER
    ),
    "in the rationale": lambda run: modern(item("a: Upheld", reasons=REASONS + run + "x"), item("b: Upheld")) + FOOTER,
    "after a rationale without an end": lambda run: modern(item("a: Upheld", reasons=run), item("b: Upheld")) + FOOTER,
    "generation 2": lambda run: GEN2.format(run) + FOOTER,
    "generation 1": lambda run: GEN1.format(run) + FOOTER,
    "generation 0": lambda run: GEN0.format(run) + FOOTER,
}
