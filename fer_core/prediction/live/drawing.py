"""Draws a live result on its frame: a box, a label and seven thin bars for each face, mirrored like in a mirror.

A frame and a result come in, a new frame goes out. Letters keep their height in relation to the frame, stay readable
in the mirrored picture, and cost little: texts are made once and copied.
"""

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt
from PIL import ImageColor

from fer_core.labels import class_colors
from fer_core.prediction.cuts import Box
from fer_core.prediction.live.boxes import overlap, window
from fer_core.prediction.live.lettering import chip, name_column
from fer_core.prediction.live.results import LiveFace, LiveResult
from fer_core.prediction.results import UNSURE_COLOR

_LETTERS = 0.024  # height as a share of the frame's long side
_SMALLEST_LETTERS, _LARGEST_LETTERS = 11, 32  # pixels
_MOST_PANELS = 3  # with more faces, bars stand under the boxes and have no names
_ERROR_COLOR = "#B00020"
_UNSURE_LINE = "#C9CED6"  # seen on a dark picture, unlike the ground of the label

Pixels = npt.NDArray[np.uint8]


def draw_live(frame: Pixels, result: LiveResult, *, mirror: bool = True, bars: bool = True) -> Pixels:
    """Draw every face of a result.

    Args:
        frame: (height, width, 3) uint8 RGB; left as it is. Its size may differ from the result's, which is then
            brought to it.
        result: What was seen in this frame, or in one shortly before.
        mirror: Turn left and right round, as people expect of themselves.
        bars: Show the probability of each class.

    Returns:
        (height, width, 3) uint8 RGB.
    """
    canvas = cv2.flip(frame, 1) if mirror else frame.copy()
    height, width = canvas.shape[:2]
    letters = int(np.clip(round(_LETTERS * max(height, width)), _SMALLEST_LETTERS, _LARGEST_LETTERS))
    places = [_place(face.bbox, result.size, (width, height), mirror) for face in result.faces]
    colors = class_colors(result.class_names)
    for face, box in zip(result.faces, places, strict=True):
        _draw_box(canvas, box, _color(face, result, colors), letters)
    note = _draw_note(canvas, result, letters)
    if bars:
        _draw_bars(canvas, result, [*places, note], letters)
    labels: list[Box] = []
    for face, box in zip(result.faces, places, strict=True):
        labels.append(_draw_label(canvas, box, (face, _color(face, result, colors)), labels, letters))
    return np.asarray(canvas, np.uint8)


def label_texts(face: LiveFace) -> tuple[str, ...]:
    """Return what may stand above a face: its track's number with label and probability, and shorter forms of it."""
    name, number = f"{face.track} {face.label}", str(face.track)
    return (name, number) if face.unsure else (f"{name} {100 * face.confidence:.0f} %", name, number)


def _color(face: LiveFace, result: LiveResult, colors: Sequence[str]) -> str:
    return UNSURE_COLOR if face.expression is None else colors[result.class_names.index(face.expression)]


def _place(bbox: Box, size: tuple[int, int], shown: tuple[int, int], mirror: bool) -> Box:
    """Return a box in the frame that is drawn on, inside it."""
    x_factor, y_factor = (now / max(1, then) for now, then in zip(shown, size, strict=True))
    x1, x2 = (min(max(x * x_factor, 0.0), shown[0] - 1.0) for x in (bbox[0], bbox[2]))
    y1, y2 = (min(max(y * y_factor, 0.0), shown[1] - 1.0) for y in (bbox[1], bbox[3]))
    return (shown[0] - 1.0 - x2, y1, shown[0] - 1.0 - x1, y2) if mirror else (x1, y1, x2, y2)


def _draw_box(canvas: Pixels, box: Box, color: str, letters: int) -> None:
    line = max(2, round(letters / 7))
    (x1, y1), (x2, y2) = (round(box[0]), round(box[1])), (round(box[2]), round(box[3]))
    cv2.rectangle(canvas, (x1, y1), (x2, y2), (0, 0, 0), line + 2)
    cv2.rectangle(canvas, (x1, y1), (x2, y2), ImageColor.getrgb(_UNSURE_LINE if color == UNSURE_COLOR else color), line)


def _draw_label(canvas: Pixels, box: Box, face: tuple[LiveFace, str], taken: Sequence[Box], letters: int) -> Box:
    """Draw the longest form that covers no other label; return where it stands."""
    places = []
    for text in label_texts(face[0]):
        label = chip(text, face[1], letters)
        top = box[1] - label.shape[0]
        place = _moved_inside(label, (box[0] - 1, top if top >= 0 else box[1]), canvas)
        places.append((label, place))
        if not any(overlap(place, other) > 0 for other in taken):
            break
    label, place = places[-1]
    _paste(canvas, label, place)
    return place


