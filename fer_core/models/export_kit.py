"""The zip that a stranger can use without this program: a network, what it says, and a short script that runs it.

A package and one form of its network come in; a zip with one folder goes out. The script needs NumPy, Pillow and the
network's engine, nothing else.
"""

import zipfile
from pathlib import Path
from typing import BinaryIO

from fer_core.models.export_formats import EXPORT_FORMATS, PACKAGE_FORMAT, ExportFormat
from fer_core.models.package import CARD_FILE, INFO_FILE, PACKAGE_FILES, ModelPackage

SCRIPT_FILE, GUIDE_FILE = "predict.py", "HOW-TO-USE.md"

# Pillow's grey and box filter are those of the crops that the networks learned from.
_SCRIPT = '''"""Read pictures of one face each: python predict.py FACE.jpg ... (see HOW-TO-USE.md)."""
import json, pathlib, sys
import numpy as np
from PIL import Image, ImageOps
{imports}
here = pathlib.Path(__file__).parent
info = json.loads((here / "model.json").read_text(encoding="utf-8"))
size, views = info["input_size"], "one"
{load}
for path in sys.argv[1:]:
    face = ImageOps.exif_transpose(Image.open(path)).convert("L" if info["channels"] == 1 else "RGB")
    face = face.resize((size, size), Image.Resampling.BOX if min(face.size) >= size else Image.Resampling.BILINEAR)
    pixels = np.asarray(face, np.float32).reshape(1, size, size, info["channels"])
    said = {run} ** (1 / info["temperature"][views])
    print(path, {{name: round(float(p), 3) for name, p in zip(info["class_names"], said / said.sum())}})
'''

_ENGINES = {  # imports, load, run
    "litert": (
        "from ai_edge_litert.interpreter import Interpreter",
        'run = Interpreter(str(here / "model.tflite")).get_signature_runner()',
        'run(**{next(iter(run.get_input_details())): pixels})["probabilities"][0]',
    ),
    "keras": (
        "import keras",
        'network = keras.saving.load_model(here / "model.keras", compile=False)',
        "np.asarray(network(pixels))[0]",
    ),
    "onnx": (
        "from onnxruntime import InferenceSession",
        'net = InferenceSession(str(here / "model.onnx"))',
        'net.run(["probabilities"], {net.get_inputs()[0].name: pixels})[0][0]',
    ),
}
_INSTALL = {
    "litert": "numpy pillow ai-edge-litert",
    "keras": "numpy pillow tensorflow keras",
    "onnx": "numpy pillow onnxruntime",
}

_GUIDE = """# How to use this network

    python -m pip install {install}
    python predict.py face.jpg

`predict.py` prints, for each picture, the share of each class. It runs on its own, without the program that made it.

- A picture shows **one face, cut out**: a square from above the brows to below the chin, upright. Any face detector
  will do to find it. The script turns it to {kind}, {size} x {size} pixels, 0-255; scaling is inside the network.
- `model.json` names the classes in the order of the outputs. The script applies the temperature for one view; a largest
  share below `unsure_threshold` ({unsure:.2f}) means *unsure*.
- The network names an **apparent expression**: what a face looks like in one picture, not what a person feels. It must
  not be used on people at work or in education (EU AI Act, Article 5(1)(f)), nor to decide anything about a person;
  people must be told that it is used on them (Article 50(3)). `README.md` says what it was measured on, its limits and
  its licence.
- Outputs: `probabilities` (n, classes), before the temperature; `embedding` (n, d); `class_maps` (n, h, w, classes),
  how much each place speaks for each class. A Keras file has the first as its output.
"""


def write_kit(
    target: Path | BinaryIO, package: ModelPackage, format_name: str = PACKAGE_FORMAT, *, network: Path | None = None
) -> None:
    """Write a zip with one folder.

    Args:
        target: Where to write it.
        package: The model.
        format_name: A name of `EXPORT_FORMATS`.
        network: The network in that format; a package holds its own.
    """
    known = EXPORT_FORMATS[format_name]
    is_package = format_name == PACKAGE_FORMAT
    top = package.name if is_package else f"{package.name}-{format_name}"
    files = {name: package.folder / name for name in (PACKAGE_FILES if is_package else (INFO_FILE, CARD_FILE))}
    if network is not None:
        files[known.file_name] = network
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, path in files.items():
            archive.write(path, f"{top}/{name}")
        for name, text in kit_texts(package, known).items():
            archive.writestr(f"{top}/{name}", text)


def kit_texts(package: ModelPackage, known: ExportFormat) -> dict[str, str]:
    """Return file name -> content of the script and of the guide to it."""
    imports, load, run = _ENGINES[known.engine]
    info = package.info
    guide = _GUIDE.format(
        install=_INSTALL[known.engine],
        kind="grey" if info.channels == 1 else "RGB",
        size=info.input_size,
        unsure=info.unsure_threshold["one"],
    )
    return {SCRIPT_FILE: _SCRIPT.format(imports=imports, load=load, run=run), GUIDE_FILE: guide}
