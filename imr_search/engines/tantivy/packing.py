"""The records of a letter's items as one compressed blob: they share their summary, and a letter is taken in and out whole."""

from __future__ import annotations

import zlib
from collections.abc import Mapping

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


def unpack(blob: bytes) -> dict[int, bytes]:
    """What `pack` was given. ValueError when `blob` is nothing of the kind."""
    unpacker = zlib.decompressobj(zdict=_DICTIONARY)
    try:
        head, *records = (unpacker.decompress(blob) + unpacker.flush()).split(b"\n")
    except zlib.error as error:
        raise ValueError("a record cannot be unpacked") from error
    return dict(zip(map(int, head.split()), records, strict=True))
