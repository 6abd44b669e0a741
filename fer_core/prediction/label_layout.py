"""Decides where the labels of a picture stand: beside their boxes, inside the picture, never on one another.

Boxes and label sizes come in; one rectangle a label goes out. Nothing is drawn here.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

Box = tuple[float, float, float, float]  # x1, y1, x2, y2 in pixels
Extent = tuple[int, int]  # width and height in pixels

_OTHER_FACE, _OWN_FACE, _LATER_CHOICE = 4.0, 1.0, 0.03  # what covering a face or moving farther costs
_TOUCHING = 2.0  # pixels
_OTHER_HIDDEN, _OWN_HIDDEN = 0.08, 0.3  # share of a face that another label and its own may hide


@dataclass(frozen=True)
class Place:
    """Where one label stands.

    Args:
        box: The place.
        form: Which form of the label has room there; 0 is the fullest.
        is_clear: Whether it touches its face's box and no other label, and hides hardly any of a face.
    """

    box: Box
    form: int
    is_clear: bool = True

    @property
    def is_short(self) -> bool:
        """Whether the full label has no room."""
        return self.form > 0


def place_labels(boxes: Sequence[Box], extents: Sequence[Sequence[Extent]], size: tuple[int, int]) -> list[Place]:
    """Find a place for every label.

    Args:
        boxes: The boxes of the faces.
        extents: For each, the sizes of its label's forms, the fullest first.
        size: Width and height of the picture.

    Returns:
        One place a box. Labels do not overlap unless even the shortest form has no free place around its box.
    """
    placed: list[Place] = []
    for number, forms in enumerate(extents):
        taken = [place.box for place in placed]
        others = [box for other, box in enumerate(boxes) if other != number]
        placed.append(_place(boxes[number], forms, size, (taken, others)))
    return placed


def _place(box: Box, forms: Sequence[Extent], size: tuple[int, int], around: tuple[list[Box], list[Box]]) -> Place:
    """Take the fullest form that has a clear place, or else the last form where it does least harm."""
    taken, others = around
    for form, extent in enumerate(forms):
        choices = [choice for choice in _choices(box, extent, size) if extent[0] < size[0]]
        free = [
            (_cost(choice, box, others) + _LATER_CHOICE * rank, choice)
            for rank, choice in enumerate(choices)
            if not _covered(choice, taken)
        ]
        clear = [(cost, choice) for cost, choice in free if _is_clear(choice, box, others)]
        if clear:
            return Place(min(clear)[1], form)
    if free:
        return Place(min(free)[1], len(forms) - 1, is_clear=False)
    choices = list(_choices(box, forms[-1], size))
    return Place(min(choices, key=lambda choice: _covered(choice, taken)), len(forms) - 1, is_clear=False)


def _is_clear(choice: Box, box: Box, others: list[Box]) -> bool:
    """Tell whether a place belongs to its face at a glance: a label on another face would be taken for that one's."""
    hides_other = any(_overlap(choice, face) > _OTHER_HIDDEN * _area(face) for face in others)
    return leader(choice, box) is None and not hides_other and _overlap(choice, box) <= _OWN_HIDDEN * _area(box)


def leader(label: Box, box: Box) -> tuple[float, float, float, float] | None:
    """Return the line that leads from a label to a box which it does not touch: x, y at the label, x, y at the box."""
    across = _nearest((label[0], label[2]), (box[0], box[2]))
    down = _nearest((label[1], label[3]), (box[1], box[3]))
    if max(abs(across[0] - across[1]), abs(down[0] - down[1])) <= _TOUCHING:
        return None
    return (across[0], down[0], across[1], down[1])


def _nearest(a: tuple[float, float], b: tuple[float, float]) -> tuple[float, float]:
    """Return a point of each of two ranges, as near to each other as they come."""
    if a[1] < b[0]:
        return a[1], b[0]
    if b[1] < a[0]:
        return a[0], b[1]
    middle = (max(a[0], b[0]) + min(a[1], b[1])) / 2
    return middle, middle


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
    return (_OWN_FACE * _overlap(choice, box) + _OTHER_FACE * _covered(choice, others)) / max(_area(choice), 1.0)


def _area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


def _covered(choice: Box, boxes: list[Box]) -> float:
    return sum(_overlap(choice, box) for box in boxes)


def _overlap(a: Box, b: Box) -> float:
    width, height = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    return max(0.0, width) * max(0.0, height)
