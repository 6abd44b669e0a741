"""Every example is there, free to ship, and has the faces that its name promises."""

import io

import numpy as np
import pytest
from PIL import Image

from fer_app.prediction.photo_examples import EXAMPLES, example_picture
from fer_core.dataset.drawn.faces import drawn_face
from fer_core.faces import FaceDetector
from fer_core.images import read_image


@pytest.mark.parametrize(("name", "num_faces"), [("portrait", 1), ("six", 6), ("thirty", 30)])
def test_the_detector_finds_the_faces_of_each_example(name, num_faces):
    assert len(FaceDetector().detect(read_image(example_picture(name)))) == num_faces


def test_the_file_names_fit_the_content():
    for name, example in EXAMPLES.items():
        picture = Image.open(io.BytesIO(example_picture(name)))
        assert example.file_name.endswith({"JPEG": ".jpg", "PNG": ".png"}[picture.format])


def test_a_large_drawn_face_is_the_small_one_in_detail():
    small, large = (drawn_face("happy", 1, split="test", size=size).astype(float) for size in (48, 192))
    reduced = large.reshape(48, 4, 48, 4).mean(axis=(1, 3))
    assert np.abs(reduced - small).mean() < 6  # of 255: the noise is another one
