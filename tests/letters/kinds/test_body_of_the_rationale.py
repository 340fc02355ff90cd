"""A title that is silent on the body: the reviewer's conclusion tells, if it names one part."""

from __future__ import annotations

import pytest

from tests.letters.forms import item, modern, one


@pytest.mark.parametrize(
    ("reasons", "body"),
    [
        ("Physical therapy for the lumbar spine is not medically necessary.", ("lumbar",)),
        (
            "Therefore, the request for twelve sessions of therapy for the right shoulder is medically necessary.",
            ("shoulder", "right shoulder"),
        ),
        ("As such, an MRI of the left knee is not medically necessary.", ("knee", "left knee")),
        ("Therefore, the therapy for the thoracic spine is not supported as medically necessary.", ("thoracic",)),
        ("The therapy for the right wrist was not shown to be medically necessary.", ("wrist", "right wrist")),
        ("The request is not medically necessary for the cervical spine.", ("neck",)),
        ("Acupuncture to the low back was not deemed medically appropriate.", ("lumbar",)),
        ("The requested cervical spine therapy is not medically necessary.", ("neck",)),
        ("Additional low back physical therapy is determined to not be medically necessary.", ("lumbar",)),
        ("Medical necessity for lumbar therapy is not established.", ("lumbar",)),
        ("Medical necessity of the therapy for the right knee has not been established.", ("knee", "right knee")),
        ("Six sessions for the left shoulder are not medically necessary.", ("shoulder", "left shoulder")),
        (
            "The request for therapy, left hip, is not supported. Therefore it is not medically necessary.",
            ("hip", "left hip"),
        ),
        (
            "The request for therapy for the knee is not supported. Therapy for the hip is not medically necessary.",
            ("hip",),
        ),
        ("Medical necessity for acupuncture of the left foot is not substantiated.", ("foot", "left foot")),
        ("The concurrent request for shoulder surgery is supported. The request is medically necessary.", ()),
        ("Given his lumbar pain, the request for therapy is not medically necessary.", ()),
        ("Therapy for the knee is not recommended; therapy for the hip is not medically necessary.", ("hip",)),
        ("Therapy for the neck and the low back is not medically necessary.", ()),
        ("The knee hurts. The shoulder was treated. The request is not medically necessary.", ()),
        ("Therapy for the knee is medically necessary. Therapy for the hip is not medically necessary.", ()),
    ],
)
def test_body(reasons: str, body: tuple[str, ...]) -> None:
    assert one(modern(item("Therapy, twelve sessions: Upheld", reasons=reasons))).items[0].body == body


def test_the_title_goes_first() -> None:
    reasons = "Therapy for the lumbar spine is not medically necessary."
    assert one(modern(item("Therapy for the knee: Upheld", reasons=reasons))).items[0].body == ("knee",)
