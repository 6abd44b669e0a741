"""A classifier whose answers a test can foresee: it reads brightness instead of expressions."""

import numpy as np

from tests.models.networks import make_info


class BrightnessClassifier:
    """The brighter the crop, the surer it says `happy`, else `sad`; it keeps what it was given."""

    def __init__(self, **info):
        self.info = make_info(**info)
        self.calls = []

    def predict(self, faces, views="all"):
        self.calls.append((faces, views))
        bright = faces.reshape(len(faces), -1).mean(axis=1) / 255 if len(faces) else np.empty(0)
        y_prob = np.zeros((len(faces), len(self.info.class_names)), np.float32)
        y_prob[:, self.info.class_names.index("happy")] = bright
        y_prob[:, self.info.class_names.index("sad")] = 1 - bright
        return y_prob
