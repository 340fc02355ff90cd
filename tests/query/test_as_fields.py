"""The reading in fields: what is recognised in plain words, that it always parses, and that reading it again changes nothing."""

from __future__ import annotations

import datetime
import random

import pytest

from imr_search import vocabulary
from imr_search.query import first_words, known_names
from imr_search.query.as_fields import reading, without_unknown
from imr_search.query.dates import NUMBERS
from imr_search.query.parser import parse

TODAY = datetime.date(2017, 6, 15)

READ = {
    "MRI lumbar overturned": "category:mri body:lumbar outcome:overturned",
    "home health care denied": "category:home-health outcome:upheld",
    "PT": "category:physical-therapy",
    "ESI approved": "category:epidural outcome:overturned",
    "epidural steroid injections": "category:epidural",
    "UDS": "category:drug-test",
    "left knee brace": 'body:"left knee" category:brace',
    "flexeril": "drug:flexeril",
    "norco #120": "drug:norco qty:120",
    "norco 10/325": "drug:norco strength:10/325",
    "more than 24 visits of chiropractic": "visits:>24 category:chiropractic",
    "24 sessions acupuncture": "visits:24 category:acupuncture",
    "over 65": "age:>65",
    "age 50 to 60": "age:50..60",
    "women over 50 acupuncture": "sex:female age:>50 category:acupuncture",
    "psychiatrist": "specialty:Psychiatry",
    "orthopedic surgeon overturned": 'specialty:"Orthopedic Surgery" outcome:overturned',
    "pain doctor": 'specialty:"Pain Management"',
    "licensed in Texas": "licensed:texas",
    "reviewer licensed in NY": 'licensed:"new york"',
    "Florida": "licensed:florida",
    "not licensed in California": "-licensed:california",
    "acupuncture without opioids": "category:acupuncture -category:opioid",
    "no acupuncture overturned": "-category:acupuncture outcome:overturned",
    "MTUS": "source:mtus",
    "norco 10/325mg": "drug:norco strength:10/325",
    "age between 40 and 50": "age:40..50",
    "back brace": "body:lumbar category:brace",
    "imaging overturned": "category:imaging outcome:overturned",
    "cm17-0010885 overturned": "case:CM17-0010885 outcome:overturned",
    "which specialty overturns most": "* | rate by specialty",
    "DME": "category:dmepos",
    "acupuncture or chiropractic or massage denied": (
        "(category:acupuncture OR category:chiropractic OR category:massage) outcome:upheld"
    ),
    "ACOEM guidelines shoulder": "source:acoem body:shoulder",
    "acupuncture in January 2017": "category:acupuncture decided:2017-01",
    "MRI before 2010": "category:mri decided:<2010",
    "MRI since March 2016": "category:mri decided:>=2016-03",
    "MRI last month": "category:mri decided:2017-05",
    "MRI last year": "category:mri decided:2016",
    "MRI in the last 90 days": "category:mri decided:2017-03-17..2017-06-15",
    "MRI between 2015 and 2016": "category:mri decided:2015..2016",
    "MRI from January 2015 to March 2016": "category:mri decided:2015-01..2016-03",
    "injured in 2012": "injured:2012",
    "injury before March 4, 2013": "injured:<2013-03-04",
    "received after 1/1/2017 MRI": "received:>2017-01-01 category:mri",
    "more than one treatment": "items:>1",
    "overturn rate by specialty": "* | rate by specialty",
    "acupuncture overturn rate": "category:acupuncture | rate",
    "how often is acupuncture overturned": "category:acupuncture | rate",
    "how many acupuncture": "category:acupuncture | count",
    "why were MRIs denied": "category:mri outcome:upheld | top 10 reason",
    "grounds for overturning opioids": "outcome:overturned category:opioid | top 10 reason",
    "how long does a decision take": "* | stats days",
    "how long do decisions take by year": "* | stats days by year",
    "count by state": "* | count by licensed",
    "denials per month": "* | trend month",
    "top 10 drugs": "* | top 10 drug",
    "top 5 guidelines acupuncture": "category:acupuncture | top 5 guideline",
    "acupuncture vs chiropractic": "category:acupuncture,chiropractic | rate by category",
    "compare MRI with CT": "category:mri,ct | rate by category",
    "men vs women": "* | rate by sex",
    "treatment(acupuncture) overturned": None,
    "date(aft 1/1/2017)": "decided:>2017-01-01",
    "date(bef 2016) MRI": "decided:<2016 category:mri",
    "acupuncture % opioid": "category:acupuncture -category:opioid",
    "atleast5(opioid)": "category:opioid",
    "not medically necessary acupuncture": '"not medically necessary" category:acupuncture',
    "(PT or chiropractic) upheld": "(category:physical-therapy OR category:chiropractic) outcome:upheld",
    "rationale:improvement acupuncture": "rationale:improvement category:acupuncture",
    "acupuncture | rate by year": "category:acupuncture | rate by year",
    # reports in the words of a question
    "which guideline is cited most for denied tramadol": "outcome:upheld drug:tramadol | top 10 guideline",
    "most often denied drugs": "outcome:upheld | top 10 drug",
    "most denied treatments": "* | rate by category",
    "do women win more often than men": "* | rate by sex",
    "more than 12 visits of PT": "visits:>12 category:physical-therapy",
    "compare 2016 to 2017": "decided:2016,2017 | rate by year",
    "home exercise vs PT for the neck": (
        'body:neck treatment:syn("home exercise") | compare body:neck category:physical-therapy'
    ),
    "norco 10/325 vs norco 5/325": "drug:norco strength:10/325,5/325 | rate by strength",
    "average age of men vs women": "* | stats age by sex",
    "overturn rate of opioids over time": "category:opioid | trend year",
    "how long from denial to decision for surgery": "category:surgery | stats days_denied",
    "number of items per letter": "* | stats items",
    "age distribution": "* | count by age band 10",
    "crosstab of age and outcome": "* | count by age, outcome",
    "sex differences in overturn rates": "* | rate by sex",
    "almost 90 percent of all denied requests are upheld": "* | rate",
    # which items, and in what order
    "show 5 examples of denied opioids": "outcome:upheld category:opioid | limit 5",
    "random sample of 10 upheld MRIs": "outcome:upheld category:mri | sample 10",
    "latest acupuncture decisions": "category:acupuncture | sort -decided",
    "oldest patient": "* | sort -age",
    "show 12 visits of PT": "visits:12 category:physical-therapy",
    # grounds
    "denied for lack of functional improvement": "outcome:upheld reason:functional-improvement",
    "conservative care not exhausted": "reason:conservative-care",
    "functional improvement chiropractic": "functional improvement category:chiropractic",
    "already approved PT": "reason:repeat category:physical-therapy",
    # lists of what no item has two of
    "CM17-0014449, CM17-0010420": "case:CM17-0014449,CM17-0010420",
    "MRI and x-ray of the knee": "category:mri,x-ray body:knee",
    "lumbar MRI and shoulder x-ray": "(body:lumbar category:mri) OR (body:shoulder category:x-ray)",
    "MRI AND x-ray": "category:mri category:x-ray",
    "ketoprofen and gabapentin cream": 'drug:ketoprofen drug:"gabapentin cream"',
    # dates
    "between jan 15 and feb 15 2017": "decided:2017-01-15..2017-02-15",
    "received in december": "received:2016-12",
    "week of 2/6/2017": "decided:2017-02-06..2017-02-12",
    "2017 Q1 MRI": "decided:2017-01..2017-03 category:mri",
    "2/1/17-2/14/17": "decided:2017-02-01..2017-02-14",
    "on or after 2/1/2017": "decided:>=2017-02-01",
    "UR denial date Dec 2016": "denied:2016-12",
    # what connectors join stays joined, and what no letter says stays words
    '"functional improvement" w/10 acupuncture MRI': '"functional improvement" w/10 acupuncture category:mri',
    "(norco or tramadol) w/5 wean MRI": "(norco or tramadol) w/5 wean category:mri",
    "rationale:(norco or tramadol) /5 wean MRI": "rationale:(norco or tramadol) /5 wean category:mri",
    "Los Angeles MRI": "Los Angeles category:mri",
    "drug is not norco": "-drug:norco",
    "electro-acupuncture": "treatment:syn(electro-acupuncture)",
    "spine surgery consult": "body:spine treatment:surgery category:consultation",
    "MRI in California": "category:mri",
    "terapia física para la rodilla": "category:physical-therapy body:knee",
    # nothing lost on the way: a level, a bound, the release of a tunnel, what was denied before
    "ESI L5-S1 denied": "category:epidural treatment:L5-S1 outcome:upheld",
    "C5-6 MRI": "body:neck category:mri",
    "DENIED NORCO OVERTURNED": "drug:norco outcome:overturned",
    "denied or overturned": "outcome:upheld OR outcome:overturned",
    "more than 24 physical therapy visits": "visits:>24 category:physical-therapy",
    "cyclobenzaprine more than 3 weeks": "drug:cyclobenzaprine more than 3 weeks",
    "left carpal tunnel release": 'body:"left wrist" treatment:syn("carpal tunnel release")',
    "female 40s MRI": "sex:female age:40..49 category:mri",
    "board certified in pain": 'specialty:"Pain Management"',
    "more than 5 disputed items": "items:>5",
    "top three reasons MRIs are denied": "category:mri outcome:upheld | top 3 reason",
    "monthly acupuncture denials": "category:acupuncture | trend month",
    "CM 17 10420": "case:CM17-0010420",
    "norco + tramadol overturn %": "drug:norco,tramadol | rate",
    "LC 4610.5": None,
    "overturn % PT vs chiro": "category:physical-therapy,chiropractic | rate by category",
    "which treatments were never overturned": "* | rate by category",
    "newest first acupuncture": "category:acupuncture | sort -decided",
    "pie chart": None,
    # nothing recognised, or nothing added
    "CM17-0010885": None,  # read so already
    "zzyzx": None,
    "functional improvement": None,
    "category:mri": None,
    "*": None,
}


