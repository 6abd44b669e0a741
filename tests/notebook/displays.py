"""Reading what a cell displayed: the places it wrote to, and the numbers inside Plotly's JSON."""

import base64
from typing import Any

import numpy as np

PLOTLY = "application/vnd.plotly.v1+json"
Displays = list[dict[str, Any]]


def in_place(displays: Displays, kind: str) -> dict[str, Any]:
    """The last content of each place that shows a MIME type, by place."""
    return {shown["transient"].get("display_id"): shown["data"][kind] for shown in displays if kind in shown["data"]}


def numbers(values: Any) -> list[float]:
    """The numbers of one coordinate; Plotly writes arrays as base64 of their bytes."""
    if isinstance(values, dict):
        return np.frombuffer(base64.b64decode(values["bdata"]), np.dtype(values["dtype"])).tolist()
    return list(values)
