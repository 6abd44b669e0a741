"""Decides where the labels of a picture stand: beside their boxes, inside the picture, never on one another.

Boxes and label sizes come in; one rectangle a label goes out. Nothing is drawn here.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

Box = tuple[float, float, float, float]  # x1, y1, x2, y2 in pixels
Extent = tuple[int, int]  # width and height in pixels

_OTHER_FACE, _OWN_FACE, _LATER_CHOICE = 4.0, 1.0, 0.03  # what covering a face or moving farther costs


@dataclass(frozen=True)
class Place:
    """Where one label stands, and whether only its short form has room there."""

    box: Box
    is_short: bool


def place_labels(boxes: Sequence[Box], extents: Sequence[tuple[Extent, Extent]], size: tuple[int, int]) -> list[Place]:
    """Find a place for every label.

    Args:
        boxes: The boxes of the faces.
        extents: For each, the size of its label and of the label's short form.
        size: Width and height of the picture.

    Returns:
        One place a box. Labels do not overlap unless even the short form has no free place around its box.
    """
    placed: list[Place] = []
    for number, (full, short) in enumerate(extents):
        taken = [place.box for place in placed]
        others = [box for other, box in enumerate(boxes) if other != number]
        placed.append(_place(boxes[number], full, short, size, (taken, others)))
    return placed


def _place(box: Box, full: Extent, short: Extent, size: tuple[int, int], around: tuple[list[Box], list[Box]]) -> Place:
    taken, others = around
    for extent, is_short in ((full, False), (short, True)):
        if extent[0] > size[0] and not is_short:
            continue
        choices = [choice for choice in _choices(box, extent, size) if not _covered(choice, taken)]
        if choices:
            costs = [_cost(choice, box, others) + _LATER_CHOICE * rank for rank, choice in enumerate(choices)]
            return Place(choices[costs.index(min(costs))], is_short)
    choices = list(_choices(box, short, size))
    return Place(min(choices, key=lambda choice: _covered(choice, taken)), True)


def _choices(box: Box, extent: Extent, size: tuple[int, int]) -> Iterator[Box]:
    """Yield places around and inside a box, the most natural first, each moved into the picture."""
    (x1, y1, x2, y2), (width, height) = box, extent
    middle = (x1 + x2 - width) / 2
    above, below = y1 - height, y2
    for y in (above, below):
        for x in (x1, middle, x2 - width):
            yield _moved_inside(x, y, extent, size)
    for y in (y1, y2 - height):
        for x in (x1, x2 - width):
            yield _moved_inside(x, y, extent, size)
    for y in (y1, y2 - height, (y1 + y2 - height) / 2):
        for x in (x2, x1 - width):
            yield _moved_inside(x, y, extent, size)
    for y in (above, below, above - height, below + height):
        for x in (x1 - width, x2, x1 - width / 2, x2 - width / 2):
            yield _moved_inside(x, y, extent, size)


def _moved_inside(x: float, y: float, extent: Extent, size: tuple[int, int]) -> Box:
    x = max(0.0, min(x, size[0] - 1.0 - extent[0]))
    y = max(0.0, min(y, size[1] - 1.0 - extent[1]))
    return (x, y, x + extent[0], y + extent[1])


def _cost(choice: Box, box: Box, others: list[Box]) -> float:
    area = (choice[2] - choice[0]) * (choice[3] - choice[1])
    return (_OWN_FACE * _overlap(choice, box) + _OTHER_FACE * _covered(choice, others)) / max(area, 1.0)


def _covered(choice: Box, boxes: list[Box]) -> float:
    return sum(_overlap(choice, box) for box in boxes)


def _overlap(a: Box, b: Box) -> float:
    width, height = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    return max(0.0, width) * max(0.0, height)
