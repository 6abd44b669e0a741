"""Text that must be shown as it is: names of files and what an error says may hold Markdown's signs."""

import re

# Streamlit's Markdown also reads $ (formulas) and : (icons, colours); a backslash before any of these shows the sign.
_SIGNS = re.compile(r"([\\`*_{}\[\]()#+\-.!|$:~<>])")


def literal(text: str) -> str:
    """Return Markdown that shows `text` unchanged on one line."""
    return _SIGNS.sub(r"\\\1", " ".join(text.split()))
