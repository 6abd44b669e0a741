import numpy as np
import pytest

from fer_core.labels import EXPRESSION_COLORS
from fer_core.prediction.overlay import Mark, _arranged, draw_marks, readable_on
from fer_core.prediction.results import UNSURE_COLOR


def contrast(color, text):
    def luminance(value):
        parts = [int(value[start : start + 2], 16) / 255 for start in (1, 3, 5)]
        return sum(
            weight * (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4)
            for weight, part in zip((0.2126, 0.7152, 0.0722), parts, strict=True)
        )

    first, second = sorted((luminance(color), {"black": 0.0, "white": 1.0}[text]))
    return (second + 0.05) / (first + 0.05)


@pytest.mark.parametrize("color", [*EXPRESSION_COLORS.values(), UNSURE_COLOR])
def test_text_stands_out_from_every_label_colour(color):
    assert contrast(color, readable_on(color)) >= 4.5  # WCAG 2.2, 1.4.3


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ((480, 640), (480, 640)),
        ((4000, 6000), (4000, 6000)),
        ((48, 48), (336, 336)),
        ((1, 1), (320, 320)),
        ((100, 160), (200, 320)),
        ((5, 2000), (5, 2000)),
        ((2000, 5), (2000, 5)),
    ],
    ids=str,
)
def test_only_small_pictures_are_enlarged_and_any_size_can_be_drawn(shape, expected):
    image = np.full((*shape, 3), 200, np.uint8)
    mark = Mark((0.1 * shape[1], 0.2 * shape[0], 0.8 * shape[1], 0.9 * shape[0]), "1 happy 93 %", "1", "#E69F00")
    drawn = draw_marks(image, [mark])
    assert drawn.shape == (*expected, 3)
    assert (drawn != 200).any()


@pytest.mark.parametrize("width", [320, 640, 1280, 4000])
def test_lines_and_letters_grow_with_the_picture(width):
    image = np.full((width, width, 3), 128, np.uint8)
    box = (0.3 * width, 0.3 * width, 0.7 * width, 0.7 * width)
    drawn = draw_marks(image, [Mark(box, "1 happy 93 %", "1", "#E69F00")])
    share = (drawn != 128).any(axis=2).mean()
    assert 0.01 < share < 0.05  # the same part of the picture at any size


def test_box_has_the_colour_of_the_label():
    image = np.full((400, 400, 3), 128, np.uint8)
    drawn = draw_marks(image, [Mark((100, 150, 300, 350), "1 sad 80 %", "1", "#0072B2")])
    line = drawn[250, 95:115]
    assert (line == (0x00, 0x72, 0xB2)).all(axis=1).any()
    assert (drawn[250, 150:250] == 128).all()


def test_without_marks_the_picture_comes_back_as_it_was():
    image = np.random.default_rng(0).integers(0, 256, (350, 400, 3)).astype(np.uint8)
    assert np.array_equal(draw_marks(image, []), image)


@pytest.mark.parametrize(
    "bbox", [(-50, -60, 30, 20), (380, 390, 500, 480), (-100, -100, 600, 600), (200, 200, 200, 200)], ids=str
)
def test_boxes_that_run_outside_are_drawn_at_the_edge(bbox):
    image = np.full((400, 400, 3), 128, np.uint8)
    assert (draw_marks(image, [Mark(bbox, "1 fear 50 %", "1", "#CC79A7")]) != 128).any()


def rows_of_label(drawn, color):
    """Return the height in pixels of a label's ground, the tallest run of its colour."""
    is_color = (drawn == [int(color[start : start + 2], 16) for start in (1, 3, 5)]).all(axis=2)
    return int(is_color.any(axis=1).sum())


@pytest.mark.parametrize(("shown_width", "least"), [(1200, 12), (600, 24), (300, 48)])
def test_letters_can_be_read_at_the_width_that_is_shown(shown_width, least):
    image = np.full((800, 1200, 3), 128, np.uint8)
    mark = Mark((500, 300, 510, 301), "1 sad 80 %", "1", "#0072B2")  # a face as flat as a line: the rest is label
    assert rows_of_label(draw_marks(image, [mark], shown_width=shown_width), "#0072B2") >= least


def test_in_a_crowd_all_labels_shorten_together():
    boxes = [(x, 300, x + 40, 350) for x in range(20, 1160, 60)]
    marks = [Mark(box, f"{n} happy 93 %", str(n), "#E69F00", f"{n} happy") for n, box in enumerate(boxes)]
    heights = [20.0]
    _, labels = _arranged(boxes, marks, heights, (1200, 360))
    assert {text for _, text in labels} == {mark.short_text for mark in marks}
    _, labels = _arranged(boxes[:1], marks[:1], heights, (1200, 360))
    assert [text for _, text in labels] == ["0 happy 93 %"]
