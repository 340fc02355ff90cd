"""Ten items in five letters, written so that the language's own examples have something to find."""

from __future__ import annotations

from functools import cache
from typing import Any

from imr_search.documents import Document, documents
from imr_search.engines.memory import MemorySearcher
from imr_search.model import Citation, Item, Letter, ParseWarning

_MTUS = Citation(
    "MTUS",
    "Chronic Pain Treatment Guidelines",
    "Physical Medicine",
    (98, 99),
    "MTUS Chronic Pain Treatment Guidelines Physical Medicine Page(s): 98-99",
)
_OPIOIDS = Citation(
    "MTUS",
    "Chronic Pain Treatment Guidelines",
    "Opioids",
    (76, 77, 78, 79, 80, 198),
    "MTUS Chronic Pain Treatment Guidelines Opioids Page(s): 76-80, 198",
)
_NEEDLES = Citation(
    "MTUS", "Acupuncture Treatment Guidelines", None, (8, 9), "MTUS Acupuncture Treatment Guidelines, pages 8-9"
)
_ODG = Citation(
    "ODG", "Pain", "Urine drug testing", (), "Official Disability Guidelines (ODG), Pain, Urine drug testing"
)
_ACOEM = Citation("ACOEM", "Low Back Complaints", None, (303, 304), "ACOEM Low Back Complaints, pages 303-304")


def item(letter: str, n: int, treatment: str, outcome: str, rationale: str, **more: Any) -> Item:
    cited: tuple[Citation, ...] = more.pop("cited", ())
    ca_cited: tuple[Citation, ...] = more.pop("ca_cited", ())
    return Item(
        id=f"{letter}#{n}",
        letter=letter,
        case=letter,
        n=n,
        treatment=treatment,
        title=treatment,
        outcome=outcome,
        guideline="; ".join(one.text for one in cited),
        ca_guideline="; ".join(one.text for one in ca_cited),
        rationale=rationale,
        citations=cited,
        ca_citations=ca_cited,
        sources=tuple(dict.fromkeys(one.source for one in cited)),
        ca_sources=tuple(dict.fromkeys(one.source for one in ca_cited)),
        pages=tuple(sorted({page for one in cited for page in one.pages})),
        ca_pages=tuple(sorted({page for one in ca_cited for page in one.pages})),
        chapters=tuple(dict.fromkeys(one.chapter for one in cited if one.chapter)),
        sections=tuple(dict.fromkeys(one.section for one in cited if one.section)),
        file=f"{letter}.txt",
        sha256="0" * 64,
        generation="2",
        **more,
    )


