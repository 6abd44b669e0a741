"""Adebayo et al., "Sanity Checks for Saliency Maps" (2018): maps that do not change with the weights explain nothing.

The shipped network loses what it learned, from its last layer down to its first; its heat maps must become others.
"""

import numpy as np
import pytest

from fer_core.dataset.drawn.faces import drawn_face
from fer_core.labels import EXPRESSIONS
from fer_core.models import find_model
from fer_core.models.grad_cam import open_keras_network
from fer_core.prediction.occlusion import agreement, centred

ALIKE, UNLIKE = 0.9, 0.35  # rank correlations; two maps that have nothing to do with each other reach 0.2 by chance


@pytest.fixture(scope="module")
def faces():
    """(14, 48, 48, 1) uint8, two of each expression."""
    drawn = [drawn_face(name, number, split="test", size=48) for name in EXPRESSIONS for number in (1, 2)]
    return np.stack(drawn).reshape(-1, 48, 48, 1)


def class_maps(network, faces):
    """What `Classifier.class_maps` returns, of a network in memory."""
    import keras

    features = keras.Model(network.input, network.get_layer("features").output)
    kernel = network.get_layer("probabilities").get_weights()[0]
    return np.asarray(features.predict_on_batch(faces.astype(np.float32))) @ kernel


@pytest.fixture(scope="module")
def randomised(faces):
    """Share of the layers with weights that were randomised, from the last one down -> the maps of the faces."""
    network = open_keras_network(find_model())
    layers = [layer for layer in network.layers if layer.get_weights()][::-1]
    rng, maps = np.random.default_rng(0), {0.0: class_maps(network, faces)}
    for number, layer in enumerate(layers, start=1):
        layer.set_weights([rng.permutation(weights.ravel()).reshape(weights.shape) for weights in layer.get_weights()])
        if number in (1, len(layers) // 2, len(layers)):
            maps[number / len(layers)] = class_maps(network, faces)
    return maps


def likeness(first, second):
    """Mean rank correlation of the maps of the classes that the network named while it was whole."""
    named = first.mean(axis=(1, 2)).argmax(axis=-1)
    return np.mean([agreement(centred(a, n), centred(b, n)) for a, b, n in zip(first, second, named, strict=True)])


def test_the_same_weights_give_the_same_maps(randomised):
    assert likeness(randomised[0.0], randomised[0.0]) > ALIKE


def test_without_what_was_learned_the_maps_are_others(randomised):
    whole = randomised[0.0]
    found = {share: likeness(whole, maps) for share, maps in randomised.items() if share}
    assert len(found) == 3
    assert all(abs(value) < UNLIKE for value in found.values()), found


def test_a_little_noise_on_the_weights_changes_little(faces, randomised):
    network = open_keras_network(find_model())
    rng = np.random.default_rng(0)
    for layer in network.layers:
        layer.set_weights([weights * (1 + 0.01 * rng.normal(size=weights.shape)) for weights in layer.get_weights()])
    assert likeness(randomised[0.0], class_maps(network, faces)) > ALIKE
