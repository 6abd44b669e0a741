"""The server: `streamlit run streamlit_app.py` finds `app` and serves `fer_app/main.py` behind the access rules.

The main script lies in `fer_app/` because Streamlit, with a `pages/` folder beside its main script, would run a
page file alone when a fresh server is entered by a deep link.
"""

import streamlit as st

from fer_app.access import access_middleware, access_routes
from fer_app.plotly_route import plotly_routes

middleware = access_middleware()  # first: it ends the process where the server must not start
app = st.App("fer_app/main.py", routes=[*plotly_routes(), *access_routes()], middleware=middleware)
