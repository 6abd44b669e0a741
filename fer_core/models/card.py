"""The model card: the README.md of a package, for whoever meets the model without this program.

A `ModelInfo` and the files of its measurements come in, Markdown goes out; no figure is written by hand. The headings
follow Mitchell et al., "Model Cards for Model Reporting" (2019).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fer_core.models.card_groups import describe_groups
from fer_core.models.card_measurements import Report, describe_evaluation, describe_repeats, describe_robustness
from fer_core.models.card_text import code, plain, plain_lines
from fer_core.models.info import FORMAT_VERSION, ModelInfo

__all__ = ["CardSection", "Report", "card_sections", "write_card"]

_FIGURES = ("num_images", "accuracy", "macro_f1")

_PROTOCOL = """## Protocol

Epochs, temperatures and the thresholds of "unsure" are chosen on validation images, taken from the training split with
duplicates kept on one side, or brought by the dataset as a split of its own; never on a test split. Every figure is
that of `model.tflite`, the file that predicts. Intervals hold the true value in 95 of 100 such samples: Wilson's for
accuracy, a bootstrap over groups of duplicates for macro F1. *Without leaks* leaves out the images that recur in
another split, re-encoded or shifted ones included.
"""

_DOUBTS = """
Doubts: pictures of faces that were collected from the web were mostly collected without asking those shown, and their
photographers' licences are rarely known. Whether weights learned from them may be used for everything their licence
allows is not settled in every country; ask before you sell or deploy.
"""

_USE = """## Intended use

Estimating the apparent expression of a face in a photo, for study, art, accessibility experiments and research.

**Not for use at work or in education.** The EU AI Act, Article 5(1)(f), prohibits systems that infer the emotions of
people in the areas of workplace and education institutions, but for medical or safety reasons.
Nor is it for deciding anything about a person.

## Limits

- It names an *apparent* expression: what a face looks like in one picture. What a person feels cannot be read
  from it.
- Face-expression datasets mostly hold posed or picked web photos and contested labels: people themselves reach
  about 65 % on FER2013. Everyday faces are subtler, and the model is worse on them than the figures above say.
- Groups of people are represented unequally in such data; differences in accuracy between groups must be expected.
- Small, turned, covered, dark or blurred faces are read worse.
"""

_FILES = """## Files

- `model.tflite`: LiteRT, int8 weights; one signature with the outputs `probabilities` (uncalibrated),
  `embedding` and `class_maps` (the last feature map through the classifier's weights).
- `model.keras`: Keras 3, float32, uncompiled.
- `model.json`: class names in order, input size, temperatures, thresholds, training data.
"""


@dataclass(frozen=True)
class CardSection:
    """A part of the card.

    Args:
        text: Markdown that begins with a heading.
        report: The measurement that it tells of, whose figures belong beside it.
    """

    text: str
    report: Report | None = None


def write_card(info: ModelInfo, reports: Sequence[Report] = (), repeats: Mapping[str, Report] | None = None) -> str:
    """Return the model card as Markdown; arguments as for `card_sections`."""
    return "\n".join(section.text for section in card_sections(info, reports, repeats))


def card_sections(
    info: ModelInfo, reports: Sequence[Report] = (), repeats: Mapping[str, Report] | None = None
) -> list[CardSection]:
    """Return the parts of the model card in their order, the first with the model's name.

    Args:
        info: What the package says.
        reports: What `evaluate_model` and `measure_robustness` returned, with `dataset`.
        repeats: Run -> evaluation of trainings with other seeds, all on the same data, split and views.
    """
    by_kind: dict[str, list[Report]] = {}
    for report in reports:
        by_kind.setdefault(str(report.get("kind", "evaluation")), []).append(report)
    parts = [CardSection(text) for text in (_head(info), _training(info), _PROTOCOL, _metrics(info.metrics))]
    parts += [CardSection(describe_evaluation(report), report) for report in by_kind.get("evaluation", [])]
    parts += [CardSection(describe_repeats(repeats))] if repeats else []
    parts += [CardSection(describe_robustness(report), report) for report in by_kind.get("robustness", [])]
    return [*parts, *(CardSection(text) for text in (describe_groups(reports), _USE, _licence(info), _FILES))]


def _head(info: ModelInfo) -> str:
    kind = "grey" if info.channels == 1 else "RGB"
    return (
        f"# {plain(info.name)}\n\n"
        "A convolutional network that reads the apparent expression of one face.\n\n"
        f"- Classes, in the order of the outputs: {', '.join(map(plain, info.class_names))}\n"
        f"- Input: (n, {info.input_size}, {info.input_size}, {info.channels}), {kind}, 0-255, a square crop of an"
        " upright face; scaling is inside the network\n"
        f"- Architecture: {plain(info.architecture)}, {info.num_parameters:,} parameters\n"
        f"- Temperature: {_pairs(info.temperature)} (one view: the crop; all: crop, four corners and mirrors)\n"
        f"- Unsure below a confidence of: {_pairs(info.unsure_threshold)}\n"
        f"- Made {info.created_at}, package format {FORMAT_VERSION}\n"
    )


def _training(info: ModelInfo) -> str:
    data = info.training_data
    if not data["num_images"]:
        return "## Training data\n\nNot known: it came as a bare Keras file.\n"
    return (
        "## Training data\n\n"
        f"{data['num_images']:,} images of the dataset {code(data['dataset'])} "
        f"(fingerprint {code(data['fingerprint'])}){_treatment(data)}.\n"
    )


def _treatment(data: Mapping[str, Any]) -> str:
    relabelled = f"; the labels of {data['num_relabelled']:,} were corrected" if data.get("num_relabelled") else ""
    return relabelled + ("; images that recur in another split were left out" if data.get("without_leaks") else "")


def _metrics(metrics: Mapping[str, Mapping[str, float]]) -> str:
    if not metrics:
        return "## Metrics\n\nNot measured yet.\n"
    names = [name for name in _FIGURES if any(name in figures for figures in metrics.values())]
    rows = [
        f"| {plain(split)} | {' | '.join(_figure(figures[name]) if name in figures else '' for name in names)} |"
        for split, figures in metrics.items()
    ]
    head = [f"| split | {' | '.join(names)} |", f"|---{'|--:' * len(names)}|"]
    return "\n".join(["## Metrics", "", *head, *rows, ""])


def _licence(info: ModelInfo) -> str:
    return f"## Licence\n\n{plain_lines(info.licence)}\n{_DOUBTS}"


def _pairs(values: Mapping[str, float]) -> str:
    return ", ".join(f"{views} {value:.3g}" for views, value in values.items())


def _figure(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:.4f}"
