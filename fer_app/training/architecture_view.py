"""What an architecture costs: its size, its arithmetic, and how long a training takes on this computer.

The form of a new training gives its settings; sentences, a button that measures, and a table of all architectures go
out. What was measured is kept below FER_HOME (`fer_core.training.speed_probe`).
"""

from pathlib import Path

import pandas as pd
import streamlit as st

from fer_app.controls import start_button
from fer_app.job_view import begin_job, clear_ended_job, watch_job
from fer_app.loaders import index_of
from fer_app.markdown import literal
from fer_core.dataset import open_dataset
from fer_core.models import ARCHITECTURES, Architecture
from fer_core.models.pretrained import BACKBONES
from fer_core.settings import load_settings
from fer_core.training import TrainConfig, training_queue
from fer_core.training.speed_probe import NUM_BATCHES, Probe, read_probe, training_seconds

_TARGET = "fer_core.training.speed_probe:probe_job"
_BUTTON = "measure-architecture"


def show_architecture(config: TrainConfig, num_train: int) -> None:
    """Say what the chosen architecture is and how long the training takes, or offer to measure that.

    Args:
        config: The settings in the form.
        num_train: Number of pictures to learn from.
    """
    chosen = ARCHITECTURES[config.architecture]
    settings = index_of(open_dataset(config.dataset)).settings
    sizes = (settings.image_size, settings.channels, config.batch_size)
    probe = read_probe(chosen.name, *sizes)
    st.caption(f"{chosen.description} {_size_text(chosen, probe)}")
    if chosen.is_pretrained and not config.from_model:
        _tell_of_download(chosen)
    if probe is not None:
        clear_ended_job(_job_folder(chosen.name, sizes), only_completed=True)
        st.caption(f":material/timer: {time_text(probe, config, num_train)}")
    _offer_measuring(chosen, sizes, again=probe is not None)
    with st.expander("Compare the architectures", icon=":material/table_chart:"):
        _show_table(sizes, config, num_train)


def time_text(probe: Probe, config: TrainConfig, num_train: int) -> str:
    """Return how long a training takes: `About 25 min for 30 epochs on this computer, 50 s for each (…)`.

    Args:
        probe: What was measured.
        config: The settings.
        num_train: Number of pictures to learn from.
    """
    seconds = training_seconds(probe, config, num_train)
    return (
        f"About {_rounded(seconds)} for {config.epochs:,} epochs on this computer, {_rounded(seconds / config.epochs)} "
        f"for each (measured: {1 / probe.seconds_per_image:,.0f} images a second in batches of {probe.batch_size} on "
        f"{literal(probe.device)})."
    )


def _size_text(chosen: Architecture, probe: Probe | None) -> str:
    if probe is not None:
        size, parameters, macs = probe.image_size, probe.num_parameters, probe.num_macs
    else:
        size, parameters, macs = 48, chosen.num_parameters, chosen.num_macs
    return f"{_large(parameters)} parameters, {_large(macs)} MACs for a picture of {size}×{size}."


def _tell_of_download(chosen: Architecture) -> None:
    file = BACKBONES[chosen.name].weights
    if not (load_settings().weights_folder / file.name).is_file():
        st.caption(f":material/download: Its ImageNet weights, {file.num_bytes / 1e6:.0f} MB, are downloaded once.")


def _offer_measuring(chosen: Architecture, sizes: tuple[int, int, int], *, again: bool) -> None:
    folder = _job_folder(chosen.name, sizes)
    status = watch_job(folder)
    if status is not None and status.is_live:
        return
    help_text = f"Trains on {NUM_BATCHES} batches of random pictures: some seconds, or minutes for a large network."
    label, kind = ("Measure again", "tertiary") if again else ("Measure on this computer", "secondary")
    if start_button(label, key=_BUTTON, type=kind, icon=":material/timer:", help=help_text):
        names = ("image_size", "channels", "batch_size")
        arguments = {"architecture": chosen.name, **dict(zip(names, sizes, strict=True))}
        title = f"Measuring {chosen.title}"
        # Beside a training it would measure the rest that this one leaves.
        if begin_job(folder, _TARGET, arguments, title=title, keys=[_BUTTON], queue=training_queue()):
            st.rerun()


def _show_table(sizes: tuple[int, int, int], config: TrainConfig, num_train: int) -> None:
    rows = []
    for name, architecture in ARCHITECTURES.items():
        probe = read_probe(name, *sizes)
        seconds = training_seconds(probe, config, num_train) / config.epochs if probe else None
        rows.append(
            {
                "Architecture": architecture.title,
                "An epoch here": _rounded(seconds) if seconds else "not measured",
                "Parameters": architecture.num_parameters / 1e6,
                "MACs": architecture.num_macs / 1e6,
                "Source": architecture.source,
                "What for": architecture.description,
            }
        )
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        column_config={
            "Parameters": st.column_config.NumberColumn(format="%.2f M", help="Weights, for seven classes"),
            "MACs": st.column_config.NumberColumn(
                format="%.0f M", help="Multiply-accumulate operations for one grey picture of 48×48 pixels"
            ),
            "An epoch here": st.column_config.TextColumn(
                help=f"Of {num_train:,} images in batches of {sizes[2]}; choose an architecture to measure it"
            ),
        },
    )


def _job_folder(name: str, sizes: tuple[int, int, int]) -> Path:
    return load_settings().jobs_folder / "-".join(["probe", name, *map(str, sizes)])


def _large(number: int) -> str:
    """Say a large number in three digits: `51 thousand`, `1.16 million`, `2.82 billion`."""
    for unit, word in ((1e9, "billion"), (1e6, "million"), (1e3, "thousand")):
        if number >= unit:
            return f"{number / unit:.3g} {word}"
    return str(number)


def _rounded(seconds: float) -> str:
    """Say an estimated time without more digits than it has: `8.1 s`, `2.8 min`, `25 min`, `3 h 10 min`."""
    if seconds < 100:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    minutes = seconds / 60
    if minutes < 100:
        return f"{minutes:.1f} min" if minutes < 10 else f"{minutes:.0f} min"
    hours, tens = divmod(round(minutes / 10), 6)
    return f"{hours} h {tens * 10:02d} min"
