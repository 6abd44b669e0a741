"""Eyes and mouth are found in small crops of a real face, and guessed where there is no face."""

import cv2
import numpy as np
from skimage.data import astronaut

from fer_core.evaluation.counterfactuals import usual_landmarks
from fer_core.models.face_landmarks import find_landmarks


def test_a_small_face_shows_its_eyes_and_noise_gets_the_usual_places():
    face = cv2.resize(astronaut()[70:190, 165:285], (48, 48), interpolation=cv2.INTER_AREA)
    noise = np.random.default_rng(0).integers(0, 255, (48, 48, 3), np.uint8)
    seen = []
    landmarks, were_found = find_landmarks(np.stack([face, noise]), on_progress=lambda *now: seen.append(now))
    assert were_found.tolist() == [True, False]
    assert seen == [(2, 2)]
    assert np.abs(landmarks[0] - usual_landmarks(48)).max() < 10
    assert (landmarks[1] == usual_landmarks(48)).all()
    grey = cv2.cvtColor(face, cv2.COLOR_RGB2GRAY)[np.newaxis, ..., np.newaxis]
    assert np.abs(find_landmarks(grey)[0][0] - landmarks[0]).max() < 2
