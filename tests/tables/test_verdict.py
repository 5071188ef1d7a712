from dataclasses import replace

import pytest

from genprint.tables.verdict import Findings, SmallestLeak, Verdict, described, verdict

FOUND = Findings(
    images=(45, 44),
    patients=(23, 22),
    combinations=363,
    best="ssim of pixels (original), score rule max",
    best_auc=0.98,
    p_corrected=0.001,
    lowest="cosine of pixels (dog), score rule mean",
    lowest_auc=0.4,
    p_reversed=0.9,
    chosen="euclidean of pixels (original), score rule max",
    auc=(0.97, 0.91, 0.99),
    found=31,
    patients_found=17,
    real_only_auc=0.52,
    gain=(0.45, 0.3, 0.55),
    readable=(),
    independent=False,
)
NOT_FOUND = replace(FOUND, best_auc=0.61, p_corrected=0.42, auc=(0.52, 0.4, 0.64), gain=(0.0, -0.1, 0.1), found=0)


def test_a_leak_has_its_p_its_effect_and_the_images_found():
    kind, text = verdict(FOUND)
    assert kind is Verdict.LEAK
    for figure in ("0.97 [0.91, 0.99]", "p = 0.001", "363 combinations", "31 of 45", "0.52", "different sources"):
        assert figure in text


def test_what_the_real_images_show_by_themselves_is_no_leak_of_the_generator():
    kind, text = verdict(replace(FOUND, real_only_auc=0.96, gain=(0.01, -0.02, 0.04)))
    assert kind is Verdict.CANNOT_SAY
    assert "not through the generated images" in text and "0.96" in text and "same source" in text


READABLE = ("sharpness tells them apart with AUC 0.9 (p = 0.01)",)


@pytest.mark.parametrize("findings", [FOUND, replace(FOUND, p_corrected=0.4, p_reversed=0.01)])
def test_labels_that_can_be_read_without_the_generated_images_are_no_leak(findings):
    kind, text = verdict(replace(findings, readable=READABLE))
    assert kind is Verdict.CANNOT_SAY
    assert READABLE[0] in text and "from the same source" in text


def test_labels_that_can_be_read_may_hide_a_leak():
    both = verdict(replace(FOUND, readable=READABLE, p_reversed=0.001, p_corrected=1.0))
    assert both[0] is Verdict.CANNOT_SAY and "are the roles swapped?" in both[1] and "without any" in both[1]
    kind, text = verdict(replace(NOT_FOUND, readable=READABLE))
    assert kind is Verdict.NOTHING and f"({READABLE[0]}), which may hide a leak" in text


@pytest.mark.parametrize("p", [0.001, 0.9])
def test_not_used_images_that_are_nearer_are_said_whatever_another_combination_says(p):
    kind, text = verdict(replace(FOUND, p_corrected=p, p_reversed=0.002, lowest_auc=0.01))
    assert kind is Verdict.CANNOT_SAY
    assert "are the roles swapped? (AUC 0.01 for cosine of pixels (dog), score rule mean; p = 0.002" in text


def test_nothing_detected_says_what_would_have_been_found():
    kind, text = verdict(replace(NOT_FOUND, limit=SmallestLeak(0.1, 0.05, 0.2, "ssim of pixels", "leak")))
    assert kind is Verdict.NOTHING
    assert "A leak of 10 [5, 20] % copies would have been detected with 95 % power by ssim of pixels alone" in text
    assert "p = 0.42" in text and "0.52 [0.40, 0.64]" in text


def test_a_limit_that_was_not_measured_is_not_made_up():
    kind, text = verdict(NOT_FOUND)
    assert kind is Verdict.NOTHING
    assert "not measured" in text and "does not show" in text


def test_if_not_even_copies_would_be_found_nothing_can_be_said():
    kind, text = verdict(replace(NOT_FOUND, limit=SmallestLeak(None)))
    assert kind is Verdict.CANNOT_SAY
    assert "not even the largest share of copies" in text


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"images": (0, 0), "patients": (0, 0)}, "label"),
        ({"images": (5, 0), "patients": (5, 0)}, "known to be not used"),
        ({"images": (0, 5), "patients": (0, 5)}, "known to be used"),
        ({"images": (40, 40), "patients": (2, 3)}, "10 ways"),
    ],
)
def test_too_little_is_said_before_anything_else(change, words):
    kind, text = verdict(replace(FOUND, **change))
    assert kind is Verdict.CANNOT_SAY
    assert words in text


def test_enough_patients_are_those_that_can_be_labelled_in_20_ways():
    assert verdict(replace(FOUND, patients=(3, 3)))[0] is Verdict.LEAK


def test_unknown_patients_are_said():
    for findings in (FOUND, NOT_FOUND):
        assert "independent" in verdict(replace(findings, independent=True))[1]
        assert "independent" not in verdict(findings)[1]


def test_it_never_says_private_or_safe():
    limits = (None, SmallestLeak(None), SmallestLeak(0.02), SmallestLeak(0.02, 0.01, 0.05))
    texts = [
        " ".join(verdict(replace(findings, limit=limit, p_corrected=p, gain=gain)))
        for findings in (FOUND, NOT_FOUND)
        for limit in limits
        for p in (0.0001, 0.049, 0.05, 1.0)
        for gain in ((0.1, 0.05, 0.2), (0, -1, 1))
    ]
    assert not [text for text in texts for word in ("private", "safe", "no leak") if word in text.lower()]


def test_a_combination_in_words():
    combination = {"similarity": "ssim", "encoder": "pixels", "variant": "dog", "rule": "max", "threshold_rule": "x"}
    assert described(combination) == "ssim of pixels (dog), score rule max"
