"""Figures by group agree with the figures of that group alone, and small groups have none."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest, fisher_exact

from fer_core.evaluation import full_report
from fer_core.evaluation.group_gaps import MIN_FACES
from fer_core.evaluation.group_words import gap_sentences
from fer_core.evaluation.groups import group_report, group_table
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


def gaps(y_true, y_pred, metadata, **more):
    """The gaps in accuracy."""
    report = group_report(y_true, np.eye(7)[y_pred], metadata, EXPRESSIONS, **more)
    return [gap for gap in report["gaps"] if gap["class_name"] is None]


def test_a_gap_that_was_put_there_is_found(predictions, metadata):
    y_true, y_prob = predictions
    y_pred = y_prob.argmax(axis=1)
    harmed = (metadata["glasses"] == "yes").to_numpy() & (np.arange(600) % 2 == 0)
    y_pred[harmed] = (y_true[harmed] + 1) % 7
    metadata = metadata.fillna("no")
    gap = next(gap for gap in gaps(y_true, y_pred, metadata) if gap["column"] == "glasses")
    assert gap["worst"] == "yes"
    assert gap["p_value"] < 0.01
    groups = [(y_pred == y_true)[(metadata["glasses"] == name).to_numpy()] for name in ("yes", gap["best"])]
    assert gap["difference"] == pytest.approx(groups[1].mean() - groups[0].mean())
    alone = fisher_exact([[group.sum(), (~group).sum()] for group in groups]).pvalue
    assert gap["p_value"] >= alone  # corrected for the other pairs


def test_chance_is_no_gap(predictions):
    y_true, y_prob = predictions
    metadata = pd.DataFrame({"coin": np.random.default_rng(3).choice(["a", "b", "c"], 600)})
    (gap,) = gaps(y_true, y_prob.argmax(axis=1), metadata)
    assert gap["p_value"] > 0.05


def test_metadata_of_other_pictures_is_refused(predictions):
    with pytest.raises(ValueError, match=r"600 rows of metadata.*got 2"):
        group_table(*predictions, pd.DataFrame({"a": [1, 2]}), EXPRESSIONS)


def test_shares_of_a_class_come_with_their_number_and_interval(predictions, metadata):
    y_true, y_prob = predictions
    rows = group_table(y_true, y_prob, metadata, EXPRESSIONS)
    row = next(row for row in rows if (row["column"], row["group"]) == ("glasses", "yes"))
    inside = (metadata["glasses"] == "yes").to_numpy()
    of_fear = inside & (y_true == 2)
    assert row["support"]["fear"] == of_fear.sum()
    hits = int((y_prob[of_fear].argmax(axis=1) == 2).sum())
    expected = proportion_ci(hits, of_fear.sum())
    assert row["recall_ci"]["fear"] == pytest.approx(expected)
    low, high = row["false_alarm_rate_ci"]["fear"]
    assert low < row["false_alarm_rate"]["fear"] < high


def proportion_ci(hits, total):
    return list(binomtest(hits, int(total)).proportion_ci(method="wilson"))


@pytest.mark.parametrize("missing", [None, "", " ", "unknown"], ids=["none", "empty", "blank", "said"])
def test_people_of_whom_nothing_is_said_are_one_group_and_no_side_of_a_gap(predictions, missing):
    y_true, y_prob = predictions
    metadata = pd.DataFrame({"place": ["a"] * 200 + ["b"] * 200 + [missing] * 200})
    y_pred = y_prob.argmax(axis=1)
    y_pred[400:] = (y_true[400:] + 1) % 7
    rows = group_table(y_true, y_prob, metadata, EXPRESSIONS)
    assert [(row["group"], row["num_images"]) for row in rows] == [("a", 200), ("b", 200), ("unknown", 200)]
    if missing != "unknown":  # whoever writes it means it
        (gap,) = gaps(y_true, y_pred, metadata)
        assert {gap["best"], gap["worst"]} == {"a", "b"}


def test_names_of_people_are_no_groups(predictions):
    metadata = pd.DataFrame({"subject": [f"s{n // 2}" for n in range(600)], "hat": ["yes", "no"] * 300})
    report = group_report(*predictions, metadata, EXPRESSIONS)
    assert report["left_out"]["subject"] == 300
    assert {row["column"] for row in report["rows"]} == {"hat"}
    faces = np.array([np.bincount(predictions[0][half::2], minlength=7) for half in (0, 1)])
    num_recalls = (faces.min(axis=0) >= MIN_FACES).sum()
    assert (report["num_comparisons"], report["columns"]) == (1 + num_recalls, ["subject", "hat"])


def test_many_columns_are_crossed_a_few_at_a_time(predictions):
    generator = np.random.default_rng(0)
    metadata = pd.DataFrame({f"c{n}": generator.choice(["x", "y"], 600) for n in range(9)} | {"same": "z"})
    columns = {row["column"] for row in group_table(*predictions, metadata, EXPRESSIONS)}
    assert len(columns) == 10 + 15
    assert not any("same" in column and "×" in column for column in columns)


def test_without_metadata_nothing_is_said(predictions):
    assert group_report(*predictions, pd.DataFrame(index=range(600)), EXPRESSIONS) is None
    silent = pd.DataFrame({"age": [""] * 600, "hat": [None] * 600})
    assert group_report(*predictions, silent, EXPRESSIONS) is None
    told = group_report(*predictions, silent.assign(coat=["red", ""] * 300), EXPRESSIONS)
    assert told["columns"] == ["coat"]
    assert gap_sentences(None) == []


def test_without_probabilities_there_is_no_calibration(predictions, metadata):
    report = group_report(*predictions, metadata, EXPRESSIONS, has_probabilities=False)
    assert {row["ece"] for row in report["rows"]} == {None}
    assert any(row["accuracy"] for row in report["rows"])


def test_words_tell_a_gap_from_chance(predictions):
    y_true, y_prob = predictions
    metadata = pd.DataFrame({"coin": np.random.default_rng(3).choice(["a", "b", "c"], 600)})
    sentences = gap_sentences(group_report(y_true, y_prob, metadata, EXPRESSIONS))
    assert all("may be chance" in sentence and "corrected for" in sentence for sentence in sentences)
    assert len(sentences) == 2
    is_right = y_prob.argmax(axis=1) == y_true
    sentence, *_ = gap_sentences(group_report(y_true, y_prob, pd.DataFrame({"luck": is_right}), EXPRESSIONS))
    assert sentence.startswith("luck: right 100.0 points more often on True than on False; more than chance (p < 0.001")


def test_a_gap_of_one_expression_alone_is_found(predictions):
    y_true, y_prob = predictions
    y_pred = y_prob.argmax(axis=1)
    hat = np.arange(600) % 2 == 0
    y_pred[(y_true == 4) & ~hat] = 4
    y_pred[(y_true == 4) & hat] = 5
    report = group_report(y_true, np.eye(7)[y_pred], pd.DataFrame({"hat": hat}), EXPRESSIONS)
    gap = report["gaps"][0]
    assert (gap["class_name"], gap["worst"], gap["difference"]) == (EXPRESSIONS[4], "True", 1.0)
    table = [[0, ((y_true == 4) & hat).sum()], [((y_true == 4) & ~hat).sum(), 0]]
    assert gap["p_value"] == pytest.approx(fisher_exact(table).pvalue * report["num_comparisons"])
    assert f"hat: {EXPRESSIONS[4]} is recognised 100.0 points more often" in gap_sentences(report)[0]


def test_the_same_picture_again_makes_no_gap_more_certain(predictions):
    y_true, y_prob = predictions
    metadata = pd.DataFrame({"coin": np.random.default_rng(3).choice(["a", "b"], 600)})
    once = group_report(y_true, y_prob, metadata, EXPRESSIONS)
    four_times = np.tile(np.arange(600), 4)
    again = group_report(
        y_true[four_times], y_prob[four_times], metadata.iloc[four_times], EXPRESSIONS, duplicate_groups=four_times
    )
    assert again["gaps"] == once["gaps"]
    assert (again["num_tested"], once["num_tested"]) == (600, None)
