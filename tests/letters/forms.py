"""Letters in the true forms with invented contents, as text that a test can bend."""

from __future__ import annotations

from imr_search.letters.parse import parse
from imr_search.model import Item, Letter

HEADER = """\
Case Number: {case}
Date Assigned: 02/09/2015 Date of Injury:  05/30/2012
Decision Date: {decided} UR Denial Date:  12/22/2014
Priority:  Standard Application
Received:
01/12/2015

"""
TABLED = """\
HOW THE IMR FINAL DETERMINATION WAS MADE
MAXIMUS Federal Services sent the complete case file to an expert reviewer. He/she has no
affiliation with the employer, employee, providers or the claims administrator.

The Expert Reviewer has the following credentials:
State(s) of Licensure: Texas,New York,California
Certification(s)/Specialty: Preventive Medicine, Public Health &
General Preventive Medicine

"""
SENTENCE = """\
HOW THE IMR FINAL DETERMINATION WAS MADE
MAXIMUS Federal Services sent the complete case file to an expert reviewer. He/she has no
affiliation with the employer. The expert reviewer is Board Certified in Physical Medicine &
Rehabilitation, has a subspecialty in Pain Management and is licensed to practice in California
and Nevada. He/she has been in active clinical practice for more than five years.

"""
SUMMARY = """\
CLINICAL CASE SUMMARY
The expert reviewer developed the following clinical case summary based on a review of the
case file, including all medical records:

The injured worker is a 42 year old male who fell. He has pain in the low back and takes
tablets.

"""
ISSUES = """\
IMR ISSUES, DECISIONS AND RATIONALES
The Final Determination was based on decisions for the disputed items/services set forth below:

"""
CA = "Decision based on MTUS Chronic Pain Treatment Guidelines Opioids."
MAXIMUS = "Decision based on MTUS Chronic Pain Treatment Guidelines Opioids Page(s): 78."
REASONS = "The guideline asks for a record of function,\nand none is there. The request is not medically necessary."


def item(title: str, *, ca: str = CA, maximus: str = MAXIMUS, reasons: str = REASONS) -> str:
    """`title` holds its outcome: "Norco: Upheld"."""
    return f"{title}\n\nClaims Administrator guideline: {ca}\n\nMAXIMUS guideline: {maximus}\n\nDecision rationale: {reasons}\n\n"


def modern(*items: str, case: str = "CM15-9900500", decided: str = "03/17/2015", reviewer: str = TABLED) -> str:
    """A letter of generation 3 to 5; with `case` "" it has no header, as some texts have none."""
    header = HEADER.format(case=case, decided=decided) if case else ""
    return header + reviewer + SUMMARY + ISSUES + "".join(items)


def one(text: str, stem: str = "stem") -> Letter:
    letters = parse(text, file=f"{stem}.txt", sha256="0" * 64, stem=stem)
    assert len(letters) == 1
    return letters[0]


def codes(found: Item | Letter) -> set[str]:
    return {warning.code for warning in found.warnings}
