"""A label without a readable value stays empty and is warned of by its name; no value moves to another label."""

from __future__ import annotations

import pytest

from imr_search.letters.header import case_number, iso_day, read_header
from imr_search.model import Item
from tests.letters.forms import codes, item, modern, one

DAYS = {
    "assigned": "2015-02-09",
    "injured": "2012-05-30",
    "decided": "2015-03-17",
    "denied": "2014-12-22",
    "received": "2015-01-12",
}
PRINTED = {
    "assigned": "02/09/2015",
    "injured": "05/30/2012",
    "decided": "03/17/2015",
    "denied": "12/22/2014",
    "received": "01/12/2015",
}
LABELS = {
    "assigned": "Date Assigned",
    "injured": "Date of Injury",
    "decided": "Decision Date",
    "denied": "UR Denial Date",
    "received": "Application\nReceived",
}
ROWS = modern(item("Norco: Upheld"))
# A value on the line after its label, as one extractor has it.
BELOW = (
    "Case Number:\nCM15-9900500\n\nDate Assigned:\n02/09/2015\nDate of Injury:\n05/30/2012\nDecision Date:\n03/17/2015\n"
    "UR Denial Date:\n12/22/2014\nPriority:\nStandard\nApplication\nReceived:\n01/12/2015\n\n"
) + modern(item("Norco: Upheld"), case="")


def days_of(found: Item) -> dict[str, str | None]:
    return {name: getattr(found, name) for name in DAYS}


@pytest.mark.parametrize(
    "hole",
    [
        "",
        " ",
        "[REDACTED]",
        "XX/XX/XXXX",
        "not given",
        "unknown",
        "??/??/2O1?",
        "N/A",
        "02/30/2013",
        "--",
        "__/__/____",
        "\u2588\u2588/\u2588\u2588",
        "11|18|2016",
        "12/08/20~6",
        "12/08/20\u25a0\u25a0",
        "~2/08/2016",
        "1?/08/2016",
    ],
)
@pytest.mark.parametrize("text", [ROWS, BELOW], ids=["rows", "below"])
@pytest.mark.parametrize("name", DAYS)
def test_a_hole(name: str, text: str, hole: str) -> None:
    found = one(text.replace(PRINTED[name], hole, 1)).items[0]
    assert days_of(found) == DAYS | {name: None}
    assert found.priority == "Standard"
    assert found.case == "CM15-9900500"
    assert any(warning.code == "W09" and name in warning.text for warning in found.warnings)


@pytest.mark.parametrize("names", [("injured", "denied"), ("assigned", "decided"), ("injured", "decided", "denied")])
@pytest.mark.parametrize("text", [ROWS, BELOW], ids=["rows", "below"])
def test_several_holes(names: tuple[str, ...], text: str) -> None:
    for name in names:
        text = text.replace(PRINTED[name], "", 1)
    assert days_of(one(text).items[0]) == DAYS | dict.fromkeys(names)


def test_a_column_with_a_hole_gives_its_values_to_nobody() -> None:
    header = read_header(
        "Case Number:\nDate Assigned:\nDecision Date:\nPriority:\n\nCM15-9900500\n03/17/2015\nStandard\n\n"
        "Date of Injury:\n05/30/2012\nUR Denial Date:   12/22/2014\n01/12/2015\nApplication\nReceived:\n"
    )
    assert (header.case, header.priority, header.assigned, header.decided) == ("CM15-9900500", "Standard", None, None)
    assert (header.injured, header.denied, header.received) == ("2012-05-30", "2014-12-22", "2015-01-12")
    assert [warning.text for warning in header.warnings] == ["the header is incomplete: decided, assigned"]


