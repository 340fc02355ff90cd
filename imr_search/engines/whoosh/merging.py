"""Several segments as one, without their deleted documents: posting lists are renumbered, records are copied as they are compressed."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from itertools import accumulate, chain, repeat

from imr_search.engines.whoosh import bits
from imr_search.engines.whoosh.buffer import PAGE, VALUE, WORD, Buffer, column_at
from imr_search.engines.whoosh.segment import DOCUMENT, Segment


def merged(segments: Sequence[Segment]) -> Buffer:
    buffer = Buffer()
    for segment in segments:
        _take(buffer, segment)
    return buffer


def _take(buffer: Buffer, segment: Segment) -> None:
    kept = list(bits.ids(segment.live))
    number = dict(zip(kept, range(buffer.size, buffer.size + len(kept)), strict=True))
    start = buffer.size
    buffer.size += len(kept)
    columns = segment.columns
    buffer.ids += [segment.ids[at] for at in kept]
    n = columns.get("n")
    buffer.n.extend([n[at] for at in kept])
    first = 0
    for run, length in enumerate(columns.get("runs")):
        if first in number:  # letters are deleted whole
            buffer.letters.append(segment.letters[run])
            buffer.runs.append(length)
            buffer.record(segment.packed(run))
        first += length
    for kind, held, code in (("length", buffer.lengths, "I"), ("windows", buffer.windows, "H")):
        for field in columns.named(kind):
            column = columns.get(f"{kind}.{field}")
            column_at(held, field, code, start).extend([column[at] for at in kept])
    for field in columns.named("owner"):
        owners, numbers = buffer.number(field)
        for owner, value in zip(columns.get(f"owner.{field}"), columns.get(f"number.{field}"), strict=True):
            if owner in number:
                owners.append(number[owner])
                numbers.append(value)
    for name in segment.fields:
        kind, field = name[:2], name[2:]
        for term, _, at in segment.terms(name):
            postings = segment.postings(at)
            owned = [number.get(id_) for id_ in postings.ids]
            if kind == VALUE:
                row = buffer.values[field].setdefault(term, array("I"))
                row.extend([id_ for id_ in owned if id_ is not None])
                continue
            starts = accumulate(postings.counts, initial=0)
            spans = zip(owned, starts, postings.counts, strict=False)
            found = [
                zip(repeat(id_ << DOCUMENT), postings.positions[begin : begin + count], strict=False)
                for id_, begin, count in spans
                if id_ is not None
            ]
            places = array("Q", [base | position for base, position in chain.from_iterable(found)])
            if places:
                table = {WORD: buffer.words, PAGE: buffer.pages}[kind][field]
                table.setdefault(term, array("Q")).extend(places)
                buffer.held += len(places) if kind == WORD else 0
        if kind == VALUE:
            buffer.values[field] = {term: row for term, row in buffer.values[field].items() if row}
