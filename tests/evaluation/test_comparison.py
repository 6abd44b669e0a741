"""Paired tests agree with counting every outcome by hand, and chance is not called a difference."""

from math import comb

import numpy as np
import pytest

from fer_core.evaluation.comparison import compare_answers, disagreements, holm_adjusted, mcnemar_p_value


@pytest.mark.parametrize(("first", "second"), [(0, 0), (1, 0), (5, 5), (2, 9), (9, 2), (40, 70)])
def test_mcnemar_counts_the_coin_tosses_that_are_as_uneven(first, second):
    total = first + second
    as_uneven = [comb(total, k) for k in range(total + 1) if abs(k - total / 2) >= abs(first - total / 2)]
    assert mcnemar_p_value(first, second) == pytest.approx(sum(as_uneven) / 2**total)


def test_holm_keeps_the_order_and_corrects_for_the_number():
    # Worked by hand: 4 * 0.005, 3 * 0.01, 2 * 0.03, then no smaller than the one before.
    assert holm_adjusted([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm_adjusted([0.9, 0.8]) == [1.0, 1.0]
    assert holm_adjusted([]) == []


def test_a_better_classifier_is_found_and_an_equal_one_is_not():
    generator = np.random.default_rng(0)
    y_true = generator.integers(0, 7, 2000)

    def answers(accuracy):
        return np.where(generator.random(2000) < accuracy, y_true, (y_true + 1) % 7)

    tests = compare_answers(y_true, {"a": answers(0.7), "same": answers(0.7), "better": answers(0.76)})
    found = {(test.first, test.second): test for test in tests}
    assert found["a", "same"].adjusted_p_value > 0.05
    assert found["a", "better"].adjusted_p_value < 0.01
    assert found["a", "better"].difference == pytest.approx(0.06, abs=0.03)
    assert all(test.adjusted_p_value >= test.p_value for test in tests)


def test_only_the_pictures_on_which_they_differ_count():
    (test,) = compare_answers(["x", "x", "y", "y"], {"a": ["x", "y", "y", "x"], "b": ["x", "x", "x", "x"]})
    assert (test.only_first, test.only_second, test.difference) == (1, 1, 0.0)
    assert disagreements({"a": ["x", "y", "y", "x"], "b": ["x", "x", "x", "x"]}).tolist() == [1, 2]


def test_pictures_that_show_the_same_count_once():
    said = {"a": ["x", "x", "x", "x"], "b": ["x", "y", "y", "y"]}
    (test,) = compare_answers(["x"] * 4, said, duplicate_groups=[7, 3, 3, 3])
    assert (test.only_first, test.only_second, test.difference) == (1, 0, -0.5)
    with pytest.raises(ValueError, match="expected 4 duplicate groups"):
        compare_answers(["x"] * 4, said, duplicate_groups=[1, 2])


@pytest.mark.parametrize("answers", [{"a": [0]}, {"a": [0, 1, 1]}], ids=["short", "long"])
def test_answers_for_other_pictures_are_refused(answers):
    with pytest.raises(ValueError, match="expected 2 answers of 'a'"):
        compare_answers([0, 1], answers)
