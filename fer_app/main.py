"""The app around the pages: name, navigation and the line about responsible use.

Streamlit runs this script for every page; `streamlit_app.py` serves it. It knows the pages and nothing of what
they show.
"""

from pathlib import Path

import streamlit as st

LOGO, ICON = (str(Path(__file__).with_name(name)) for name in ("logo.svg", "icon.svg"))
PRODUCT = "FER Studio"
RESPONSIBLE_USE = (
    "Shows **apparent expression**, never what a person feels. Everything runs on this computer: photos dropped on "
    "Prediction stay in memory only, and nothing is sent anywhere unasked."
)

# The icon comes before the navigation: otherwise the browser fetches the page's Material icon from another server.
st.set_page_config(page_title=PRODUCT, page_icon=ICON, layout="wide")
st.logo(LOGO, size="large", icon_image=ICON)

page = st.navigation(
    [
        st.Page("../pages/home.py", title="Home", icon=":material/home:", default=True),
        st.Page("../pages/dataset.py", title="Dataset", icon=":material/photo_library:"),
        st.Page("../pages/training.py", title="Training", icon=":material/model_training:"),
        st.Page("../pages/models.py", title="Models", icon=":material/deployed_code:"),
        st.Page("../pages/prediction.py", title="Prediction", icon=":material/add_reaction:"),
        st.Page("../pages/storage.py", title="Storage", icon=":material/cloud_sync:"),
    ]
)
st.set_page_config(page_title=f"{page.title} · {PRODUCT}")
with st.sidebar:
    st.caption(RESPONSIBLE_USE)
page.run()
