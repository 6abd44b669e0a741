"""What the panel beside the video is told: plain values, whoever made them.

A `LiveResult`, the rows of a `Timeline` and counts come in; a dictionary for JSON goes out. An engine in the visitor's
own browser could hand over the same.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from fer_core.labels import class_colors
from fer_core.prediction.live import FrameCounts, LiveFace, LiveResult
from fer_core.prediction.results import UNSURE_COLOR

MAX_LANES = 4  # tracks in the timeline, those of the newest faces; more leave no room to read them
_LANE_STEP = 0.5  # seconds between two points


def panel_content(
    result: LiveResult | None,
    timeline: Sequence[Mapping[str, Any]],
    counts: FrameCounts,
    *,
    delay_ms: float | None,
    class_names: Sequence[str],
    is_live: bool,
) -> dict[str, Any]:
    """Return everything that the panel shows.

    Args:
        result: What the newest frame says; None where no video runs.
        timeline: Rows as of `Timeline.rows`: track, ago_s, label, confidence and p_<class>.
        counts: Frames of this session.
        delay_ms: Median delay of the last frames in milliseconds, or None.
        class_names: Classes in the order of the probabilities.
        is_live: Whether video runs.
    """
    colors = dict(zip(class_names, class_colors(class_names), strict=True))
    faces = [] if result is None else [_face(face, class_names, colors) for face in result.faces]
    return {
        "isLive": is_live,
        "classNames": list(class_names),
        "classColors": list(colors.values()),
        "faces": faces,
        "isDark": result is not None and result.is_dark,
        "lanes": _lanes(timeline, class_names, [face["track"] for face in faces]),
        "facts": {
            "received": round(counts.received_per_s, 1),
            "processed": round(counts.processed_per_s, 1),
            "dropped": round(max(0.0, counts.received_per_s - counts.processed_per_s), 1),
            "delay": None if delay_ms is None else round(delay_ms),
            "step": None if result is None else result.detect_step,
        },
        "privacy": {"processed": counts.processed, "stored": 0, "sent": 0},
    }


def _face(face: LiveFace, class_names: Sequence[str], colors: Mapping[str, str]) -> dict[str, Any]:
    return {
        "track": face.track,
        "label": face.label,
        "color": UNSURE_COLOR if face.expression is None else colors[face.expression],
        "isUnsure": face.unsure,
        "probabilities": [round(100 * value) for value in face.probabilities],
        "age": round(face.age_s),
        "delay": round(face.delay_ms),
        "quality": list(face.quality),
    }


def _lanes(rows: Sequence[Mapping[str, Any]], class_names: Sequence[str], here: Sequence[int]) -> list[dict[str, Any]]:
    """One lane a track: of those in the picture, then of those seen last; in the order of their numbers."""
    last_seen: dict[int, float] = {}
    for row in rows:
        last_seen[row["track"]] = min(row["ago_s"], last_seen.get(row["track"], row["ago_s"]))
    by_interest = sorted(last_seen, key=lambda track: (track not in here, last_seen[track], -track))
    return [_lane(track, rows, class_names) for track in sorted(by_interest[:MAX_LANES])]


def _lane(track: int, rows: Sequence[Mapping[str, Any]], class_names: Sequence[str]) -> dict[str, Any]:
    points: list[Mapping[str, Any]] = []
    for row in (row for row in rows if row["track"] == track):
        if not points or points[-1]["ago_s"] - row["ago_s"] >= _LANE_STEP:
            points.append(row)
    return {
        "track": track,
        "ago": [round(point["ago_s"], 1) for point in points],
        "values": [[round(100 * point[f"p_{name}"]) for point in points] for name in class_names],
    }