def _draw_note(canvas: Pixels, result: LiveResult, letters: int) -> Box:
    """Write the delay, or that there was none to tell, into the corner; return where it stands."""
    if result.error is not None:
        note = chip("analysis failed", _ERROR_COLOR, letters)
    else:
        dark = ", very little light" if result.is_dark else ""
        note = chip(f"{result.delay_ms:.0f} ms{dark}", "#000000", letters)
    place = _moved_inside(note, (0, canvas.shape[0]), canvas)
    _paste(canvas, note, place)
    return place


def _moved_inside(pixels: Pixels, corner: tuple[float, float], canvas: Pixels) -> Box:
    """Return where a small picture stands: at a corner, or as near as it lies inside."""
    left = max(0, min(round(corner[0]), canvas.shape[1] - pixels.shape[1]))
    top = max(0, min(round(corner[1]), canvas.shape[0] - pixels.shape[0]))
    return (float(left), float(top), float(left + pixels.shape[1]), float(top + pixels.shape[0]))


def _paste(canvas: Pixels, pixels: Pixels, place: Box) -> None:
    """Copy a small picture to a place, as far as it has room."""
    left, top = int(place[0]), int(place[1])
    part = canvas[top : top + pixels.shape[0], left : left + pixels.shape[1]]
    part[:] = pixels[: part.shape[0], : part.shape[1]]


def _draw_bars(canvas: Pixels, result: LiveResult, taken: list[Box], letters: int) -> None:
    """Draw the bars of each face; `taken` begins with the faces' boxes and gains the places of the panels."""
    colors = [ImageColor.getrgb(color) for color in class_colors(result.class_names)]
    row = max(8, round(letters * 0.95))
    names = name_column(result.class_names, max(9, round(letters * 0.8)), row) if result.class_names else None
    has_panels = names is not None and len(result.faces) <= _MOST_PANELS and 2 * names.shape[0] <= canvas.shape[0]
    for face, box in zip(result.faces, tuple(taken), strict=False):
        if not face.probabilities:
            continue
        panel = None
        if names is not None and has_panels:
            panel = _free_place(box, (names.shape[1] + 5 * letters, names.shape[0]), canvas, taken)
        if names is None or panel is None:
            _draw_strip(canvas, box, face, colors)
        else:
            taken.append(panel)
            _draw_panel(canvas, panel, face, names, colors)


def _free_place(box: Box, extent: tuple[int, int], canvas: Pixels, taken: Sequence[Box]) -> Box | None:
    """Return where a panel covers nothing: right of its box, left or below; None where there is no such place."""
    height, width = canvas.shape[:2]
    for x, y in ((box[2] + 4, box[1]), (box[0] - extent[0] - 4, box[1]), (box[0], box[3] + 4)):
        left, top = max(0.0, min(x, width - extent[0])), max(0.0, min(y, height - extent[1]))
        place = (left, top, left + extent[0], top + extent[1])
        if not any(overlap(place, other) > 0 for other in taken):
            return place
    return None


def _draw_panel(canvas: Pixels, panel: Box, face: LiveFace, names: Pixels, colors: Sequence[tuple[int, ...]]) -> None:
    inside = window(panel, canvas.shape[1], canvas.shape[0])
    if inside is None:
        return
    part = canvas[inside]
    cv2.convertScaleAbs(part, dst=part, alpha=0.3)
    column = names[: part.shape[0], : part.shape[1]]
    text = part[: column.shape[0], 2 : 2 + column.shape[1]]
    np.maximum(text, column[:, : text.shape[1], None], out=text)
    row, left = names.shape[0] // len(colors), names.shape[1] + 6
    room = part.shape[1] - left - 4
    for number, (value, color) in enumerate(zip(face.probabilities, colors, strict=True)):
        top, thickness = number * row + row // 4, max(2, row // 2)
        part[top : top + thickness, left : left + max(1, round(room * value))] = color


def _draw_strip(canvas: Pixels, box: Box, face: LiveFace, colors: Sequence[tuple[int, ...]]) -> None:
    """Thin bars without names, under the box or, where there is no room, at its lower end."""
    thick = max(2, canvas.shape[0] // 160)
    height, room = (thick + 1) * len(colors), box[2] - box[0]
    top = box[3] + 3 if box[3] + 3 + height <= canvas.shape[0] else box[3] - height
    inside = window((box[0], top, box[2], top + height), canvas.shape[1], canvas.shape[0])
    if inside is None:
        return
    part = canvas[inside]
    cv2.convertScaleAbs(part, dst=part, alpha=0.3)
    for number, (value, color) in enumerate(zip(face.probabilities, colors, strict=True)):
        start = number * (thick + 1)
        part[start : start + thick, : max(1, round(room * value))] = color