@pytest.mark.parametrize(
    ("printed", "day"),
    [
        ("Feb 8, 2017", "2017-02-08"),
        ("February 8, 2017", "2017-02-08"),
        ("FEBRUARY 8th, 2017", "2017-02-08"),
        ("8 February 2017", "2017-02-08"),
        ("08-Feb-2017", "2017-02-08"),
        ("2017-02-08", "2017-02-08"),
        ("02-08-2017", "2017-02-08"),
        ("02\u201308\u20132017", "2017-02-08"),
        ("2.8.2017", "2017-02-08"),
        ("2/8/17", "2017-02-08"),
        ("O2/08/2O17", "2017-02-08"),
        ("02/O8/20l7", "2017-02-08"),
        ("02 / 08 / 2017", "2017-02-08"),
        ("02/08/20 17", "2017-02-08"),
        ("0 2/08/2017", "2017-02-08"),
        ("2017/02/08", "2017-02-08"),
        ("FEBRUARY 8,2017", "2017-02-08"),
        ("Feb8, 2017", "2017-02-08"),
        ("08-Feb-17", "2017-02-08"),
        ("8th of February 2017", "2017-02-08"),
        ("July 4, 2017", "2017-07-04"),
        ("Feb-08-2017", "2017-02-08"),
        ("Feb. 8th 2017", "2017-02-08"),
        ("2017.02.08", "2017-02-08"),
        ("20170208", "2017-02-08"),
        ("02/08/'17", "2017-02-08"),
        ("(02/08/2017)", "2017-02-08"),
        ("[02/08/2017]", "2017-02-08"),
        ("**02/08/2017**", "2017-02-08"),
        ("02/0B/2017", "2017-02-08"),
        ("Sept. 4, 2017", "2017-09-04"),
        ("13/08/2017", None),
        ("02/30/2017", None),
        ("2/8/201", None),
    ],
)
def test_days_as_they_are_printed(printed: str, day: str | None) -> None:
    assert iso_day(printed.strip("()[]*")) == day
    found = one(ROWS.replace("03/17/2015", printed)).items[0]
    assert days_of(found) == DAYS | {"decided": day}
    assert ("W09" in codes(found)) == (day is None)


@pytest.mark.parametrize("day", ["Tuesday, ", "Tue. ", "Tues, "])
def test_the_day_of_the_week_before_a_date(day: str) -> None:
    found = one(ROWS.replace("03/17/2015", f"{day}March 17, 2015")).items[0]
    assert days_of(found) == DAYS


@pytest.mark.parametrize(
    ("label", "other"),
    [
        ("Date of Injury:", "Date of lnjury:"),
        ("Date of Injury:", "DOI:"),
        ("Date of Injury:", "D.O.I.:"),
        ("Date of Injury:", "Injury Date:"),
        ("Decision Date:", "Date of Decision:"),
        ("Decision Date:", "Determination Date:"),
        ("Decision Date:", "Declslon Date:"),
        ("Decision Date:", "Decision Date;"),
        ("Decision Date:", "Decision Date ....."),
        ("Date Assigned:", "Assigned Date:"),
        ("UR Denial Date:", "U.R. Denial Date:"),
        ("UR Denial Date:", "Date of UR Denial:"),
        ("Application\nReceived:", "Application Rec'd:"),
        ("Application\nReceived:", "Date Application Received:"),
        ("Application\nReceived:", "Application Received Date:"),
        ("Application\nReceived:", "Application Rcvd:"),
        ("Date of Injury:", "Date 0f Injury:"),
        ("Date of Injury:", "D ate of Inju ry:"),
        ("Date of Injury:", "Date of\nInjury:"),
        ("Date of Injury:", "Date of Loss:"),
        ("Date of Injury:", "Date of Injury ="),
        ("Date of Injury:", "Date of Injury -"),
        ("Decision Date:", "Dccision Datc:"),
        ("Decision Date:", "Date Decided:"),
        ("Date Assigned:", "DateAssigned:"),
        ("Date Assigned:", "Assigned On:"),
        ("UR Denial Date:", "Date of Denial:"),
        ("UR Denial Date:", "Utilization Review Denial Date:"),
        ("Case Number:", "Case Nurnber:"),
        ("Case Number:", "IMR No.:"),
    ],
)
def test_labels_as_they_are_printed(label: str, other: str) -> None:
    assert label in ROWS
    found = one(ROWS.replace(label, other)).items[0]
    assert days_of(found) == DAYS
    assert not found.warnings


