"""What follows a letter, and what is stamped on its pages, is in none of its texts and facts."""

from __future__ import annotations

import pytest

from imr_search.letters.parse import parse
from tests.letters.forms import codes, item, modern, one

CITED = "Decision based on MTUS Shoulder Complaints 2004, Section(s): Initial Care,\nShoulder sling."
LETTER = modern(item("Norco #60: Upheld"), item("Sling: Upheld", maximus=CITED), item("CT: Overturned"))
WHOLE = one(LETTER)

STAMPS = [
    "DEF000127",
    "SMITH_000127",
    "APPL-004411",
    "RECEIVED 01/05/2017",
    "RECEIVED Jan 5, 2017",
    "FILED BY CLAIMS 01/05/2017 10:32 AM",
    "COPY",
    "CONFIDENTIAL",
    "EXHIBIT C",
    "DEFENDANT'S EXHIBIT 12 - 4",
    "see p.3",
    "(see page 12)",
    "01/05/2017 10:32 AM",
    "01/05/2017 10:32 FAX 555 123 4567 P.003/007",
    "From: CLAIMS 5551234567 To: 555-765-4321 Page 3 of 7 10:32:11",
    "FAX 10:32 AM JAN 5 2017 PAGE 3/7",
    "BATES 000127",
    "DEF 000127",
    "000127",
    "MED-LEGAL 0012",
    "IMR0004",
    "Page 3 of 9",
    "P. 3/9",
    "- 3 -",
    "Rec'd 01/05/2018",
    "ENTERED JAN 5 2018",
    "Scanned 01/05/2018 by MM",
    "RECEIVED\nJAN 05 2018\nCLAIMS",
    "CONFIDENTIAL - SUBJECT TO PROTECTIVE ORDER",
    "UNOFFICIAL COPY",
    "** COPY **",
    "Doc ID: 1234567",
    "Claim No: 0123-WC-45-678",
    "JAN 05 2018 3:33PM FAX 9165551212 p.3",
    "2018-01-05 15:33:02 (GMT) 19165551212 From: Claims",
    "Received Time Jan. 5. 2018 3:33PM No. 1234",
    "Fax Server 1/5/2018 3:33:02 PM PAGE 3/009 Fax Server",
    "RECEIVED BY MAIL MAR 03 2018 CLAIMS DEPT",
    "RECEIVED VIA FAX 03/03/2018",
    "RECEIVED - CLAIMS - 03/03/2018",
    "FILED/ENDORSED MAR 03 2018",
    "Received by: JM 3/3/18",
    "DATE STAMPED 03/03/2018",
    "https://www.example.org/imr/decision.pdf 2/9",
    "Mar-03-2018 10:22 AM Law Office 510-555-1212 3/9",
    "2018/03/03 10:22:33 3 /9",
    "TO:15105551212 FROM:8005551212 Page: 3",
    "EAMS Doc ID 61234567",
    "ADJ12345678 - Doe",
    "WCAB No. ADJ1234567",
    "TRIAL EXHIBIT 14",
    "EXHIBIT 'B'",
    'EXHIBIT "A" PAGE 3',
    "Exh. 4, p. 12",
    "Applicant's Exhibit 3, page 4",
    "JT. EX. 101",
    "ACME.IMR.000123",
    "DOE00123-DOE00124",
    "Bates No. 000123",
    "Bates: DOE000123",
    "#000123",
    "Batch: 123456 Image: 0003",
    "DRAFT",
    "* * * COPY * * *",
    "CONFIDENTIAL MEDICAL RECORDS",
    "ATTORNEY WORK PRODUCT",
    "CM15-9900500 Page 3 of 9",
    "IMR Case Number CM15-9900500, page 3",
    "Page 3 | Case No. CM15-9900500",
    "DocuSign Envelope ID: 1A2B3C4D-1111-2222-3333-ABCDEF123456",
]
PLACES = {
    "in a guideline": "Initial Care,\n",
    "in a rationale": "record of function,\n",
    "in the summary": "low back and takes\n",
    "in the credentials": "Texas,New York,California\n",
    "in the header": "Decision Date: 03/17/2015 UR Denial Date:  12/22/2014\n",
}