@pytest.mark.parametrize(("text", "said"), READ.items())
def test_what_is_said_in_words_is_said_in_fields(text: str, said: str | None) -> None:
    if text == "treatment(acupuncture) overturned":
        found = reading(text, TODAY)
        assert found is not None
        assert str(parse(found)) == "treatment:acupuncture AND outcome:overturned"
        return
    assert reading(text, TODAY) == said


WITHOUT = {
    "cold therapy for my poor old knee": ("category:cold-therapy body:knee", ("poor", "old")),
    "knee NOT zzyzx qwerty": ("body:knee -zzyzx", ("qwerty",)),
    "knee zzyzx | rate": ("body:knee | rate", ("zzyzx",)),
    'knee "zzyzx" qwerty': ('body:knee "zzyzx"', ("qwerty",)),
    "overturned zzyzx since 2016": None,  # what was asked for would be gone
    "zzyzx qwerty": None,
    "knee MRI": None,
}


@pytest.mark.parametrize(("text", "said"), WITHOUT.items())
def test_the_reading_without_what_no_field_is_for_names_what_it_leaves_out(
    text: str, said: tuple[str, tuple[str, ...]] | None
) -> None:
    """Never what is excluded, quoted or fielded."""
    assert without_unknown(text, TODAY) == said


def _words() -> list[str]:
    """Words of every table, of the language, and of none."""
    names = [name for family in vocabulary.families()[::3] for name in family.all[:3]]
    tables = [name for row in ("states", "sources", "people", "specialties") for name in first_words.names(row)]
    joining = [name for row in first_words.table("words") for name in first_words.listed("words", row)]
    reports = [
        name
        for row in ("rate", "count", "trend", "top", "compare", "per")
        for name in first_words.listed("reports", row)
    ]
    return [
        *names, *tables, *joining, *reports, *first_words.names("reports", "by"),
        *first_words.names("decisions", "read"), *first_words.names("decisions", "words"),
        "not", "no", "NOT", "AND", "or", "but not", "(", ")", "-", "!", "%", "~5", '"a b"', "'a b'", "treatment:", "treatment:mri",
        "outcome:maybe", "qty:>5", "/5", "/s", "w/para", "NEAR", "#60", "12", "1,000", "10/325", "2017", "1/1/2013", "January",
        "2016,", "|", "| rate", "L4-5", "CM17-0010885", "#1", "zzyzx", "Ω", "…", "date(aft", "x)", "{", "}", "<", ">=", "age", "65",
        "to", "*", "opioid*", "@x", "^2",
    ]  # fmt: skip


