"""What the browser tests look for in the video, the fake camera itself does not show."""

import numpy as np

from tests.browser.fake_camera import two_faces
from tests.browser.test_webcam import HAPPY


def test_its_faces_have_the_overlays_colour_in_no_picture():
    pixels = np.abs(two_faces(0.3).astype(int) - HAPPY).max(axis=2)
    assert (pixels < 60).sum() == 0
