"""Names and texts that others wrote, as Markdown that shows them unchanged: nothing in them becomes a table or a link.

Class names, labels and licences of somebody's package or dataset come in, text for the model card goes out.
"""

import re

# An underscore within a word marks nothing and stays, as most names have some.
_SIGNS = re.compile(r"([\\`*\[\]<>|!#~$&]|(?<!\w)_|_(?!\w))")


def plain(text: object) -> str:
    """Return Markdown that shows a text as it is, on one line."""
    return _SIGNS.sub(r"\\\1", " ".join(str(text).split()))


def plain_lines(text: str) -> str:
    """Return Markdown that shows a text as it is, its lines kept apart."""
    return "\n".join(map(plain, text.splitlines()))


def code(text: object) -> str:
    """Return a text in the letters of code; a backquote, which would end them, becomes an apostrophe."""
    return f"`{' '.join(str(text).split()).replace('`', chr(39)) or ' '}`"
