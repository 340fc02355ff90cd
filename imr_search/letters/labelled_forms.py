"""Letters from late 2013 on: items as a title with its outcome, then labelled paragraphs, put together by label.

Generation 2 numbers its items, its verdicts are sentences, and its labels are the first words of sentences. Generations 3a, 3b, 4 and 5 have
three labels an item, and the outcome at the end of its title.
"""

from __future__ import annotations

import re
from bisect import bisect, bisect_left
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

import msgspec

from imr_search.letters.canonical import LOST_PAGE, followed, last_of, unwrap
from imr_search.letters.front_matter import (
    DECISIONS,
    ISSUES,
    before_closing,
    doubtful_attachment,
    find_frame,
    read_front,
)
from imr_search.letters.items import (
    UNDECIDED,
    ParsedItem,
    ParsedLetter,
    breaks_off,
    count_verdict,
    disputed_part,
    find_outcome,
    lowered,
    title_start,
    verdict_at_end,
)
from imr_search.letters.warnings import warning
from imr_search.model import ParseWarning

_BEFORE: Final = "before the decisions"
CA: Final = "ca"
REVIEWER: Final = "reviewer"
RATIONALE: Final = "rationale"

_LONGEST_GUIDELINE: Final = 4_000

# The end of a paragraph that names an item and says that it was not decided, with no block below it.
_UNDECIDED_END: Final = re.compile(
    rf"[:\u2013\u2014-][ \n]{{0,2}}(?P<word>{UNDECIDED})\.?(?=\n\n|\n\f|\Z)", re.IGNORECASE
)
# How it begins, in small letters.
_UNDECIDED_AHEAD: Final = (
    re.compile(rf":[ \n]{{0,2}}{UNDECIDED}"),
    re.compile(rf"-(?<=\s-)[ \n]{{0,2}}{UNDECIDED}"),
)
_LONGEST_UNDECIDED: Final = 1_000
_LINES_OF_A_TITLE: Final = 5
# (outcome, offset where the title ends, sure) that the text ends in, or None; of the text, and whether only a sure one is asked for.
OutcomeFinder = Callable[[str, bool], tuple[str, int, bool] | None]
_Head = tuple[int, str]  # where a label may begin, and its name
_Label = tuple[int, int, str]  # [start, end) of it, and its name
# (offset where the title that ends the text begins, sure).
TitleFinder = Callable[[str], tuple[int, bool]]


class Labels(msgspec.Struct, frozen=True):
    """How one family marks its items.

    `head`, `label` and `any_case` have a pattern for each of ca, reviewer and rationale. What the other two find begins where `head`, which
    is asked of small letters, finds something.
    `in_sentences`: the guidelines' labels are the first words of a sentence, so that they stay in the text and may also occur
    in a rationale.
    `reach`: how far before a label its outcome may begin, in characters.
    `far_outcome`: a paragraph that ends in an outcome.
    `is_foreign` tells of what no prose of the family holds unless a heading was lost.
    `one_first_title`: all that stands before the first item's outcome is its title.
    `numbering`: what stands before a title and is none of it.
    """

    head: Mapping[str, re.Pattern[str]]
    label: Mapping[str, re.Pattern[str]]
    any_case: Mapping[str, re.Pattern[str]]
    in_sentences: bool
    reach: int
    find_outcome: OutcomeFinder
    far_outcome: re.Pattern[str]
    title_start: TitleFinder
    is_foreign: Callable[[str], bool]
    one_first_title: bool
    numbering: re.Pattern[str] | None = None


class _Group(msgspec.Struct):
    """One item's labels: [start, title_end) of its title, [start, end) of each label.

    `text_start` is where its text begins when its first label was lost, else None.
    """

    title_end: int
    outcome: str
    warnings: list[ParseWarning]
    spans: dict[str, tuple[int, int]] = msgspec.field(default_factory=dict)
    start: int = 0
    text_start: int | None = None
    end: int = 0  # where its text cannot begin earlier, for a group without labels
    torn: bool = False  # a page was lost before it, and its title with it


