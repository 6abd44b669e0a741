"""What others wrote stays what they wrote, whoever shows the card."""

import re

import pytest
from markdown_it import MarkdownIt

from fer_core.models.card import write_card
from fer_core.models.card_text import code, plain, plain_lines
from tests.models.networks import make_info

HOSTILE = (
    "<script>alert(1)</script>", "![x](http://example.org/x.png)", "[x](http://example.org)", "a|b", "*a* **b**", "`a`",
    "_a_", "&lt;b&gt;", "# a", "<http://example.org>", "\\*a", "~~a~~", "a_b_c", "$x$", "![x]", "a\\|b", "<!-- x -->",
)  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_a_text_is_shown_unchanged_and_marks_nothing(text):
    (paragraph,) = [token for token in MarkdownIt().parse(f"- {plain(text)}") if token.type == "inline"]
    assert "".join(child.content for child in paragraph.children) == text
    assert {child.type for child in paragraph.children} <= {"text", "text_special"}


@pytest.mark.parametrize("text", HOSTILE)
def test_a_text_fills_one_cell_of_a_table(text):
    html = MarkdownIt().enable("table").render(f"| a | b |\n|---|---|\n| {plain(text)} | 1 |\n")
    assert len(re.findall("<td>", html)) == 2
    assert "<td>1</td>" in html


def test_ordinary_names_stay_readable():
    assert plain("my_data 2.0 (new)") == "my_data 2.0 (new)"


def test_code_cannot_be_left():
    html = MarkdownIt().render(f"x {code('a`<b>` *c*')} y")
    assert html == "<p>x <code>a'&lt;b&gt;' *c*</code> y</p>\n"


def test_lines_of_a_licence_are_kept_apart():
    assert plain_lines("MIT\n<b>Me</b>") == "MIT\n\\<b\\>Me\\</b\\>"


def test_a_card_of_hostile_names_loads_nothing_and_keeps_its_tables():
    info = make_info(
        class_names=("![x](http://example.org/x.png)", "a|b", "<img src=x>"),
        licence="<script>alert(1)</script>",
        architecture="[a](http://example.org)",
        training_data={"dataset": "`<b>", "fingerprint": "x", "num_images": 3},
    )
    html = MarkdownIt().enable("table").render(write_card(info))
    assert not re.findall(r"<(script|img|a|b)\b", html)
