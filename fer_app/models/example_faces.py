"""A few faces in several states side by side, with what the model says of each: what a number of a table looks like.

The states of the faces come in, first as they are; they are read at once, without a job, as they are few.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import streamlit as st

from fer_app.dataset.thumbnail import thumbnail
from fer_app.loaders import predictor_for
from fer_app.markdown import literal
from fer_app.models.measured_on import MeasuredOn
from fer_core.models.robustness import sample_faces

NUM_EXAMPLES = 3
_NUM_DRAWN = 40  # to choose from
_SIDE = 104  # pixels; three stand side by side on a phone

Faces = npt.NDArray[np.uint8]  # (n, size, size, channels) uint8, 0-255


def example_faces(on: MeasuredOn) -> tuple[Faces, list[str]]:
    """Return three faces of the split as the model reads them, of different classes where it has some; and labels."""
    faces, y_true = sample_faces(on.package, on.index, on.split, num_images=_NUM_DRAWN, seed=1)
    first_of_class = np.sort(np.unique(y_true, return_index=True)[1])[:NUM_EXAMPLES]
    return faces[first_of_class], [on.package.info.class_names[number] for number in y_true[first_of_class]]


def show_states(on: MeasuredOn, labels: Sequence[str], states: Sequence[tuple[str, Faces]]) -> None:
    """Show each face in each state.

    Args:
        on: The model that reads them.
        labels: The label of each face.
        states: Title and the faces in that state.
    """
    answers = [_said(on, faces) for _, faces in states]
    for number, label in enumerate(labels):
        st.caption(f"Labelled {literal(label)}")
        with st.container(horizontal=True, gap="small"):
            for (title, faces), said in zip(states, answers, strict=True):
                st.image(thumbnail(faces[number], _SIDE), caption=f"{title}: {literal(said[number])}", width=_SIDE)


def _said(on: MeasuredOn, faces: Faces) -> list[str]:
    pictures = [np.repeat(face, 3, axis=2) if face.shape[2] == 1 else face for face in faces]
    predictions = predictor_for(on.package).predict_batch(pictures, faces="whole", views="one")
    return [
        f"{face.label} {100 * face.confidence:.0f}\u00a0%" for prediction in predictions for face in prediction.faces
    ]
