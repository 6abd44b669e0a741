"""Looks into a `.keras` file without Keras and without running anything of it.

The file is a zip with a description of the network and its weights. Only descriptions that name nothing but Keras's
own layers, initializers and operations pass; a Lambda layer, a class registered by somebody else or anything besides
the usual three files is refused.
"""

import json
import re
import zipfile
import zlib
from pathlib import Path
from typing import Any

from fer_core.errors import ModelError

_FILES = ("metadata.json", "config.json", "model.weights.h5")
_MAX_DESCRIPTION = 16 * 2**20  # bytes; that of a network of 300 layers takes 0.3 MB
_MAX_PARTS = 500_000
_MODULES = re.compile(
    r"keras|keras\.(layers|initializers|regularizers|constraints|models|ops|dtype_policies|activations)"
    r"|keras\.src\.models\.(functional|sequential)|keras\.src\.ops(\.[a-z_]+)*"
)
_PLAIN = ("__keras_tensor__", "__tuple__", "__slice__", "__ellipsis__")
# Layers that run Python or another program's file.
_RUNNING_CODE = ("Lambda", "TFSMLayer", "TorchModuleWrapper", "JaxLayer", "FlaxLayer", "__lambda__")


def check_keras_file(path: Path) -> None:
    """Hold a `.keras` file to what this program writes.

    Raises:
        ModelError: If it is damaged, or names something that could run code.
    """
    try:
        config = _read_config(path)
    except (OSError, zipfile.BadZipFile, zlib.error, EOFError, ValueError, RuntimeError, NotImplementedError) as error:
        raise ModelError(
            f"{path.name!r} is no Keras network that can be read ({type(error).__name__}). Ask for another copy."
        ) from error
    _check_parts(config, path.name)


def _read_config(path: Path) -> Any:
    with zipfile.ZipFile(path) as archive:
        names = [entry.filename for entry in archive.infolist()]
        if sorted(names) != sorted(_FILES):
            raise ModelError(
                f"{path.name!r} holds {', '.join(map(repr, names[:8]))}; expected {', '.join(_FILES)} and nothing else."
                " It was not written by this program; do not trust it."
            )
        with archive.open("config.json") as file:
            text = file.read(_MAX_DESCRIPTION + 1)
    if len(text) > _MAX_DESCRIPTION:
        raise ModelError(
            f"The description in {path.name!r} is larger than {_MAX_DESCRIPTION / 2**20:.0f} MB. Do not trust it."
        )
    return json.loads(text)  # nested too deeply: RecursionError, which is a RuntimeError


def _check_parts(config: Any, name: str) -> None:
    waiting, num_parts = [config], 0
    while waiting:
        part = waiting.pop()
        num_parts += 1
        if num_parts > _MAX_PARTS:
            raise ModelError(f"The description in {name!r} has more than {_MAX_PARTS:,} parts. Do not trust it.")
        if isinstance(part, dict):
            if "class_name" in part:
                _check_class(part, name)
            waiting.extend(part.values())
        elif isinstance(part, list):
            waiting.extend(part)


def _check_class(part: dict[str, Any], name: str) -> None:
    class_name, module = part["class_name"], part.get("module")
    is_plain = module is None and class_name in _PLAIN
    is_of_keras = isinstance(module, str) and _MODULES.fullmatch(module) and class_name not in _RUNNING_CODE
    if (is_plain or is_of_keras) and part.get("registered_name") in (None, class_name):
        return
    raise ModelError(
        f"{name!r} names {str(module)[:60]!r}, {str(class_name)[:60]!r}, which is not one of Keras's own layers and "
        "could run code. Only networks made of these are taken; do not trust this file."
    )
