"""What validation pictures say of a network is noted whole, read back, and told in words."""

import json
import shutil
from dataclasses import asdict
from pathlib import Path

import pytest

from fer_core.errors import ModelError
from fer_core.evaluation import apply_temperature
from fer_core.evaluation.selective import risk_coverage
from fer_core.models.calibrated_info import calibrate_info, consequence, save_unsure_threshold, selective_curve
from fer_core.models.info import parse_info
from fer_core.models.package import ModelPackage, read_package
from tests.evaluation.test_metrics import make_predictions
from tests.models.networks import make_info


@pytest.fixture
def answers():
    y_true, y_prob = make_predictions(num_images=800)
    return y_true, {"one": y_prob, "all": apply_temperature(y_prob, 0.5)}


def test_everything_is_noted_for_each_number_of_views(answers):
    y_true, uncalibrated = answers
    info = calibrate_info(make_info(), y_true, uncalibrated)
    assert info.temperature["all"] == pytest.approx(2 * info.temperature["one"], rel=0.02)
    assert info.metrics["validation"]["accuracy"] == (uncalibrated["all"].argmax(axis=1) == y_true).mean()
    assert info.metrics["validation, one view"]["num_images"] == 800
    expected = risk_coverage(y_true, apply_temperature(uncalibrated["one"], info.temperature["one"]))
    for point, noted in zip(expected, selective_curve(info, "one"), strict=True):
        assert (noted.coverage, noted.accuracy) == pytest.approx((point.coverage, point.accuracy), abs=1e-4)


def test_the_curve_survives_the_file(answers):
    info = calibrate_info(make_info(), *answers)
    assert parse_info(json.dumps(asdict(info)).encode()) == info


def test_a_package_from_before_has_no_curve():
    values = asdict(make_info())
    del values["risk_coverage"]
    assert selective_curve(parse_info(json.dumps(values).encode()), "one") == ()


@pytest.mark.parametrize("curve", [[[0.5, 2.0, 0.5]], [[0.5, 0.5]], 3], ids=["above-1", "two-numbers", "no-list"])
def test_a_damaged_curve_is_told(curve):
    with pytest.raises(ModelError, match="risk_coverage"):
        make_info(risk_coverage={"one": curve})


def test_a_threshold_is_told_in_words(answers):
    y_true, uncalibrated = answers
    curve = risk_coverage(y_true, uncalibrated["one"])
    confidence = uncalibrated["one"].max(axis=1)
    right = (uncalibrated["one"].argmax(axis=1) == y_true)[confidence >= 0.6]
    words = f"answers {100 * len(right) / 800:.0f} % of faces, {100 * right.mean():.0f} % of those right"
    assert consequence(curve, 0.6) == words
    assert consequence(curve, 1.0) == "answers no face at all"


def test_a_saved_threshold_changes_no_probability(tiny_package: ModelPackage, tmp_path: Path):
    package = read_package(shutil.copytree(tiny_package.folder, tmp_path / "mine"))
    saved = save_unsure_threshold(package, "one", 0.75)
    reread = read_package(package.folder)
    assert reread.info == saved.info
    assert reread.info.unsure_threshold == {"one": 0.75, "all": package.info.unsure_threshold["all"]}
    assert (reread.answers_digest(), reread.digest() == tiny_package.digest()) == (package.answers_digest(), False)
    with pytest.raises(ModelError, match="0 to 1"):
        save_unsure_threshold(package, "one", 1.5)
