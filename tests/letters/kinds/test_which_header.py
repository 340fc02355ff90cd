"""The header is the table next to its heading; what stands on a cover page before it is another's."""

from __future__ import annotations

import pytest

from tests.letters.forms import item, modern, one

LETTER = modern(item("Norco: Upheld"))
COVERS = {
    "fax": "FAX COVER SHEET\nTo: Claims\nFrom: Records\nDate: 04/02/2016\nPages: 7\n",
    "firm": "LAW OFFICES OF SOMEBODY\n\nDated: 04/02/2016\n\nRe: the enclosed determination\n",
    "another case": "Case Number: CM14-1111111\nDate of Injury: 01/01/2001\n\nPlease find the letter enclosed.\n",
    "a full table": "Case Number: CM14-1111111\nDate Assigned: 01/01/2014 Date of Injury: 01/01/2001\n"
    "Decision Date: 02/01/2014 UR Denial Date: 12/01/2013\nPriority: Expedited Application\nReceived:\n12/15/2013\n",
    "a log": "Received 04/02/2016\nDecision Date: 01/01/2001\nCase No. CM14-1111111\nPriority Expedited\n",
    "records": "MEDICAL RECORDS COVER SHEET\nDate of Injury: 03/04/2001\nClaim Number: 123\nDate: 05/06/2018\n",
    "a notice": "MAXIMUS FEDERAL SERVICES, INC.\nDated: 01/20/2017\nEmployee: X\nDate of UR Decision: 11/09/2016\nDate of Injury: 10/10/2016\n",
    "exhibits": "EXHIBIT LIST\nA. IMR decision CM11-0101010 dated 02/03/2011\nB. UR Denial Date 02/02/2011\nC. Decision Date 02/03/2011\n",
    "routing": "Received Date: 02/02/2018\nPriority: Expedited\nAssigned to: unit 4\nDecision Date: 03/03/2018\n",
    "service": "PROOF OF SERVICE\nI served the decision CM10-0000001, Date of Injury: 05/05/1995, Date: 04/04/2018\n",
    "prose": "The enclosed decision of 04/02/2016 is about CM14-1111111, whose Decision Date was 01/01/2001.\n",
}


@pytest.mark.parametrize("between", ["\f", "\n\n", "\n"])
@pytest.mark.parametrize("cover", COVERS)
def test_a_cover_before_the_header(cover: str, between: str) -> None:
    assert one(COVERS[cover] + between + LETTER).items == one(LETTER).items


@pytest.mark.parametrize("cover", COVERS)
def test_a_cover_before_a_header_with_a_hole(cover: str) -> None:
    holed = LETTER.replace("03/17/2015", "")
    found = one(COVERS[cover] + "\f" + holed).items[0]
    assert found == one(holed).items[0]
    assert found.decided is None


def test_a_number_on_a_cover_is_not_the_letters() -> None:
    text = COVERS["another case"] + "\f" + LETTER.replace("CM15-9900500", "")
    assert one(text).case is None


@pytest.mark.parametrize("between", ["\f", "\n\nA line of the cover.\nAnother line.\n"])
def test_a_cover_gives_nothing_to_a_letter_without_a_header(between: str) -> None:
    cover = "FAX TRANSMITTAL\nDate: 03/03/2018\nRe: CM15-0001112\nDOI 1/2/2003\n"
    body = LETTER[LETTER.index("HOW THE") :]
    assert one(cover + between + body).items[0].injured is None


@pytest.mark.parametrize(
    "cover",
    [
        "FAX\nDate: 03/03/2018\nCase Number: CM15-0001112\nDate of Injury: 01/02/2003\nPriority: Expedited\n",
        "Patient: J. Doe\nDOI: 1/2/2003\nPriority: Expedited\nCase No. CM15-0001112\n",
    ],
)
def test_three_labels_of_a_cover_are_no_header(cover: str) -> None:
    body = LETTER[LETTER.index("HOW THE") :]
    assert one(cover + "\n" + body).items == one(body).items
