"""The models at hand: the shipped one, those of the training runs, and packages that were put into FER_HOME/models.

A model bears the name of its place: `default`, the run's name, or the folder's name. A name or a folder comes in, a
`ModelPackage` goes out.
"""

import io
import logging
import os
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from fer_core.errors import ModelError
from fer_core.models.export_kit import write_kit
from fer_core.models.package import ModelPackage, read_package
from fer_core.settings import load_settings

logger = logging.getLogger(__name__)

SHIPPED_NAME = "default"
_SHIPPED_FOLDER = Path(__file__).parent / "shipped"


def list_models() -> list[ModelPackage]:
    """Return the models that can be used: the shipped one first, then the newest first."""
    models = []
    for name, folder in model_places().items():
        try:
            models.append(_read_named(name, folder))
        except ModelError as error:
            logger.warning("The model %r is left out: %s", name, error)
    newest_first = sorted(models, key=lambda model: datetime.fromisoformat(model.info.created_at), reverse=True)
    return sorted(newest_first, key=lambda model: model.name != SHIPPED_NAME)


def find_model(name_or_folder: str | Path = SHIPPED_NAME) -> ModelPackage:
    """Return a model by its name, or the one in a package folder.

    Raises:
        ModelError: If there is none, or it is damaged.
    """
    places = model_places()
    if str(name_or_folder) in places:
        return _read_named(str(name_or_folder), places[str(name_or_folder)])
    if os.path.isdir(os.path.expanduser(name_or_folder)):
        return read_package(name_or_folder)
    raise ModelError(
        f"There is no model {str(name_or_folder)!r}. Known: {', '.join(places) or 'none yet'}. "
        "Use one of these, a package folder, or train one."
    )


def zip_package(package: ModelPackage) -> bytes:
    """Return a zip with one folder that bears the model's name: the package, a script that runs it, and a guide."""
    stored = io.BytesIO()
    write_kit(stored, package)
    return stored.getvalue()


def exports_folder(package: ModelPackage) -> Path:
    """Return where a model's other forms are kept."""
    return load_settings().exports_folder / package.name


def model_places() -> dict[str, Path]:
    """Return name -> folder of every package, usable or not; of equal names the first place counts."""
    settings = load_settings()
    places = {SHIPPED_NAME: _SHIPPED_FOLDER} if _SHIPPED_FOLDER.is_dir() else {}
    for folder in sorted(settings.runs_folder.glob("[!.]*/model")):
        places.setdefault(folder.parent.name, folder)
    for folder in sorted(settings.models_folder.glob("[!.]*/")):
        places.setdefault(folder.name, folder)
    return places


def _read_named(name: str, folder: Path) -> ModelPackage:
    package = read_package(folder)
    return replace(package, info=replace(package.info, name=name))