class _Items(msgspec.Struct, frozen=True):
    """The items, where the first one's title begins (the text's end when there is none), and [start, end) of the labels that gave them, in order."""

    items: tuple[ParsedItem, ...]
    start: int
    labels: tuple[tuple[int, int], ...] = ()


def find_heads(small: str, labels: Labels) -> list[_Head]:
    """Where labels may begin in a text as `lowered`, in order. A pattern that begins with a letter or sign of its own is searched fast."""
    return sorted((found.start(), name) for name, head in labels.head.items() for found in head.finditer(small))


def read_items(
    text: str, small: str, body_at: int, labels: Labels, heads: list[_Head], signs: Sequence[int] | None = None
) -> _Items:
    """The items from `body_at` on. `small`: the text as `lowered`. `signs`: the offsets, in order, of one character at least of all that
    `is_foreign` may find; None: they are not known."""
    heads = heads[bisect_left(heads, (body_at,)) :]
    found, groups = _groups(text, small, body_at, labels, heads)
    if not groups:
        return _Items((), len(text))
    _place_titles(text, body_at, groups, labels)
    items = tuple(_draft(text, group, following, labels, signs) for group, following in followed(groups))
    return _Items(items, groups[0].start, tuple((start, end) for start, end, _ in found))


def _groups(
    text: str, small: str, body_at: int, labels: Labels, heads: list[_Head]
) -> tuple[list[_Label], list[_Group]]:
    """All labels, and the same put together item by item.

    A label begins a new item when an outcome stands right before it, or when the item before is complete and either the
    label cannot be prose or an outcome stands further up. Any other label that comes twice is text (or damage), and the item
    that swallows it is doubted.
    """
    found = _labels(text, heads, labels.label)
    whole = labels.in_sentences or _is_whole(found)
    if not (found and whole) or (len(found) < len(heads) and not labels.in_sentences):
        loose = _labels(text, heads, labels.any_case)
        if not (found and whole) or _is_whole(loose):
            found = loose
        if all(name == RATIONALE for _, _, name in found):
            return found, []  # the words of another form's label
    groups: list[_Group] = []
    current: _Group | None = None
    undecided = deque(_undecided_paragraphs(text, small, body_at))
    pages_lost = LOST_PAGE in text
    lower = body_at
    for start, end, name in found:
        while undecided and undecided[0].end <= start:
            one = undecided.popleft()
            if text[one.end : start].strip("\n\f "):  # else the label is its own
                groups.append(one)
                current, lower = None, one.end
        tail_at = max(lower, start - labels.reach)
        begins = current is None or RATIONALE in current.spans
        outcome = labels.find_outcome(text[tail_at:start], not begins)
        new = None
        lost = pages_lost and LOST_PAGE in text[lower:start]
        if lost and not outcome:
            at = text.index(LOST_PAGE, lower)
            page_at = max(lower, at - labels.reach)
            named = labels.find_outcome(text[page_at:at].rstrip("\n\f "), True)
            if named is not None and named[2]:  # an item's title, and what stands behind the lost page is another's
                groups.append(_Group(page_at + named[1], named[0], [warning("W17")], end=at))
            lost = current is not None or len(groups) > 0
        if outcome and (outcome[2] or begins):
            sure = outcome[2] and outcome[0]
            new = _Group(tail_at + outcome[1], outcome[0], [] if sure else [warning("W01")])
        elif lost:
            new = _Group(start, "", [warning("W01")], torn=True)
        elif begins:
            new = _far_group(text, lower, start, labels)
            if new is None and (current is None or (name != RATIONALE and not labels.in_sentences)):
                new = _Group(start, "", [warning("W01")])
        if new is not None:
            groups.append(new)
            current = new
        assert current is not None
        if name in current.spans:
            current.warnings.append(warning("W13", unwrap(text[start:end])))
        else:
            current.spans[name] = start, end
        lower = end
    return found, [*groups, *undecided] if groups else []


