"""Long works that a kill may interrupt: adding a dataset, correcting labels, pushing to another place.

Each makes its own home, can be begun again in it, and says what must hold after any kill and in the end.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from fer_core.dataset import add_dataset, list_datasets, open_dataset
from fer_core.dataset.corrections.edits import exclude, read_corrections, relabel
from fer_core.dataset.drawn.faces import write_drawn_faces
from fer_core.storage import transfer
from tests.storage.places import contents

NUM_EDITS = 12
NUM_FACES = 49


@dataclass(frozen=True)
class Work:
    """One kind of long work.

    Args:
        prepare: Makes a home, before the work, and the sources beside it.
        do: Does the work; called with something to acknowledge each piece with.
        check: Looks at a home after a kill, with the number of pieces that were acknowledged; yields what is wrong.
        result: What an undisturbed work and one that was begun again have in common.
    """

    prepare: Callable[[Path], None]
    do: Callable[[Path, Callable[[], None]], None]
    check: Callable[[Path, int], Iterator[str]]
    result: Callable[[Path], Any]


def settle(place: Path) -> None:
    """Make the home of a place the one that is used."""
    os.environ["FER_HOME"] = str(place / "home")


def _prepare(place: Path) -> None:
    settle(place)
    write_drawn_faces(place / "faces", num_train=42, num_test=7)
    shutil.make_archive(str(place / "small"), "zip", place / "faces")
    add_dataset(place / "small.zip", name="first")


def _index(place: Path, acknowledge: Callable[[], None]) -> None:
    if "second" not in {dataset.name for dataset in list_datasets()}:
        add_dataset(place / "small.zip", name="second")
    acknowledge()


def _check_index(place: Path, acknowledged: int) -> Iterator[str]:
    datasets = {dataset.name: dataset for dataset in list_datasets()}
    if "first" not in datasets or len(datasets["first"].index.usable) != NUM_FACES:
        yield "the dataset that was there is damaged"
    if acknowledged and "second" not in datasets:
        yield "the dataset that was added is gone"
    if "second" in datasets and len(datasets["second"].index.usable) != NUM_FACES:
        yield "half a dataset is shown"


def _index_result(place: Path) -> Any:
    second = open_dataset("second")
    others = sorted(path.name for path in second.folder.parent.iterdir())
    images = second.index.images
    return second.index.fingerprint, sorted(contents(second.folder / "files").items()), int(images.sum()), others


def _edit(place: Path, acknowledge: Callable[[], None]) -> None:
    dataset = open_dataset("first")
    for number in range(len(_edited()), NUM_EDITS):
        exclude(dataset, [number, 20 + number], reason=f"edit {number}")
        acknowledge()


def _edited() -> list[str]:
    return list(dict.fromkeys(read_corrections(open_dataset("first"))["reason"]))


def _check_edit(place: Path, acknowledged: int) -> Iterator[str]:
    edited = _edited()
    if not acknowledged <= len(edited) <= acknowledged + 1:
        yield f"{acknowledged} edits were acknowledged, {len(edited)} are kept"
    if edited != [f"edit {number}" for number in range(len(edited))]:
        yield f"the edits are {edited}"
    sizes = read_corrections(open_dataset("first")).groupby("reason").size()
    if any(sizes != 2):
        yield "half an edit is kept"


def _edit_result(place: Path) -> Any:
    view = open_dataset("first").view()
    return view.fingerprint, len(read_corrections(open_dataset("first")))


def _prepare_push(place: Path) -> None:
    _prepare(place)
    transfer("push", str(place / "away"), ["first"])
    relabel(open_dataset("first"), [3], "sad")
    rng = np.random.default_rng(0)
    (open_dataset("first").folder / "files/notes.bin").write_bytes(rng.bytes(9_000_000))


def _push(place: Path, acknowledge: Callable[[], None]) -> None:
    transfer("push", str(place / "away"), ["first"])
    acknowledge()


def _pulled(place: Path) -> dict[str, str]:
    os.environ["FER_HOME"] = str(place / "elsewhere")
    shutil.rmtree(place / "elsewhere", ignore_errors=True)
    try:
        transfer("pull", str(place / "away"), ["first"])
        if len(open_dataset("first").index.usable) != NUM_FACES:
            return {}
        return contents(place / "elsewhere/datasets/first")
    finally:
        settle(place)


def _check_push(place: Path, acknowledged: int) -> Iterator[str]:
    for path in (place / "away").rglob("*.unfinished"):
        os.utime(path, (0, 0))  # long ago: the next push must clear it
    here, there = contents(place / "home/datasets/first"), _pulled(place)
    lacks = here.keys() - there.keys() - {"corrections.csv", "files/notes.bin"}
    if lacks or (acknowledged and there != here):
        yield f"what is pulled is not what was pushed: {sorted(lacks) or 'other contents'}"


def _push_result(place: Path) -> Any:
    files = [path for path in (place / "away").rglob("*") if path.is_file()]
    return sorted(_pulled(place)), len(files)


WORKS = {
    "index": Work(_prepare, _index, _check_index, _index_result),
    "edit": Work(_prepare, _edit, _check_edit, _edit_result),
    "push": Work(_prepare_push, _push, _check_push, _push_result),
}
