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
        ("Norco 10/325 mg (#60) (2 refills)", 60, 2),
        ("Gabapentin 600mg #90 w/ 3 refills", 90, 3),
        ("Ultram 50mg, quantity: sixty (60), refill: 1", 60, 1),
        ("Naproxen 550mg; qty #60; RF#3", 60, 3),
        ("Tramadol 50 mg tablets, 60 count, 5 refills", 60, 5),
        ("Soma 350mg Qty: 90.00 Refills: 0", 90, 0),
        ("Zofran 8mg #10, zero refills", 10, 0),
        ("Prilosec 20mg # 60 +1 refill", 60, 1),
        ("Lyrica 75mg, ninety capsules with no refill", 90, 0),
        ("Norco 10/325 mg No. 120", 120, None),
        ("Tylenol No. 3 #60", 60, None),
        ("Norco 10/325mg one hundred twenty (120) tablets", 120, None),
        ("Norco 10/325mg, one hundred and twenty tablets", 120, None),
        ("Flexeril 7.5mg, forty-five tablets", 45, None),
        ("Norco #6O refills 2", 60, 2),
        ("Omeprazole 20mg #30 x 6 refills", 30, 6),
        ("Naproxen 550mg qty: 60.00, ref: 2", 60, 2),
        ("Protonix 20mg, 60 tabs, refillable 3 times", 60, 3),
        ("Soma 350mg #90 ref x 2", 90, 2),
        ("Soma 350mg #90 R/F 2", 90, 2),
        ("Soma 350mg #90, no ref", 90, 0),
        ("Soma 350mg #90 refilled 2 times", 90, 2),
        ("Celebrex 200mg caps #60 Rfx5", 60, 5),
        ("Celebrex 200mg caps: 60, refills: 5", 60, 5),
        ("Soma 350mg #90, 2 additional fills", 90, 2),
        ("Norco 10/325mg 60/month", 60, None),
        ("Lidoderm patches 30 per month, 3 refills", 30, 3),
        ("Norco 10/325mg total of 60", 60, None),
        ("Norco 10/325mg, sixty (60)", 60, None),
        ("Norco 10/325mg (60)", 60, None),
        ("Soma 350mg Qty-90", 90, None),
        ("Soma 350mg, number 90", 90, None),
        ("Soma 350mg Amt: 90", 90, None),
        ("Soma 350mg no. of tablets 90", 90, None),
        ("Botox 100 units", None, None),
        ("Norco 10/325mg, reference 12", None, None),
    ],
)
def test_quantity_and_refills(title: str, quantity: int | None, refills: int | None) -> None:
    found = treatments.read(title, title)
    assert (found.quantity, found.refills) == (quantity, refills)


@pytest.mark.parametrize(
    ("title", "visits"),
    [
        ("Physical therapy, twelve (12) visits", 12),
        ("Acupuncture 1 x per week x 6 weeks", 6),
        ("Chiropractic care, 2-3x/wk x 4-6 wks", 18),
        ("PT 3xWk x 4Wks", 12),
        ("Massage therapy one time a week for six weeks", 6),
        ("Physical therapy (2) times a week for (4) weeks", 8),
        ("Acupuncture two (2) times per week times four (4) weeks", 8),
        ("Occupational therapy twice weekly for four weeks", 8),
        ("Physical therapy, twenty-four sessions", 24),
        ("Physical therapy, twenty four (24) sessions", 24),
        ("Physical therapy, 12 sessions at 2 times a week for 6 weeks", 12),
        ("One (1) initial evaluation for functional restoration program", None),
        ("Physical therapy three times per week times four weeks for the L4-5 disc", 12),
        ("Physiotherapy 3Xwk/4wks", 12),
        ("Acupuncture 8x", 8),
        ("Physical therapy x12 visits over 6 wks, left knee", 12),
    ],
)
def test_visits(title: str, visits: int | None) -> None:
    assert treatments.read(title, title).visits == visits
