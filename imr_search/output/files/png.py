"""png: a report as a figure."""

from __future__ import annotations

from imr_search.model import Page
from imr_search.output.charts import picture
from imr_search.output.formats import FIGURES, REPORT, Format, Manner
from imr_search.output.terminal import Terminal


def write(page: Page, terminal: Terminal, manner: Manner) -> bytes:
    return picture(page, "png")


FORMAT = Format(
    "a report as a figure",
    write,
    title="PNG",
    use=FIGURES,
    media_type="image/png",
    of=(REPORT,),
    needs=("matplotlib", "figures"),
    sentences=False,
)
