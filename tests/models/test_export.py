import shutil
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fer_core.errors import ModelError
from fer_core.models.classifier import load_classifier
from fer_core.models.export import export_package
from fer_core.models.package import PACKAGE_FILES, ModelPackage, read_package
from tests.models.networks import build_tiny_network, make_faces, make_info


def _predict(network: Any, faces: np.ndarray) -> np.ndarray:
    return np.asarray(network.predict_on_batch(faces.astype(np.float32)))


def test_a_package_is_whole_and_nothing_lies_beside_it(tiny_package: ModelPackage) -> None:
    assert sorted(file.name for file in tiny_package.folder.iterdir()) == sorted(PACKAGE_FILES)
    assert [each.name for each in tiny_package.folder.parent.iterdir()] == ["tiny"]
    assert set(tiny_package.info.digests) == {"model.keras", "model.tflite"}


def test_litert_and_keras_agree(tiny_package: ModelPackage) -> None:
    import keras

    faces = make_faces(70)
    expected = _predict(keras.saving.load_model(tiny_package.keras_path), faces)
    received = load_classifier(tiny_package).predict_uncalibrated(faces)
    assert np.abs(received - expected).mean() < 0.01
    assert (received.argmax(axis=1) == expected.argmax(axis=1)).mean() >= 0.9  # noise leaves many close to a tie


def test_the_keras_file_is_float32_and_without_an_optimizer(tiny_package: ModelPackage) -> None:
    import keras

    network = keras.saving.load_model(tiny_package.keras_path)
    assert {layer.compute_dtype for layer in network.layers} == {"float32"}
    assert not network.compiled


def test_class_maps_average_to_the_logits(tiny_package: ModelPackage) -> None:
    import keras
    from ai_edge_litert.interpreter import Interpreter

    runner = Interpreter(str(tiny_package.tflite_path)).get_signature_runner()
    (name,) = runner.get_input_details()
    seen = runner(**{name: make_faces(4).astype(np.float32)})
    assert seen["embedding"].shape == (4, 16)
    assert seen["class_maps"].shape == (4, 11, 11, 7)
    bias = keras.saving.load_model(tiny_package.keras_path).get_layer("probabilities").get_weights()[1]
    logits = seen["class_maps"].mean(axis=(1, 2)) + bias
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    assert np.allclose(powers / powers.sum(axis=1, keepdims=True), seen["probabilities"], atol=0.03)


def test_a_network_of_mixed_precision_exports_as_float32(tmp_path: Path) -> None:
    import keras

    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        network = build_tiny_network()
        network.compile(optimizer="sgd", loss="categorical_crossentropy")
        package = export_package(network, tmp_path / "mixed", make_info(network))
    finally:
        keras.config.set_dtype_policy("float32")
    rebuilt = keras.saving.load_model(package.keras_path)
    assert {layer.compute_dtype for layer in rebuilt.layers} == {"float32"}
    faces = make_faces(20)
    assert np.abs(load_classifier(package).predict_uncalibrated(faces) - _predict(rebuilt, faces)).mean() < 0.01
    assert network.get_layer("features").compute_dtype == "bfloat16"  # the trained one is left as it is


def test_an_older_package_is_replaced(tiny_package: ModelPackage, tmp_path: Path) -> None:
    network = build_tiny_network()
    folder = tmp_path / "run" / "model"
    shutil.copytree(tiny_package.folder, folder)
    (folder / "stray.txt").write_text("from before")
    export_package(network, folder, make_info(network, licence="MIT"))
    assert read_package(folder).info.licence == "MIT"
    assert [each.name for each in folder.parent.iterdir()] == ["model"]
    assert not (folder / "stray.txt").exists()


def test_a_failed_export_keeps_the_older_package(tiny_package: ModelPackage, tmp_path: Path) -> None:
    network = build_tiny_network()
    before = read_package(shutil.copytree(tiny_package.folder, tmp_path / "model"))
    head = network.get_layer("probabilities")
    head.set_weights([np.full_like(weights, np.nan) for weights in head.get_weights()])
    with pytest.raises(ModelError, match="train again"):
        export_package(network, tmp_path / "model", make_info(network))
    assert read_package(tmp_path / "model") == before
    assert [each.name for each in tmp_path.iterdir()] == ["model"]


@pytest.mark.skipif(sys.platform == "win32", reason="no limit on the size of files there")
def test_a_package_that_cannot_be_written_is_told_in_a_sentence(tiny_package: ModelPackage, tmp_path: Path) -> None:
    import resource

    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    network = build_tiny_network()
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, limits[1]))
    try:
        with pytest.raises(ModelError, match=r"cannot be written .*Make room"):
            export_package(network, tmp_path / "new", tiny_package.info)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert list(tmp_path.glob(".new*")) == []


@pytest.mark.parametrize("changes", [{"input_size": 40}, {"channels": 3}, {"class_names": ("a", "b")}], ids=str)
def test_a_network_that_the_info_does_not_fit_is_refused(tmp_path: Path, changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="info"):
        export_package(build_tiny_network(), tmp_path / "model", replace(make_info(), **changes))
    assert not list(tmp_path.iterdir())
