"""Queries that people could have typed, by chance: every construct of the language, in any company."""

from __future__ import annotations

import random
from collections.abc import Iterator

WORDS = (
    *("acupuncture", "pain", "opioid", "improve", "functional", "norco", "therapy", "physical", "lumbar", "mri", "the"),
    *("medical*", "trea!", "w?th", "hydrocodne~", '"not medically necessary"', '"physical therapy"', '"chronic pain"'),
    *("10/325", "#60", "L4-5", "guidelines", "recommended", "syn(norco)", 'syn("physical therapy")', "acupunctur*^2"),
)
LOOSE = ('"functional improvement"~5', '"pain relief"~2', "*")
FIELDS = ("treatment", "rationale", "summary", "guideline", "ca_guideline", "title")
VALUES = (
    *("outcome:upheld", "outcome:overturned,modified", "age:>50", "age:30..50", "qty:>=60", "decided:2016", "sex:f"),
    *("decided:>=2016-06", "category:opioid", "body:lumbar", "specialty:pain", "has:page", "missing:qty", "is:multi"),
    *("page:90..100", 'guideline:"page 98"', 'guideline:"chronic pain page 98"', "source:odg", "drug:norco", "n:>2"),
    *("case:CM1*", "letter:(outcome:overturned)", "licensed:california", "guideline:(pain -odg)", "refills:1.."),
    *("ca_source:acoem,mtus", 'like("epidural injection lumbar")', "id:*#1", "decided:(2015 OR 2017)", "-visits:>6"),
)
LINKS = ("/5", "/s", "/p", "+3", "/1", "/50", "+10", "w/20", "pre/2")


def queries(count: int, seed: int) -> Iterator[str]:
    """`count` queries, the same for the same number and seed."""
    chance = random.Random(seed)

    def word() -> str:
        return chance.choice(WORDS)

    def beside() -> str:
        plain = [one for one in WORDS if "^" not in one]
        return chance.choice(plain) if chance.random() < 0.8 else f"({chance.choice(plain)} or {chance.choice(plain)})"

    def atom(depth: int) -> str:
        kind = chance.random()
        if kind < 0.25:
            return word()
        if kind < 0.3:
            return chance.choice(LOOSE)
        if kind < 0.5:
            return chance.choice(VALUES)
        if kind < 0.68:
            near = f"{beside()} {chance.choice(LINKS)} {beside()}"
            near += f" {chance.choice(LINKS)} {beside()}" if chance.random() < 0.2 else ""
            return f"{chance.choice(FIELDS)}:({near})" if chance.random() < 0.6 else near
        if kind < 0.82:
            return f"{chance.choice(FIELDS)}:{word()}"
        if kind < 0.9 or not depth:
            return f"{chance.choice(FIELDS)}:({word()} {chance.choice(('', 'OR ', '-'))}{word()})"
        return f"{chance.choice(('', 'NOT ', 'letter:'))}({group(depth - 1)})"

    def group(depth: int) -> str:
        text = atom(depth)
        for _ in range(chance.choice((0, 1, 1, 2))):
            text += chance.choice((" ", " AND ", " OR ", " AND NOT ", " but not ")) + atom(depth)
        return text

    for _ in range(count):
        yield group(2)
