import pandas as pd
import pytest

from fer_core.dataset.audit.twin_checks import twin_findings
from tests.dataset.audit.made_indexes import made_index, noise_images

NUM_IMAGES = 200
SPLITS = {"train": 150, "test": 50}
LABELS = ["happy"] * NUM_IMAGES
COLUMNS = ["image_id", "twin_id", "similarity", "identical"]


def made(labels=None, splits=SPLITS, **columns):
    return made_index(noise_images(NUM_IMAGES, size=16), labels=labels or LABELS, splits=splits, **columns)


def findings_of(index, *pairs):
    table = pd.DataFrame(pairs, columns=COLUMNS).astype({"similarity": float, "identical": bool})
    return {finding.check: finding for finding in twin_findings(index, table, min_similarity=0.9)}


def relabelled(*image_ids):
    return ["sad" if number in image_ids else "happy" for number in range(NUM_IMAGES)]


def test_without_pairs_every_check_is_fine():
    findings = findings_of(made())
    assert {check: (finding.severity, finding.count) for check, finding in findings.items()} == {
        "identical": ("fine", 0), "near_duplicate": ("fine", 0), "contradicting": ("fine", 0), "leak": ("fine", 0)
    }  # fmt: skip
    assert findings["leak"].total == 50


def test_identical_pictures_are_counted_by_image_and_group():
    findings = findings_of(made(), (1, 2, 1.0, True), (2, 3, 1.0, True), (8, 9, 1.0, True))
    identical = findings["identical"]
    assert identical.image_ids.tolist() == [1, 2, 3, 8, 9]
    assert (identical.count, identical.total, identical.num_groups) == (5, NUM_IMAGES, 2)
    assert identical.groups[0] == identical.groups[2] != identical.groups[3]
    assert identical.detail == "2 groups, 3 pairs."
    assert findings["near_duplicate"].count == findings["contradicting"].count == findings["leak"].count == 0


def test_near_duplicates_count_from_the_least_similarity():
    findings = findings_of(made(), (1, 2, 0.95, False), (3, 4, 0.5, False))
    assert findings["near_duplicate"].image_ids.tolist() == [1, 2]
    assert findings["near_duplicate"].scores.tolist() == [0.95, 0.95]
    assert findings["identical"].count == 0


def test_contradicting_labels_tell_identical_from_near_duplicates():
    pairs = [(1, 2, 1.0, True), (2, 3, 1.0, True), (10, 11, 0.95, False), (20, 21, 1.0, True)]
    finding = findings_of(made(relabelled(2, 11)), *pairs)["contradicting"]
    assert finding.image_ids.tolist() == [1, 2, 3, 10, 11]
    assert finding.num_groups == 2
    assert finding.detail == "1 group of identical pictures, 1 of near duplicates."
    assert finding.severity == "problem"


def test_a_corrected_label_contradicts_no_more():
    assert findings_of(made(relabelled(1, 2)), (1, 2, 1.0, True))["contradicting"].count == 0


def test_a_leak_is_counted_on_the_side_that_is_not_train():
    pairs = [(1, 160, 0.95, False), (2, 160, 1.0, True), (3, 170, 0.91, False), (4, 5, 1.0, True)]
    leak = findings_of(made(), *pairs)["leak"]
    assert leak.image_ids.tolist() == [160, 170]
    assert (leak.total, leak.severity, leak.browse) == (50, "problem", {"check": "leak"})
    assert leak.scores.tolist() == [1.0, 0.91]
    assert leak.detail == "2 of 50 in test have a twin in another split, 1 of them an identical one."


def test_a_leak_between_two_test_parts_counts_both_sides():
    index = made(splits={"train": 150, "public_test": 25, "private_test": 25})
    assert findings_of(index, (151, 180, 1.0, True))["leak"].image_ids.tolist() == [151, 180]


def test_one_split_cannot_leak():
    assert "leak" not in findings_of(made(splits={"train": NUM_IMAGES}), (1, 2, 1.0, True))


@pytest.mark.parametrize("column", ["excluded", "readable"])
def test_pictures_that_are_left_out_have_no_twins(column):
    left_out = [number == 160 for number in range(NUM_IMAGES)]
    values = left_out if column == "excluded" else [not out for out in left_out]
    findings = findings_of(made(relabelled(160), **{column: values}), (1, 160, 1.0, True))
    assert all(finding.count == 0 for finding in findings.values())
