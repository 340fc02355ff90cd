"""From a plan to a Page: the pipeline, reports, evidence, records. `library.py` is the way in."""
