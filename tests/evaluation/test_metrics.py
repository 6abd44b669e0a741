"""The report agrees with scikit-learn and refuses arrays that do not fit each other."""

import json

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, confusion_matrix, f1_score, precision_recall_fscore_support

from fer_core.evaluation import classification_report
from fer_core.labels import EXPRESSIONS


def make_predictions(seed=0, num_images=400, absent=()):
    """Return y_true and y_prob of a classifier that is right about half of the time; `absent` classes never occur."""
    rng = np.random.default_rng(seed)
    present = [index for index in range(len(EXPRESSIONS)) if index not in absent]
    y_true = rng.choice(present, num_images)
    logits = rng.normal(size=(num_images, len(EXPRESSIONS)))
    logits[np.arange(num_images), y_true] += 1.5
    logits[:, list(absent)] = -20
    y_prob = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return y_true, y_prob


@pytest.mark.parametrize("absent", [(), (1,), (0, 6)], ids=["every class", "one class absent", "two classes absent"])
def test_report_agrees_with_scikit_learn(absent):
    y_true, y_prob = make_predictions(absent=absent)
    report = classification_report(y_true, y_prob, EXPRESSIONS)

    y_pred = y_prob.argmax(axis=1)
    labels = range(len(EXPRESSIONS))
    assert report["num_images"] == len(y_true)
    assert report["accuracy"] == pytest.approx(accuracy_score(y_true, y_pred))
    assert report["macro_f1"] == pytest.approx(f1_score(y_true, y_pred, average="macro", zero_division=0))
    assert report["confusion"] == confusion_matrix(y_true, y_pred, labels=labels).tolist()
    expected = precision_recall_fscore_support(y_true, y_pred, labels=labels, zero_division=0)
    columns = [[row[key] for row in report["per_class"]] for key in ("precision", "recall", "f1", "support")]
    np.testing.assert_allclose(columns, expected)


def test_a_class_that_is_only_predicted_lowers_macro_f1():
    y_true, y_prob = [0, 0], [[0.9, 0.1, 0.0], [0.1, 0.9, 0.0]]
    report = classification_report(y_true, y_prob, ["a", "b", "c"])
    assert report["macro_f1"] == pytest.approx(f1_score([0, 0], [0, 1], average="macro", zero_division=0))
    assert report["per_class"][2] == {"class_name": "c", "precision": 0.0, "recall": 0.0, "f1": 0.0, "support": 0}


def test_report_survives_json():
    report = classification_report(*make_predictions(), EXPRESSIONS)
    assert json.loads(json.dumps(report)) == report
    assert report["class_names"] == list(EXPRESSIONS)


HALF = [[0.5, 0.5]]


@pytest.mark.parametrize(
    ("y_true", "y_prob", "class_names", "message"),
    [
        pytest.param([0, 1], HALF, ["a", "b"], r"shape \(1,\).*got \(2,\)", id="lengths differ"),
        pytest.param([2], HALF, ["a", "b"], "between 0 and 1, got 2", id="class out of range"),
        pytest.param([-1], HALF, ["a", "b"], "between 0 and 1, got -1", id="negative class"),
        pytest.param([0.0], HALF, ["a", "b"], "integers.*float64", id="float classes"),
        pytest.param(["a"], HALF, ["a", "b"], "integers", id="names for indices"),
        pytest.param([], np.zeros((0, 2)), ["a", "b"], "at least one", id="no predictions"),
        pytest.param([0], HALF, ["a", "b", "c"], "2 class names.*got 3", id="too many names"),
        pytest.param([0], [0.5, 0.5], ["a", "b"], r"\(n, classes\).*got \(2,\)", id="flat probabilities"),
        pytest.param([0], [[1.0]], ["a"], "at least 2 classes", id="one class"),
        pytest.param([0], [[np.nan, 1.0]], ["a", "b"], "finite, got 1", id="not a number"),
        pytest.param([0], [[-0.5, 1.5]], ["a", "b"], "negative, got -0.5", id="negative probability"),
        pytest.param([0], [[3.0, 1.0]], ["a", "b"], "sum to 1.*off by 3", id="logits"),
    ],
)
def test_what_does_not_fit_is_refused_with_the_value(y_true, y_prob, class_names, message):
    with pytest.raises(ValueError, match=message):
        classification_report(y_true, y_prob, class_names)
