"""The forms in which a model leaves this program, and the files that stand for each.

Names come in, what is known of a format goes out, or a `ModelError` that says what has to be installed first.
"""

from dataclasses import dataclass
from importlib.util import find_spec

from fer_core.errors import ModelError
from fer_core.models.package import KERAS_FILE, LITERT_FILE


@dataclass(frozen=True)
class ExportFormat:
    """One form of a network.

    Args:
        title: For people.
        about: What it is good for.
        file_name: Name of the network's file.
        engine: What runs it: `litert`, `keras` or `onnx`.
        precision: For `conversion.convert_to_litert`; "" where nothing is converted by it.
        needs: Modules that writing and trying it takes, besides what prediction takes.
        install: The packages that bring them.
    """

    title: str
    about: str
    file_name: str
    engine: str
    precision: str = ""
    needs: tuple[str, ...] = ("keras", "tensorflow")
    install: str = "tensorflow keras"

    @property
    def missing(self) -> tuple[str, ...]:
        """Modules that are not installed."""
        return tuple(name for name in self.needs if find_spec(name) is None)


_ONNX = ("keras", "tensorflow", "onnx", "tf2onnx", "onnxruntime")
PACKAGE_FORMAT = "package"  # the only one that comes back in

EXPORT_FORMATS: dict[str, ExportFormat] = {
    PACKAGE_FORMAT: ExportFormat(
        "Model package", "everything, and the one that this program imports", LITERT_FILE, "litert"
    ),
    "keras": ExportFormat("Keras", "float32, to train on", KERAS_FILE, "keras"),
    "litert-float32": ExportFormat("LiteRT float32", "exact", LITERT_FILE, "litert", "float32"),
    "litert-float16": ExportFormat(
        "LiteRT float16", "half the size, for phones' GPUs", LITERT_FILE, "litert", "float16"
    ),
    "litert-int8": ExportFormat(
        "LiteRT int8", "integers inside, for small chips; input and outputs stay float32", LITERT_FILE, "litert", "int8"
    ),
    "onnx": ExportFormat(
        "ONNX",
        "for ONNX Runtime, in many languages",
        "model.onnx",
        "onnx",
        needs=_ONNX,
        install="onnx tf2onnx onnxruntime",
    ),
}


def check_format(name: str) -> ExportFormat:
    """Return a format that can be written here.

    Raises:
        ModelError: If there is no such format, or something that it takes is not installed.
    """
    if name not in EXPORT_FORMATS:
        raise ModelError(f"There is no export format {name!r}. Known: {', '.join(EXPORT_FORMATS)}.")
    known = EXPORT_FORMATS[name]
    if known.missing:
        raise ModelError(
            f"{known.title} takes {', '.join(known.missing)}, which this Python does not have. Install it: "
            f"python -m pip install {known.install}"
        )
    return known
