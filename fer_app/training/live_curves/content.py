"""What the browser gets to draw: a run with everything it has noted, and later only what is new.

Both are made of the same JSON texts that a `RunReader` keeps. The first goes out when a page runs; the second, the
news, once a second while the run is live.
"""

import json
from dataclasses import dataclass
from typing import Any

import numpy as np

from fer_app.dataset.face_grid import Tiles, draw_mosaic
from fer_app.loaders import index_of
from fer_app.training.live_curves.run_reader import CURVE_COLUMNS, MAX_HARDWARE, RunReader, reader_of
from fer_core.dataset import open_dataset
from fer_core.errors import FerError
from fer_core.labels import class_colors
from fer_core.training import Run
from fer_core.training.runs.epoch_records import HARDWARE_COLUMNS, WatchedFaces, read_watched

DEFAULT_METRIC = "val_accuracy"
# News overlap with what was sent before: a browser that missed one message then has no gap.
_OVERLAP = 2


@dataclass
class Sent:
    """How much of a run's records a session has sent to its browser; a second viewer has one of its own."""

    rows: int = 0
    epochs: int = 0
    hardware: int = 0
    has_faces: bool = False


def run_content(run: Run, *, with_details: bool) -> dict[str, Any]:
    """Return a run with everything it has noted, as the browser reads it.

    Args:
        run: The run; what it has not noted is missing.
        with_details: Give the details of the epochs, the use of the hardware and the watched faces as well.
    """
    reader = reader_of(run.folder)
    reader.refresh()
    content: dict[str, Any] = {
        "name": run.name,
        "metric": selection_metric(run),
        "columns": CURVE_COLUMNS,
        "rows": _joined(reader.rows.texts),
    }
    if with_details:
        watched = read_watched(run.folder)
        content |= {
            "hardwareColumns": HARDWARE_COLUMNS,
            "hardware": _joined(reader.hardware.texts[-MAX_HARDWARE:]),
            "epochs": _joined(reader.epochs.texts),
            "faces": _faces(run, watched),
        }
    return content


def news(run_name: str, reader: RunReader, sent: Sent, facts: dict[str, Any], log: str) -> bytes:
    """Return what a browser does not know yet, as JSON, and note that it was sent.

    Args:
        run_name: The run.
        reader: Its records; read anew here.
        sent: What this session has sent before.
        facts: How far the run is (`fer_app.training.run_progress.progress_facts`).
        log: The last lines of its log.

    Returns:
        JSON with `run`, `rows` and `epochs` (each with `from`, the position of the first, and `total`), `hardware`,
        `facts` and `log`.
    """
    reader.refresh()
    rows, epochs, hardware = reader.rows.texts, reader.epochs.texts, reader.hardware.texts
    parts = (
        f'{{"run":{json.dumps(run_name)}',
        f'"rows":{_since(rows, sent.rows)}',
        f'"epochs":{_since(epochs, sent.epochs)}',
        f'"hardware":{_joined(hardware[_first(hardware, sent.hardware) :][-MAX_HARDWARE:])}',
        f'"facts":{json.dumps(facts)}',
        f'"log":{json.dumps(log)}}}',
    )
    sent.rows, sent.epochs, sent.hardware = len(rows), len(epochs), len(hardware)
    return ",".join(parts).encode()


def selection_metric(run: Run) -> str:
    """Return what a run's best epoch goes by; damaged settings mean the default."""
    try:
        return run.config.selection_metric
    except FerError:
        return DEFAULT_METRIC


def _joined(texts: list[str]) -> str:
    return f"[{','.join(texts)}]"


def _first(texts: list[str], sent: int) -> int:
    return max(0, min(sent, len(texts)) - _OVERLAP)


def _since(texts: list[str], sent: int) -> str:
    first = _first(texts, sent)
    return f'{{"from":{first},"total":{len(texts)},"texts":{_joined(texts[first:])}}}'


def _faces(run: Run, watched: WatchedFaces | None) -> dict[str, Any] | None:
    """The watched faces: classes with their colours, labels, and one mosaic where the pictures are still there."""
    if watched is None:
        return None
    tiles = Tiles.for_images(len(watched.image_ids))
    return {
        "classNames": watched.class_names,
        "classColors": class_colors(watched.class_names),
        "labels": watched.labels,
        "mosaic": _mosaic(run, watched.image_ids),
        "tiles": {"columns": tiles.columns, "rows": tiles.rows},
    }


def _mosaic(run: Run, image_ids: list[int]) -> str:
    try:
        index = index_of(open_dataset(run.config.dataset))
        return draw_mosaic(np.asarray(index.images[np.asarray(image_ids, dtype=np.int64)]))
    except (FerError, IndexError, ValueError):  # the dataset was removed or is another one by now
        return ""