@pytest.mark.parametrize("stamp", STAMPS)
@pytest.mark.parametrize("place", PLACES)
def test_a_stamp_on_a_line_of_its_own(place: str, stamp: str) -> None:
    before = PLACES[place]
    assert before in LETTER
    for printed in (f"{before}{stamp}\n", f"{before}\f{stamp}\n", f"{before}{stamp}\n\f"):
        assert one(LETTER.replace(before, printed)).items == WHOLE.items


@pytest.mark.parametrize("stamp", ["DEF000127", "SMITH_000127", "APPL-004411"])
def test_a_number_stamped_behind_a_line(stamp: str) -> None:
    text = LETTER.replace("Shoulder sling.", f"Shoulder sling. {stamp}")
    found = one(text).items[1]
    assert found == WHOLE.items[1]
    assert found.sections == ("Initial Care", "Shoulder sling")


def test_numbers_without_zeros_go_when_they_come_again() -> None:
    text = LETTER.replace("Shoulder sling.", "Shoulder sling. AB12345").replace(
        "record of function,\n", "record of function, AB12346\n"
    )
    assert one(text).items == WHOLE.items


def test_codes_of_procedures_stay() -> None:
    title = "Lumbar brace L0631, CPT 97110 and code\nHCPCS99213"
    found = one(modern(item(f"{title}: Upheld"))).items[0]
    assert found.title == "Lumbar brace L0631, CPT 97110 and code HCPCS99213"


@pytest.mark.parametrize(
    "head", ["SMITH v. ACME, page {}", "ACME 2017 / {} / Confidential copy", "Records of J. Smith {}"]
)
def test_a_running_head(head: str) -> None:
    lines = LETTER.split("\n")
    pages = [lines[:30], lines[30:45], lines[45:]]
    text = "\f".join("\n".join([head.format(n), *page]) for n, page in enumerate(pages, 1))
    assert one(text).items == one("\f".join("\n".join(page) for page in pages)).items


def in_pages(stamp: str, between: str, at_the_foot: bool) -> str:
    lines = LETTER.split("\n")
    pages = [lines[:22], lines[22:40], lines[40:]]
    stamped = [
        "\n".join([*page, stamp.format(n)] if at_the_foot else [stamp.format(n), *page])
        for n, page in enumerate(pages, 1)
    ]
    return between.join(stamped)


@pytest.mark.parametrize("stamp", ["{}/3", "- {}/3 -", "Smith v. Acme 00012{}", "Doe adv. Acme Ins. Co. 0000{}"])
@pytest.mark.parametrize("between", ["\n", "\n\f"])
@pytest.mark.parametrize("at_the_foot", [True, False])
def test_what_counts_on(stamp: str, between: str, at_the_foot: bool) -> None:
    assert one(in_pages(stamp, between, at_the_foot)).items == one(in_pages("", between, at_the_foot)).items


@pytest.mark.parametrize("name", ["John Q Public", "PUBLIC, JOHN", "Scanned by CamScanner", "Public v. Acme"])
@pytest.mark.parametrize("at_the_foot", [True, False])
@pytest.mark.parametrize("pages", [2, 3])
def test_a_name_on_every_page(name: str, at_the_foot: bool, pages: int) -> None:
    def printed(stamp: str) -> str:
        text = in_pages(stamp, "\n\f", at_the_foot).split("\f")
        if pages == 2:
            text = [
                text[0],
                text[1].replace(stamp, "") + text[2] if at_the_foot else text[1] + text[2].replace(stamp, ""),
            ]
        return "\f".join(text)

    assert one(printed(name)).items == one(printed("")).items


@pytest.mark.parametrize("line", ["7/10", "1/3"])
def test_a_fraction_on_a_line_of_its_own_stays(line: str) -> None:
    found = one(LETTER.replace("low back and takes\n", f"low back and takes\n{line}\n"))
    assert f"takes {line} tablets" in found.items[0].summary


