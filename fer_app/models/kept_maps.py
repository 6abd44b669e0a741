"""The heat maps that a session keeps: those of the faces looked at last, each under what decides it.

A model and a face come in, a digest goes out; maps are kept and found by it.
"""

import hashlib

import numpy as np
import numpy.typing as npt
import streamlit as st

from fer_core.models import ModelPackage

_MAX_KEPT = 16

Maps = npt.NDArray[np.float32]  # (h, w, classes)


def maps_digest(package: ModelPackage, crop: npt.NDArray[np.uint8]) -> str:
    """Return what changes when the maps of a face do: hexadecimal, of the model's answers and of the pixels."""
    return hashlib.sha256(package.answers_digest().encode() + crop.tobytes()).hexdigest()


def kept_maps(way: str, digest: str) -> Maps | None:
    """Return the maps made of a face in one way, None where none are kept."""
    kept: dict[str, Maps] = st.session_state.get(way, {})
    return kept.get(digest)


def keep_maps(way: str, digest: str, maps: Maps) -> None:
    """Keep the maps of a face in place of the oldest ones of that way.

    Args:
        way: Session state key of the way in which they are made.
        digest: Of `maps_digest`.
        maps: (h, w, classes) float32.
    """
    kept: dict[str, Maps] = st.session_state.setdefault(way, {})
    while len(kept) >= _MAX_KEPT:
        kept.pop(next(iter(kept)))
    kept[digest] = maps
