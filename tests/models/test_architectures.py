from pathlib import Path

import numpy as np
import pytest

from fer_core.errors import ModelError
from fer_core.models.architectures import ARCHITECTURES, build_network
from fer_core.models.classifier import load_classifier
from fer_core.models.export import export_package
from tests.models.networks import make_faces, make_info


@pytest.mark.parametrize(("architecture", "channels"), [*((name, 1) for name in ARCHITECTURES), ("small", 3)])
def test_every_architecture_builds_saves_reloads_and_exports(tmp_path: Path, architecture: str, channels: int) -> None:
    import keras

    classes = ("yes", "no", "perhaps")
    network = build_network(architecture, num_classes=len(classes), input_size=48, channels=channels)
    info = make_info(network, architecture=architecture, channels=channels, class_names=classes)
    package = export_package(network, tmp_path / "model", info)
    faces = make_faces(5, channels=channels)
    kept = keras.saving.load_model(package.keras_path).predict_on_batch(faces.astype(np.float32))
    for y_prob in (np.asarray(kept), load_classifier(package).predict(faces)):
        assert y_prob.shape == (5, len(classes))
        assert np.allclose(y_prob.sum(axis=1), 1, atol=1e-4)


def test_an_unknown_architecture_lists_the_known_ones() -> None:
    with pytest.raises(ModelError, match="compact"):
        build_network("resnet-999", num_classes=7, input_size=48, channels=1)
