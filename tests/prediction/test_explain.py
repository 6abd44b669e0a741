import time

import cv2
import numpy as np
import pytest

from fer_core.dataset.drawn.faces import drawn_face
from fer_core.errors import ModelError
from fer_core.labels import EXPRESSIONS
from fer_core.models.classifier import Classifier
from fer_core.prediction import load_predictor
from fer_core.prediction.explain import draw_heat_map, heat_map
from tests.models.networks import make_faces
from tests.scenes import portrait


@pytest.fixture(scope="module")
def predictor():
    return load_predictor()


@pytest.fixture(scope="module")
def face(predictor):
    (found,) = predictor.predict(portrait(), views="one").faces
    return found


def test_class_maps_add_up_to_the_logits(predictor):
    classifier = predictor._classifier
    faces = np.stack([drawn_face(name, 1, split="test", size=48) for name in EXPRESSIONS]).reshape(-1, 48, 48, 1)
    logits = classifier.class_maps(faces).mean(axis=(1, 2))
    said = np.log(classifier.predict_uncalibrated(faces))
    between_classes = [values - values.mean(axis=1, keepdims=True) for values in (logits, said)]
    between_faces = [values - values[:1] for values in between_classes]  # takes off the constant of each class
    assert np.abs(between_faces[0] - between_faces[1]).max() < 0.15  # int8 weights
    assert np.abs(between_faces[1]).max() > 1


@pytest.mark.parametrize("axis", [0, 1], ids=["above", "left"])
def test_the_map_lies_on_the_places_it_speaks_of(predictor, axis):
    crop = make_faces(1)[0]
    changed = crop.copy()
    place = (slice(0, 16), slice(None)) if axis == 0 else (slice(None), slice(0, 16))
    changed[place] = 255 - changed[place]
    before, after = predictor._classifier.class_maps(np.stack([crop, changed]))
    moved = cv2.resize(np.abs(after - before).mean(axis=-1), (48, 48), interpolation=cv2.INTER_NEAREST)
    assert moved[place].mean() > 2 * np.flip(moved, axis)[place].mean()


def test_the_label_is_meant_unless_a_class_is_named_and_its_map_is_the_strongest(predictor, face):
    maps = {name: predictor.heat_map(face, name) for name in predictor.class_names}
    assert np.array_equal(predictor.heat_map(face), maps[face.label])
    assert max(maps, key=lambda name: maps[name].max()) == face.label == "happy"
    assert all(0 <= each.min() <= each.max() <= 1 and each.shape == (48, 48) for each in maps.values())


def test_a_map_takes_less_than_a_tenth_of_a_second(predictor, face):
    predictor.heat_map(face)
    started_at = time.process_time()
    draw_heat_map(face.crop, predictor.heat_map(face))
    assert time.process_time() - started_at < 0.1


def test_where_nothing_speaks_for_a_class_the_map_is_empty():
    maps = np.zeros((6, 6, 3), np.float32)
    assert not heat_map(maps, 1, 48).any()
    maps[2, 3] = (4, -2, -2)
    assert heat_map(maps, 0, 48).max() > 0.9
    assert not heat_map(maps, 1, 48).any()


@pytest.mark.parametrize(("size", "channels", "side"), [(48, 1, 192), (96, 3, 192), (224, 3, 224)])
def test_drawing_keeps_the_face_where_the_map_is_cold(size, channels, side):
    crop = np.full((size, size, channels), 90, np.uint8)
    heat = np.zeros((size, size), np.float32)
    heat[: size // 3] = 1
    drawn = draw_heat_map(crop, heat)
    assert (drawn.shape, drawn.dtype) == ((side, side, 3), np.uint8)
    assert (drawn[-side // 3 :] == 90).all()
    assert drawn[2, 2, 0] > drawn[2, 2, 2] + 20  # red above


def test_an_unknown_class_is_refused_with_the_known_ones(predictor, face):
    with pytest.raises(ValueError, match="'joy'; known: angry"):
        predictor.heat_map(face, "joy")


def test_a_model_without_class_maps_says_so(predictor):
    class WithoutMaps:
        face_shape, num_classes, embedding_size, has_class_maps = (48, 48, 1), 7, 8, False

    with pytest.raises(ModelError, match="no class maps"):
        Classifier(WithoutMaps(), predictor.info).class_maps(make_faces(1))
