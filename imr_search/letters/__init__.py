"""Letters in: files found (`discovery`), bytes to text (`decoding`), text to letters with their items and facts (`parse`)."""

from __future__ import annotations

from typing import Final

# Changed whenever the same bytes would give other items: the next build then reads every letter again.
PARSER_VERSION: Final = "6"