def letters() -> list[Letter]:
    """The five letters."""
    pain: dict[str, Any] = {
        "age": 67,
        "sex": "female",
        "specialty": ("Pain Management", "Occupational Medicine"),
        "licensed": ("California", "Ohio"),
        "decided": "2015-03-04",
        "received": "2015-02-02",
        "injured": "2010-06-01",
        "days": 30,
        "days_injured": 1_737,
        "priority": "Standard",
        "summary": "The injured worker is a 67 year old woman with low back pain. She was treated with Norco 10/325mg #60 and 5% lidocaine patches.",
        "items": 3,
    }
    hands: dict[str, Any] = {
        "age": 41,
        "sex": "male",
        "specialty": ("Chiropractic",),
        "licensed": ("California",),
        "decided": "2015-06-30",
        "priority": "Expedited",
        "summary": "A 41 year old man with neck pain after a fall. He works as a documentation clerk.",
        "items": 2,
    }
    rest: dict[str, Any] = {
        "specialty": ("Orthopedic Surgery",),
        "licensed": ("Texas",),
        "decided": "2016-01-15",
        "items": 3,
    }
    items = (
        item(
            "CM15-0012345",
            1,
            "Norco 10/325mg #60",
            "modified",
            "There is no documented functional improvement with the opioid. It should be tapered slowly. Weaning is medically necessary.",
            cited=(_OPIOIDS, _ODG),
            ca_cited=(_ACOEM,),
            drugs=("hydrocodone/acetaminophen",),
            strengths=("10/325",),
            quantity=60,
            category="pharmaceutical/opioid",
            reasons=("functional-improvement", "monitoring"),
            **pain,
        ),
        item(
            "CM15-0012345",
            2,
            "Urine drug screen",
            "overturned",
            "Screening is advised for patients on opioids. The request is medically necessary.",
            cited=(_ODG,),
            category="testing/urine-drug-test",
            **pain,
        ),
        item(
            "CM15-0012345",
            3,
            "Electro-acupuncture, 6 visits",
            "upheld",
            "There is no functional improvement. The treatment failed conservative measures. It is not medically necessary.",
            cited=(_NEEDLES,),
            category="rehabilitation/acupuncture",
            visits=6,
            body=("low back", "lumbar spine"),
            **pain,
        ),
        item(
            "CM15-0020000",
            1,
            "Acupuncture, 8 sessions",
            "upheld",
            "Acupuncture is considered when pain medication is reduced. Documentation of improvement is lacking. It is not medically necessary.",
            cited=(_NEEDLES, _MTUS),
            category="rehabilitation/acupuncture",
            visits=8,
            body=("neck",),
            **hands,
        ),
        item(
            "CM15-0020000",
            2,
            "Physiotherapy and chiropractic manipulation",
            "overturned",
            "Manipulation is an option. Conservative care failed within weeks. Therefore the request is medically necessary.",
            cited=(_MTUS,),
            category="rehabilitation/chiropractic",
            **hands,
        ),
        item(
            "CM16-0000001",
            1,
            "Physical therapy, 12 sessions, left shoulder",
            "upheld",
            "Active therapy is recommended with fading of treatment. The established.The sessions exceed the guideline of 9-10 visits. "
            "The request is not medically necessary.",
            cited=(_MTUS,),
            category="rehabilitation/physical-therapy",
            visits=12,
            body=("left shoulder",),
            requested="Physical therapy, 18 sessions, left shoulder",
            authorized="Physical therapy, 6 sessions, left shoulder",
            reasons=("amount",),
            **rest,
        ),
        item(
            "CM16-0000001",
            2,
            "MRI of the lumbar spine",
            "upheld",
            "No red flags are documented. ACOEM advises against imaging before a month of care. The physical exam and therapy notes are missing.",
            cited=(_ACOEM,),
            category="imaging/mri",
            body=("lumbar spine",),
            reasons=("findings", "need"),
            **rest,
        ),
        item(
            "CM16-0000001",
            3,
            "Home H-wave unit",
            "overturned",
            "A one month home trial of an H-wave unit for low back pain gave relief. It is medically necessary.",
            category="equipment/h-wave",
            body=("low back",),
            **rest,
        ),
        item(
            "CM16-0000002",
            1,
            "Tramadol 50mg #90 with 2 refills",
            "upheld",
            "Opioids are not recommended. There is opioid use without taper. Women and men were studied. It is not medically necessary.",
            cited=(_OPIOIDS,),
            ca_cited=(_OPIOIDS,),
            drugs=("tramadol",),
            strengths=("50mg",),
            quantity=90,
            refills=2,
            age=52,
            sex="male",
            decided="2016-04-02",
            specialty=("Pain Management",),
            licensed=("California",),
            category="pharmaceutical/opioid",
            warnings=(ParseWarning("W03", "a heading is missing"),),
        ),
        item(
            "CM16-0000003",
            1,
            "Norco #120",
            "upheld",
            "Long-term use is not supported. The man is not improved.",
            quantity=120,
            drugs=("hydrocodone/acetaminophen",),
            category="pharmaceutical/opioid",
            cited=(_OPIOIDS,),
        ),
    )
    by_letter: dict[str, list[Item]] = {}
    for one in items:
        by_letter.setdefault(one.letter, []).append(one)
    return [
        Letter(name, name, f"{name}.txt", "0" * 64, "2", held[0].decided, tuple(held))
        for name, held in by_letter.items()
    ]


@cache
def held() -> tuple[Document, ...]:
    return tuple(document for letter in letters() for document in documents(letter))


def searcher() -> MemorySearcher:
    return MemorySearcher(list(held()))