FOLLOWING = [
    "MAXIMUS FEDERAL SERVICES, INC.\nIndependent Medical Review\nP.O. Box 138009\nSacramento, CA 95813-8009\n\nDated: 01/05/2017\n",
    "Case Number: CM15-1111111\nDate Assigned: 01/01/2015 Date of Injury: 02/02/2002\n",
    "IMR Case Number: CM15-1111111\n",
    "Notice of Independent Medical Review Determination\n\nDated: 01/05/2017\n",
    "FAX COVER SHEET\nTo: Claims\nFrom: Records\n",
    "PROOF OF SERVICE\nI am over the age of eighteen and not a party.\n",
    "LAW OFFICES OF SOMEBODY\nEnclosed please find the determination.\n",
    "Dear Doctor:\nThe determination is enclosed.\n",
    "Dated: 01/05/2017\nTo: whom it may concern\n",
    "Sincerely,\nA. Director\nChief Medical Reviewer\n",
    "Very truly yours,\nA. Director\n",
    "Respectfully submitted,\nA. Director\n",
    "cc: Claims Adjuster\nProvider\n",
    "DISCLAIMER: MAXIMUS is an independent review service.\n",
    "EFFECT OF THE DECISION:\nThe determination is final.\n",
    "HOW TO APPEAL THIS DECISION\nYou may appeal within 30 days.\n",
    "CERTIFICATE OF SERVICE\nI certify that on January 5 I mailed this.\n",
    "IMR - UHC\nc/o MAXIMUS Federal Services, Inc.\nFolsom, CA 95630\n",
    "*** END OF DOCUMENT ***\n",
    "-----Original Message-----\nFrom: somebody\n",
    "MAXIMUS Federal Services, Inc.\nIndependent Medical Review\nFinal Determination: UPHOLD\n",
    "State of California\nDepartment of Industrial Relations\n",
    "Maximus Federal Services\n625 Coolidge Drive\n",
    "IMR Final Determination Letter\nCase Number: CM15-1111111\n",
    "Notice of Determination\nDear Sir\n",
    "Copies to:\nJane Doe, Esq.\n",
    "Enclosure\n",
    "Attachment A\nList of documents reviewed\n",
    "If you wish to appeal this decision, file a petition within 30 days.\n",
    "For questions call us.\n",
    "Electronically signed by: A. Director, MD on 02/01/2017 14:22\n",
    "You have the right to appeal this decision within 30 days.\n",
    "/s/ A. Director, M.D.\nMedical Director\n",
    "A. Director, MD, MPH\nMedical Director\n",
    "Executed on 03/04/2018 at Oakland, California.\n",
    "TRANSMISSION VERIFICATION REPORT\nTIME : 03/04/2018 10:22\n",
    "CONFIDENTIALITY NOTICE: This e-mail is for\n",
    "On Mar 3, 2018, at 9:12 AM, Jane wrote:\n",
    "Thank you,\nA. Director\n",
    "- END -\n",
    "Sincerely yours,\n\nA. Director, MD\nMedical Director\n",
    "WORKERS' COMPENSATION APPEALS BOARD\nJOHN DOE,\nApplicant\n",
    "This page intentionally left blank.\n",
]


@pytest.mark.parametrize("following", FOLLOWING)
@pytest.mark.parametrize("between", ["\n", "\f", "\n\f\n"])
def test_what_follows_a_letter(following: str, between: str) -> None:
    assert one(LETTER.rstrip("\n") + "\n" + between + following).items == WHOLE.items


def test_a_rationale_of_several_paragraphs_stays_whole() -> None:
    reasons = "The record was read.\n\nTo the reviewer it says little. The notice of 2014 is old.\n\nFaxes are no records.\n\nThe request is denied."
    found = one(modern(item("CT: Upheld", reasons=reasons))).items[0]
    assert found.rationale == " ".join(reasons.split())


ATTACHED = [
    *(
        "ATTACHMENT A",
        "EXHIBIT B",
        "Exhibit 12",
        "ENCLOSURE 1",
        "Enclosures",
        "APPENDIX",
        "Appendix A",
        "ADDENDUM 1",
        "Exhibits:",
    ),
    *("APPENDIX A: RECORDS", "Attachment 1 - List of Records", "PROOF OF SERVICE BY MAIL", "Certificate of Service"),
    *("CC:", "cc: Claims Administrator", "Copies to:"),
]


