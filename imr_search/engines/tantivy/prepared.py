"""A document in the form in which Tantivy takes it fastest: JSON that its own parser reads. It is made in the worker that read the letter, is one
string for the rest of its way, and asks one call of Tantivy's library in the place of one for each value.

Words that follow each other are one string, which Tantivy's own whitespace tokenizer gives the same positions as ours, many times faster
than token objects would; only a passage with two words at one position (60 and #60) needs those.

The records of a letter's items are one compressed blob: they share their summary, and a letter is taken in and out whole.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec

from imr_search.analysis import Passage, Postings
from imr_search.documents import Document, quarter
from imr_search.engines.tantivy import schema
from imr_search.engines.tantivy.schema import EVERY, PAGE


class Prepared(NamedTuple):
    """`n` is the item's number in its letter, which has `items`. `members`: those of a JSON object, each with a comma behind it, for all that Tantivy
    keeps but who the item is, which `id` and `letter` say. `longest`: by field of words, the most words of a passage. `records`: those of all items
    of the letter, packed, on its first document; on the others nothing."""

    id: str
    letter: str
    n: int
    items: int
    longest: dict[str, int]
    members: str
    records: bytes


def prepare(documents: Sequence[Document]) -> list[Prepared]:
    """The documents of one letter."""
    records = pack({document.n: document.record for document in documents})
    shared: dict[int, tuple[str, int]] = {}  # by identity: a letter's items share the words of their summary
    return [_prepare(document, len(documents), b"" if at else records, shared) for at, document in enumerate(documents)]


def part(letter: Sequence[Prepared], items: frozenset[int]) -> list[Prepared]:
    """Some items of a letter as a letter of its own."""
    records = pack({int(n): record for n, record in unpack(letter[0].records).items() if int(n) in items})
    return [
        one._replace(items=len(items), records=b"" if at else records)
        for at, one in enumerate(one for one in letter if one.n in items)
    ]


def _prepare(document: Document, items: int, records: bytes, shared: dict[int, tuple[str, int]]) -> Prepared:
    members: list[str] = []
    longest: dict[str, int] = {}
    for field, held in document.words.items():
        if id(held) not in shared:
            shared[id(held)] = _sentences(held)
        values, length = shared[id(held)]
        if length:
            members.append(f'"{schema.WORDS}{field}":[{values}],')
            longest[field] = length
    for field, lists in document.cited_pages.items():
        passages = document.words[field].passages if field in document.words else []
        marks = [f"{EVERY}|{window}" for window in range(max(len(lists), len(passages)))]
        marks += [f"{PAGE}{page}|{window}" for window, pages in enumerate(lists) for page in pages]
        if marks:
            cited = [_value(_numbered(passage, window)) for window, passage in enumerate(passages) if passage]
            members.append(f'"{schema.CITED}{field}":[{",".join((*cited, _value(" ".join(marks))))}],')
    members.append(_columns(document))
    return Prepared(document.id, document.letter, document.n, items, longest, "".join(members), records)


_BETWEEN = f',{{"text":"","tokens":[[0,0,{schema.DISTANCE},"{schema.GAP}",1]]}},'


def _sentences(held: Postings) -> tuple[str, int]:
    """The passages that have words as values with gaps between them, and the most words of one; 0 for none."""
    found = [passage for passage in held.passages if passage]
    last = [passage.count(" ") if isinstance(passage, str) else passage[-1][1] for passage in found]
    return _BETWEEN.join(map(_value, found)), max(last, default=-1) + 1


def _value(passage: Passage) -> str:
    """Words as JSON: no word of ours holds what a string of JSON would have to escape. A token's offsets are not kept; its last number is its length
    in positions."""
    if isinstance(passage, str):
        return f'"{passage}"'
    return f'{{"text":"","tokens":[{",".join(f"[0,0,{position},{chr(34)}{word}{chr(34)},1]" for word, position in passage)}]}}'


def _numbered(passage: Passage, window: int) -> Passage:
    if isinstance(passage, str):
        return f"{passage} ".replace(" ", f"|{window} ")
    return [(f"{word}|{window}", position) for word, position in passage]


def _columns(document: Document) -> str:
    """What is no text."""
    found: dict[str, object] = {}
    for field, values in document.keywords.items():
        if values and field not in ("id", "letter"):
            found[schema.VALUES + field] = sorted(values) if len(values) > 1 else values[0]
    for field, numbers in document.numbers.items():
        if numbers:
            found[schema.NUMBERS + field] = sorted(numbers) if len(numbers) > 1 else numbers[0]
            if field in schema.dates():
                found[schema.QUARTERS + field] = quarter(min(numbers))
    return msgspec.json.encode(found)[1:-1].decode() + "," if found else ""


# What most records hold, the commonest last (where zlib reaches it cheapest). It is part of the engine's format: another dictionary cannot read
# what this one packed, which zlib notices.
_DICTIONARY = (
    b"in Texas New York Florida Oregon Physical Medicine & Rehabilitation Pain Management Family Practice Internal Medicine Orthopedic Surgery "
    b"Occupational Medicine Psychiatry Neurology Chiropractic Acupuncture lumbar spine cervical shoulder knee wrist ankle thoracic bilateral upper "
    b"lower extremities extremity left right radiculopathy sprain strain disc degeneration herniation carpal tunnel syndrome status post surgery "
    b"arthroscopy injection epidural steroid facet medial branch block MRI EMG/NCS urine drug screen gabapentin tramadol hydrocodone "
    b"cyclobenzaprine omeprazole naproxen ibuprofen Norco 10/325mg #60 #90 physical therapy visits two times a week for six weeks home exercise "
    b"program TENS unit functional restoration improvement in function decreased pain activities of daily living return to work objective "
    b"tenderness to palpation range of motion muscle spasm straight leg raise sensation reflexes motor strength gait antalgic neurological "
    b"examination findings imaging symptoms have failed conservative treatment nonsteroidal anti-inflammatory medications opioids aberrant "
    b"behavior side effects analgesia long-term use weaning risk monitoring reported documented documentation evidence progress report dated "
    b"treating physician utilization review the claims administrator denied the request for treatment per day mg tablets capsules "
    b"MTUS Guidelines: Chronic Pain Medical Treatment Guidelines ACOEM Practice Guidelines Official Disability Guidelines (ODG) Low Back "
    b"Complaints Neck and Upper Back Complaints Special Studies, Physical Methods, Page(s): Section(s): Decision based on MTUS "
    b"Decision based on Non-MTUS Citation MAXIMUS guideline does not meet the criteria is recommended as an option is not recommended the "
    b"guidelines recommend there is no documentation of there is no evidence that according to the records therefore, the request is not "
    b"medically necessary. Therefore, the request for is medically necessary and appropriate. The patient has been the medical records provided "
    b"for review in this case, the injured worker is a year old male year old female who sustained an industrial injury on \n"
    b'{"id":"CM15-00","letter":"CM14-00","case":"CM16-00","n":1,"treatment":"","title":"","outcome":"overturned","guideline":"MTUS ",'
    b'"ca_guideline":"","sources":["MTUS","ODG"],"ca_sources":["MTUS","ACOEM"],"pages":[],"ca_pages":[],"chapters":["Chronic Pain Medical '
    b'Treatment"],"sections":[],"citations":[{"source":"MTUS","chapter":"","section":"","pages":[],"text":""}],"ca_citations":[{"source":"ODG",'
    b'"chapter":"","section":"","pages":[],"text":""}],"rationale":"","summary":"The injured worker is a ","specialty":["Occupational Medicine"],'
    b'"licensed":["California"],"age":50,"sex":"female","injured":"2012-01-","assigned":"2015-01-","decided":"2014-0","denied":"2016-1",'
    b'"received":"2013-0","priority":"Standard","drugs":[],"strengths":[],"quantity":null,"refills":null,"visits":null,"category":"drug/opioid",'
    b'"body":["low back"],"generation":"3b","items":2,"file":".txt","sha256":"","warnings":[]}'
)


def pack(records: Mapping[int, bytes]) -> bytes:
    """`records`: an item's record by its number in the letter."""
    packer = zlib.compressobj(3, zdict=_DICTIONARY)
    head = " ".join(map(str, records)).encode()
    return packer.compress(b"\n".join((head, *records.values()))) + packer.flush()


def unpack(blob: bytes) -> dict[str, bytes]:
    """What `pack` was given, the numbers as they are written. ValueError when `blob` is nothing of the kind."""
    unpacker = zlib.decompressobj(zdict=_DICTIONARY)
    try:
        head, *records = (unpacker.decompress(blob) + unpacker.flush()).split(b"\n")
    except zlib.error as error:
        raise ValueError("a record cannot be unpacked") from error
    return dict(zip(head.decode().split(), records, strict=True))
