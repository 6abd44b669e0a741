"""What the configuration file promises."""

import tomllib
from pathlib import Path

import pytest

from fer_app.access import is_loopback
from fer_app.expression_icons import expression_icon
from fer_core.labels import EXPRESSION_COLORS, EXPRESSIONS

CONFIG = tomllib.loads((Path(__file__).parents[2] / ".streamlit" / "config.toml").read_text(encoding="utf-8"))


def test_charts_of_the_theme_have_the_expression_colours_in_order():
    assert CONFIG["theme"]["chartCategoricalColors"] == [EXPRESSION_COLORS[name] for name in EXPRESSIONS]


def test_no_usage_is_reported_and_the_server_listens_on_this_computer_only():
    assert CONFIG["browser"]["gatherUsageStats"] is False
    assert is_loopback(CONFIG["server"]["address"])
    assert CONFIG["server"]["maxUploadSize"] >= 1024


def test_no_font_is_fetched_from_the_network():
    assert "http" not in str(CONFIG["theme"])


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_and_buttons_can_be_read(theme):
    colors = CONFIG["theme"][theme]
    for ground in ("backgroundColor", "secondaryBackgroundColor"):
        assert _contrast(colors["textColor"], colors[ground]) >= 7
        assert _contrast(colors["linkColor"], colors[ground]) >= 4.5


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_icons_have_the_colour_of_their_expression(name):
    assert EXPRESSION_COLORS[name] in expression_icon(name)


def test_a_class_beyond_the_seven_has_an_icon_too():
    assert expression_icon("contempt").startswith("<svg")


def _contrast(first, second):
    """WCAG 2.1, contrast ratio."""
    lighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(color):
    channels = [int(color[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
