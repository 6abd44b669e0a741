"""A bare `.keras` file from elsewhere becomes a package, once the person has said that they trust its maker.

Such a file can run code when it is opened, and it says neither its classes nor what it learned from. The file and the
names of its classes come in; a package in FER_HOME/models goes out. Needs TensorFlow: command line only.
"""

import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

from fer_core.errors import ModelError
from fer_core.models.importing import refuse_taken
from fer_core.models.info import ModelInfo
from fer_core.models.keras_file import check_keras_file
from fer_core.models.keras_network import load_keras
from fer_core.models.origin import Origin, now, write_origin
from fer_core.models.package import ModelPackage, file_digest, read_package
from fer_core.settings import load_settings

_LAYERS = ("features", "embedding", "probabilities")


def import_keras_file(path: Path, class_names: Sequence[str], *, name: str) -> ModelPackage:
    """Make a package of a Keras network whose maker the person trusts.

    Args:
        path: The `.keras` file, of a network with the layers `features`, `embedding` and `probabilities` whose input is
            (n, size, size, 1 or 3) from 0 to 255, as `models export --format keras` writes it.
        class_names: Its classes in the order of its outputs.
        name: Name of the new model.

    Raises:
        ModelError: If it is no such network, names anything but Keras's own layers, or the name is taken.
    """
    refuse_taken(name)
    check_keras_file(path)
    network = load_keras(path)
    info = _info_of(network, class_names, name)
    from fer_core.models.export import export_package

    folder = load_settings().models_folder
    unfinished = folder / f".{uuid4().hex}.tmp"
    try:
        export_package(network, unfinished, info)
        time = now()
        write_origin(Origin(path.name, file_digest(path), time, time), unfinished)
        refuse_taken(name)
        os.replace(unfinished, folder / name)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return read_package(folder / name)


def _info_of(network: Any, class_names: Sequence[str], name: str) -> ModelInfo:
    shape = tuple(getattr(network, "input_shape", ()) or ())
    layers = {layer.name for layer in network.layers}
    if len(shape) != 4 or shape[1] is None or shape[1] != shape[2] or not layers.issuperset(_LAYERS):
        raise ModelError(
            f"The network reads {shape} and has no layers {', '.join(_LAYERS)}, or not all of them; expected one that "
            "`models export --format keras` wrote. Train one here instead."
        )
    num_outputs = int(network.output_shape[-1])
    if num_outputs != len(class_names):
        raise ModelError(
            f"The network tells {num_outputs} classes, and {len(class_names)} are named: {', '.join(class_names)}. "
            "Name them in the order of its outputs: --classes angry,disgust,…"
        )
    return ModelInfo(
        name=name,
        architecture=str(network.name),
        class_names=tuple(class_names),
        input_size=int(shape[1]),
        channels=int(shape[3]),
        temperature={"one": 1.0, "all": 1.0},
        unsure_threshold={"one": 0.0, "all": 0.0},
        training_data={"dataset": "unknown", "fingerprint": "unknown", "num_images": 0},
        metrics={},
        licence="Not known: it came as a bare Keras file. Ask its maker before you pass it on.",
        num_parameters=int(network.count_params()),
    )
