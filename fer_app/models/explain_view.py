"""Where a model looks, on a page: the heat map of a face, and a map made by covering the face as a cross-check.

Both are drawn here in moments without TensorFlow; a network without class maps is asked for its gradients by a job.
"""

import time

import numpy as np
import numpy.typing as npt
import streamlit as st

from fer_app.dataset.thumbnail import thumbnail
from fer_app.loaders import predictor_for
from fer_app.markdown import literal
from fer_app.models.explain_face import ChosenFace, choose_face
from fer_app.models.gradient_maps import gradient_maps
from fer_app.models.kept_maps import Maps, keep_maps, kept_maps, maps_digest
from fer_app.models.measured_on import MeasuredOn
from fer_core.charts import probabilities_figure
from fer_core.models import Classifier, ModelPackage
from fer_core.prediction.explain import draw_heat_map, heat_map
from fer_core.prediction.occlusion import agreement, centred, occlusion_maps

_WIDTH = 240  # pixels of a map on the page
_SMALL_WIDTH = 110
_KEPT = "explain-covered"  # session state: the maps of the faces covered last
# Maps as smooth as these reach 0.3 by chance; two methods that see the same reach 0.5 and more.
_AGREE, _AGREE_IN_PART = 0.5, 0.25


def show_explanation(on: MeasuredOn) -> None:
    """Let the person choose a face, and show which places of it speak for each class."""
    st.header("Where does it look?", anchor=False)
    st.caption(
        "Red places speak for the class rather than for the others; grey ones do not. A map says what the network "
        "uses, not what the person feels. Each face is read in one view, as it is."
    )
    face = choose_face(on)
    if face is None:
        return
    classifier = predictor_for(on.package).classifier
    (said,) = classifier.predict(face.crop[np.newaxis], "one")
    left, right = st.columns([1, 2], gap="medium")
    with left:
        st.image(thumbnail(face.crop, _WIDTH), width=_WIDTH, alt=f"{face.name} as the network sees it")
        st.caption(_sentence(face, on.package.info.class_names, said))
    with right:
        figure = probabilities_figure(on.package.info.class_names, said)
        st.plotly_chart(figure, key="explain-said", config={"displayModeBar": False}, alt="Probability of each class")
    _show_maps(on.package, classifier, face, int(said.argmax()))


def _sentence(face: ChosenFace, class_names: tuple[str, ...], said: npt.NDArray[np.float32]) -> str:
    words = f"Seen as **{literal(class_names[int(said.argmax())])}** ({100 * said.max():.0f} %)"
    return f"{words}, labelled **{literal(face.label)}**." if face.label else f"{words}."


def _show_maps(package: ModelPackage, classifier: Classifier, face: ChosenFace, likeliest: int) -> None:
    names, digest = list(package.info.class_names), maps_digest(package, face.crop)
    # Another face is another box, so that each begins with the class that the network sees in it.
    wanted = st.selectbox("What speaks for", names, index=likeliest, key=f"explain-class-{digest[:12]}", width=240)
    number = names.index(wanted)
    activation, covering = st.columns(2, gap="medium")
    with activation:
        maps = _show_activation(package, classifier, face, wanted)
    with covering:
        covered = _covered(classifier, face, digest)
        _show_map("Covered place by place", face, covered, wanted, number)
        st.caption(
            "What the class loses when a patch of a quarter of the face's width hides the place (Zeiler & Fergus "
            "2014). It looks at answers alone, so it serves as a check of the other map."
        )
    if maps is None:
        return
    st.markdown(_agreement_in_words(agreement(centred(maps, number), centred(covered, number))))
    with st.expander("The maps of all classes", icon=":material/apps:"):
        for title, each in (("Class activation", maps), ("Covered place by place", covered)):
            st.markdown(f"**{title}**")
            pictures = [draw_heat_map(face.crop, heat_map(each, n, face.crop.shape[0])) for n in range(len(names))]
            st.image(pictures, caption=[literal(name) for name in names], width=_SMALL_WIDTH)


def _show_activation(package: ModelPackage, classifier: Classifier, face: ChosenFace, wanted: str) -> Maps | None:
    """Show the map made of what the network gives along, or by its gradients; None while that is to be asked for."""
    number = package.info.class_names.index(wanted)
    if not classifier.has_class_maps:
        maps = gradient_maps(package, face.crop)
        if maps is not None:
            _show_map("Gradients (Grad-CAM)", face, maps, wanted, number)
            st.caption("The last feature maps, weighted with the class's gradient (Selvaraju et al. 2017).")
        return maps
    started_at = time.perf_counter()
    maps = np.asarray(classifier.class_maps(face.crop[np.newaxis])[0])
    drawn = draw_heat_map(face.crop, heat_map(maps, number, face.crop.shape[0]))
    milliseconds = 1000 * (time.perf_counter() - started_at)
    st.markdown("**Class activation**")
    st.image(drawn, width=_WIDTH, alt=f"What speaks for {wanted}: class activation")
    st.caption(
        f"The last feature maps through the weights of the class (Zhou et al. 2016), {maps.shape[0]} × "
        f"{maps.shape[1]} places; drawn in {milliseconds:.0f} ms."
    )
    return maps


def _show_map(title: str, face: ChosenFace, maps: Maps, wanted: str, number: int) -> None:
    st.markdown(f"**{title}**")
    drawn = draw_heat_map(face.crop, heat_map(maps, number, face.crop.shape[0]))
    st.image(drawn, width=_WIDTH, alt=f"What speaks for {wanted}: {title.lower()}")


def _covered(classifier: Classifier, face: ChosenFace, digest: str) -> Maps:
    covered = kept_maps(_KEPT, digest)
    if covered is not None:
        return covered
    bar = st.progress(0.0, text="Covering the face")

    def report(done: int, total: int) -> None:
        bar.progress(done / total, text="Covering the face")

    covered = occlusion_maps(classifier, face.crop, on_progress=report)
    bar.empty()
    keep_maps(_KEPT, digest, covered)
    return covered


def _agreement_in_words(value: float) -> str:
    if value >= _AGREE:
        words = "The two maps agree: both put the same places first"
    elif value >= _AGREE_IN_PART:
        words = "The two maps agree in part"
    else:
        words = "The two maps do not agree on this face: trust neither on a detail"
    return f"{words} (rank correlation {value:.2f}; 1 is the same order of places, 0 is chance)."