@pytest.mark.parametrize(
    "printed",
    [
        "CM15 9900500",
        "C M15-9900500",
        "cm15-9900500",
        "CM15 - 9900500",
        "CM15\u20139900500",
        "CMl5-99OO5OO",
        "CM15\u20119900500",
    ],
)
def test_case_numbers_as_they_are_printed(printed: str) -> None:
    assert case_number(printed) == "CM15-9900500"
    assert one(ROWS.replace("CM15-9900500", printed)).case == "CM15-9900500"


@pytest.mark.parametrize(
    ("printed", "again"),
    [
        ("Priority:", "Decision Date: 03/17/2015\nPriority:"),
        ("Date Assigned: 02/09/2015", "Date Assigned: 02/09/2015 Date Assigned: 02/09/2015"),
        ("Decision Date:", "Decision Date: Decision Date:"),
        ("Date Assigned", "UR Denial Date: \nDate Assigned"),
        ("Date Assigned", "Case Number: CM15-9900500\nDate Assigned"),
    ],
)
def test_a_label_that_was_printed_twice(printed: str, again: str) -> None:
    assert one(ROWS.replace(printed, again, 1)).items == one(ROWS).items


@pytest.mark.parametrize(
    "day", ["05/30/2011 - 05/30/2012", "CT 05/30/2011 to 05/30/2012", "05/30/2011 through 05/30/2012"]
)
def test_a_span_is_no_day(day: str) -> None:
    found = one(ROWS.replace("05/30/2012", day)).items[0]
    assert days_of(found) == DAYS | {"injured": None}
    assert "W09" in codes(found)


def test_two_days_for_one_label_are_none() -> None:
    found = one(ROWS.replace("Priority:", "Date of Injury: 05/31/2012\nPriority:")).items[0]
    assert days_of(found) == DAYS | {"injured": None}
    assert {"W09", "W10"} <= codes(found)


@pytest.mark.parametrize("name", DAYS)
def test_a_lost_label_is_told(name: str) -> None:
    label = LABELS[name] if name != "received" else "Received"
    found = one(ROWS.replace(f"{label}:", "", 1)).items[0]
    assert days_of(found) == DAYS | {name: None}
    assert any(warning.code == "W09" and name in warning.text for warning in found.warnings)


VALUES = {"case": "CM15-9900500"} | PRINTED | {"priority": "Standard"}
PLAIN = {"case": "Case Number", "priority": "Priority", **LABELS, "received": "Application Received"}
LAYOUTS = {
    "one line": " ".join(f"{PLAIN[name]}: {VALUES[name]}" for name in VALUES),
    "bars": " | ".join(f"{PLAIN[name]}: {VALUES[name]}" for name in VALUES),
    "commas": ", ".join(f"{PLAIN[name]}: {VALUES[name]}" for name in VALUES),
    "turned round": "\n".join(f"{PLAIN[name]}: {VALUES[name]}" for name in reversed(VALUES)),
    "a column of labels": "\n".join(f"{PLAIN[name]}:" for name in VALUES) + "\n\n" + "\n".join(VALUES.values()),
    "a row of labels": " ".join(PLAIN[name] for name in VALUES) + "\n" + " ".join(VALUES.values()),
    "values first": "\n".join(f"{VALUES[name]}\n{PLAIN[name]}:" for name in VALUES),
    "values before labels": "\n".join(f"{VALUES[name]} {PLAIN[name]}:" for name in VALUES),
    "equals signs": "\n".join(f"{PLAIN[name]} = {VALUES[name]}" for name in VALUES),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_layouts_of_the_table(layout: str) -> None:
    assert one(f"{LAYOUTS[layout]}\n\n{modern(item('Norco: Upheld'), case='')}").items == one(ROWS).items


@pytest.mark.parametrize("name", DAYS)
def test_a_value_lost_before_its_label(name: str) -> None:
    layout = LAYOUTS["values before labels"].replace(f"{PRINTED[name]} ", "")
    found = one(f"{layout}\n\n{modern(item('Norco: Upheld'), case='')}").items[0]
    assert days_of(found) == DAYS | {name: None}
    assert any(warning.code == "W09" and name in warning.text for warning in found.warnings)
