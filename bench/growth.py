"""How the cost of a query grows with the index, drawn, with the fitted lines as a table: python bench/growth.py FIGURES.json... --out growth.svg

Each FIGURES.json is one run of `bench/answers.py --json`, the same engines at another size. A line is milliseconds = fixed + share x items, fitted by
least squares of relative errors, so that the small sizes count as much as the large. Needs the extra "figures".
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

SHAPES = ("common word", "two fields AND", "phrase", "range", "sort by date", "two-way report")
ENGINES = {"raw Tantivy": ("#777777", "o"), "ours, Tantivy": ("#0b6e4f", "s"), "FTS5": ("#b5541c", "^")}


def fitted(points: list[tuple[int, float]]) -> tuple[float, float]:
    """Milliseconds of an empty index, and for each 100,000 items."""
    import numpy

    items, taken = (numpy.array(column, dtype=float) for column in zip(*points, strict=True))
    share, fixed = numpy.polyfit(items / 100_000, taken, 1, w=1 / taken)
    return float(fixed), float(share)


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("figures", type=Path, nargs="+")
    ask.add_argument("--out", type=Path, required=True)
    given = ask.parse_args()
    runs = sorted(
        (json.loads(path.read_text(encoding="utf-8")) for path in given.figures), key=lambda run: run["items"]
    )

    import matplotlib

    matplotlib.use("Agg")
    matplotlib.rcParams["svg.hashsalt"] = "growth"
    from matplotlib import pyplot

    print("| ms: fixed + for each 100,000 items | " + " | ".join(ENGINES) + " |")
    print("|---" * (len(ENGINES) + 1) + "|")
    figure, axes = pyplot.subplots(2, 3, figsize=(9, 5), sharex=True)
    for shape, place in zip(SHAPES, axes.flat, strict=True):
        cells = []
        for engine, (colour, marker) in ENGINES.items():
            points = [(run["items"], run["ms"][shape][engine][1]) for run in runs if engine in run["ms"][shape]]
            if len(points) < 2:
                cells.append("-")
                continue
            fixed, share = fitted(points)
            cells.append(f"{fixed:.2f} + {share:.2f}")
            sizes = [size for size, _ in points]
            place.loglog(*zip(*points, strict=True), color=colour, marker=marker, label=engine, linestyle="none")
            place.plot(sizes, [fixed + share * size / 100_000 for size in sizes], color=colour, linewidth=1.2)
        print(f"| {shape} | " + " | ".join(cells) + " |")
        place.set_title(shape, fontsize=9)
        place.grid(alpha=0.3, which="major")
        place.tick_params(labelsize=8)
    for place in axes[1]:
        place.set_xlabel("items", fontsize=8)
    for place in axes[:, 0]:
        place.set_ylabel("ms of processor time", fontsize=8)
    figure.tight_layout(rect=(0, 0.06, 1, 1))
    figure.legend(
        *axes[0, 0].get_legend_handles_labels(), loc="lower center", ncol=len(ENGINES), fontsize=9, frameon=False
    )
    figure.savefig(given.out, metadata={"Date": None} if given.out.suffix == ".svg" else None)


if __name__ == "__main__":
    main()
