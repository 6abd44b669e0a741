import numpy as np
import pytest

from fer_core.labels import EXPRESSION_COLORS, EXPRESSIONS
from fer_core.prediction.live import LiveFace, LiveResult, draw_live

EVEN = (1 / 7,) * 7
HAPPY = tuple(0.7 if name == "happy" else 0.05 for name in EXPRESSIONS)


def face(track=1, bbox=(200.0, 150.0, 300.0, 270.0), expression="happy", probabilities=HAPPY):
    return LiveFace(track, bbox, probabilities, expression, max(probabilities, default=0.0), 1.0, 20.0)


def result(*faces, size=(640, 480), **values):
    return LiveResult(0.0, size, faces, EXPRESSIONS, **values)


def ground(width=640, height=480):
    """A grey frame that is lighter to the right."""
    across = np.linspace(60, 140, width).astype(np.uint8)
    return np.ascontiguousarray(np.broadcast_to(across[None, :, None], (height, width, 3)))


def rgb(name):
    color = EXPRESSION_COLORS[name]
    return tuple(int(color[start : start + 2], 16) for start in (1, 3, 5))


def box_of_color(picture, color):
    ys, xs = np.nonzero((picture == color).all(axis=-1))
    return xs.min(), ys.min(), xs.max(), ys.max()


@pytest.mark.parametrize(("mirror", "left"), [(False, 200), (True, 339)])
def test_box_lies_round_the_face_mirrored_or_not(mirror, left):
    picture = draw_live(ground(), result(face()), mirror=mirror, bars=False)
    x1, y1, x2, y2 = box_of_color(picture, rgb("happy"))
    assert (x1, x2) == (pytest.approx(left, abs=4), pytest.approx(left + 100, abs=12))
    assert y2 == pytest.approx(270, abs=3)
    assert y1 < 150  # the label stands above


def test_mirrored_picture_is_turned_round_and_its_text_is_not():
    plain, mirrored = (draw_live(ground(), result(), mirror=mirror) for mirror in (False, True))
    assert np.array_equal(plain[:400], mirrored[:400, ::-1])
    note = plain[-15:, :30]  # the delay in the corner
    assert np.array_equal(note, mirrored[-15:, :30])


def test_longest_bar_belongs_to_the_most_probable_class():
    picture = draw_live(ground(), result(face(expression=None)), mirror=False)
    lengths = {name: (picture == rgb(name)).all(axis=-1).sum() for name in EXPRESSIONS}
    assert max(lengths, key=lengths.get) == "happy"
    assert lengths["happy"] > 8 * lengths["sad"] > 0


def test_unsure_face_has_no_expression_colour():
    picture = draw_live(ground(), result(face(expression=None, probabilities=EVEN)), mirror=False, bars=False)
    assert not any((picture == rgb(name)).all(axis=-1).any() for name in EXPRESSIONS)
    assert (picture != draw_live(ground(), result(), mirror=False)).any()


@pytest.mark.parametrize("size", [(640, 480), (1280, 720), (320, 240), (160, 120), (480, 640), (40, 30)])
@pytest.mark.parametrize("num_faces", [1, 4, 30])
def test_any_number_of_faces_is_drawn_on_any_size(size, num_faces):
    boxes = np.random.default_rng(0).uniform(-0.2, 0.9, (num_faces, 2)) * size
    faces = [face(number, (x, y, x + size[0] / 6, y + size[1] / 4)) for number, (x, y) in enumerate(boxes, start=1)]
    frame = ground(*size)
    picture = draw_live(frame, result(*faces, size=size, is_dark=True))
    assert (picture.shape, picture.dtype) == ((size[1], size[0], 3), np.uint8)
    assert np.array_equal(frame, ground(*size))  # the frame itself is left alone


def test_result_of_a_frame_of_another_size_fits():
    small = draw_live(ground(320, 240), result(face()), mirror=False, bars=False)
    x1, _, x2, y2 = box_of_color(small, rgb("happy"))
    assert (x1, y2) == (pytest.approx(100, abs=4), pytest.approx(135, abs=3))
    assert x2 >= 149


def test_face_that_was_not_read_yet_and_other_classes_are_drawn():
    unread = face(expression=None, probabilities=())
    assert draw_live(ground(), result(unread)).any()
    two = LiveResult(0.0, (640, 480), (face(expression="ja", probabilities=(0.8, 0.2)),), ("ja", "nein"))
    assert draw_live(ground(), two).any()


def test_error_is_written_on_the_raw_picture():
    picture = draw_live(ground(), LiveResult(0.0, (640, 480), error="ValueError: no"), mirror=False)
    assert np.array_equal(picture[:440], ground()[:440])
    assert (picture[440:] != ground()[440:]).any()
