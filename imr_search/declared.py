"""index/fields.toml and index/vocabulary.toml as a search needs them, ready in index/declared.json: parsing them took longer than most searches.

python -m imr_search.declared > index/declared.json      # after a change to either; a test fails until then
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from imr_search import assets

FILE = "index/declared.json"


@cache
def declared() -> Any:
    """`fields`: the table as TOML gives it. `vocabulary`: the digest of the file. `names`: by the normal form of a name, where in `lists` all
    names of what it names stand. `guarded`: by normal form, what an ambiguous word may mean."""
    return json.loads(assets.text(FILE))


def made() -> dict[str, Any]:
    """The same from the sources."""
    import tomllib

    from imr_search import vocabulary

    names = vocabulary.all_synonyms()
    lists = list(dict.fromkeys(names.values()))
    return {
        "fields": tomllib.loads(assets.text("index/fields.toml")),
        "vocabulary": vocabulary.digest_of(assets.path(vocabulary.FILE).read_bytes()),
        "lists": lists,
        "names": {name: lists.index(row) for name, row in names.items()},
        "guarded": {key: guard.means for key, guard in vocabulary.guards().items()},
    }


def main() -> None:
    import sys

    found = made()
    rows = ",\n".join(
        f'"{key}":{json.dumps(value, ensure_ascii=False, separators=(",", ":"))}' for key, value in found.items()
    )
    sys.stdout.write(f"{{{rows}}}\n")


if __name__ == "__main__":
    main()
