"""Two letters of one case: which of them speaks."""

from __future__ import annotations

from imr_search.model import Letter


def better(a: Letter, b: Letter) -> Letter:
    """The newest decision, then more items, fewer warnings, PDF before text, then the path that sorts first."""
    return min(a, b, key=rank)


def rank(letter: Letter) -> tuple[int, int, int, bool, str, str]:
    """The smallest speaks. Plain values, so that a ledger can keep them."""
    decided = -int(letter.decided.replace("-", "")) if letter.decided else 0
    warnings = len({*letter.warnings, *(warning for item in letter.items for warning in item.warnings)})
    return (
        decided,
        -len(letter.items),
        warnings,
        not letter.file.lower().endswith(".pdf"),
        letter.file,
        letter.sha256,
    )
