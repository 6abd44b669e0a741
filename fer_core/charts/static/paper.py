"""What all static figures share: white paper, small letters, quiet axes; and how they become files.

Figures are made without `pyplot`: nothing global is changed, and threads may draw at the same time. Sizes are in
centimetres as they are printed; lines differ in their dashes and marks, so that a grey print tells them apart too.
"""

import io
from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.text import Text

from fer_core.charts.style import CELL_COLORS
from fer_core.errors import FerError
from fer_core.jobs.folder import write_whole

CELL_MAP = LinearSegmentedColormap.from_list("cells", CELL_COLORS)
INK, QUIET_INK, GRID = "#1F2328", "#6B6F76", "#D9DCE1"

SMALL, NORMAL, LARGE = 7.0, 8.0, 9.0  # points: numbers, words, titles
_PAPER_DPI = 200
_CM_PER_INCH = 2.54


def new_figure(width: float, height: float) -> Figure:
    """Return an empty white figure.

    Args:
        width: In centimetres; a page has room for 16.
        height: In centimetres.
    """
    return Figure(figsize=(width / _CM_PER_INCH, height / _CM_PER_INCH), facecolor="white", layout="constrained")


def tidy_axes(axes: Axes, *, x_title: str = "", y_title: str = "", title: str = "", grid: bool = True) -> None:
    """Give axes their titles, small letters, no frame at the top and right, and a quiet grid behind the data."""
    axes.set_xlabel(x_title, fontsize=NORMAL, color=INK)
    axes.set_ylabel(y_title, fontsize=NORMAL, color=INK)
    axes.set_title(title, fontsize=LARGE, color=INK, loc="left")
    axes.tick_params(labelsize=SMALL, colors=QUIET_INK, length=2)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(QUIET_INK)
    axes.set_axisbelow(True)
    if grid:
        axes.grid(color=GRID, linewidth=0.5)


def to_bytes(figure: Figure, kind: str = "png", *, dpi: int = _PAPER_DPI) -> bytes:
    """Return a figure as a file of the kind `png`, `svg` or `pdf`; of the same figure always the same one."""
    for text in figure.findobj(Text):
        text.set_parse_math(False)  # a class may be called "$x" and is no formula
    stored = io.BytesIO()
    # Neither the hour nor the version goes into the file.
    metadata = {"png": {"Software": None}, "svg": {"Date": None}, "pdf": {"CreationDate": None}}[kind]
    figure.savefig(stored, format=kind, dpi=dpi, metadata=metadata)
    return stored.getvalue()


def save_figures(
    folder: str | Path, figures: Mapping[str, Figure], kinds: Iterable[str] = ("png", "svg")
) -> list[Path]:
    """Write figures into a folder, each as a file of every kind.

    Args:
        folder: Created where it is missing; files of the same name are replaced.
        figures: Name of the file, without its suffix -> figure.
        kinds: Of `png` (200 dots an inch), `svg` and `pdf`.

    Returns:
        The files.

    Raises:
        FerError: If they cannot be written.
    """
    folder, paths = Path(folder), []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, figure in figures.items():
            for kind in kinds:
                paths.append(folder / f"{name}.{kind}")
                write_whole(paths[-1], partial(Path.write_bytes, data=to_bytes(figure, kind)))
    except OSError as error:
        raise FerError(f"The figures cannot be written to '{folder}' ({error}). Check rights and free disk.") from error
    return paths
