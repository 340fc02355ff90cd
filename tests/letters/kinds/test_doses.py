"""Strengths of combinations, fluids and creams, and several of them."""

from __future__ import annotations

import pytest

from imr_search.letters import treatments


@pytest.mark.parametrize(
    ("title", "strengths"),
    [
        ("Arthrotec 75-0.2mg #60", ("75/0.2",)),
        ("Arthrotec 75 mg-0.2 mg", ("75/0.2",)),
        ("Vimovo 500-20mg #60", ("500/20",)),
        ("Duexis 800\u201326.6 mg #90", ("800/26.6",)),
        ("Percocet 10-325 mg #120", ("10/325",)),
        ("Oxycodone 5-10mg #30", ("10mg",)),
        ("Morphine 10mg/1ml", ("10mg/ml",)),
        ("Morphine sulfate 10 mg per ml", ("10mg/ml",)),
        ("Gabapentin 250 mg/5 mL suspension", ("250mg/5ml",)),
        ("Synvisc 16mg/2ml", ("16mg/2ml",)),
        ("Toradol 60mg/2cc injection", ("60mg/2ml",)),
        ("hydrocodone/APAP elixir 7.5-325mg/15ml", ("7.5/325mg/15ml",)),
        ("Diclofenac 20mg/g cream", ("20mg/g",)),
        ("Voltaren gel 1% 10mg/gm", ("1%", "10mg/g")),
        ("Gabapentin 300mg and 600mg #60", ("300mg", "600mg")),
        ("Norco 5-325mg and 10/325mg #60", ("5/325", "10/325")),
        ("Tramadol 50mg, 100mg, 150mg", ("50mg", "100mg", "150mg")),
        ("Fentanyl patch 50mcg/hr #15", ("50mcg",)),
        ("Ultracet 37.5-325 mg #60", ("37.5/325",)),
        ("Percocet 10/325 x 120", ("10/325",)),
        ("Fiorinal 50-325-40mg #60", ("50/325/40",)),
        ("Treximet 85/500mg #9", ("85/500",)),
        ("Oxycodone 1O mg #60", ("10mg",)),
        ("Suboxone 8mg-2mg film #60", ("8/2",)),
        ("Enoxaparin 40 mg/0.4 mL", ("40mg/0.4ml",)),
        ("Unheardofol 20mg #30", ("20mg",)),
        ("Hydrocodone 10mg/acetaminophen 325mg #60", ("10/325",)),
        ("Hydrocodone 10 mg/APAP 325 mg", ("10/325",)),
        ("Vimovo 500/20", ("500/20",)),
        ("Norco 10/325 between 8/5/2013 and 10/5/2013", ("10/325",)),
        ("Norco 10/325, 1/2 tablet", ("10/325",)),
        ("Botox 100U", ("100units",)),
        ("Levothyroxine 50 micrograms", ("50mcg",)),
    ],
)
def test_strengths(title: str, strengths: tuple[str, ...]) -> None:
    assert treatments.read(title, title).strengths == strengths


def test_a_drug_in_a_fluid_keeps_its_name() -> None:
    title = "hydrocodone elixir 7.5-325mg/15ml"
    assert treatments.read(title, title).drugs == ("hydrocodone/acetaminophen",)
