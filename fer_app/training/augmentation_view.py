"""What an augmentation does to faces, shown in the form of a new training once somebody asks for it."""

import streamlit as st

from fer_app.controls import start_button
from fer_app.job_view import begin_job, clear_ended_job, watch_job
from fer_core.dataset import open_dataset
from fer_core.settings import load_settings
from fer_core.training import AUGMENTATIONS, TrainConfig
from fer_core.training.augmentation.preview import NUM_FACES, NUM_VARIANTS, PREVIEW_SETTINGS, preview_path

_TARGET = "fer_core.training.augmentation.preview:preview_job"
_BUTTON = "preview-augmentation"


def show_augmentation_preview(config: TrainConfig) -> None:
    """Show the preview of a training's augmentation, or offer to draw it.

    Args:
        config: What stands in the form; its dataset must exist.
    """
    title = AUGMENTATIONS[config.augmentation].title
    with st.expander("Augmentation, on faces of the dataset", icon=":material/face_retouching_natural:"):
        path = preview_path(config, open_dataset(config.dataset))
        folder = load_settings().jobs_folder / f"augmentation-{path.stem[:16]}"
        if path.is_file():
            clear_ended_job(folder)
            _show(config, path.read_bytes())
            return
        status = watch_job(folder)
        if status is None or not status.is_live:
            st.caption(f"{AUGMENTATIONS[config.augmentation].description} See what becomes of {NUM_FACES} faces.")
            if start_button("Show on faces of this dataset", key=_BUTTON, type="secondary", icon=":material/image:"):
                arguments = {name: getattr(config, name) for name in PREVIEW_SETTINGS}
                if begin_job(folder, _TARGET, arguments, title=f"Drawing augmented faces: {title}", keys=[_BUTTON]):
                    st.rerun()


def _show(config: TrainConfig, picture: bytes) -> None:
    title = AUGMENTATIONS[config.augmentation].title.lower()
    st.image(
        picture,
        width="content",
        alt=f"{NUM_FACES} training faces of {config.dataset}, each as it is and {NUM_VARIANTS} times with {title} "
        "augmentation",
    )
    st.caption(" ".join(_explanation(config)))


def _explanation(config: TrainConfig) -> list[str]:
    """Say in sentences what stands in which column."""
    lowest, highest = (round(100 * share) for share in (config.crop_low, config.crop_high))
    side = f"{lowest} %" if lowest == highest else f"{lowest} to {highest} %"
    parts = [
        f"Left: {NUM_FACES} training faces as they are. Right: as the network sees them in {NUM_VARIANTS} epochs,"
        f" cropped to {side} of the side and enlarged here to one size."
    ]
    if config.mixup:
        parts.append(f"{100 * config.mixup:.0f} % of the batches are blended in pairs.")
    return parts
