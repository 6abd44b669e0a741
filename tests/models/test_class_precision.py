import numpy as np
import pytest

from fer_core.evaluation import classification_report
from fer_core.models.class_precision import class_precision, precision_figures
from tests.models.networks import make_info


def _figures(seed):
    random = np.random.default_rng(seed)
    y_true, y_prob = random.integers(0, 6, 200), random.random((200, 7))  # the last class never occurs
    y_prob[:, 6] = 0
    return classification_report(y_true, y_prob / y_prob.sum(axis=1, keepdims=True), make_info().class_names)


def test_what_a_report_says_comes_back_from_the_package():
    report = _figures(0)
    info = make_info(metrics={"validation": {}, "FER2013 test, all views": precision_figures(report)})
    known = class_precision(info, "all")
    assert set(known) == set(info.class_names[:6])  # a class that was never called has no precision
    for row in report["per_class"][:6]:
        assert known[row["class_name"]].share == pytest.approx(row["precision"])
        assert known[row["class_name"]].measured_on == "FER2013 test"
    assert sum(found.num_called for found in known.values()) == 200


def test_a_test_split_goes_before_validation_and_views_are_told_apart():
    one, all_, test = (precision_figures(_figures(seed)) for seed in range(3))
    info = make_info(metrics={"validation, one view": one, "validation": all_, "mine test, all views": test})
    assert {found.measured_on for found in class_precision(info, "all").values()} == {"mine test"}
    assert {found.measured_on for found in class_precision(info, "one").values()} == {"validation"}


def test_of_an_unmeasured_model_nothing_is_said():
    assert class_precision(make_info(metrics={"validation": {"accuracy": 0.5}}), "all") == {}