def _undecided_paragraphs(text: str, small: str, body_at: int) -> Iterator[_Group]:
    """Items that are named and were not decided: "MRI: Withdrawn" with nothing below."""
    longer_dash = not text.isascii() and ("\u2013" in text or "\u2014" in text)
    if not longer_dash and not any(ahead.search(small, body_at) for ahead in _UNDECIDED_AHEAD):
        return
    for found in _UNDECIDED_END.finditer(text, body_at):
        floor = max(body_at, found.start() - _LONGEST_UNDECIDED)
        gaps = (text.rfind("\n\n", floor, found.start()) + 2, text.rfind("\n\f\n", floor, found.start()) + 3)
        title = text[max(gaps) : found.start()]
        dash_in_a_word = found.group()[0] != ":" and not title[-1:].isspace()
        if max(gaps) > 3 and title.strip() and title.count("\n") < _LINES_OF_A_TITLE and not dash_in_a_word:
            end = len(text[: found.start()].rstrip()) if found.group()[0] != ":" else found.start()
            yield _Group(end, "", [warning("W01", found["word"].split()[0].lower())], end=found.end())


def _labels(text: str, heads: list[_Head], patterns: Mapping[str, re.Pattern[str]]) -> list[_Label]:
    """All labels in the order of the text."""
    return [(*label.span(), name) for at, name in heads if (label := patterns[name].match(text, at))]


def _is_whole(found: list[_Label]) -> bool:
    """Whether every label comes as often as the others: else one of them may be printed in another way."""
    names = [name for _, _, name in found]
    return names.count(CA) == names.count(REVIEWER) == names.count(RATIONALE)


def _far_group(text: str, lower: int, end: int, labels: Labels) -> _Group | None:
    """An item whose first label was lost: its title is the last paragraph since `lower` that ends in an outcome."""
    window_at = max(lower, end - _LONGEST_GUIDELINE)
    window = text[window_at:end]
    far = last_of(labels.far_outcome, window)
    outcome = labels.find_outcome(window[: far.end()], False) if far else None
    if far is None or outcome is None:
        return None
    return _Group(window_at + outcome[1], outcome[0], [warning("W13", "title")], text_start=window_at + far.end())


def _place_titles(text: str, body_at: int, groups: list[_Group], labels: Labels) -> None:
    lower = body_at
    for n, group in enumerate(groups):
        if group.torn:
            group.start = group.title_end
            group.warnings.append(warning("W02"))
            lower = max(end for _, end in group.spans.values())
            continue
        before = text[lower : group.title_end].rstrip("\n\f ")
        body = before.lstrip("\n\f ")
        if n == 0 and labels.one_first_title and body and "\n\n" not in body and len(body) < 1_500:
            start, sure = len(before) - len(body), True
        else:
            start, sure = labels.title_start(before)
            sure = sure and (n > 0 or not labels.one_first_title)
        group.start = lower + start
        if not (sure and group.outcome and body):
            group.warnings.append(warning("W02"))
        lower = max((end for _, end in group.spans.values()), default=group.end)


def _draft(
    text: str, group: _Group, following: _Group | None, labels: Labels, signs: Sequence[int] | None
) -> ParsedItem:
    end = following.start if following else len(text)
    warnings = list(group.warnings)
    spans = list(group.spans.items())  # in the order of the text
    parts = {CA: "", REVIEWER: "", RATIONALE: ""}
    rationale_has_signs = False
    for (name, (label_at, at)), after in followed(spans):
        stop = after[1][0] if after else end
        part = text[label_at if labels.in_sentences and name != RATIONALE else at : stop]
        if LOST_PAGE in part:  # what follows it may be another item's
            part = part[: part.index(LOST_PAGE)]
            warnings.append(warning("W17"))
        parts[name] = part
        has_signs = signs is None or bisect_left(signs, at) < bisect_left(signs, stop)
        if name == RATIONALE:
            rationale_has_signs = has_signs
        elif stop - at > _LONGEST_GUIDELINE or (has_signs and labels.is_foreign(text[at:stop])):
            warnings.append(warning("W13", "guideline"))
    if group.text_start is not None and CA not in group.spans:
        parts[CA] = text[group.text_start : spans[0][1][0]]
    if following is None and spans:
        last = spans[-1][0]
        if last == RATIONALE and (heading := doubtful_attachment(parts[last])):
            warnings.append(warning("W26", heading))
        parts[last] = before_closing(parts[last])
    for code, name in (("W03", CA), ("W04", REVIEWER), ("W05", RATIONALE)):
        if name not in group.spans or not parts[name] or parts[name].isspace():
            warnings.append(warning(code))
    if breaks_off(parts[RATIONALE]):
        warnings.append(warning("W19"))
    if rationale_has_signs and labels.is_foreign(parts[RATIONALE]):
        warnings.append(warning("W13", "rationale"))
    title = unwrap(text[group.start : group.title_end])
    if labels.numbering:
        title = labels.numbering.sub("", title)
    if title.endswith(" is"):
        title = title[:-3].rstrip()
    treatment, marked = disputed_part(title)
    if not marked:
        warnings.append(warning("W16"))
    return ParsedItem(
        title=title,
        treatment=treatment,
        outcome=group.outcome,
        ca_guideline=unwrap(parts[CA]),
        guideline=unwrap(parts[REVIEWER]),
        rationale=unwrap(parts[RATIONALE]),
        at=group.start,
        warnings=tuple(dict.fromkeys(warnings)),
    )


