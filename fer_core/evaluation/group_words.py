"""What is said of groups of people, in words that page, command line and model card share.

What `group_report` returns comes in, sentences go out. A gap that may be chance is called that, and what nobody has
measured is called not measured.
"""

from collections.abc import Mapping
from typing import Any

from fer_core.evaluation.group_gaps import SIGNIFICANT

NOT_MEASURED = (
    "Age, gender, skin tone and origin: **not measured**. They are never inferred from a face, and the data does not "
    "say them. Nobody should read the figures as holding for every group alike."
)


def gap_sentences(groups: Mapping[str, Any] | None) -> list[str]:
    """Say the gaps of each grouping, and which columns are no groups.

    Args:
        groups: What `group_report` returns, also one that was kept before it spoke of recall and of duplicates.
    """
    if groups is None:
        return []
    sentences = [_gap_sentence(gap, groups) for gap in groups["gaps"]]
    if not sentences:
        sentences = [f"No two groups of at least {groups['min_faces']} faces can be compared."]
    sentences += [
        f"{column}: {number:,} different values are too many for groups; write ranges or fewer names."
        for column, number in groups["left_out"].items()
    ]
    return sentences


def _gap_sentence(gap: Mapping[str, Any], groups: Mapping[str, Any]) -> str:
    num_comparisons = groups["num_comparisons"]
    p_value = "p < 0.001" if gap["p_value"] < 0.001 else f"p = {gap['p_value']:.3f}"
    verdict = "more than chance" if gap["p_value"] < SIGNIFICANT else "may be chance"
    pairs = "one comparison" if num_comparisons == 1 else f"corrected for {num_comparisons:,} comparisons"
    class_name = gap.get("class_name")
    right = "right" if class_name is None else f"{class_name} is recognised"
    counted = "duplicates not known" if groups.get("num_tested") is None else "one face of each set of duplicates"
    return (
        f"{gap['column']}: {right} {100 * gap['difference']:.1f} points more often on {gap['best']} than on "
        f"{gap['worst']}; {verdict} ({p_value}, Fisher's exact test, {pairs}, {counted})."
    )
