"""The app around the pages: name, navigation by what this person may do, and the notes about responsible use.

Streamlit runs this script for every page; `streamlit_app.py` serves it. A page that is not in the navigation of a
session cannot be run by it, whatever address or message asks for it.
"""

from pathlib import Path

import streamlit as st

from fer_app.responsible_use import show_responsible_use
from fer_app.sharing.operators import note_session
from fer_app.sharing.sign_in_view import show_sign_in
from fer_app.sharing.start import hide_error_details
from fer_core.settings import load_settings

LOGO, ICON = (str(Path(__file__).with_name(name)) for name in ("logo.svg", "icon.svg"))
STYLE = Path(__file__).with_name("page.css")
PRODUCT = "FER Studio"


def begin() -> None:
    """Lead visitors, who have no Home, to their one page."""
    st.switch_page("../pages/prediction.py")


def pages(is_operator: bool) -> list[st.Page]:
    """Return the pages of an operator or of a visitor."""
    prediction = st.Page("../pages/prediction.py", title="Prediction", icon=":material/add_reaction:")
    if not is_operator:
        return [st.Page(begin, title="Start", default=True, visibility="hidden"), prediction]
    return [
        st.Page("../pages/home.py", title="Home", icon=":material/home:", default=True),
        st.Page("../pages/dataset.py", title="Dataset", icon=":material/photo_library:"),
        st.Page("../pages/training.py", title="Training", icon=":material/model_training:"),
        st.Page("../pages/models.py", title="Models", icon=":material/deployed_code:"),
        prediction,
        st.Page("../pages/storage.py", title="Storage", icon=":material/cloud_sync:"),
    ]


# The icon comes before the navigation: otherwise the browser fetches the page's Material icon from another server.
st.set_page_config(page_title=PRODUCT, page_icon=ICON, layout="wide")
st.html(STYLE)
st.logo(LOGO, size="large", icon_image=ICON)
if load_settings().is_shared:
    hide_error_details()  # Streamlit reads its configuration anew when the file changes
page = st.navigation(pages(note_session()))
st.set_page_config(page_title=f"{page.title} · {PRODUCT}")
with st.sidebar:
    show_responsible_use()
    show_sign_in()
page.run()
