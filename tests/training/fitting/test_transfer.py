import hashlib
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fer_core.dataset import Dataset
from fer_core.errors import TrainingError
from fer_core.labels import EXPRESSIONS
from fer_core.models.architectures import build_network
from fer_core.models.export import export_package
from fer_core.models.package import ModelPackage, read_package
from fer_core.models.pretrained import BACKBONES, WeightsFile
from fer_core.settings import load_settings
from fer_core.training import TrainConfig
from fer_core.training.fitting.transfer import freeze_backbone, load_starting_weights
from tests.dataset.web_server import running_server
from tests.models.networks import make_info
from tests.training.fitting.fits import StoppingReporter, add_drawn_faces, fit, metrics_of

CLASSES = ("glad", "gloomy", "other")


def _network(channels: int = 1, num_classes: int = 3, architecture: str = "small") -> Any:
    return build_network(architecture, num_classes=num_classes, input_size=48, channels=channels)


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> ModelPackage:
    network = _network()
    info = make_info(network, architecture="small", class_names=CLASSES)
    return export_package(network, tmp_path_factory.mktemp("models") / "earlier", info)


@pytest.fixture
def earlier(exported: ModelPackage, fer_home: Path) -> ModelPackage:
    """A package in the FER_HOME in force."""
    return read_package(shutil.copytree(exported.folder, load_settings().models_folder / "earlier"))


@pytest.fixture
def config() -> TrainConfig:
    return TrainConfig("faces", architecture="small", from_model="earlier")


def _body(network: Any) -> list[np.ndarray]:
    return [weight for layer in network.layers if layer.name != "probabilities" for weight in layer.get_weights()]


def _same(one: list[np.ndarray], other: list[np.ndarray]) -> bool:
    return all(np.array_equal(first, second) for first, second in zip(one, other, strict=True))


def test_all_but_the_classifier_is_taken_over(earlier: ModelPackage, config: TrainConfig) -> None:
    import keras

    learned = keras.saving.load_model(earlier.keras_path)
    network = build_network("small", num_classes=5, input_size=None, channels=1)
    head = network.get_layer("probabilities").get_weights()
    load_starting_weights(config, network, ("a", "b", "c", "d", "e"))
    assert _same(_body(network), _body(learned))
    assert _same(network.get_layer("probabilities").get_weights(), head)


def test_the_same_classes_in_another_order_keep_their_classifier(earlier: ModelPackage, config: TrainConfig) -> None:
    import keras

    faces = np.random.default_rng(0).integers(0, 256, (4, 48, 48, 1)).astype(np.float32)
    expected = np.asarray(keras.saving.load_model(earlier.keras_path)(faces))
    network = _network()
    load_starting_weights(config, network, ("other", "glad", "gloomy"))
    assert np.allclose(np.asarray(network(faces)), expected[:, [2, 0, 1]], atol=1e-6)


def test_other_class_names_get_a_classifier_of_their_own(earlier: ModelPackage, config: TrainConfig) -> None:
    network = _network()
    head = network.get_layer("probabilities").get_weights()
    load_starting_weights(config, network, ("one", "two", "three"))
    assert _same(network.get_layer("probabilities").get_weights(), head)


@pytest.mark.parametrize(
    ("settings", "channels", "message"),
    [
        pytest.param({"architecture": "compact"}, 1, "'small' and cannot begin a training of 'compact'", id="other"),
        pytest.param({}, 3, "reads grey pictures, and the dataset has colour ones", id="colours"),
    ],
)
def test_what_does_not_fit_is_refused(
    earlier: ModelPackage, settings: dict[str, Any], channels: int, message: str
) -> None:
    config = TrainConfig("faces", **{"architecture": "small", "from_model": "earlier"} | settings)
    with pytest.raises(TrainingError, match=message):
        load_starting_weights(config, _network(channels, architecture=config.architecture))


def test_a_frozen_backbone_learns_only_its_classifier() -> None:
    network = _network()
    freeze_backbone(network, True)
    assert [weight.path for weight in network.trainable_weights] == ["probabilities/kernel", "probabilities/bias"]
    network.compile(optimizer="sgd", loss="categorical_crossentropy")
    before = _body(network)
    faces = np.random.default_rng(0).integers(0, 256, (8, 48, 48, 1)).astype(np.float32)
    network.train_on_batch(faces, np.eye(3, dtype=np.float32)[np.arange(8) % 3])
    assert _same(_body(network), before)  # the statistics of batch norm included
    freeze_backbone(network, False)
    assert all(layer.trainable for layer in network.layers)


@pytest.mark.slow
def test_unfreezing_an_imagenet_backbone_leaves_its_batch_norm() -> None:
    from keras import layers

    network = _network(architecture="mobilenetv3")
    for frozen in (True, False):
        freeze_backbone(network, frozen)
    still = {type(layer) for layer in network.layers if not layer.trainable}
    assert still == {layers.BatchNormalization}


@pytest.mark.slow
def test_beginning_with_the_model_that_comes_along_beats_beginning_from_scratch(fer_home: Path, tmp_path: Path) -> None:
    dataset: Dataset = add_drawn_faces(tmp_path, num_train=20 * len(EXPRESSIONS), num_test=70)
    rows = dataset.index.select(split="test")
    faces, truth = dataset.index.images[rows["image_id"]].astype(np.float32), dataset.index.label_numbers(rows)
    accuracy = {}
    for from_model in ("", "default"):
        config = TrainConfig(dataset.name, epochs=6, batch_size=16, from_model=from_model)
        network = fit(dataset, config, tmp_path / f"run-{from_model}")
        accuracy[from_model] = (network.predict(faces, verbose=0).argmax(axis=1) == truth).mean()
    assert accuracy["default"] > accuracy[""] + 0.2


@pytest.mark.slow
def test_a_training_that_begins_with_imagenet_learns_its_head_first(
    fer_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import keras

    application = keras.applications.MobileNetV3Large(include_top=False, weights=None)
    file = tmp_path / "made-here.h5"
    application.save(file)
    with running_server() as server:
        server.content = file.read_bytes()
        weights = WeightsFile(
            server.url.replace(".zip", ".h5"), hashlib.md5(server.content).hexdigest(), len(server.content)
        )
        monkeypatch.setitem(BACKBONES, "mobilenetv3", replace(BACKBONES["mobilenetv3"], weights=weights))
        dataset = add_drawn_faces(tmp_path)
        config = TrainConfig(dataset.name, architecture="mobilenetv3", epochs=2, batch_size=8, head_epochs=1)
        reporter = StoppingReporter()
        network = fit(dataset, config, tmp_path / "run", reporter)
    assert len(server.requests) == 1
    assert [row[-1] for row in metrics_of(tmp_path / "run")] == ["head", "all"]
    for layer in application.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            assert _same(layer.get_weights(), network.get_layer(layer.name).get_weights())
