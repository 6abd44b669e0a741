"""Pushing and pulling on the Storage page: what to move, how, and what came of it."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from fer_app.controls import start_button
from fer_app.job_view import watch_job
from fer_app.markdown import literal
from fer_app.storage.jobs import PULL, PUSH, is_live, looking_folder, moving_folder, start_looking, start_moving
from fer_core.jobs import JobStatus, read_arguments, read_result


def show_moving(address: str, here: Sequence[str], there: Sequence[str]) -> None:
    """Offer to push what is here and to pull what is there."""
    busy = is_live(moving_folder())
    dry_run = st.toggle("Only say what would be moved", key="storage-dry-run")
    delete = st.toggle(
        "Delete what the other side does not have",
        key="storage-delete",
        help="Pushing then removes from the address what is not here any more, earlier revisions included. Pulling "
        "removes from this computer what is not there, and changes that were never pushed.",
    )
    if delete and not dry_run:
        st.warning(
            "What is on one side only will be deleted. A trial says first what that is.", icon=":material/warning:"
        )
    push, pull = st.columns(2)
    with push:
        chosen = st.multiselect("From here", here, key="storage-here", placeholder="Everything", disabled=not here)
        if start_button("Push", key=PUSH, icon=":material/cloud_upload:", disabled=busy or not here):
            _start("push", address, chosen, dry_run, delete)
    with pull:
        chosen = st.multiselect("From there", there, key="storage-there", placeholder="Everything", disabled=not there)
        if start_button("Pull", key=PULL, icon=":material/cloud_download:", disabled=busy or not there):
            _start("pull", address, chosen, dry_run, delete)


def show_result() -> None:
    """Show the push or pull that is under way, or what came of the last one."""
    status = watch_job(moving_folder(), on_done=_look_again)
    if status is None or status.state != "completed":
        if status is not None and not status.is_live:
            st.caption("What has arrived by then is kept: once more sends only the rest.")
        return
    result = read_result(moving_folder()) or {}
    moved = result.get("moved", [])
    if moved:
        table = pd.DataFrame(
            {
                "Kind": [row["kind"] for row in moved],
                "Name": [row["name"] for row in moved],
                "Files": [row["total"] for row in moved],
                "Would move" if result.get("dry_run") else "Moved": [row["sent"] for row in moved],
                "MB": [round(row["num_bytes"] / 1e6, 1) for row in moved],
                "Deleted": [row["removed"] for row in moved],
                "Left alone": [row["kept"] for row in moved],
            }
        )
        st.dataframe(table, hide_index=True, width="stretch")
    for row in moved:
        for note in row["notes"]:
            st.info(f"**{literal(row['name'])}**: {literal(note)}", icon=":material/info:")
    for thing, reason in result.get("failed", {}).items():
        st.error(f"**{literal(thing)}**: {literal(reason)}", icon=":material/error:")


def _start(direction: str, address: str, names: list[str], dry_run: bool, delete: bool) -> None:
    if start_moving(direction, address, names, dry_run=dry_run, delete=delete):
        st.rerun()


def _look_again(status: JobStatus) -> None:
    """What is there may have changed; the table should say so."""
    asked = read_arguments(moving_folder())
    if not asked.get("dry_run") and not is_live(looking_folder()):
        start_looking(str(asked["address"]))
