import hashlib
import socket
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fer_core.errors import Cancelled, TrainingError
from fer_core.models.architectures import ARCHITECTURES, build_network
from fer_core.models.pretrained import BACKBONES, Backbone, WeightsFile, fetch_weights, load_imagenet_weights
from tests.dataset.web_server import WebServer, running_server

CONTENT = bytes(range(256)) * 2000


def _file(server: WebServer, content: bytes = CONTENT) -> WeightsFile:
    server.content = content
    return WeightsFile(server.url, hashlib.md5(content).hexdigest(), len(content))


def test_weights_come_once_and_are_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told: list[tuple[int, int]] = []
    with running_server() as server:
        file = _file(server)
        for _ in range(2):
            path = fetch_weights(
                file, "Tiny", folder=tmp_path / "weights", on_progress=lambda *now: told.append(now)
            )  # fmt: skip
        assert len(server.requests) == 1
    assert path == tmp_path / "weights" / "faces.zip"
    assert path.read_bytes() == CONTENT
    assert (len(CONTENT), len(CONTENT)) in told
    assert capsys.readouterr().out == ""  # the standard output belongs to the command line


def test_a_damaged_copy_is_fetched_again(tmp_path: Path) -> None:
    with running_server() as server:
        file = _file(server)
        (tmp_path / file.name).write_bytes(b"half")
        assert fetch_weights(file, "Tiny", folder=tmp_path).read_bytes() == CONTENT


def test_a_wrong_hash_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    with running_server() as server:
        file = replace(_file(server), md5="0" * 32)
        with pytest.raises(TrainingError, match="damaged or another file"):
            fetch_weights(file, "Tiny", folder=tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_broken_connection_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    with running_server() as server:
        file = _file(server)
        server.answers = [server.breaking_after(1000)]
        with pytest.raises(TrainingError, match=r"ImageNet weights of Tiny could not be loaded from 127.0.0.1"):
            fetch_weights(file, "Tiny", folder=tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_silent_server_is_given_up(tmp_path: Path) -> None:
    with running_server() as server:
        file = _file(server)
        server.answers = [server.silent_after(1000, seconds=2)]
        with pytest.raises(TrainingError, match="nothing came for"):
            fetch_weights(file, "Tiny", folder=tmp_path, longest_silence=0.5)


def test_offline_says_what_to_do(tmp_path: Path) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}/tiny.h5"
    with pytest.raises(TrainingError, match="Connect this computer") as raised:
        fetch_weights(WeightsFile(url, "0" * 32, 1), "Tiny", folder=tmp_path)
    assert "refused" in str(raised.value)
    assert url in str(raised.value)
    assert str(tmp_path) in str(raised.value)


def test_a_stop_request_ends_the_wait(tmp_path: Path) -> None:
    def stop(done: int, total: int) -> None:
        raise Cancelled("Stopped on request.")

    with running_server() as server:
        file = _file(server)
        server.answers = [server.silent_after(1000, seconds=1)]
        with pytest.raises(Cancelled):
            fetch_weights(file, "Tiny", folder=tmp_path, on_progress=stop)


def test_every_pretrained_architecture_has_its_backbone() -> None:
    assert list(BACKBONES) == [name for name, architecture in ARCHITECTURES.items() if architecture.is_pretrained]


@pytest.mark.parametrize("name", BACKBONES)
def test_addresses_and_hashes_are_those_of_keras(name: str) -> None:
    from keras.src.applications import efficientnet_v2, mobilenet_v3, resnet, vgg16

    file = BACKBONES[name].weights
    known = {
        "resnet50": (resnet.BASE_WEIGHTS_PATH, resnet.WEIGHTS_HASHES["resnet50"][1]),
        "vgg16": (vgg16.WEIGHTS_PATH_NO_TOP, file.md5),  # its hash stands inside a function
        "efficientnetv2b0": (efficientnet_v2.BASE_WEIGHTS_PATH, efficientnet_v2.WEIGHTS_HASHES["b0"][1]),
        "mobilenetv3": (mobilenet_v3.BASE_WEIGHT_PATH, mobilenet_v3.WEIGHTS_HASHES["large_224_1.0_float"][1]),
    }
    address, md5 = known[name]
    assert file.url.startswith(address)
    assert file.md5 == md5


@pytest.mark.slow
@pytest.mark.parametrize("name", BACKBONES)
def test_a_backbone_sees_what_its_application_sees(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import keras

    backbone = BACKBONES[name]
    shape = (backbone.size, backbone.size, 3)
    application = getattr(keras.applications, backbone.application)(include_top=False, weights=None, input_shape=shape)
    _unsettle(application)
    pictures = np.random.default_rng(0).integers(0, 256, (2, *shape)).astype(np.float32)
    prepared = _preprocessing(name)(pictures.copy())
    expected = np.asarray(application.predict_on_batch(prepared))
    monkeypatch.setitem(BACKBONES, name, _kept_here(application, backbone, tmp_path, monkeypatch))
    network = build_network(name, num_classes=3, input_size=None, channels=3)
    load_imagenet_weights(network, name)
    features = keras.Model(network.input, network.get_layer("features").output)
    received = np.asarray(features.predict_on_batch(pictures))
    assert np.abs(expected).max() > 0
    assert np.allclose(received, expected, atol=1e-3 * np.abs(expected).max())


@pytest.mark.slow
def test_batch_norm_of_a_backbone_never_moves() -> None:
    from keras import layers

    network = build_network("mobilenetv3", num_classes=3, input_size=48, channels=1)
    network.compile(optimizer="sgd", loss="categorical_crossentropy")
    norms = [layer for layer in network.layers if isinstance(layer, layers.BatchNormalization)]
    before = [weight for layer in norms for weight in layer.get_weights()]
    faces = np.random.default_rng(0).integers(0, 256, (8, 48, 48, 1)).astype(np.float32)
    network.train_on_batch(faces, np.eye(3, dtype=np.float32)[np.arange(8) % 3])
    after = [weight for layer in norms for weight in layer.get_weights()]
    assert all(np.array_equal(first, second) for first, second in zip(before, after, strict=True))


def _unsettle(network: Any) -> None:
    """Give every batch norm statistics of its own, so that a mistake in their order shows."""
    random = np.random.default_rng(1)
    for layer in network.layers:
        if type(layer).__name__ == "BatchNormalization":
            layer.set_weights([weight * random.uniform(0.8, 1.2, weight.shape) for weight in layer.get_weights()])


def _preprocessing(name: str) -> Any:
    import keras

    modules = {"resnet50": "resnet", "vgg16": "vgg16"}
    plain = getattr(keras.applications, modules[name]).preprocess_input if name in modules else None
    return plain or (lambda pictures: pictures)


def _kept_here(application: Any, backbone: Backbone, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Backbone:
    """Put an application's weights where downloaded ones are kept, in the old format that Keras offers them in."""
    monkeypatch.setenv("FER_HOME", str(folder))
    path = folder / "weights" / "own.h5"
    path.parent.mkdir()
    application.save(path)
    md5 = hashlib.md5(path.read_bytes()).hexdigest()
    return replace(backbone, weights=WeightsFile("http://127.0.0.1:9/own.h5", md5, 1))
