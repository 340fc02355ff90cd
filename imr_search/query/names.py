"""The names that may stand before a colon."""

from __future__ import annotations

from imr_search.fields import Field, table


def field_called(name: str) -> Field | None:
    """The field of that query name; hidden ones cannot be asked. `missing:` is not a row of the table (it is `has:` turned round)."""
    found = table().get(name)
    return None if found is None or found.hidden else found


def field_names() -> list[str]:
    """All names that may stand before a colon."""
    return [*(name for name, row in table().by_name.items() if not row.hidden), "missing"]
