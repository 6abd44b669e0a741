"""Grad-CAM on a page: the job that makes the maps of one face, and what came of it.

The job needs TensorFlow and seconds, so it is begun by a button; its maps stay with the session afterwards.
"""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import streamlit as st

from fer_app.controls import start_button
from fer_app.job_view import begin_job, clear_ended_job, watch_job
from fer_app.models.kept_maps import keep_maps, kept_maps, maps_digest
from fer_core.errors import JobError
from fer_core.jobs import read_result, read_status
from fer_core.models import ModelPackage
from fer_core.models.grad_cam import pack_crop
from fer_core.settings import load_settings

_TARGET = "fer_core.models.grad_cam:grad_cam_job"
_KEPT = "gradient-maps"  # session state: the maps of the faces asked for last


def gradient_maps(package: ModelPackage, crop: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32] | None:
    """Return the maps of a face, or show the way to them and return None.

    Args:
        package: A model whose LiteRT network gives no class maps along.
        crop: (size, size, channels) uint8, 0-255, as the network reads it.

    Returns:
        (h, w, classes) float32.
    """
    digest = maps_digest(package, crop)
    folder = load_settings().jobs_folder / f"gradients-{digest[:16]}"
    if kept_maps(_KEPT, digest) is None and _is_completed(folder):
        keep_maps(_KEPT, digest, np.asarray((read_result(folder) or {})["maps"], np.float32))
        clear_ended_job(folder)
    maps = kept_maps(_KEPT, digest)
    if maps is not None:
        return maps
    st.markdown("**Gradients (Grad-CAM)**")
    status = watch_job(folder)
    if status is not None and status.is_live:
        return None
    st.caption("This network does not say along with its answer where it looked. Its gradients do, by TensorFlow.")
    if start_button("Draw by gradients", key="gradients", type="secondary", icon=":material/gradient:"):
        arguments = {"model": str(package.folder), "crop": pack_crop(crop)}
        if begin_job(folder, _TARGET, arguments, title=f"Gradients of {package.name}", keys=["gradients"]):
            st.rerun()
    return None


def _is_completed(folder: Path) -> bool:
    try:
        return read_status(folder).state == "completed"
    except JobError:
        return False