@pytest.mark.parametrize("heading", ATTACHED)
@pytest.mark.parametrize("gap", ["\n\n", "\n\f\n"])
def test_what_is_attached_is_not_the_rationale_s(heading: str, gap: str) -> None:
    found = one(f"{LETTER.rstrip()}{gap}{heading}\n\nMedical records of 2014\nReports of Dr. Doe, 3 pages\n")
    assert [each.rationale for each in found.items] == [each.rationale for each in WHOLE.items]


REVIEWS = "The guideline recommends six visits. The request is reasonable.\n"
DOUBTED = [  # the rationale, what follows it, and whether that may be the reviewer's own
    (
        "The worker fell. The request is not medically necessary.",
        "EXHIBIT B\n\nProgress note. Norco #60 was given.\n",
        False,
    ),
    ("The worker fell. The request is not medically necessary.", f"EXHIBIT B\n\n{REVIEWS}", True),
    ("The worker fell. The request is not medically necessary.", "EXHIBIT B\n\nAn MRI is medically necessary.\n", True),
    ("The worker fell.", "Attachment 1\n\nList of records\n", True),
    ("The worker fell. The request is not medically necessary.", "Attachment 1\n\nList of records\n", False),
    ("The worker fell. The request is not medically necessary.", f"PROOF OF SERVICE\n\n{REVIEWS}", False),
]


@pytest.mark.parametrize(("reasons", "attached", "doubted"), DOUBTED)
@pytest.mark.parametrize("gap", ["\n\n", "\n\f\n"])
def test_what_was_left_out_and_may_be_the_reviewers_is_told(
    reasons: str, attached: str, doubted: bool, gap: str
) -> None:
    letter = modern(item("Norco: Upheld"), item("CT: Upheld", reasons=reasons))
    found = one(letter.rstrip() + gap + attached)
    assert found.items[1].rationale == reasons
    assert ["W26" in codes(each) for each in found.items] == [False, doubted]


def test_an_exhibit_s_stamp_between_two_items_is_no_heading() -> None:
    items = (item("Norco: Upheld"), "EXHIBIT A\n\n", item("CT: Upheld"))
    assert one(modern(*items)).items == one(modern(items[0], items[2])).items


OWN = [
    "Appendix D of the guideline asks for trials. The request is not medically necessary.",
    "Appendix D\nof the MTUS lists trials. It is not medically necessary.",
    "APPENDIX D\n\nThis appendix asks for trials. The request is not medically necessary.",
    "Appendix D states that trials are needed.",
    "See Appendix D.",
    "Exhibit A shows a tear, and\nAttachment 2 a scar.",
]


@pytest.mark.parametrize("own", OWN)
def test_a_rationale_may_cite_an_appendix(own: str) -> None:
    found = one(modern(item("Norco: Upheld", reasons=f"The guideline asks for trials.\n\n{own}")))
    assert found.items[0].rationale == f"The guideline asks for trials. {' '.join(own.split())}"


def test_an_exhibit_s_stamp_between_two_paragraphs_is_no_heading() -> None:
    found = one(
        modern(item("Norco: Upheld", reasons="The worker fell.\n\nEXHIBIT A\n\nIt is not medically necessary."))
    )
    assert found.items[0].rationale == "The worker fell. It is not medically necessary."


@pytest.mark.parametrize("count", [2, 3, 4])
@pytest.mark.parametrize(
    "cover",
    [
        "",
        "MAXIMUS FEDERAL SERVICES, INC.\nIndependent Medical Review\nP.O. Box 138009\nNotice of Independent Medical Review\n\n",
    ],
)
@pytest.mark.parametrize("case", ["", "CM15-990050{}"])
def test_headings_at_the_top_of_pages_that_are_letters(count: int, cover: str, case: str) -> None:
    """Each of several letters in one file has a page: what all pages begin with are their headings, and no running head."""
    titles = ["Norco #60", "Sling", "CT of the head", "MRI of the knee"][:count]
    letters = [cover + modern(item(f"{title}: Upheld"), case=case.format(n)) for n, title in enumerate(titles)]
    read = parse("\n\f".join(letters), file="a.txt", sha256="0" * 64, stem="a")
    assert [one.items[0].title for one in read] == titles
    assert [len(one.items) for one in read] == [1] * count
    assert len({one.items[0].rationale for one in read}) == 1
