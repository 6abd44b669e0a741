import numpy as np
import pytest

from fer_core.dataset.audit.compression import jpeg_traces
from fer_core.dataset.audit.split_checks import compare_splits, comparison_table, split_findings
from fer_core.dataset.audit.split_measures import format_shares, measured_rows, split_histograms
from tests.dataset.audit.made_indexes import jpeg, made_index, noise_images

NUM_TRAIN, NUM_TEST = 600, 300
SPLITS = {"train": NUM_TRAIN, "test": NUM_TEST}
NUM_IMAGES = NUM_TRAIN + NUM_TEST
CHECKS = ("split_brightness", "split_contrast", "split_sharpness", "split_format", "split_compression")


@pytest.fixture(scope="module")
def images():
    return noise_images(NUM_IMAGES)


def findings_of(images, **columns):
    index = made_index(images, splits=SPLITS, **columns)
    return {finding.check: finding for finding in split_findings(compare_splits(measured_rows(index)))}


def changed(images, change):
    """The images with a change made to those of the test split."""
    images = images.copy()
    images[NUM_TRAIN:] = change(images[NUM_TRAIN:])
    return images


def blurred(images):
    import cv2

    return np.stack([cv2.GaussianBlur(image, (0, 0), 2) for image in images])[..., None]


def test_splits_of_one_kind_are_alike_in_everything(images):
    findings = findings_of(images)
    assert tuple(findings) == (*CHECKS[:3], "split_compression", "split_format")
    for finding in findings.values():
        assert (finding.severity, finding.count, finding.total, finding.browse) == ("fine", 0, NUM_TEST, {})


@pytest.mark.parametrize(
    ("check", "change", "says", "sort"),
    [
        ("split_brightness", lambda part: (part * 0.5).astype(np.uint8), "test is much darker", "brightness"),
        ("split_contrast", lambda part: (part // 3 + 85).astype(np.uint8), "test is much flatter", "contrast"),
        ("split_sharpness", blurred, "test is much blurrier", "sharpness"),
    ],
    ids=["darker", "flatter", "blurred"],
)
def test_a_split_that_looks_different_is_found_and_worded(images, check, change, says, sort):
    finding = findings_of(changed(images, change))[check]
    assert finding.severity == "problem"
    assert finding.detail.startswith(says)
    assert finding.count > 0.31 * NUM_TEST
    assert finding.browse == {"split": "test", "sort": sort}


def test_jpeg_test_pictures_beside_png_training_pictures_are_noticed(images):
    formats = ["PNG"] * NUM_TRAIN + ["JPEG"] * NUM_TEST
    findings = findings_of(changed(images, jpeg), format=formats, file_size=[2400] * NUM_TRAIN + [1500] * NUM_TEST)
    assert findings["split_format"].severity == "warning"
    assert findings["split_format"].detail == "train is 100 % PNG, test 100 % JPEG."
    assert findings["split_compression"].severity == "problem"
    assert "test is much more compressed than train" in findings["split_compression"].detail
    assert "test is much lighter in bytes than train" in findings["split_compression"].detail


def test_jpeg_pictures_that_were_saved_as_png_keep_their_traces(images):
    findings = findings_of(changed(images, jpeg))
    assert findings["split_format"].severity == "fine"
    assert findings["split_compression"].severity == "problem"


def test_lossless_formats_that_differ_are_a_notice_at_most(images):
    formats, sizes = ["PNG"] * NUM_TRAIN + ["BMP"] * NUM_TEST, [1500] * NUM_TRAIN + [3400] * NUM_TEST
    findings = findings_of(images, format=formats, file_size=sizes)
    assert findings["split_format"].severity == "notice"
    assert findings["split_compression"].severity == "notice"


def test_a_handful_of_pictures_proves_no_difference(images):
    index = made_index(images[:12], splits={"train": 6, "test": 6})
    differences = compare_splits(measured_rows(index))
    assert {difference.severity for difference in differences} == {"fine"}
    assert differences[0].verdict.startswith("Too few images to tell test from train")


def test_each_split_is_compared_with_train(images):
    index = made_index(images, splits={"validation": 300, "train": 300, "test": 300})
    table = comparison_table(compare_splits(measured_rows(index)))
    assert set(table["split"]) == {"train"}
    assert set(table["other"]) == {"test", "validation"}
    assert len(table) == 2 * 6


def test_one_split_alone_is_compared_with_nothing(images):
    differences = compare_splits(measured_rows(made_index(images)))
    assert differences == [] == split_findings(differences)
    assert list(comparison_table(differences).columns)[:4] == ["check", "measure", "split", "other"]


def test_scaled_pictures_have_no_traces_to_compare(images):
    rows = measured_rows(made_index(images, splits=SPLITS, width=200, height=200))
    assert rows["jpeg_traces"].isna().all()
    assert "jpeg_traces" not in {difference.measure for difference in compare_splits(rows)}
    assert set(split_histograms(rows)["measure"]) == {"brightness", "contrast", "sharpness", "bytes_per_pixel"}


@pytest.mark.parametrize("quality", [60, 75, 90, 95])
def test_traces_tell_jpeg_from_untouched_and_blurred_pictures(images, quality):
    ids = np.arange(60)
    untouched, smooth = jpeg_traces(images, ids), jpeg_traces(blurred(images[:60]), ids)
    compressed = jpeg_traces(jpeg(images[:60], quality), ids)
    assert np.quantile(compressed, 0.05) > max(np.quantile(untouched, 0.95), np.quantile(smooth, 0.95))


def test_shares_of_formats_sum_to_one_in_each_split(images):
    index = made_index(images, splits=SPLITS, format=["PNG", "JPEG"] * (NUM_IMAGES // 2))
    assert format_shares(index.select()).groupby("split")["share"].sum().tolist() == pytest.approx([1, 1])
