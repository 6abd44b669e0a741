import json

import pandas as pd
import pytest

from fer_core.dataset.audit import CHECKS, Finding, audit_index
from fer_core.dataset.audit.face_checks import look_for_faces
from fer_core.dataset.duplicates.pairs import find_duplicates
from tests.dataset.audit.made_indexes import made_index, noise_images

SPLITS = {"train": 80, "test": 40}


@pytest.fixture(scope="module")
def index():
    images = noise_images(120)
    images[3] = images[100]  # a leak with another label
    return made_index(images, splits=SPLITS)


def test_every_check_but_the_one_that_needs_a_model_is_in_the_report(index):
    pairs = pd.DataFrame({"image_id": [3], "twin_id": [100], "similarity": [1.0], "identical": [True]})
    faces = look_for_faces(index, index.table["image_id"].to_numpy(), detect=lambda picture: [])
    report = audit_index(index, duplicates=pairs, faces=faces)
    assert {finding.check for finding in report.findings} == set(CHECKS) - {"suspicious_label"}
    assert report.finding("leak").image_ids.tolist() == [100]
    assert report.finding("contradicting").image_ids.tolist() == [3, 100]


def test_checks_that_could_not_be_made_are_left_out_and_not_called_fine(index):
    report = audit_index(index)
    assert report.finding("leak") is report.finding("face_not_found") is None


def test_the_worst_comes_first(index):
    findings = audit_index(index.without([0])).findings
    order = ["problem", "warning", "notice", "fine"]
    assert [finding.severity for finding in findings] == sorted((f.severity for f in findings), key=order.index)


def test_the_dictionary_is_json_with_the_promised_keys(index):
    content = audit_index(index).to_dict()
    assert json.loads(json.dumps(content)) == content
    assert {"fingerprint", "num_images", "checks", "class_counts", "split_comparison"} <= set(content)
    keys = {"check", "title", "severity", "count", "total", "share", "why", "advice"}
    assert all(keys <= set(check) for check in content["checks"])
    assert content["class_counts"]["train"] == {"happy": 40, "sad": 40}
    assert content["split_comparison"][-1]["median"] is None


def test_the_report_is_of_the_view_without_what_is_excluded(index):
    view = index.without([1, 3])
    report = audit_index(view)
    assert (report.num_images, report.fingerprint) == (118, view.fingerprint)


def test_progress_runs_to_its_end(index):
    seen = []
    audit_index(index, on_progress=lambda done, total: seen.append((done, total)))
    assert seen == sorted(seen)
    assert seen[-1] == (360, 360)


def test_pairs_of_the_real_search_fit(index):
    report = audit_index(index, duplicates=find_duplicates(index))
    assert report.finding("leak").image_ids.tolist() == [100]
    assert report.finding("identical").num_groups == 1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [(("colour", "fine", 0, 1), "unknown check"), (("blank", "bad", 0, 1), "unknown severity")],
)
def test_a_finding_knows_its_words(arguments, says):
    with pytest.raises(ValueError, match=says):
        Finding(*arguments)


@pytest.mark.parametrize("check", CHECKS)
def test_every_check_says_why_and_what_to_do_in_one_line(check):
    words = CHECKS[check]
    assert all(text and "\n" not in text and len(text) < 125 for text in (words.title, words.why, words.advice))
    assert words.severity(0, 10) == "fine" != words.severity(1, 10**6)
