"""Names and messages are shown as they are."""

import pytest

from fer_app.markdown import literal


@pytest.mark.parametrize(
    ("text", "markdown"),
    [
        ("plain words", "plain words"),
        ("a_b*c.jpg", r"a\_b\*c\.jpg"),
        ("[x](http://y)", r"\[x\]\(http\://y\)"),
        ("$1 :smile: <b>", r"\$1 \:smile\: \<b\>"),
        ("two\nlines", "two lines"),
    ],
)
def test_markdown_signs_are_shown_unchanged(text, markdown):
    assert literal(text) == markdown
