"""What the environment decides: where data lives and who may use the app.

Every environment variable of the product is read here and nowhere else; the README lists them.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from fer_core.errors import SettingsError

ACCESS_MODES: tuple[str, ...] = ("local",)
DEFAULT_MAX_CAMERAS = 4  # two cores serve three at the camera's full rate


@dataclass(frozen=True)
class Settings:
    """The product's settings.

    Args:
        home: Folder that holds datasets, runs, models, jobs, downloads and evaluations.
        access: `local`: the app serves this computer only and everyone there may do everything.
        visible_devices: The GPUs that trainings may use, as CUDA numbers or names them; None for all there are.
        max_cameras: Number of webcams that are served at the same time, at least 1.
    """

    home: Path
    access: str
    visible_devices: str | None = None
    max_cameras: int = DEFAULT_MAX_CAMERAS

    def __post_init__(self) -> None:
        if self.access not in ACCESS_MODES:
            known = ", ".join(ACCESS_MODES)
            raise SettingsError(f"FER_ACCESS is {self.access!r}; known values: {known}. Unset it or use one of these.")
        if self.max_cameras < 1:
            raise SettingsError(f"FER_MAX_CAMERAS is {self.max_cameras}; expected 1 or more. Unset it or raise it.")

    @property
    def datasets_folder(self) -> Path:
        """Folder with one subfolder for each dataset."""
        return self.home / "datasets"

    @property
    def runs_folder(self) -> Path:
        """Folder with one subfolder for each training run."""
        return self.home / "runs"

    @property
    def models_folder(self) -> Path:
        """Folder with one model package a subfolder, beside those of the runs."""
        return self.home / "models"

    @property
    def weights_folder(self) -> Path:
        """Folder with the weights of networks that learned elsewhere, one file each."""
        return self.home / "weights"

    @property
    def probes_folder(self) -> Path:
        """Folder with what was measured of this computer's speed, one file each."""
        return self.home / "probes"

    @property
    def queues_folder(self) -> Path:
        """Folder with one subfolder for each set of devices that trainings wait for."""
        return self.home / "queues"

    @property
    def jobs_folder(self) -> Path:
        """Folder with one subfolder for each job that is not a training run."""
        return self.home / "jobs"

    @property
    def downloads_folder(self) -> Path:
        """Folder with one subfolder for each download that is under way or waits for a second try."""
        return self.home / "downloads"

    @property
    def evaluations_folder(self) -> Path:
        """Folder with the results of evaluations, one file each."""
        return self.home / "evaluations"

    @property
    def exports_folder(self) -> Path:
        """Folder with models in other forms, one subfolder for each model."""
        return self.home / "exports"


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from environment variables.

    Args:
        environ: Variables to read; the process's own when None.

    Raises:
        SettingsError: If a variable has a value that cannot be used.
    """
    environ = os.environ if environ is None else environ
    home = environ.get("FER_HOME", "").strip()
    folder = Path(home).expanduser() if home else Path(platformdirs.user_data_dir("fer-studio", appauthor=False))
    if folder.exists() and not folder.is_dir():
        raise SettingsError(f"FER_HOME is {str(folder)!r}, which is a file; expected a folder. Choose another place.")
    return Settings(
        home=folder.absolute(),
        access=environ.get("FER_ACCESS", "").strip() or "local",
        visible_devices=environ.get("CUDA_VISIBLE_DEVICES"),
        max_cameras=_whole_number("FER_MAX_CAMERAS", environ.get("FER_MAX_CAMERAS", ""), DEFAULT_MAX_CAMERAS),
    )


def _whole_number(name: str, text: str, default: int) -> int:
    if not text.strip():
        return default
    try:
        return int(text)
    except ValueError:
        raise SettingsError(f"{name} is {text!r}; expected a whole number. Unset it or mend it.") from None
