"""The step that generations 2 to 5 share: items as a title with its outcome, then labelled paragraphs, put together by label."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from imr_search.letters import headings
from imr_search.letters.doubts import doubt
from imr_search.letters.drafts import Draft
from imr_search.letters.text import followed, last_of, unwrap
from imr_search.letters.titles import disputed_part
from imr_search.model import Doubt

CA: Final = "ca"
REVIEWER: Final = "reviewer"
RATIONALE: Final = "rationale"

_LONGEST_GUIDELINE: Final = 4_000

# (outcome, offset where the title ends, sure) that the text ends in, or None.
OutcomeFinder = Callable[[str], tuple[str, int, bool] | None]
# (offset where the title that ends the text begins, sure).
TitleFinder = Callable[[str], tuple[int, bool]]


class Labels(msgspec.Struct, frozen=True):
    """How one family marks its items.

    `label` and `any_case` have a pattern for each of ca, reviewer and rationale.
    `spoken`: the guidelines' labels are the first words of a sentence, so that they stay in the text and may also occur
    in a rationale.
    `reach`: how far before a label its outcome may begin, in characters.
    `far_outcome`: a paragraph that ends in an outcome.
    `alien` tells of what no prose of the family holds unless a heading was lost.
    `one_first_title`: all that stands before the first item's outcome is its title.
    `numbering`: what stands before a title and is none of it.
    """

    label: Mapping[str, re.Pattern[str]]
    any_case: Mapping[str, re.Pattern[str]]
    spoken: bool
    reach: int
    find_outcome: OutcomeFinder
    far_outcome: re.Pattern[str]
    title_start: TitleFinder
    alien: Callable[[str], bool]
    one_first_title: bool
    numbering: re.Pattern[str] | None = None


class _Group(msgspec.Struct):
    """One item's labels: [start, title_end) of its title, [start, end) of each label.

    `loose` is where its text begins when its first label was lost, else None.
    """

    title_end: int
    outcome: str
    doubts: list[Doubt]
    spans: dict[str, tuple[int, int]] = msgspec.field(default_factory=dict)
    start: int = 0
    loose: int | None = None


def read_items(text: str, body_at: int, labels: Labels) -> tuple[tuple[Draft, ...], int]:
    """The items from `body_at` on, and where the first one's title begins (the text's end when there is none)."""
    groups = _groups(text, body_at, labels)
    if not groups:
        return (), len(text)
    _place_titles(text, body_at, groups, labels)
    pairs = followed(groups)
    return tuple(_draft(text, group, following, labels) for group, following in pairs), groups[0].start


def strays(text: str, body_at: int, labels: Labels) -> tuple[Doubt, ...]:
    """A doubt when a label that cannot be prose stands before the items: some of them may lie there."""
    firm = (pattern for name, pattern in labels.label.items() if name == RATIONALE or not labels.spoken)
    return (doubt("W13", "before the decisions"),) if any(pattern.search(text, 0, body_at) for pattern in firm) else ()


def _groups(text: str, body_at: int, labels: Labels) -> list[_Group]:
    """Labels put together item by item.

    A label begins a new item when an outcome stands right before it, or when the item before is complete and either the
    label cannot be prose or an outcome stands further up. Any other label that comes twice is text (or damage), and the item
    that swallows it is doubted.
    """
    found = _all_labels(text, body_at, labels.label)
    if not found:
        found = _all_labels(text, body_at, labels.any_case)
        if all(name == RATIONALE for name, _ in found):
            return []  # the words of another form's label
    groups: list[_Group] = []
    current: _Group | None = None
    floor = body_at
    for name, label in found:
        tail_at = max(floor, label.start() - labels.reach)
        outcome = labels.find_outcome(text[tail_at : label.start()])
        complete = current is not None and RATIONALE in current.spans
        new = None
        if outcome and (outcome[2] or complete or current is None):
            new = _Group(tail_at + outcome[1], outcome[0], [] if outcome[2] else [doubt("W01")])
        elif current is None or complete:
            new = _far_group(text, floor, label.start(), labels)
            if new is None and (current is None or (name != RATIONALE and not labels.spoken)):
                new = _Group(label.start(), "", [doubt("W01")])
        if new is not None:
            groups.append(new)
            current = new
        assert current is not None
        if name in current.spans:
            current.doubts.append(doubt("W13", unwrap(label.group(0))))
        else:
            current.spans[name] = label.span()
        floor = label.end()
    return groups


def _all_labels(text: str, start: int, patterns: Mapping[str, re.Pattern[str]]) -> list[tuple[str, re.Match[str]]]:
    """All labels in the order of the text. One pattern for each: a pattern that begins with a letter is searched fast."""
    found = [(name, label) for name, pattern in patterns.items() for label in pattern.finditer(text, start)]
    return sorted(found, key=lambda entry: entry[1].start())


def _far_group(text: str, floor: int, end: int, labels: Labels) -> _Group | None:
    """An item whose first label was lost: its title is the last paragraph since `floor` that ends in an outcome."""
    window_at = max(floor, end - _LONGEST_GUIDELINE)
    window = text[window_at:end]
    far = last_of(labels.far_outcome, window)
    outcome = labels.find_outcome(window[: far.end()]) if far else None
    if far is None or outcome is None:
        return None
    return _Group(window_at + outcome[1], outcome[0], [doubt("W13", "title")], loose=window_at + far.end())


def _place_titles(text: str, body_at: int, groups: list[_Group], labels: Labels) -> None:
    floor = body_at
    for n, group in enumerate(groups):
        before = text[floor : group.title_end].rstrip("\n\f ")
        body = before.lstrip("\n\f ")
        if n == 0 and labels.one_first_title and body and "\n\n" not in body and len(body) < 1_500:
            start, sure = len(before) - len(body), True
        else:
            start, sure = labels.title_start(before)
            sure = sure and (n > 0 or not labels.one_first_title)
        group.start = floor + start
        if not (sure and group.outcome and body):
            group.doubts.append(doubt("W02"))
        floor = max(end for _, end in group.spans.values())


def _draft(text: str, group: _Group, following: _Group | None, labels: Labels) -> Draft:
    end = following.start if following else len(text)
    doubts = list(group.doubts)
    spans = sorted(group.spans.items(), key=lambda entry: entry[1])
    parts = {CA: "", REVIEWER: "", RATIONALE: ""}
    for (name, span), after in followed(spans):
        stop = after[1][0] if after else end
        parts[name] = text[span[0] if labels.spoken and name != RATIONALE else span[1] : stop]
        if name != RATIONALE and (labels.alien(text[span[1] : stop]) or stop - span[1] > _LONGEST_GUIDELINE):
            doubts.append(doubt("W13", "guideline"))
    if group.loose is not None and CA not in group.spans:
        parts[CA] = text[group.loose : spans[0][1][0]]
    if following is None:
        last = spans[-1][0]
        parts[last] = headings.before_closing(parts[last])
    for code, name in (("W03", CA), ("W04", REVIEWER), ("W05", RATIONALE)):
        if name not in group.spans or not parts[name].strip():
            doubts.append(doubt(code))
    if labels.alien(parts[RATIONALE]):
        doubts.append(doubt("W13", "rationale"))
    title = unwrap(text[group.start : group.title_end])
    if labels.numbering:
        title = labels.numbering.sub("", title)
    if title.endswith(" is"):
        title = title[:-3].rstrip()
    treatment, marked = disputed_part(title)
    if not marked:
        doubts.append(doubt("W16"))
    return Draft(
        title=title,
        treatment=treatment,
        outcome=group.outcome,
        ca_guideline=unwrap(parts[CA]),
        guideline=unwrap(parts[REVIEWER]),
        rationale=unwrap(parts[RATIONALE]),
        doubts=tuple(dict.fromkeys(doubts)),
    )
