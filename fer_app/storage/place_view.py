"""The address on the Storage page, and what is there."""

import pandas as pd
import streamlit as st

from fer_app.controls import start_button
from fer_app.job_view import watch_job
from fer_app.markdown import literal
from fer_app.storage.jobs import LOOK, is_live, last_address, looking_folder, rows_at, start_looking
from fer_core.errors import StorageError
from fer_core.storage import parse_address

_HELP = """
| address | what it needs |
|---|---|
| `/media/disk/fer` | nothing: any folder, a mounted Google Drive or network drive included |
| `s3://bucket/folder` | credentials where the tools of AWS keep them; `?endpoint_override=https://…` for other makers |
| `gs://bucket/folder` | Google Cloud's application default credentials |
| `rclone:NAME:folder` | the program rclone and a remote made with `rclone config`: Google Drive, SFTP, Dropbox, … |

Passwords are never typed here, and stand in no log, run or model.
"""


def choose_address() -> str | None:
    """Ask for an address and offer to look at it; returns it if it is one."""
    default = st.session_state.setdefault("storage-address", last_address())
    box, button = st.columns([5, 1], vertical_alignment="bottom")
    typed = box.text_input(
        "Address", default, key="storage-address-box", placeholder="a folder, s3://bucket/folder, rclone:NAME:folder"
    ).strip()
    with button:
        wants_look = start_button("Look", key=LOOK, type="secondary", icon=":material/search:", disabled=not typed)
    with st.popover("Which addresses are there?", icon=":material/help:"):
        st.markdown(_HELP)
    if not typed:
        st.info("Type an address first: a folder will do, on a memory stick or in a mounted Google Drive.")
        return None
    try:
        parse_address(typed)
    except StorageError as error:
        st.error(literal(str(error)))
        return None
    if wants_look and start_looking(typed):
        st.rerun()
    return typed


def show_what_is_there(address: str) -> list[str]:
    """Show what an address holds, as far as somebody looked; returns the names as `kind/name`."""
    rows, is_looking = rows_at(address), is_live(looking_folder())
    if rows is None or is_looking:
        watch_job(looking_folder())
        if rows is None:
            if not is_looking:
                st.caption("**Look** shows what is at this address, and what can be pulled from it.")
            return []
    if not rows:
        st.info("There is nothing at this address yet.", icon=":material/cloud_off:")
        return []
    table = pd.DataFrame(
        {
            "Kind": [row["kind"] for row in rows],
            "Name": [row["name"] for row in rows],
            "Files": [row["files"] for row in rows],
            "MB": [row["megabytes"] for row in rows],
            "Pushed (UTC)": [row["pushed_at"].replace("T", " ")[:16] for row in rows],
            "Here": [row["here"] for row in rows],
        }
    )
    st.dataframe(table, hide_index=True, width="stretch")
    return [f"{row['kind']}/{row['name']}" for row in rows]
