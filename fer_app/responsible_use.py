"""What people are told before their face is read, and what happens to their pictures: one wording for all pages.

The texts say "apparent expression"; the articles are those of Regulation (EU) 2024/1689, the AI Act.
"""

import streamlit as st

from fer_app.sharing.operators import is_operator
from fer_core.settings import load_settings

LAW = "https://eur-lex.europa.eu/eli/reg/2024/1689/oj"
NOTICE = (
    "Shows **apparent expression**, never what a person feels. Each frame is processed in memory and forgotten: "
    "nothing is stored, nothing is sent on. Ask whoever else is in the picture. Not for use at work or in education "
    f"([EU AI Act]({LAW}), Art. 5(1)(f))."
)
RIGHTS = (
    f"**The law in the European Union** ([AI Act, Regulation (EU) 2024/1689]({LAW}))\n\n"
    "- **Article 5(1)(f)** prohibits using AI to infer people's emotions at work or in education, except for medical "
    "or safety reasons.\n"
    "- **Article 50(3)**: where such a system may be used, those who use it must tell the people it looks at, and must "
    "keep data protection law.\n\n"
    "**What the figures are worth.** The model that comes along learned from FER2013: small web photos, many of them "
    "posed. The majority of ten annotators agrees with its label on two of three faces, and it is worse for some "
    "groups of people than for others."
)
_PHOTOS = (
    "- **Photos** stay in {whose} memory while this tab is open, and for about two minutes after it is closed. Remove "
    "one and it is gone. No photo is written to a file{batches}.\n"
    "- **Live video**: each frame is read and forgotten. A snapshot or recording waits in memory until you download or "
    "discard it.\n"
)
_LOCAL = "- **Nobody else**: everything runs on this computer. Nothing is sent anywhere unless you push it (Storage).\n"
_SHARED = (
    "- **Who sees them**: other visitors cannot. Whoever runs this server controls its memory, as with any server.\n"
    "- **Cookies**: a random one that keeps your pictures to this browser and one against forged requests; operators "
    "have one more. There is no tracking.\n"
)


def show_responsible_use() -> None:
    """Show one line and, behind a button, the privacy panel; for the sidebar of every page."""
    st.caption("Shows **apparent expression**, never what a person feels. Not for use at work or in education.")
    with st.popover("Privacy and law", icon=":material/shield_person:", type="tertiary"):
        st.markdown(privacy_text() + "\n" + RIGHTS)


def privacy_text() -> str:
    """Say in Markdown what happens to the pictures of whoever looks at this page."""
    is_shared = load_settings().is_shared
    batches = " unless you start a job under “Many pictures”, which deletes them at its end" if is_operator() else ""
    photos = _PHOTOS.format(whose="this server's" if is_shared else "this computer's", batches=batches)
    return "**Your pictures**\n\n" + photos + (_SHARED if is_shared else _LOCAL)
