"""Where the pictures of the Photos view come from: dropped files, a snapshot of the camera, examples.

Controls appear on the page, a list of `Picture` goes out. Nothing is copied: a picture's bytes stay where the browser's
upload is held, in this server's memory, and go when the person removes it or leaves.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import streamlit as st

from fer_app.prediction.photo_examples import EXAMPLES, example_picture
from fer_app.responsible_use import NOTICE
from fer_app.sharing.visitor_limits import limits_here

PHOTO_TYPES = ["image", "heic", "heif"]  # a browser may not know the last two as pictures
_SNAPSHOT_NAME = "camera-snapshot.jpg"
_DIGESTS = "photo-digests"  # session state: upload's id -> digest of its content


class Upload(Protocol):
    """An uploaded file: its id never stands for two contents."""

    file_id: str
    name: str

    def getvalue(self) -> bytes:
        """Return the file's bytes."""
        ...


@dataclass(frozen=True, eq=False)
class Picture:
    """A picture that somebody gave.

    Args:
        name: Its file name.
        digest: Tells its content from any other.
        key: Tells it from the other pictures on the page; two with one content differ.
        read: Returns the file's bytes.
    """

    name: str
    digest: str
    key: str
    read: Callable[[], bytes]


def ask_for_pictures() -> list[Picture]:
    """Show the ways to give pictures and return those that are given, the snapshot first."""
    uploads = st.file_uploader(
        "Drop photos here, or choose them",
        type=PHOTO_TYPES,
        accept_multiple_files=True,
        max_upload_size=limits_here().photo_mb,
        key="photos",
        help="JPEG, PNG, WebP, BMP, TIFF, GIF (its first frame), HEIC. They are read in the memory of "
        "the computer that runs this app; nothing is stored and nothing is sent on.",
    )
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        titles = {name: example.title for name, example in EXAMPLES.items()}
        chosen = st.pills(
            "Or try an example",
            list(titles),
            selection_mode="multi",
            format_func=titles.__getitem__,
            key="examples",
            help="The portrait is by NASA, in the public domain. A program drew the other faces: a model that learned "
            "from photographs errs more on them.",
        )
        wants_camera = st.toggle("Take a picture with the camera", key="camera")
    if wants_camera:
        st.info(NOTICE, icon=":material/shield_person:")
    snapshot = st.camera_input("Camera", key="snapshot", label_visibility="collapsed") if wants_camera else None
    given: list[tuple[str, str, Callable[[], bytes]]] = []
    if snapshot is not None:
        given.append((_SNAPSHOT_NAME, _digest_of_upload(snapshot), snapshot.getvalue))
    for name in chosen:
        given.append((EXAMPLES[name].file_name, f"example-{name}", lambda name=name: example_picture(name)))
    given += [(upload.name, _digest_of_upload(upload), upload.getvalue) for upload in uploads]
    return _told_apart(given)


def _told_apart(given: Sequence[tuple[str, str, Callable[[], bytes]]]) -> list[Picture]:
    """Give each picture a key: the start of its digest, and a number where the same content came twice."""
    seen: Counter[str] = Counter()
    pictures = []
    for name, digest, read in given:
        seen[digest] += 1
        pictures.append(Picture(name, digest, f"{digest[:16]}-{seen[digest]}", read))
    return pictures


def _digest_of_upload(upload: Upload) -> str:
    """Return the sha256 of an upload's content, computed once an upload."""
    digests: dict[str, str] = st.session_state.setdefault(_DIGESTS, {})
    if upload.file_id not in digests:
        digests[upload.file_id] = hashlib.sha256(upload.getvalue()).hexdigest()
    return digests[upload.file_id]
