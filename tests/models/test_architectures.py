from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fer_core.errors import ModelError
from fer_core.models.architectures import ARCHITECTURES, build_network
from fer_core.models.arithmetic import count_macs
from fer_core.models.classifier import load_classifier
from fer_core.models.export import export_package
from tests.models.networks import make_faces, make_info, spread_answers

_LONG = {"mini_xception", "vgg", "resnet", *(name for name, each in ARCHITECTURES.items() if each.is_pretrained)}
CLASSES = ("yes", "no", "perhaps")


def _marked(name: str, *values: Any) -> Any:
    return pytest.param(
        name, *values, id="-".join(map(str, (name, *values))), marks=[pytest.mark.slow] * (name in _LONG)
    )


@pytest.mark.parametrize(
    ("architecture", "channels"),
    [*(_marked(name, 1) for name in ARCHITECTURES), _marked("small", 3), _marked("vgg16", 3)],
)
def test_every_architecture_builds_saves_reloads_and_exports(tmp_path: Path, architecture: str, channels: int) -> None:
    import keras
    from ai_edge_litert.interpreter import Interpreter

    keras.utils.set_random_seed(0)  # of some weights int8 makes more than of others
    network = build_network(architecture, num_classes=len(CLASSES), input_size=48, channels=channels)
    spread_answers(network)
    info = make_info(network, architecture=architecture, channels=channels, class_names=CLASSES)
    package = export_package(network, tmp_path / "model", info)
    faces = make_faces(8, channels=channels)
    kept = np.asarray(keras.saving.load_model(package.keras_path).predict_on_batch(faces.astype(np.float32)))
    exported = load_classifier(package).predict_uncalibrated(faces)
    for y_prob in (kept, exported):
        assert y_prob.shape == (8, len(CLASSES))
        assert np.allclose(y_prob.sum(axis=1), 1, atol=1e-4)
    assert np.abs(exported - kept).mean() < 0.05
    (signature,) = Interpreter(str(package.tflite_path)).get_signature_list().values()
    assert sorted(signature["outputs"]) == ["class_maps", "embedding", "probabilities"]
    assert kept.std(axis=0).max() > 0.01  # different pictures, different answers


@pytest.mark.parametrize("architecture", [_marked(name) for name in ARCHITECTURES])
def test_no_weight_depends_on_the_pictures_size(architecture: str) -> None:
    small, large = (
        build_network(architecture, num_classes=3, input_size=size, channels=1) for size in (None, 64)
    )  # fmt: skip
    assert [weight.shape for weight in small.weights] == [weight.shape for weight in large.weights]
    assert [layer in [each.name for each in small.layers] for layer in ("features", "embedding", "probabilities")]
    assert small(np.zeros((1, 40, 40, 1), np.float32)).shape == (1, 3)


@pytest.mark.parametrize("architecture", [_marked(name) for name in ARCHITECTURES])
def test_the_table_says_how_large_a_network_is(architecture: str) -> None:
    network = build_network(architecture, num_classes=7, input_size=48, channels=1)
    described = ARCHITECTURES[architecture]
    assert (described.num_parameters, described.num_macs) == (network.count_params(), count_macs(network))
    assert described.name == architecture


def test_an_unknown_architecture_lists_the_known_ones() -> None:
    with pytest.raises(ModelError, match="compact"):
        build_network("resnet-999", num_classes=7, input_size=48, channels=1)
