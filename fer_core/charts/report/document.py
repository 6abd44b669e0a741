"""The report as one HTML file that needs nothing else: no network, no script, no other file; it prints well.

A package's facts and its measurements come in, the text of a page goes out. The words are those of the model card, so
that both say the same; figures are pictures inside the page.
"""

import base64
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from html import escape
from pathlib import Path

from markdown_it import MarkdownIt

from fer_core.charts.report.figures import FigureKind, figures_of
from fer_core.charts.static.paper import to_bytes
from fer_core.models.card import CardSection, Report, card_sections
from fer_core.models.info import ModelInfo

_STYLE = (Path(__file__).parent / "report.css").read_text(encoding="utf-8")
# Whatever a package's texts say, the page loads nothing and runs nothing.
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
# What the cards below the title show: name in the report, all of them shares, and title.
_HEADLINES = (("accuracy", "Accuracy"), ("macro_f1", "Macro F1"), ("ece", "Calibration error (ECE)"))
_HEADING = re.compile(r"^#+ +(.*)$", re.MULTILINE)


def html_report(
    info: ModelInfo,
    reports: Sequence[Report] = (),
    repeats: Mapping[str, Report] | None = None,
    *,
    made_at: datetime | None = None,
) -> str:
    """Return the report on a model.

    Args:
        info: What the package says.
        reports: What `evaluation_files` returns.
        repeats: As for `write_card`.
        made_at: The time to be written on it; now when None.
    """
    first, *rest = card_sections(info, reports, repeats)
    time = (made_at or datetime.now(UTC)).strftime("%Y-%m-%d %H:%M %Z").strip()
    parts = [
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="color-scheme" content="light dark">',
        f"<title>{escape(info.name)}: model report</title>\n<style>\n{_STYLE}</style>\n</head>\n<body>\n<main>",
        f"<header>{_to_html(first.text)}{_headlines(reports)}</header>",
        _contents(rest),
        *[_section(number, section) for number, section in enumerate(rest, start=1)],
        f"<footer>Written {escape(time)} from the measurements that were kept of this network.</footer>",
        "</main>\n</body>\n</html>\n",
    ]
    return "\n".join(parts)


def _section(number: int, section: CardSection) -> str:
    figures = "".join(_figure(kind, section.report) for kind in figures_of(section.report) if section.report)
    if figures:
        figures = f'<div class="figures">{figures}</div>'
    return f'<section id="part-{number}">{_to_html(section.text)}{figures}</section>'


def _figure(kind: FigureKind, report: Report) -> str:
    drawn = base64.b64encode(to_bytes(kind.draw(report), "svg")).decode()
    sentence = escape(kind.sentence)
    picture = f'<img src="data:image/svg+xml;base64,{drawn}" alt="{sentence}">'
    return f"<figure{' class=wide' if kind.is_wide else ''}>{picture}<figcaption>{sentence}</figcaption></figure>"


def _headlines(reports: Sequence[Report]) -> str:
    """Return the main figures of the evaluation that says most, as cards; nothing where there is none."""
    evaluations = [report for report in reports if report.get("kind", "evaluation") == "evaluation"]
    if not evaluations:
        return ""
    best = max(evaluations, key=lambda report: ("test" in str(report["split"]), report["views"] == "all"))
    views = {"one": "one view", "all": "ten views"}.get(str(best["views"]), str(best["views"]))
    cards = [_card(best, name, title) for name, title in _HEADLINES if best.get(name) is not None]
    own = best.get("without_leaks")
    if own:
        cards.insert(1, _card(own, "accuracy", "Without leaks"))
    where = f"On {escape(str(best.get('dataset', 'unknown')))}, {escape(str(best['split']))}, {escape(views)}"
    return f'<p class="where">{where}:</p><div class="cards">{"".join(cards)}</div>'


def _card(report: Mapping[str, object], name: str, title: str) -> str:
    value, interval = float(str(report[name])), report.get(f"{name}_ci")
    small = f"{report['num_images']:,} images"
    if isinstance(interval, list | tuple):
        small = f"95 % interval {100 * interval[0]:.1f}–{100 * interval[1]:.1f}; {small}"
    return f"<div><b>{100 * value:.1f} %</b><span>{escape(title)}</span><small>{escape(small)}</small></div>"


def _contents(sections: Sequence[CardSection]) -> str:
    links = []
    for number, section in enumerate(sections, start=1):
        heading = _HEADING.search(section.text)
        if heading:
            links.append(f'<li><a href="#part-{number}">{_words(heading[1])}</a></li>')
    return f'<nav aria-label="Contents"><ul>{"".join(links)}</ul></nav>'


def _words(text: str) -> str:
    return str(_markdown().renderInline(text))


def _to_html(text: str) -> str:
    """Return Markdown as HTML; tables can be moved sideways where the window is narrow."""
    html = str(_markdown().render(text))
    return html.replace("<table>", '<div class="table"><table>').replace("</table>", "</table></div>")


def _markdown() -> MarkdownIt:
    """Return a reader of Markdown that makes no tag, link or picture of what a text holds."""
    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    return reader.disable(["html_inline", "html_block", "link", "image", "autolink", "reference"])
