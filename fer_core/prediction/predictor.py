"""From a picture to the expressions of its faces: detect, crop, classify.

Pictures of any kind come in; one `Prediction` each goes out. There is no other way through the house: pages, batches
and the command line all call `Predictor.predict` or `predict_batch`, and none of it needs TensorFlow.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from fer_core.faces import Detection, FaceDetector
from fer_core.images import PictureSource, read_image
from fer_core.models.catalog import SHIPPED_NAME, find_model
from fer_core.models.classifier import Classifier, load_classifier
from fer_core.models.info import ModelInfo
from fer_core.models.package import ModelPackage
from fer_core.prediction.cuts import Box, FaceCut, cut_boxes, cut_whole
from fer_core.prediction.explain import heat_map
from fer_core.prediction.results import Face, Prediction, picture_name, why_unsure

FACE_MODES: dict[str, str] = {
    "detect": "find the faces of the picture",
    "whole": "take the whole picture as one face",
}


Picture = PictureSource | npt.NDArray[np.uint8]


class Predictor:
    """A detector and a classifier at work together; threads may share one.

    Args:
        classifier: Reads face crops.
        detector: Finds faces.
    """

    def __init__(self, classifier: Classifier, detector: FaceDetector) -> None:
        self._classifier = classifier
        self._detector = detector

    @property
    def info(self) -> ModelInfo:
        """What the model's package says about it."""
        return self._classifier.info

    @property
    def classifier(self) -> Classifier:
        """What reads the crops, for whoever explains its answers."""
        return self._classifier

    @property
    def class_names(self) -> tuple[str, ...]:
        """Classes in the order of the probabilities."""
        return self.info.class_names

    def predict(
        self, image: Picture, *, faces: str = "detect", views: str = "all", name: str | None = None
    ) -> Prediction:
        """Read the faces of one picture.

        Args:
            image: A path, the bytes of a file, a Pillow image, or an array that `images.read_image` takes.
            faces: A name of `FACE_MODES`.
            views: `all` (ten views a face, more accurate) or `one` (ten times as fast).
            name: What the picture is called in tables; the path as given when None.

        Returns:
            The picture with its faces; without a face, an empty one.

        Raises:
            ImageError: If the picture cannot be read.
        """
        return self.predict_batch([image], faces=faces, views=views, names=None if name is None else [name])[0]

    def predict_batch(
        self,
        images: Sequence[Picture],
        *,
        faces: str = "detect",
        views: str = "all",
        names: Sequence[str] | None = None,
    ) -> list[Prediction]:
        """Read the faces of several pictures, all faces together; arguments as for `predict`.

        Every picture stays in memory with its prediction: hand over thousands through `batch.predict_files`.
        """
        if faces not in FACE_MODES:
            raise ValueError(f"faces is {faces!r}; known: {', '.join(FACE_MODES)}")
        names = [_name(image, number) for number, image in enumerate(images, start=1)] if names is None else names
        if len(names) != len(images):
            raise ValueError(f"received {len(names)} names for {len(images)} pictures")
        pictures = [read_image(image) for image in images]
        cuts = [self._cuts(picture, faces) for picture in pictures]
        read = iter(self._read([cut for its_cuts in cuts for cut in its_cuts], views))
        return [
            Prediction(picture, tuple(next(read) for _ in its_cuts), self.class_names, name)
            for picture, its_cuts, name in zip(pictures, cuts, names, strict=True)
        ]

    def detect(self, image: npt.NDArray[np.uint8], *, passes: tuple[int, ...] | None = None) -> list[Detection]:
        """Find the faces of a picture without reading them.

        Args:
            image: (height, width, 3) uint8 RGB, upright.
            passes: Long sides in pixels at which it is searched; those of the detector when None.
        """
        return self._detector.detect(image, passes=passes)

    def read_boxes(
        self,
        image: npt.NDArray[np.uint8],
        boxes: Sequence[Box],
        *,
        landmarks: Sequence[npt.NDArray[np.float32] | None] | None = None,
        scores: Sequence[float | None] | None = None,
        views: str = "all",
    ) -> tuple[Face, ...]:
        """Read faces whose places are known: what `predict` does once it has found them.

        Args:
            image: (height, width, 3) uint8 RGB, upright.
            boxes: x1, y1, x2, y2 of each face in pixels; may run outside the picture.
            landmarks: (5, 2) float32 for each box, or None; with them a tilted face is turned upright.
            scores: The detector's certainty for each box, or None; handed on.
            views: As for `predict`.

        Returns:
            One face a box, in their order.
        """
        return tuple(self._read(cut_boxes(image, boxes, self.info, landmarks=landmarks, scores=scores), views))

    def heat_map(self, face: Face, class_name: str | None = None) -> npt.NDArray[np.float32]:
        """Return which places of a face speak for a class; `explain.draw_heat_map` lays it over the crop.

        Args:
            face: A face that this predictor read.
            class_name: The class; the face's label when None.

        Returns:
            (size, size) float32, 0-1, in the frame of `face.crop`, of the face as it is (one view).

        Raises:
            ModelError: If the model cannot show where it looks.
            ValueError: If it has no such class.
        """
        class_name = face.label if class_name is None else class_name
        if class_name not in self.class_names:
            raise ValueError(f"class_name is {class_name!r}; known: {', '.join(self.class_names)}")
        (class_maps,) = self._classifier.class_maps(face.crop[np.newaxis])
        return heat_map(class_maps, self.class_names.index(class_name), self.info.input_size)

    def _cuts(self, picture: npt.NDArray[np.uint8], faces: str) -> list[FaceCut]:
        if faces == "whole":
            return [cut_whole(picture, self.info)]
        found = self.detect(picture)
        return cut_boxes(
            picture,
            [face.bbox for face in found],
            self.info,
            landmarks=[face.landmarks for face in found],
            scores=[face.score for face in found],
        )

    def _read(self, cuts: Sequence[FaceCut], views: str) -> list[Face]:
        """Classify the cuts of all pictures; the classifier bounds what is in one call of the network."""
        size, channels = self.info.input_size, self.info.channels
        crops = np.stack([cut.crop for cut in cuts]) if cuts else np.empty((0, size, size, channels), np.uint8)
        y_prob = self._classifier.predict(crops, views)
        return [self._face(cut, probabilities, views) for cut, probabilities in zip(cuts, y_prob, strict=True)]

    def _face(self, cut: FaceCut, probabilities: npt.NDArray[np.float32], views: str) -> Face:
        best = int(probabilities.argmax())
        confidence = float(probabilities[best])
        reason = why_unsure(confidence, cut.quality, self.info.unsure_threshold[views])
        return Face(
            bbox=cut.bbox,
            detection_score=cut.score,
            landmarks=cut.landmarks,
            probabilities=probabilities,
            label=self.class_names[best],
            confidence=confidence,
            unsure=bool(reason),
            crop=cut.crop,
            quality=cut.quality,
            unsure_reason=reason,
        )


def load_predictor(package: ModelPackage | str | Path | None = None, *, engine: str = "litert") -> Predictor:
    """Make a predictor.

    Args:
        package: A package, a model's name, or a package folder; the model that comes along when None.
        engine: A name of `classifier.ENGINES`: `litert`, or `keras`, which loads TensorFlow.

    Raises:
        ModelError: If there is no such model, or a file is missing or damaged.
    """
    if not isinstance(package, ModelPackage):
        package = find_model(SHIPPED_NAME if package is None else package)
    return Predictor(load_classifier(package, engine=engine), FaceDetector())


def _name(image: Picture, number: int) -> str:
    return picture_name(image) if isinstance(image, str | Path) else f"picture {number}"
