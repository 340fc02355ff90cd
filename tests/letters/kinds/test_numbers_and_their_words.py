"""A number goes to the word that it stands by: quantities, refills, visits."""

from __future__ import annotations

import pytest

from imr_search.letters import treatments


@pytest.mark.parametrize(
    ("title", "quantity", "refills"),
    [
        ("Norco 10/325mg #90 refills 2", 90, 2),
        ("Norco 10/325mg QTY 30 refills 5", 30, 5),
        ("Tramadol 50mg #60 RF 2", 60, 2),
        ("Tramadol 50mg #60 RF: 2", 60, 2),
        ("Norco #60 with 2 refills", 60, 2),
        ("Norco #90, 1 refill", 90, 1),
        ("Norco 90 refills 2", 90, 2),
        ("Norco qty: 60 refills: 3", 60, 3),
        ("Norco #30 x 2 refills", 30, 2),
        ("Norco #60 with two (2) refills", 60, 2),
        ("Norco 60 tablets 2 refills", 60, 2),
        ("Norco #90 no refills", 90, 0),
        ("Norco quantity 90 refill 0", 90, 0),
        ("Naproxen 550mg #60 refill x 3", 60, 3),
        ("Naproxen 550mg refills 3 #60", 60, 3),
        ("Ultram 50mg #30 2RF", 30, 2),
        ("Refill of Norco 10/325mg #60", 60, None),
        ("Norco refills 2 10/325mg", None, 2),
        ("Lidoderm patch #30 refills (2)", 30, 2),
        ("Norco 10/325mg dispense 60, refills = 1", 60, 1),
    ],
)
def test_quantity_and_refills(title: str, quantity: int | None, refills: int | None) -> None:
    found = treatments.read(title, title)
    assert (found.quantity, found.refills) == (quantity, refills)