_SENTENCES: Final = {
    "ca": r"The\s+Claims\s+Administrator\s+(?:based\s+(?:its|their|his|her|the)|did\s+not\s+(?:base|cite)|cited|used)\b",
    "reviewer": r"The\s+(?:Physician|Expert|Professional)\s+Reviewer\s+"
    r"(?:based\s+(?:his|her|their|its|the)|did\s+not\s+(?:base|cite)|cited|used|found)\b",
    "rationale": r"The\s+(?:Physician|Expert|Professional)\s+Reviewer[’'?]?s?\s+decision\s+rationale\s*:?",
}
# Another numbered verdict in a paragraph of its own, or one of the form's headings, where only prose should stand.
_FOREIGN_2: Final = re.compile(
    r"(?:\n\n|\n\f\n)\d{1,2}[.)]\s(?:[^.\n]|\.\d|\n(?!\n)){3,400}\b(?:is|are)\s+(?:not\s*)?medically\s*necessary\s+and\s+appropriate"
    r"\.?\s*(?=\n\n|\n\f|\Z)|IMR\s+DECISION\(S\)|HOW\s+THE\s+IMR\s+FINAL|CLINICAL\s+CASE\s+SUMMARY|"
    r"Reviewer[’'?]?s?\s+decision\s+rationale|Reviewer\s+based\s+his/her"
)
_NUMBER: Final = re.compile(r"^(\d{1,2})[.)][ \n]+(?=\S)", re.MULTILINE)
# Some letters have the next generation's heading over this one's items.
_MARK: Final = re.compile(
    r"IMR\s+DECISION\(S\)\s+AND\s+RATIONALE\(S\)|The\s+Physician\s+Reviewer\s+based\s+his/her\s+decision"
)
_COVER: Final = re.compile(
    r"Final\s+Determination\s*:\s*(PARTIAL(?:LY)?\s+OVERTURN|UPHOLD|OVERTURN|UPHELD)", re.IGNORECASE
)
_LONGEST_NUMBERED_TITLE: Final = 1_500


def _is_foreign_2(text: str) -> bool:
    return _FOREIGN_2.search(text) is not None


def _numbered_title_start(text: str) -> tuple[int, bool]:
    """After the last number that begins a line; a number inside a rationale's list is followed by a gap, a title's is not."""
    numbers = list(_NUMBER.finditer(text, max(0, len(text) - _LONGEST_NUMBERED_TITLE)))
    if not numbers:
        start, _ = title_start(text)
        return start, False
    last = numbers[-1]
    return last.start(), "\n\n" not in text[last.end() :]


_REVIEWER_HEAD: Final = re.compile(r"the\s+(?:physician|expert|professional)\s+reviewer")
GENERATION_2: Final = Labels(
    head={
        CA: re.compile(r"the\s+claims\s+administrator"),
        REVIEWER: _REVIEWER_HEAD,
        RATIONALE: _REVIEWER_HEAD,
    },
    label={name: re.compile(label) for name, label in _SENTENCES.items()},
    any_case={name: re.compile(label, re.IGNORECASE) for name, label in _SENTENCES.items()},
    in_sentences=True,
    reach=300,
    find_outcome=verdict_at_end,
    far_outcome=re.compile(
        r"(?:\n\n|\n\f\n)\d{1,2}[.)]\s(?:[^.\n]|\.\d|\n(?!\n)){3,400}\b(?:is|are)\s+(?:not\s*)?medically\s*necessary\s+and\s+"
        r"appropriate\.?[ ]*(?=\n\n|\n\f)"
    ),
    title_start=_numbered_title_start,
    is_foreign=_is_foreign_2,
    one_first_title=False,
    numbering=re.compile(r"\A\d{1,2}[.)]\s+"),
)


