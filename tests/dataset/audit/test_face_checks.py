from dataclasses import dataclass

import numpy as np
import pytest

from fer_core.dataset.audit.face_checks import face_findings, look_for_faces, sample_pictures
from tests.dataset.audit.made_indexes import made_index, noise_images

CENTRED = (5.0, 2.0, 43.0, 46.0)
IDS = np.arange(20)


@dataclass(frozen=True)
class Face:
    bbox: tuple[float, float, float, float]
    score: float = 0.9


@pytest.fixture
def index():
    return made_index(noise_images(20))


def findings_of(index, faces_of):
    """Findings with a detector that answers picture by picture."""
    answers = iter([faces_of(number) for number in IDS])
    faces = look_for_faces(index, IDS, detect=lambda picture: next(answers))
    return {finding.check: finding for finding in face_findings(index, faces)}


def test_centred_faces_trigger_nothing(index):
    findings = findings_of(index, lambda number: [Face(CENTRED)])
    assert {check: (found.severity, found.count, found.total) for check, found in findings.items()} == {
        "face_not_found": ("fine", 0, 20),
        "off_centre": ("fine", 0, 20),
    }


def test_pictures_without_a_face_are_found(index):
    finding = findings_of(index, lambda number: [] if number in (3, 4) else [Face(CENTRED)])["face_not_found"]
    assert (finding.image_ids.tolist(), finding.severity) == ([3, 4], "warning")
    assert finding.detail == "In a sample of 20 of 20 pictures."


@pytest.mark.parametrize(
    "bbox", [(25.0, 2.0, 63.0, 46.0), (5.0, -25.0, 43.0, 20.0), (18.0, 18.0, 30.0, 32.0)], ids=["right", "up", "small"]
)
def test_faces_beside_the_middle_and_small_ones_are_found(index, bbox):
    finding = findings_of(index, lambda number: [Face(bbox if number == 6 else CENTRED)])["off_centre"]
    assert (finding.image_ids.tolist(), finding.severity) == ([6], "notice")


def test_the_surest_face_is_the_one_that_counts(index):
    faces = [Face((0.0, 0.0, 5.0, 5.0), 0.6), Face(CENTRED, 0.95)]
    assert findings_of(index, lambda number: faces)["off_centre"].count == 0


def test_the_detector_sees_rgb_of_the_index_or_what_the_reader_gives(index):
    shapes = []
    detect = lambda picture: shapes.append((picture.shape, picture.dtype)) or []  # noqa: E731
    look_for_faces(index, IDS[:1], detect=detect)
    look_for_faces(index, IDS[:1], detect=detect, read_picture=lambda image_id: np.zeros((96, 80, 3), np.uint8))
    assert shapes == [((48, 48, 3), np.uint8), ((96, 80, 3), np.uint8)]


def test_other_pixels_and_excluded_pictures_count_no_more(index):
    faces = look_for_faces(index, IDS, detect=lambda picture: [])
    faces.loc[faces["image_id"] == 0, "digest"] = "another"
    not_found, _ = face_findings(index.without([1]), faces)
    assert (not_found.count, not_found.total) == (18, 18)
    assert face_findings(index, faces.iloc[:0]) == []


def test_the_sample_is_repeatable_and_leaves_out_what_is_excluded(index):
    view = index.without([2])
    assert sample_pictures(view, 10).tolist() == sample_pictures(view, 10).tolist()
    assert sample_pictures(view, 100).tolist() == [number for number in range(20) if number != 2]
