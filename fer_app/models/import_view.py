"""Models from elsewhere, on a page: a zip is brought in, its origin confirmed, or the model deleted again.

What is checked, and what stays closed until the person vouches for it, is decided in `fer_core.models.importing`.
"""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import streamlit as st

from fer_app.controls import lead_to
from fer_app.markdown import literal
from fer_core.errors import FerError
from fer_core.models import ModelPackage
from fer_core.models.importing import import_package, remove_imported
from fer_core.models.origin import confirm_trust, read_origin


def show_import(_: ModelPackage) -> None:
    """Let the person bring a model; the one that is chosen does not matter."""
    st.header("Bring a model", anchor=False)
    with st.form("import", clear_on_submit=True):
        archive = st.file_uploader(
            "A model package: the zip that this page gives out",
            type="zip",
            help="Only packages of this program. Keras files, pickles and checkpoints can run code when they are "
            "opened, and are refused.",
        )
        name = st.text_input("Name", placeholder="the one that it has", max_chars=64)
        if st.form_submit_button("Import", icon=":material/upload:") and archive is not None:
            _import(archive.name, archive.getbuffer(), name.strip() or None)


def _import(file_name: str, content: memoryview, name: str | None) -> None:
    with TemporaryDirectory() as folder, st.spinner("Checking the file and trying the network"):
        archive = Path(folder) / (Path(file_name).name or "model.zip")
        archive.write_bytes(content)
        try:
            package = import_package(archive, name=name)
        except FerError as error:
            st.error(literal(str(error)), icon=":material/error:")
            return
    lead_to("model", package.name)
    st.toast(f"{literal(package.name)} is here.", icon=":material/check:")
    st.rerun()


def show_origin(package: ModelPackage) -> None:
    """Show where a model came from and what can be done about it, if it was imported."""
    origin = read_origin(package.folder)
    if origin is None:
        return
    st.markdown(f"**Imported** from {literal(origin.archive)}, {literal(origin.imported_at[:10])}.")
    with st.container(horizontal=True):
        if origin.trusted_at is None:
            _ask_for_trust(package)
        with st.popover("Delete this model", icon=":material/delete:"):
            st.markdown(
                f"{literal(package.name)} is deleted from this computer. The zip that it came in is not touched."
            )
            if st.button("Delete it", key=f"delete-{package.name}", type="primary"):
                _act(lambda: remove_imported(package.name), f"{package.name} is deleted.")


def _ask_for_trust(package: ModelPackage) -> None:
    with st.popover("Open its Keras network", icon=":material/lock_open:"):
        st.markdown(
            "Predictions read only `model.json` and `model.tflite`. Training on this model, or converting it, opens "
            "its `model.keras`. Such a file **can run code on this computer** with your rights. It was looked "
            "through and names only Keras's own layers, but that is no proof. Confirm only if you trust its maker."
        )
        if st.button("I trust its maker", key=f"trust-{package.name}"):
            _act(lambda: confirm_trust(package.folder), "Its Keras network may be opened now.")


def _act(action: Callable[[], None], done: str) -> None:
    try:
        action()
    except FerError as error:
        st.error(literal(str(error)))
        return
    st.toast(literal(done), icon=":material/check:")
    st.rerun()
