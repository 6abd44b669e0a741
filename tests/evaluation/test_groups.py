"""Figures by group agree with the figures of that group alone, and small groups have none."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import fisher_exact

from fer_core.evaluation import full_report
from fer_core.evaluation.groups import MIN_FACES, group_table, largest_gaps
from fer_core.labels import EXPRESSIONS
from tests.evaluation.test_metrics import make_predictions


@pytest.fixture
def predictions():
    return make_predictions(num_images=600)


@pytest.fixture
def metadata():
    generator = np.random.default_rng(5)
    table = pd.DataFrame({"glasses": generator.choice(["yes", "no"], 600), "place": ["here"] * 580 + ["there"] * 20})
    table.loc[:99, "glasses"] = None
    return table


def test_each_group_has_the_figures_of_its_faces_alone(predictions, metadata):
    y_true, y_prob = predictions
    rows = {(row["column"], row["group"]): row for row in group_table(y_true, y_prob, metadata, EXPRESSIONS)}
    inside = (metadata["glasses"] == "yes").to_numpy()
    alone = full_report(y_true[inside], y_prob[inside], EXPRESSIONS)
    row = rows["glasses", "yes"]
    assert (row["num_images"], row["accuracy"]) == (inside.sum(), alone["accuracy"])
    assert row["ece"] == pytest.approx(alone["ece"])
    assert row["recall"]["fear"] == alone["per_class"][2]["recall"]
    confusion = np.array(alone["confusion"])
    others = np.delete(confusion, 2, axis=0)
    assert row["false_alarm_rate"]["fear"] == pytest.approx(others[:, 2].sum() / others.sum())
    assert rows["glasses", "unknown"]["num_images"] == 100
    assert sum(row["num_images"] for key, row in rows.items() if key[0] == "glasses × place") == 600


def test_groups_below_thirty_faces_have_no_figures(predictions, metadata):
    for row in group_table(*predictions, metadata, EXPRESSIONS):
        assert (row["accuracy"] is None) == (row["num_images"] < MIN_FACES)
        assert (row["ece"] is None) == (row["num_images"] < MIN_FACES)


def test_a_gap_that_was_put_there_is_found(predictions, metadata):
    y_true, y_prob = predictions
    y_pred = y_prob.argmax(axis=1)
    harmed = (metadata["glasses"] == "yes").to_numpy() & (np.arange(600) % 2 == 0)
    y_pred[harmed] = (y_true[harmed] + 1) % 7
    metadata = metadata.fillna("no")
    gap = next(gap for gap in largest_gaps(y_true, y_pred, metadata) if gap.column == "glasses")
    assert gap.worst == "yes"
    assert gap.p_value < 0.01
    groups = [(y_pred == y_true)[(metadata["glasses"] == name).to_numpy()] for name in ("yes", gap.best)]
    assert gap.difference == pytest.approx(groups[1].mean() - groups[0].mean())
    alone = fisher_exact([[group.sum(), (~group).sum()] for group in groups]).pvalue
    assert gap.p_value >= alone  # corrected for the other pairs


def test_chance_is_no_gap(predictions):
    y_true, y_prob = predictions
    metadata = pd.DataFrame({"coin": np.random.default_rng(3).choice(["a", "b", "c"], 600)})
    (gap,) = largest_gaps(y_true, y_prob.argmax(axis=1), metadata)
    assert gap.p_value > 0.05


def test_metadata_of_other_pictures_is_refused(predictions):
    with pytest.raises(ValueError, match=r"600 rows of metadata.*got 2"):
        group_table(*predictions, pd.DataFrame({"a": [1, 2]}), EXPRESSIONS)
