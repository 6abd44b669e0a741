"""Home: what this is, what is ready on this computer, what to do next, and what not to use it for."""

import streamlit as st

from fer_app.expression_icons import expression_icon
from fer_app.overview import TRY_A_PHOTO, dataset_line, model_line, next_step, read_overview, run_line
from fer_core.labels import EXPRESSIONS

NUM_SHOWN = 3


def ready(title: str, count: int, lines: list[str], link: tuple[str, str, str]) -> None:
    """Show how many of one kind there are, the first of them, and the way to their page."""
    with st.container(border=True, height="stretch"):
        st.metric(title, f"{count:,}")
        for line in lines[:NUM_SHOWN]:
            st.markdown(line)
        if count > NUM_SHOWN:
            st.caption(f"and {count - NUM_SHOWN:,} more")
        page, label, icon = link
        st.page_link(f"../pages/{page}", label=label, icon=icon)


st.title("What does a face show?", anchor=False)
st.markdown(
    "From a folder of faces to a trained network, and from a photo to seven probabilities. Everything runs on this "
    "computer."
)
with st.container(horizontal=True, gap="medium"):
    for name in EXPRESSIONS:
        st.image(expression_icon(name), width=64, caption=name, alt=f"A drawn face: {name}")

overview = read_overview()
step = next_step(overview)
with st.container(border=True):
    st.markdown(f"**Next step.** {step.reason}")
    with st.container(horizontal=True):
        if st.button(step.label, icon=step.icon, type="primary"):
            st.switch_page(f"../pages/{step.page}")
        if overview.models and step != TRY_A_PHOTO and st.button(TRY_A_PHOTO.label, icon=TRY_A_PHOTO.icon):
            st.switch_page(f"../pages/{TRY_A_PHOTO.page}")

st.header("Ready on this computer", anchor=False)
datasets, models, runs = st.columns(3)
with datasets:
    lines = [dataset_line(dataset) for dataset in overview.datasets[:NUM_SHOWN]] or ["No dataset yet."]
    ready("Datasets", len(overview.datasets), lines, ("dataset.py", "Open datasets", ":material/photo_library:"))
with models:
    lines = [model_line(model) for model in overview.models[:NUM_SHOWN]] or ["No model yet: train one first."]
    ready("Models", len(overview.models), lines, ("models.py", "Open models", ":material/deployed_code:"))
with runs:
    lines = [run_line(run) for run in overview.runs[:NUM_SHOWN]]
    ready(
        "Training runs",
        len(overview.runs),
        lines or ["No training yet."],
        ("training.py", "Open training", ":material/model_training:"),
    )

st.header("Before you rely on it", anchor=False)
NOTICES = {
    "What it shows": "The **apparent expression** of a face: what people looking at the picture would call it. It says "
    "nothing about what the person feels, thinks or intends.",
    "Your pictures": "Photos that you drop are processed **in this computer's memory**. Nothing of them is stored and "
    "nothing is sent anywhere.",
    "Limits": "The shipped model learned from FER2013: small grey photos from the web, many of them posed. Its labels "
    "are rough: the majority of ten annotators agrees with its label on about **two of three** faces.",
    "The law": "In the European Union it is **prohibited** to infer people's emotions this way **at work or in "
    "education**, except for medical or safety reasons (AI Act, Article 5(1)(f)). Where such a system may be used, "
    "people in front of it **must be told** (Article 50(3)).",
}
for pair in (("What it shows", "Your pictures"), ("Limits", "The law")):
    for column, heading in zip(st.columns(2), pair, strict=True):
        with column, st.container(border=True, height="stretch"):
            st.markdown(f"**{heading}**")
            st.markdown(NOTICES[heading])
