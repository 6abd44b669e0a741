"""Groups of duplicates on a page: the pictures of each side by side, and what can be done about them.

The pictures come in group by group, as `group_pictures` lists them. To exclude is a correction under this browser
tab's token; the Corrections view shows and undoes it.
"""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from fer_app.dataset.browse_edits import author
from fer_app.dataset.thumbnail import thumbnail
from fer_app.markdown import literal
from fer_core.dataset import Dataset, DatasetIndex
from fer_core.dataset.corrections.edits import exclude
from fer_core.errors import FerError

_GROUPS_PER_PAGE = 12
_MAX_SHOWN = 12  # pictures of one group
_SIDE = 96  # pixels on the page; three stand side by side on a phone
_REASONS = {
    "leak": "leak between splits",
    "contradicting": "contradicting labels",
    "identical": "identical pictures",
    "near_duplicate": "near duplicates",
}


def show_groups(dataset: Dataset, view: DatasetIndex, pictures: pd.DataFrame, kind: str) -> None:
    """Show a page of groups.

    Args:
        dataset: The dataset.
        view: Its corrected view.
        pictures: group, image_id, path, split, label, similarity.
        kind: One of `kinds.KINDS`.
    """
    num_groups = int(pictures["group"].max()) + 1
    num_pages = -(-num_groups // _GROUPS_PER_PAGE)
    page = 1
    if num_pages > 1:
        if st.session_state.get("twins_page", 1) > num_pages:
            st.session_state["twins_page"] = num_pages
        page = st.pagination(num_pages, key="twins_page", bind="query-params")
    first = (page - 1) * _GROUPS_PER_PAGE
    shown = pictures[pictures["group"].between(first, first + _GROUPS_PER_PAGE - 1)]
    columns = st.columns(2, gap="small")
    for place, (number, group) in enumerate(shown.groupby("group")):
        with columns[place % 2]:
            _show_group(dataset, view, group, kind, title=f"{int(number) + 1:,} of {num_groups:,}")


def show_exclusions(dataset: Dataset, view: DatasetIndex, pictures: pd.DataFrame, kind: str) -> None:
    """Offer to exclude pictures of all groups at once."""
    with st.popover("Exclude", icon=":material/block:"):
        st.caption("Excluded pictures stay on disk and can be restored under Corrections.")
        for words, image_ids in _choices(pictures, kind):
            label = f"{words} ({len(image_ids):,} of {len(view.usable):,} pictures)"
            if st.button(label, key=f"exclude-all-{kind}-{words}", width="stretch"):
                _exclude(dataset, image_ids, kind)
        if any("test" in split for split in pictures["split"].unique()):
            st.caption(
                "Excluding test pictures changes what is measured: accuracies no longer compare with published ones."
            )


def _show_group(dataset: Dataset, view: DatasetIndex, group: pd.DataFrame, kind: str, *, title: str) -> None:
    shown = group.head(_MAX_SHOWN)
    with st.container(border=True, gap="small"):
        with st.container(horizontal=True, gap="small"):
            for row in shown.itertuples():
                caption = _caption(row.label, row.split, row.similarity)
                alt = f"{row.label}, {row.split}: {row.path}"
                st.image(thumbnail(view.images[row.image_id], _SIDE), caption=caption, width=_SIDE, alt=alt)
        more = f" and {len(group) - len(shown):,} more" if len(group) > len(shown) else ""
        paths = ", ".join(literal(path) for path in shown["path"])
        st.caption(f"{title}: {paths}{more}")
        with st.container(horizontal=True, vertical_alignment="center"):
            for words, image_ids in _choices(group, kind):
                key = f"exclude-{kind}-{image_ids[0]}-{words}"
                if st.button(words, key=key, icon=":material/block:", type="tertiary"):
                    _exclude(dataset, image_ids, kind)
            st.page_link(
                "../pages/dataset.py",
                label="Open",
                icon=":material/open_in_full:",
                width="content",
                query_params={"dataset": dataset.name, "view": "browse", "image": str(group["image_id"].iloc[0])},
            )


def _caption(label: str, split: str, similarity: float) -> str:
    alike = "identical" if similarity == 1 else f"{similarity:.3f} alike"
    return f"**{literal(label)}** · {literal(split)}  \n{alike}"


def _choices(pictures: pd.DataFrame, kind: str) -> list[tuple[str, Sequence[int]]]:
    """What can be excluded of some groups: (words, image_ids), never nothing."""
    if kind == "leak":
        splits = pictures.groupby("split", sort=False)["image_id"].agg(list).to_dict()
        return [(f"Exclude from {literal(str(split))}", image_ids) for split, image_ids in splits.items()]
    others = pictures[pictures["group"].duplicated()]["image_id"].tolist()
    if kind == "contradicting":
        return [("Exclude all", pictures["image_id"].tolist())]
    return [("Exclude all but the first", others)]


def _exclude(dataset: Dataset, image_ids: Sequence[int], kind: str) -> None:
    try:
        edit = exclude(dataset, image_ids, reason=_REASONS[kind], author=author())
    except FerError as error:
        st.error(literal(str(error)))
        return
    number = len(edit.image_ids)
    st.toast(
        f"{number:,} picture{'s' if number != 1 else ''} excluded. Corrections can undo it.", icon=":material/block:"
    )
    st.rerun()
