"""The form of a new training: a preset, what differs from it, and the start.

Widgets give a `TrainConfig`; a second click, or a second tab that starts the very same training, starts nothing.
"""

import streamlit as st

from fer_app.controls import choose, start_button, void_clicks
from fer_app.loaders import index_of, knows_duplicates, part_sizes
from fer_app.markdown import literal
from fer_app.training.architecture_view import show_architecture
from fer_app.training.augmentation_view import show_augmentation_preview
from fer_app.training.training_form_fields import changed_summary, show_field
from fer_app.training.training_form_rules import FormChoices, form_config, reason_against
from fer_app.training.training_form_values import (
    OWN,
    FormValues,
    current_form,
    keep_form,
    remembered_dataset,
    write_form_to_url,
)
from fer_core.dataset import Dataset, list_datasets
from fer_core.errors import FerError
from fer_core.models import ARCHITECTURES, list_models
from fer_core.training import AUGMENTATIONS, PRESETS, Run, TrainConfig, list_runs, start_run
from fer_core.training.setting_descriptions import GROUPS, SETTINGS

_PRESET_KEY = "training-preset"
_NAME_KEY = "training-run-name"
_FIELDS_IN_A_ROW = 3


def show_training_form() -> None:
    """Show the form and start a run when asked to; it waits for those that are under way."""
    form = current_form()
    _show_presets(form)
    datasets = {dataset.name: dataset for dataset in list_datasets()}
    left, right = st.columns(2)
    with left:
        dataset = datasets[choose("Dataset", list(datasets), key="dataset", default=remembered_dataset())]
    try:
        choices = FormChoices(dataset.name, index_of(dataset), knows_duplicates(dataset), tuple(list_models()))
    except FerError as error:
        st.error(literal(str(error)))
        return
    with right:
        show_field(
            "architecture", form, options=list(ARCHITECTURES), format_func=lambda name: ARCHITECTURES[name].title
        )
    for column, name in zip(st.columns(3), ("epochs", "batch_size", "learning_rate"), strict=True):
        with column:
            show_field(name, form)
    with st.expander("More settings", icon=":material/tune:"):
        _show_groups(form, choices, dataset)
    _show_augmentation(form, choices)
    _show_changes(form)
    write_form_to_url(form, dataset.name)
    _show_start(form, choices, dataset)


def _show_presets(form: FormValues) -> None:
    if st.session_state.get(_PRESET_KEY) != form.preset:
        st.session_state[_PRESET_KEY] = form.preset
    titles = {name: preset.title for name, preset in PRESETS.items()} | {OWN: "Own"}
    st.segmented_control(
        "Preset", list(titles), key=_PRESET_KEY, format_func=titles.__getitem__, required=True, on_change=_keep_preset
    )
    if form.preset == OWN:
        st.caption("Your own settings, beginning with what stood in the form.")
    else:
        preset = PRESETS[form.preset]
        st.caption(f"{preset.description} {preset.measured}".strip())


def _keep_preset() -> None:
    keep_form(current_form().with_preset(st.session_state[_PRESET_KEY]))


def _show_groups(form: FormValues, choices: FormChoices, dataset: Dataset) -> None:
    options = {
        "augmentation": list(AUGMENTATIONS),
        "from_model": ["", *choices.starting_models(form.all["architecture"])],
        "teacher": ["", *choices.teachers()],
    }
    for group in GROUPS:
        st.markdown(f"**{group}**")
        names = [name for name, setting in SETTINGS.items() if setting.group == group]
        for start in range(0, len(names), _FIELDS_IN_A_ROW):
            for column, name in zip(
                st.columns(_FIELDS_IN_A_ROW), names[start : start + _FIELDS_IN_A_ROW], strict=False
            ):
                with column:
                    reason = reason_against(name, form.all, choices)
                    show_field(name, form, options=options.get(name), format_func=_TITLES.get(name), reason=reason)
        if group == "Data" and not choices.knows_duplicates and len(choices.index.splits) > 1:
            _link_to_duplicates(dataset)
    st.text_input(
        "Name of the run", key=_NAME_KEY, placeholder=f"{dataset.name}-{form.all['architecture']}-…", max_chars=64,
        help="The run and its model bear it; by default it is made from the dataset and the architecture.",
    )  # fmt: skip


_TITLES = {
    "augmentation": lambda name: AUGMENTATIONS[name].title,
    "from_model": lambda name: name or "Nothing: from scratch",
    "teacher": lambda name: name or "Nobody: from the labels alone",
}


def _show_augmentation(form: FormValues, choices: FormChoices) -> None:
    try:
        show_augmentation_preview(form_config(form.all, choices))
    except FerError:  # what is wrong is said beside the start button
        return


def _link_to_duplicates(dataset: Dataset) -> None:
    st.page_link(
        "../pages/dataset.py",
        label="Look for duplicates first",
        icon=":material/content_copy:",
        query_params={"dataset": dataset.name, "view": "duplicates"},
    )


def _show_changes(form: FormValues) -> None:
    summary = changed_summary(form)
    if not summary:
        return
    title = "the defaults" if form.preset == OWN else f"the preset {PRESETS[form.preset].title}"
    text, control = st.columns([4, 1], vertical_alignment="center")
    text.caption(f"Changed from {title}: {literal(summary)}")
    control.button(
        "Back to defaults" if form.preset == OWN else "Back to preset",
        icon=":material/undo:",
        width="stretch",
        on_click=lambda: keep_form(current_form().back_to_preset()),
    )


def _show_start(form: FormValues, choices: FormChoices, dataset: Dataset) -> None:
    try:
        config = form_config(form.all, choices)
        num_train, num_validation = part_sizes(dataset, config)
    except FerError as error:
        st.error(literal(str(error)))
        return
    st.caption(f"{num_train:,} images to learn from, {num_validation:,} held back to choose the best epoch.")
    show_architecture(config, num_train)
    live = [run for run in list_runs() if run.status().is_live]
    if live:
        st.caption(f"{_names(live)} under way: this training waits in the queue until its turn comes.")
    label = "Add to the queue" if live else "Start training"
    if start_button(label, key="start-training", icon=":material/play_arrow:"):
        _start(config)


def _names(runs: list[Run]) -> str:
    return f"{literal(runs[0].name)} is" if len(runs) == 1 else f"{len(runs)} trainings are"


def _start(config: TrainConfig) -> None:
    name = st.session_state.get(_NAME_KEY, "").strip() or None
    try:
        run = start_run(config, name)
    except FerError as error:
        st.error(literal(str(error)))
        _link_to_twin(config)
        return
    void_clicks("start-training")
    st.query_params.from_dict({**st.query_params.to_dict(), "view": "runs", "run": run.name})
    st.rerun()


def _link_to_twin(config: TrainConfig) -> None:
    """Lead to the run that learns with the very same settings, where that is why a start was refused."""
    live = (run for run in list_runs() if run.status().is_live and run.has_settings)
    twin = next((run.name for run in live if run.config == config), None)
    if twin is not None:
        st.page_link(
            "../pages/training.py",
            label=f"Watch {twin}",
            icon=":material/monitoring:",
            query_params={"view": "runs", "run": twin},
        )
