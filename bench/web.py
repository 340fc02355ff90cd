"""What the page adds to what the library takes, and ten people at once: imr-web as its own process, asked over loopback.

    python bench/web.py INDEX                    # an index that is there
    python bench/web.py --letters 50000 --out F  # made-up letters (bench/corpus.py), about two items each, indexed in F

For each query: the library's own time for the answer in this process, the time until the page's first part has come (the answer), and until all of it
has (with every facet). A machine that does other work too shows in all of them: read the differences.
"""

from __future__ import annotations

import argparse
import http.client
import re
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from imr_search.searching.library import Library

QUERIES = (
    "treatment:acupuncture outcome:overturned",
    "functional improvement",
    'rationale:"medically necessary"',
    "drug:hydrocodone/acetaminophen qty:>=60",
    "pain",
    "* | rate by category",
)
ROUNDS = 7
PEOPLE = 10
COMMAND = "import sys; sys.argv[0] = 'imr-web'; from imr_search.web.server import web_command; web_command()"


class Asked:
    """One person's connection to the page."""

    def __init__(self, port: int, token: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self._token = token
        self._cookie = ""
        self.get("", {})

    def get(self, path: str, parameters: dict[str, str]) -> tuple[float, float, int]:
        """Seconds until the first part and until the last, and how many bytes came."""
        began = time.perf_counter()
        headers = {"Cookie": self._cookie} if self._cookie else {"Sec-Fetch-Site": "none"}
        self._connection.request("GET", f"/{self._token}/{path}?{urlencode(parameters)}", headers=headers)
        answer = self._connection.getresponse()
        if answer.status != 200:
            raise SystemExit(f"{path} {parameters}: {answer.status}")
        size = len(answer.read1(1 << 20))
        first = time.perf_counter() - began
        size += len(answer.read())
        self._cookie = self._cookie or (answer.getheader("Set-Cookie") or "").partition(";")[0]
        return first, time.perf_counter() - began, size


def median(act: Callable[[], float]) -> float:
    return 1000 * statistics.median(act() for _ in range(ROUNDS))


def timed(library: Library, query: str) -> float:
    began = time.perf_counter()
    page = library.search(query)
    list(page.hits)
    return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("index", nargs="?", type=Path)
    parser.add_argument("--letters", type=int, default=50_000)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    index = given.index
    if index is None:
        if given.out is None:
            parser.error("name an index, or --out")
        index = given.out / "index"
        corpus = [
            sys.executable,
            str(Path(__file__).with_name("corpus.py")),
            str(given.letters),
            "--out",
            str(given.out / "letters"),
        ]
        subprocess.run(corpus, check=True)
        build = "from imr_search.indexing import build; import sys; build([sys.argv[1]], sys.argv[2])"
        subprocess.run([sys.executable, "-c", build, str(given.out / "letters"), str(index)], check=True)
    server = subprocess.Popen(
        [sys.executable, "-c", COMMAND, "--no-open", "--index", str(index)], stdout=subprocess.PIPE, text=True
    )
    assert server.stdout is not None
    try:
        found = re.search(r"http://127\.0\.0\.1:(\d+)/([\w-]+)/", server.stdout.readline())
        assert found is not None
        port, token = int(found[1]), found[2]
        with Library.open(index) as library:
            facts = library.facts
            print(f"{facts.items:,} items in {facts.letters:,} letters, {facts.engine}; median of {ROUNDS}, ms\n")
            print("| query | library | first part | beyond | whole page | KB |")
            print("|---|---:|---:|---:|---:|---:|")
            one = Asked(port, token)
            for query in QUERIES:
                one.get("search", {"q": query})
                timed(library, query)
                own = median(lambda query=query: timed(library, query))  # type: ignore[misc]
                rounds = [one.get("search", {"q": query}) for _ in range(ROUNDS)]
                first, whole = (
                    1000 * statistics.median(values) for values in ([r[0] for r in rounds], [r[1] for r in rounds])
                )
                print(
                    f"| `{query}` | {own:.1f} | {first:.1f} | {first - own:.1f} | {whole:.1f} | {rounds[0][2] / 1024:.0f} |"
                )
        many(port, token)
    finally:
        server.terminate()
        server.wait(10)


def many(port: int, token: str) -> None:
    """Ten people, each with a query of their own after the other, all at once."""
    times: list[float] = []

    def work(number: int) -> None:
        mine = Asked(port, token)
        for k in range(ROUNDS):
            times.append(mine.get("search", {"q": QUERIES[(number + k) % len(QUERIES)]})[1])

    people = [threading.Thread(target=work, args=(number,)) for number in range(PEOPLE)]
    began = time.perf_counter()
    for person in people:
        person.start()
    for person in people:
        person.join()
    took = time.perf_counter() - began
    times.sort()
    print(
        f"\n{PEOPLE} people at once, {len(times)} whole pages: median {1000 * statistics.median(times):.0f} ms, "
        f"95th percentile {1000 * times[int(0.95 * len(times))]:.0f} ms, {len(times) / took:.1f} pages a second"
    )


if __name__ == "__main__":
    main()