def is_generation_2(text: str) -> bool:
    return ("DECISION(S)" in text or "Physician" in text) and _MARK.search(text) is not None


def read_generation_2(text: str, decided: str | None) -> ParsedLetter:
    """One letter's canonical text as printed parts. Items may be none; nothing is raised."""
    frame = find_frame(text, DECISIONS, ISSUES)
    small = lowered(text)
    found = read_items(text, small, frame.body, GENERATION_2, find_heads(small, GENERATION_2))
    items = found.items
    summary, reviewer, warnings = read_front(text, frame, found.start)
    if GENERATION_2.label[RATIONALE].search(text, 0, frame.body):
        warnings = (*warnings, warning("W13", _BEFORE))
    cover = _COVER.search(text[: frame.body])
    if cover and items and not count_verdict(cover.group(1), [item.outcome for item in items]):
        warnings = (*warnings, warning("W11", "the cover's Final Determination"))
    return ParsedLetter("2", summary, reviewer.specialty, reviewer.licensed, items, warnings)


_LABEL_WORDS: Final = {
    "ca": r"Claims\s+Administrator\s+guidelines?\s*:",
    "reviewer": r"MAXIMUS\s+guidelines?\s*:",
    "rationale": r"Decision\s+rationale\s*:",
}
# The same, however they are printed.
_BEHIND_LABEL: Final = r"\s*(?:[:;]|[-\u2013\u2014](?=\s)|(?=\s+Decision\s+based\b))"
_LOOSE_LABELS: Final = {
    "ca": rf"Claims?\s*Administrator(?:['\u2019?]?s['\u2019]?)?\s*guidelines?{_BEHIND_LABEL}",
    "reviewer": rf"MAXIMUS(?:['\u2019?]?s?)?\s*guidelines?{_BEHIND_LABEL}",
    "rationale": r"Decision\s*rationale\s*(?:[:;]|[-\u2013\u2014](?=\s))|(?<=\n)Decision\s+rationale(?=\s+(?-i:[A-Z]))",
}
# A title of its own with an outcome, or one of the form's headings, where only prose should stand. Each begins with a letter or a line's end of
# its own, so that a search passes over the rest quickly.
_FOREIGN_3: Final = re.compile(
    r"\n(?:\n|\f\n)[^\n]{1,300}:[ \n]*(?:Partially\s+)?(?:Upheld|Overturned|Modified)[ .]*(?=\n\n|\n\f|\Z)|"
    r"IMR\s+ISSUES,\s+DECISIONS|HOW\s+THE\s+IMR\s+FINAL|CLINICAL\s+CASE\s+SUMMARY|MAXIMUS\s+guidelines?\b|Administrator\s+guidelines?\b|"
    r"Decision\s+rationale\b|set\s+forth\s+below:|\)\s*/\s*Specialty\s*:|of\s+Licensure\s*:",
)


# What is in all that _FOREIGN_3 finds, where no label's head is.
_SIGNS: Final = (
    re.compile(r"Administrator\s+guideline"),
    re.compile(r"IMR\s+(?:ISSUES|FINAL)"),
    re.compile(r"CLINICAL\s+CASE"),
    re.compile(r":(?:[ \n]*(?:Partially\s+)?(?:Upheld|Overturned|Modified)|(?<=[wy\s]:)|(?<=re:))"),
)


def _is_foreign_3(text: str) -> bool:
    return _FOREIGN_3.search(text) is not None


