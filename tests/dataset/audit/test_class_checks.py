import pytest

from fer_core.dataset.audit.class_checks import class_findings
from tests.dataset.audit.made_indexes import made_index, noise_images


def findings_of(labels, splits):
    index = made_index(noise_images(len(labels)), labels=labels, splits=splits)
    return {finding.check: finding for finding in class_findings(index)}


def test_even_classes_in_every_split_trigger_nothing():
    findings = findings_of(["happy", "sad"] * 10, {"train": 12, "test": 8})
    assert [finding.severity for finding in findings.values()] == ["fine", "fine"]
    assert findings["missing_class"].total == 4


@pytest.mark.parametrize(
    ("labels", "severity", "detail"),
    [
        pytest.param(["happy"] * 8 + ["sad"] * 4 + ["happy"] * 8, "warning", "no sad in test", id="cannot be measured"),
        pytest.param(["happy"] * 12 + ["happy", "sad"] * 4, "problem", "no sad in train", id="cannot be learned"),
    ],
)
def test_a_class_missing_from_a_split_is_named(labels, severity, detail):
    finding = findings_of(labels, {"train": 12, "test": 8})["missing_class"]
    assert (finding.severity, finding.count, finding.total, finding.detail) == (severity, 1, 4, detail)
    assert finding.browse == {"label": "sad"}


@pytest.mark.parametrize(
    ("num_sad", "severity"),
    [(9, "fine"), (5, "notice"), (2, "warning"), (1, "warning")],
    ids=["about even", "twice", "five to one", "ten to one"],
)
def test_imbalance_is_judged_by_the_ratio_in_train(num_sad, severity):
    labels = ["happy"] * 10 + ["sad"] * num_sad + ["happy", "sad"] * 2
    finding = findings_of(labels, {"train": 10 + num_sad, "test": 4})["imbalance"]
    assert finding.severity == severity
    assert finding.count == (num_sad if severity != "fine" else 0)
    assert finding.total == 10 + num_sad
    assert finding.browse == {"label": "sad", "split": "train"}


def test_a_class_of_two_hundred_to_one_is_a_problem_also_without_a_train_split():
    finding = findings_of(["happy"] * 200 + ["sad"], {"faces": 201})["imbalance"]
    assert (finding.severity, finding.count, finding.browse) == ("problem", 1, {"label": "sad"})
    assert "1 to 200.0" in finding.detail
