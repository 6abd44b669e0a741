"""A predictor whose answers a test can foresee: faces are red blocks, and the more green is in one, the happier it is.

It costs time on a clock of its own, so that a slow computer is the same on every computer.
"""

import cv2
import numpy as np

from fer_core.faces import Detection
from fer_core.labels import EXPRESSIONS
from fer_core.prediction.results import Face
from tests.models.networks import make_info

HAPPY, SAD = EXPRESSIONS.index("happy"), EXPRESSIONS.index("sad")


class Clock:
    """Seconds that pass only when somebody says so."""

    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


class BlockPredictor:
    """Finds red blocks; reads `happy` with the share of green in them and `sad` with the rest."""

    def __init__(self, clock=None, *, detection_s=0.0, reading_s=0.0, notes=()):
        self.info = make_info(unsure_threshold={"one": 0.6, "all": 0.6})
        self.clock, self.detection_s, self.reading_s = clock or Clock(), detection_s, reading_s
        self.notes = notes  # quality notes of every face
        self.detected, self.read = [], []  # the time of each search, the boxes of each call
        self.failure = None

    def detect(self, image, *, passes=None):
        self.clock.now += self.detection_s
        self.detected.append(self.clock.now)
        if self.failure is not None:
            raise self.failure
        mask = ((image[..., 0] > 240) & (image[..., 2] < 20)).astype(np.uint8)
        boxes = cv2.connectedComponentsWithStats(mask)[2][1:, :4].astype(float)
        marks = np.zeros((5, 2), np.float32)
        return [
            Detection((x, y, x + width, y + height), 0.9, marks) for x, y, width, height in sorted(map(tuple, boxes))
        ]

    def read_boxes(self, image, boxes, *, landmarks=None, scores=None, views="all"):
        self.clock.now += self.reading_s * len(boxes)
        self.read.append(list(boxes))
        return tuple(self._face(image, box) for box in boxes)

    def _face(self, image, box):
        x1, y1, x2, y2 = (max(0, round(edge)) for edge in box)
        part = image[y1:y2, x1:x2]
        happy = float(part[..., 1][part[..., 0] > 240].mean()) / 255
        y_prob = np.zeros(len(EXPRESSIONS), np.float32)
        y_prob[HAPPY], y_prob[SAD] = happy, 1 - happy
        label = EXPRESSIONS[int(y_prob.argmax())]
        return Face(
            box, 0.9, None, y_prob, label, float(y_prob.max()), False, np.zeros((48, 48, 1), np.uint8), self.notes
        )


def blocks(*places, size=(320, 240)):
    """A grey frame with a block at each (x, y, share of happiness), 40 x 50 pixels, with dark eyes to follow."""
    frame = np.full((size[1], size[0], 3), 90, np.uint8)
    frame[::7] = 120
    for x, y, happy in places:
        left, top = round(x) - 20, round(y) - 25
        part = frame[max(0, top) : max(0, top + 50), max(0, left) : max(0, left + 40)]
        part[:] = (255, round(255 * happy), 0)
        part[10:20, 5:15] = part[10:20, -15:-5] = 0
    return frame
