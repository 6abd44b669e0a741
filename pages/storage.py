"""The Storage page: push datasets, runs and models to a place outside this computer, and pull them from there."""

import streamlit as st

from fer_app.storage.place_view import choose_address, show_what_is_there
from fer_app.storage.transfer_view import show_moving, show_result
from fer_core.storage.transfers import things_here

st.title("Storage")
st.markdown(
    "Keep datasets, training runs and models in a place outside this computer, or carry them to another one: a run "
    "that was stopped goes on there as if nothing had happened. Only what is new is sent, every file is checked by its "
    "hash, and **nothing is deleted unless you ask for it**."
)

address = choose_address()
if address is None:
    st.stop()

here = ["/".join(thing) for thing in things_here()]
st.header("At this address", anchor=False)
there = show_what_is_there(address)

st.header("Push and pull", anchor=False)
if not here and not there:
    st.info("There is nothing to push yet. Add a dataset or train a model first.", icon=":material/photo_library:")
    st.page_link("../pages/dataset.py", label="Get a dataset", icon=":material/arrow_forward:")
show_moving(address, here, there)
show_result()
