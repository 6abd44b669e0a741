"""A small drawn face for each expression, in its colour: brows, eyes and mouth as strokes of an SVG picture.

A class name goes in, the text of an SVG file comes out; classes beyond the seven get a calm face in grey.
"""

from fer_core.labels import EXPRESSION_COLORS

_OTHER_COLOR = "#8A8D91"

# Paths on a 64 x 64 ground: left brow, right brow, mouth, after the action units that mark each prototype (Ekman &
# Friesen, "Facial Action Coding System", 1978): lowered, raised or oblique brows; mouth corners up or down; jaw open.
_STROKES: dict[str, tuple[str, str, str]] = {
    "angry": ("M16 20l11 5", "M48 20l-11 5", "M23 46q9-6 18 0"),
    "disgust": ("M16 22l11 2", "M48 20l-11 4", "M21 45q5-6 11-2t11-2"),
    "fear": ("M16 22q4-5 11-6", "M48 22q-4-5-11-6", "M23 46q9-8 18 0q-9 4-18 0z"),
    "happy": ("M16 21q5-5 11-1", "M48 21q-5-5-11-1", "M19 40q13 15 26 0"),
    "neutral": ("M16 21h11", "M48 21h-11", "M22 44h20"),
    "sad": ("M16 23q7-1 11-6", "M48 23q-7-1-11-6", "M22 47q10-9 20 0"),
    "surprise": ("M16 18q5-6 11-2", "M48 18q-5-6-11-2", "M32 39a5 6.5 0 1 0 .1 0z"),
}


def expression_icon(class_name: str) -> str:
    """Return the SVG picture of an expression, 64 x 64."""
    color = EXPRESSION_COLORS.get(class_name, _OTHER_COLOR)
    strokes = "".join(f'<path d="{path}"/>' for path in _STROKES.get(class_name, _STROKES["neutral"]))
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64" width="64" height="64">'
        f'<circle cx="32" cy="32" r="30" fill="{color}"/>'
        '<g fill="none" stroke="#FFFFFF" stroke-width="3.6" stroke-linecap="round" stroke-linejoin="round">'
        f"{strokes}</g>"
        '<g fill="#FFFFFF"><circle cx="22.5" cy="30" r="3"/><circle cx="41.5" cy="30" r="3"/></g></svg>'
    )