def salad(random_: random.Random, words: list[str]) -> str:
    return " ".join(random_.choice(words) for _ in range(random_.randint(1, 12)))


def _holds(count: int, seed: int) -> None:
    words, random_ = _words(), random.Random(seed)
    for _ in range(count):
        text = salad(random_, words)
        found = reading(text, TODAY)
        if (less := without_unknown(text, TODAY)) is not None:
            assert str(parse(str(parse(less[0])))) == str(parse(less[0])), text
        if found is None:
            continue
        canonical = str(parse(found))
        assert str(parse(canonical)) == canonical, text
        again = reading(found, TODAY)
        assert again is None or str(parse(again)) == canonical, f"{text!r}: {found!r} and then {again!r}"


def test_the_reading_of_word_salads_parses_and_is_a_fixed_point() -> None:
    _holds(300, 7)


@pytest.mark.long
def test_the_reading_of_many_word_salads_parses_and_is_a_fixed_point() -> None:
    _holds(20_000, 11)


@pytest.mark.parametrize("path", [path for path in vocabulary.categories() if path not in ("other", "visit")])
def test_every_category_is_known_by_its_own_name_in_both_numbers(path: str) -> None:
    """In a query as a word, in `category:`, and in the reading in fields, singular and plural."""
    leaf = path.rpartition("/")[2]
    if leaf == "other":
        return
    for name in vocabulary.numbers(leaf.replace("-", " ")):
        if name.endswith(("ess", "y s")) or name in NUMBERS:  # ten are no TENS
            continue
        assert vocabulary.category(name) == path, name
        found = known_names.named(name)
        assert found is not None, name
        assert found.field in ("category", "drug") or found.kind == "weak", name


@pytest.mark.parametrize(
    ("called", "path"),
    [
        (called, path)
        for path, row in vocabulary.table("category")["called"].items()
        for called in vocabulary.split(row)
    ],
)
def test_every_category_is_known_by_what_it_is_called(called: str, path: str) -> None:
    other = called.removesuffix("s") if called.lower().endswith("s") else f"{called}s"
    for name in (called, other):
        found = known_names.named(name)
        assert found is not None, name
        if found.kind == "category":
            assert found.value == path.rpartition("/")[2], name
        else:
            assert vocabulary.category(name) == path, name


CLASSES = [(name, family.name) for family in vocabulary.families_of("drug-class") for name in family.names]


@pytest.mark.parametrize(("name", "family"), CLASSES)
def test_every_class_of_drugs_is_a_category_or_its_drugs(name: str, family: str) -> None:
    found = known_names.named(name)
    assert found is not None
    assert found.field in ("category", "drug", "treatment", "specialty")
    if found.field == "drug" and vocabulary.drug(name) is None:
        assert vocabulary.drugs_within(name)