GENERATION_3: Final = Labels(
    head={
        CA: re.compile(r"claims?\s*administrator\S{0,3}\s*guideline"),
        REVIEWER: re.compile(r"maximus\S{0,3}\s*guideline"),
        RATIONALE: re.compile(r"decision\s*rationale"),
    },
    label={name: re.compile(label) for name, label in _LABEL_WORDS.items()},
    any_case={name: re.compile(label, re.IGNORECASE) for name, label in _LOOSE_LABELS.items()},
    in_sentences=False,
    reach=200,
    find_outcome=find_outcome,
    far_outcome=re.compile(r":[ \n]*(?:Partially\s+)?(?:Upheld|Overturned|Modified)[ .]*(?=\n\n|\n\f)", re.IGNORECASE),
    title_start=title_start,
    is_foreign=_is_foreign_3,
    one_first_title=True,
)
# "MTUS Low Back Complaints 2004, Section(s): ..." came with the MTUS of late 2016, the ACOEM-based one a year later.
_YEAR_OF_MTUS: Final = re.compile(
    r"MTUS(?<![Nn]on-MTUS)(?<![Nn]on\sMTUS)(?<![Nn]on\s-MTUS)(?<![Nn]on-\sMTUS)\s+(?!Citation)[A-Z][^.;:]{2,90}?\s(20\d\d)(?=[.,;]|\s+and\b|\s*\Z)"
)


def is_generation_3(text: str) -> bool:
    return any(label.search(text) for label in GENERATION_3.label.values()) or ISSUES.find(text) is not None


def read_generation_3(text: str, decided: str | None) -> ParsedLetter:
    """One letter's canonical text as printed parts. Items may be none; nothing is raised."""
    frame = find_frame(text, ISSUES)
    small = lowered(text)
    heads = find_heads(small, GENERATION_3)
    signs = [sign.start() for pattern in _SIGNS for sign in pattern.finditer(text, frame.body)]
    signs = sorted(signs + [at for at, _ in heads])
    found = read_items(text, small, frame.body, GENERATION_3, heads, signs)
    summary, reviewer, warnings = read_front(text, frame, found.start)
    if len(heads) != len(found.labels):
        warnings += _unread_labels(small, frame.body, found.labels)
    generation = _generation(found.items, reviewer.tabled, decided)
    return ParsedLetter(generation, summary, reviewer.specialty, reviewer.licensed, found.items, warnings)


# A label in small letters, whatever capitals it is printed in; of a guideline's its end, and then what stands before that.
_SMALL_RATIONALE: Final = re.compile(r"decision\s+rationale\s*[:;]")
_SMALL_GUIDELINE: Final = re.compile(r"guidelines?\s*[:;]")
_WHOSE_GUIDELINE: Final = re.compile(r"(?:claims?\s+administrator|maximus)\S{0,3}\s+\Z")
_WHOSE_REACH: Final = 40


def _unread_labels(small: str, body_at: int, read: Sequence[tuple[int, int]]) -> tuple[ParseWarning, ...]:
    """A doubt when a label stands in the letter that gave no item its text: an item may lie there, or what it heads stands in another's text."""
    printed = [found.start() for found in _SMALL_RATIONALE.finditer(small)]
    printed += [
        found.start()
        for found in _SMALL_GUIDELINE.finditer(small)
        if _WHOSE_GUIDELINE.search(small, max(0, found.start() - _WHOSE_REACH), found.start())
    ]
    ends = [end for _, end in read]
    unread = [at for at in printed if (n := bisect(ends, at)) == len(read) or at < read[n][0]]
    if not unread:
        return ()
    return (warning("W13", _BEFORE if min(unread) < body_at else "among the decisions"),)


def _generation(items: tuple[ParsedItem, ...], tabled: bool, decided: str | None) -> str:
    """3a to 5, by what the guidelines cite and, where nothing is cited, by the decision's date."""
    if decided and decided >= "2018":
        return "5"
    if decided and decided >= "2016-12" and tabled:
        return "4"
    cited = " ".join([f"{item.guideline} {item.ca_guideline}" for item in items])
    years = {found[1] for found in _YEAR_OF_MTUS.finditer(cited)}
    if not decided and max(years, default="") >= "2017":
        return "5"
    if "Section(s):" in cited or (years and "Page(s)" not in cited):
        return "4"
    return "3b" if tabled else "3a"
