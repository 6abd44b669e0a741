import numpy as np
import pytest

from fer_core.dataset.audit.picture_checks import picture_findings
from tests.dataset.audit.made_indexes import made_index, noise_images

NUM_IMAGES = 40
CHECKS = ("unreadable", "blank", "near_constant", "odd_size", "odd_mode")


def findings_of(index):
    return {finding.check: finding for finding in picture_findings(index)}


def with_row(column, value, rows=(7,), fill=None):
    values = [fill] * NUM_IMAGES
    for row in rows:
        values[row] = value
    return {column: values}


@pytest.mark.parametrize("check", CHECKS)
def test_a_healthy_dataset_triggers_no_check(check):
    finding = findings_of(made_index(noise_images(NUM_IMAGES)))[check]
    assert (finding.severity, finding.count, finding.total, finding.browse) == ("fine", 0, NUM_IMAGES, {})


@pytest.mark.parametrize(
    ("check", "columns", "severity"),
    [
        pytest.param("unreadable", with_row("readable", False, fill=True), "problem", id="one of forty files"),
        pytest.param("blank", with_row("contrast", 0.4, fill=40.0), "problem", id="a JPEG of one colour"),
        pytest.param("near_constant", with_row("contrast", 4.0, fill=40.0), "warning", id="hardly any contrast"),
        pytest.param("odd_size", with_row("width", 96, fill=48), "notice", id="one of another size"),
        pytest.param("odd_mode", with_row("mode", "P", fill="L"), "notice", id="a palette among grey ones"),
    ],
)
def test_a_planted_fault_is_found_with_its_image(check, columns, severity):
    findings = findings_of(made_index(noise_images(NUM_IMAGES), **columns))
    assert findings[check].image_ids.tolist() == [7]
    assert (findings[check].count, findings[check].severity) == (1, severity)
    assert findings[check].browse == {"check": check}
    assert all(findings[other].count == 0 for other in CHECKS if other != check)


def test_a_blank_picture_is_not_called_nearly_constant_too():
    images = noise_images(NUM_IMAGES)
    images[3] = 128
    findings = findings_of(made_index(images))
    assert (findings["blank"].image_ids.tolist(), findings["near_constant"].count) == ([3], 0)


def test_an_excluded_picture_is_in_no_finding_and_no_total():
    columns = with_row("readable", False, fill=True) | with_row("excluded", True, rows=(7, 8), fill=False)
    index = made_index(noise_images(NUM_IMAGES), **columns)
    finding = findings_of(index)["unreadable"]
    assert (finding.count, finding.total) == (0, NUM_IMAGES - 2)


def test_where_sizes_vary_only_small_and_stretched_pictures_are_odd():
    widths = [100 + number for number in range(NUM_IMAGES)]
    widths[5], widths[6] = 30, 400
    index = made_index(noise_images(NUM_IMAGES), width=widths, height=[100] * 5 + [30] + [100] * (NUM_IMAGES - 6))
    finding = findings_of(index)["odd_size"]
    assert finding.image_ids.tolist() == [5, 6]
    assert "1 are smaller than the 48 pixels" in finding.detail


def test_where_modes_vary_grey_and_colour_are_both_usual():
    modes = ["L", "RGB"] * (NUM_IMAGES // 2)
    modes[9] = "RGBA"
    assert findings_of(made_index(noise_images(NUM_IMAGES), mode=modes))["odd_mode"].image_ids.tolist() == [9]


def test_scores_say_how_strongly():
    contrast = np.full(NUM_IMAGES, 40.0)
    contrast[[4, 2]] = 3.0, 7.0
    finding = findings_of(made_index(noise_images(NUM_IMAGES), contrast=contrast))["near_constant"]
    assert (finding.image_ids.tolist(), finding.scores.tolist()) == ([4, 2], [3.0, 7.0])
