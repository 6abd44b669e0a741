"""What a dataset's labels mean: one box a label, for those that are no known expression.

Labels with their counts come in, the answers go out as a label map. Nothing is guessed: a box whose answer is not
plain from its label's spelling is empty until somebody chooses.
"""

from collections.abc import Mapping, Sequence

import streamlit as st

from fer_app.controls import start_button
from fer_app.dataset.adding_job import adding_status, continue_adding, dismiss_adding
from fer_app.markdown import literal
from fer_core.jobs import JobStatus
from fer_core.labels import CONTEMPT, EXPRESSIONS

KEEP = "keep as it is"
LEAVE_OUT = "leave out"
_CHOICES = (*EXPRESSIONS, CONTEMPT, KEEP, LEAVE_OUT)
_COLUMNS = 3


def is_asking() -> bool:
    """Tell whether the adding job has stopped at labels and waits for an answer."""
    return bool(_open_question(adding_status()))


def show_label_questions() -> bool:
    """Ask what the labels mean at which the adding job stopped; return whether there was anything to ask."""
    status = adding_status()
    counts = _open_question(status)
    if status is None or not counts:
        return False
    with st.container(border=True):
        st.markdown(f"**{literal(status.title)}**: what do these labels mean?")
        st.markdown(
            "They are no known expression, and nothing is guessed: numbers, for example, mean different expressions in "
            "different datasets. Your files are kept here until you answer."
        )
        answers = ask_labels(counts, suggestions=status.details.get("suggestions") or {}, key="meaning")
        _show_buttons(counts, answers)
    return True


def ask_labels(
    counts: Mapping[str, int], *, suggestions: Mapping[str, str], key: str, choices: Sequence[str] = _CHOICES
) -> dict[str, str]:
    """Show one box a label and return the answers given so far.

    Args:
        counts: Label -> number of its pictures.
        suggestions: Label -> one of the choices, chosen at first; labels without one start empty.
        key: Start of the widgets' keys.
        choices: What a label can mean; `KEEP` and `LEAVE_OUT` have a meaning of their own.

    Returns:
        Label -> new label, "" to leave its pictures out.
    """
    answers = {}
    for number, (label, count) in enumerate(sorted(counts.items())):
        if number % _COLUMNS == 0:
            columns = st.columns(_COLUMNS)  # row by row, so that the Tab key and narrow screens keep the order
        if suggestions.get(label) in choices:
            st.session_state.setdefault(f"{key}-{label}", suggestions[label])
        chosen = columns[number % _COLUMNS].selectbox(
            f"“{literal(label)}” · {count:,} {'picture' if count == 1 else 'pictures'}",
            choices,
            index=None,
            key=f"{key}-{label}",
            placeholder="Choose",
        )
        if chosen is not None:
            answers[label] = {KEEP: label, LEAVE_OUT: ""}.get(chosen, chosen)
    return answers


def _open_question(status: JobStatus | None) -> dict[str, int]:
    """The labels that are asked about, with their counts."""
    if status is None or status.state != "failed":
        return {}
    return dict(status.details.get("unknown_labels") or {})


def _show_buttons(counts: Mapping[str, int], answers: Mapping[str, str]) -> None:
    missing = [label for label in counts if label not in answers]
    go_on, keep_all, give_up = st.columns([2, 2, 2])
    with go_on:
        wants_on = start_button("Continue", key="answer-labels", icon=":material/arrow_forward:")
    keep_all.button("Keep all as they are", key="keep-all-labels", on_click=_keep_all, args=(list(counts),))
    give_up.button("Do not add", key="dismiss-labels", icon=":material/close:", on_click=dismiss_adding)
    if not wants_on:
        return
    if missing:
        listed = ", ".join(f"“{literal(label)}”" for label in missing[:10])
        more = f" and {len(missing) - 10} more" if len(missing) > 10 else ""
        st.warning(f"Choose a meaning for {listed}{more} first.", icon=":material/help:")
    elif continue_adding("answer-labels", answers):
        st.rerun()


def _keep_all(labels: list[str]) -> None:
    for label in labels:
        st.session_state[f"meaning-{label}"] = KEEP
