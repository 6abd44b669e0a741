"""Gradients against what is known without them, and who may have a Keras network opened."""

import shutil

import numpy as np
import pytest

from fer_core.errors import ModelError
from fer_core.jobs import run_here
from fer_core.models.classifier import load_classifier
from fer_core.models.grad_cam import grad_cam_job, grad_cam_maps, open_keras_network, pack_crop, unpack_crop
from fer_core.models.origin import Origin, confirm_trust, write_origin
from fer_core.models.package import KERAS_FILE, read_package
from tests.models.networks import build_tiny_network, make_faces


def test_behind_global_pooling_the_gradients_are_the_class_maps(tiny_package):
    faces = make_faces(4)
    received = grad_cam_maps(open_keras_network(tiny_package), faces)
    expected = load_classifier(tiny_package, engine="keras").class_maps(faces)
    assert received.shape == expected.shape
    assert np.abs(expected).max() > 1
    assert np.allclose(received, expected, atol=1e-3)


@pytest.mark.parametrize("ends", ["dense", "softmax", "activation"])
def test_without_pooling_the_weights_are_the_mean_gradient_of_the_logit(ends):
    import keras
    from keras import layers

    keras.utils.set_random_seed(1)
    inputs = keras.Input((12, 12, 1))
    features = layers.Conv2D(4, 3, strides=2, activation="relu")(inputs)
    head = layers.Dense(3, activation="softmax" if ends == "dense" else None)
    outputs = {"dense": lambda x: x, "softmax": layers.Softmax(), "activation": layers.Activation("softmax")}[ends](
        head(layers.Flatten()(features))
    )
    network = keras.Model(inputs, outputs)
    kernel = np.asarray(head.get_weights()[0]).reshape(5, 5, 4, 3)  # the logit's gradient at each place
    faces = make_faces(2, size=12)
    maps = np.asarray(keras.Model(inputs, features)(faces.astype(np.float32)))
    expected = np.einsum("nhwk,kc->nhwc", maps, kernel.sum(axis=(0, 1)))
    assert np.allclose(grad_cam_maps(network, faces), expected, rtol=1e-3, atol=1e-3 * np.abs(expected).max())


def test_a_network_that_is_sure_still_has_gradients():
    network = build_tiny_network()
    head = network.get_layer("probabilities")
    kernel, bias = head.get_weights()
    head.set_weights([30 * kernel, 30 * bias])
    faces = make_faces(4)
    assert network.predict_on_batch(faces.astype(np.float32)).max() > 0.9999
    maps, usual = (grad_cam_maps(each, faces) for each in (network, build_tiny_network()))
    assert np.allclose(maps, 30 * usual, rtol=1e-3, atol=1e-2)


def test_a_network_without_a_feature_map_says_so():
    import keras
    from keras import layers

    network = keras.Sequential([keras.Input((8, 8, 1)), layers.Flatten(), layers.Dense(2, activation="softmax")])
    with pytest.raises(ModelError, match="no feature map"):
        grad_cam_maps(network, make_faces(1, size=8))


@pytest.mark.parametrize("channels", [1, 3])
def test_a_crop_comes_out_of_its_text_as_it_was(channels):
    crop = make_faces(1, channels=channels)[0]
    assert np.array_equal(unpack_crop(pack_crop(crop), channels), crop)


def test_the_job_returns_the_maps(tiny_package, tmp_path):
    crop = make_faces(1)[0]
    target = "fer_core.models.grad_cam:grad_cam_job"
    assert target.endswith(grad_cam_job.__name__)
    result = run_here(tmp_path / "job", target, {"model": str(tiny_package.folder), "crop": pack_crop(crop)}, title="")
    expected = grad_cam_maps(open_keras_network(tiny_package), crop[np.newaxis])[0]
    assert np.allclose(result["maps"], expected, atol=1e-5)


def test_an_imported_network_stays_closed_until_somebody_vouches_for_it(tiny_package, tmp_path):
    package = read_package(shutil.copytree(tiny_package.folder, tmp_path / "theirs"))
    write_origin(Origin("theirs.zip", "0" * 64, "2026-01-01T00:00:00+00:00"), package.folder)
    with pytest.raises(ModelError, match="stays closed"):
        open_keras_network(package)
    confirm_trust(package.folder)
    assert open_keras_network(package).count_params()


def test_a_network_that_was_changed_is_not_opened(tiny_package, tmp_path):
    package = read_package(shutil.copytree(tiny_package.folder, tmp_path / "mine"))
    with (package.folder / KERAS_FILE).open("ab") as file:
        file.write(b" ")
    with pytest.raises(ModelError, match="changed or damaged"):
        open_keras_network(package)
