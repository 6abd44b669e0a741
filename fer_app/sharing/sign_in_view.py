"""The way in and out for operators, at the foot of the sidebar; a local app has none.

Nothing but the state of this session comes in; buttons and links go to the page.
"""

import streamlit as st

from fer_app.asgi import base_path
from fer_app.markdown import literal
from fer_app.sharing.operators import is_operator, providers, signed_in_by_provider, who_signed_in
from fer_core.settings import load_settings


def show_sign_in() -> None:
    """Show how to sign in, or as whom one is signed in and how to leave."""
    if not load_settings().is_shared:
        return
    if signed_in_by_provider():
        _show_person()
    elif is_operator():
        st.caption("Signed in as an operator.")
        st.link_button("Sign out", f"{base_path()}/fer/sign-in", icon=":material/logout:")
    else:
        with st.popover("For operators", icon=":material/key:", type="tertiary"):
            _show_ways_in()


def _show_person() -> None:
    name = literal(str(st.user.get("email") or st.user.get("name") or st.user.get("sub")))
    if is_operator():
        st.caption(f"Signed in as {name}, an operator.")
    else:
        st.warning(f"You are signed in as {name}, who is not an operator here. Whoever runs this server can add this:")
        st.code(who_signed_in(), language=None)
    if st.button("Sign out", icon=":material/logout:"):
        st.logout()


def _show_ways_in() -> None:
    st.markdown("Datasets, training and models are for those who run this server.")
    for provider in providers():
        label = "Sign in" if provider is None else f"Sign in with {literal(provider)}"
        if st.button(label, icon=":material/login:", type="primary"):
            st.login(provider)
    st.link_button("Use a token of the server's log", f"{base_path()}/fer/sign-in", icon=":material/key:")
