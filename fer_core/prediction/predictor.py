"""From a picture to the expressions of its faces: detect, crop, classify.

Pictures of any kind come in; one `Prediction` each goes out. There is no other way through the house: pages, batches
and the command line all call `Predictor.predict` or `predict_batch`, and none of it needs TensorFlow.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from fer_core.faces import FaceDetector, crop_face, whole_picture
from fer_core.images import PictureSource, read_image
from fer_core.models.catalog import SHIPPED_NAME, find_model
from fer_core.models.classifier import Classifier, load_classifier
from fer_core.models.info import ModelInfo
from fer_core.models.package import ModelPackage
from fer_core.prediction.results import Face, Prediction, picture_name

FACE_MODES: dict[str, str] = {
    "detect": "find the faces of the picture",
    "whole": "take the whole picture as one face",
}


@dataclass(frozen=True, eq=False)
class _Cut:
    """A face before it is read: where it is and what the network will see."""

    bbox: tuple[float, float, float, float]
    score: float | None
    landmarks: npt.NDArray[np.float32] | None
    crop: npt.NDArray[np.uint8]


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
        cuts = [self._cut(picture, faces) for picture in pictures]
        probabilities = iter(self._read([cut.crop for its_cuts in cuts for cut in its_cuts], views))
        return [
            Prediction(
                image=picture,
                faces=tuple(self._face(cut, next(probabilities), views) for cut in its_cuts),
                class_names=self.class_names,
                name=name,
            )
            for picture, its_cuts, name in zip(pictures, cuts, names, strict=True)
        ]

    def _cut(self, picture: npt.NDArray[np.uint8], faces: str) -> list[_Cut]:
        size, channels = self.info.input_size, self.info.channels
        if faces == "whole":
            height, width = picture.shape[:2]
            crop = whole_picture(picture, size=size, channels=channels)
            return [_Cut((0.0, 0.0, float(width), float(height)), None, None, crop)]
        return [
            _Cut(
                found.bbox,
                found.score,
                found.landmarks,
                crop_face(picture, found.bbox, size=size, channels=channels, landmarks=found.landmarks),
            )
            for found in self._detector.detect(picture)
        ]

    def _read(self, crops: list[npt.NDArray[np.uint8]], views: str) -> npt.NDArray[np.float32]:
        """Classify the crops of all pictures; the classifier bounds what is in one call of the network."""
        size, channels = self.info.input_size, self.info.channels
        faces = np.stack(crops) if crops else np.empty((0, size, size, channels), np.uint8)
        return self._classifier.predict(faces, views)

    def _face(self, cut: _Cut, probabilities: npt.NDArray[np.float32], views: str) -> Face:
        best = int(probabilities.argmax())
        confidence = float(probabilities[best])
        return Face(
            bbox=cut.bbox,
            detection_score=cut.score,
            landmarks=cut.landmarks,
            probabilities=probabilities,
            label=self.class_names[best],
            confidence=confidence,
            unsure=confidence < self.info.unsure_threshold[views],
            crop=cut.crop,
        )


def load_predictor(package: ModelPackage | str | Path | None = None) -> Predictor:
    """Make a predictor.

    Args:
        package: A package, a model's name, or a package folder; the model that comes along when None.

    Raises:
        ModelError: If there is no such model, or a file is missing or damaged.
    """
    if not isinstance(package, ModelPackage):
        package = find_model(SHIPPED_NAME if package is None else package)
    return Predictor(load_classifier(package), FaceDetector())


def _name(image: Picture, number: int) -> str:
    return picture_name(image) if isinstance(image, str | Path) else f"picture {number}"
