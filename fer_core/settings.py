"""What the environment decides: where data lives and who may use the app.

Every environment variable of the product is read here and nowhere else; the README lists them.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from fer_core.errors import SettingsError

ACCESS_MODES: tuple[str, ...] = ("local", "shared")
DEFAULT_MAX_CAMERAS = 4  # more than two cores keep fluent: see `benchmarks/webcam_rate.py`
DEFAULT_MAX_VISITORS = 32
DEFAULT_MAX_UPLOAD_MB = 20  # a phone's largest JPEG stays below


@dataclass(frozen=True)
class Settings:
    """The product's settings.

    Args:
        home: Folder that holds datasets, runs, models, jobs, downloads and evaluations.
        access: `local`: the app serves this computer only and everyone there may do everything; `shared`: visitors
            have the Prediction page and operators sign in.
        visible_devices: The GPUs that trainings may use, as CUDA numbers or names them; None for all there are.
        max_cameras: Number of webcams that are served at the same time, at least 1.
        max_visitors: Number of browser tabs of visitors that a shared server serves at the same time, at least 1.
        max_upload_mb: Size of a visitor's photo on a shared server at most, in megabytes, at least 1.
    """

    home: Path
    access: str
    visible_devices: str | None = None
    max_cameras: int = DEFAULT_MAX_CAMERAS
    max_visitors: int = DEFAULT_MAX_VISITORS
    max_upload_mb: int = DEFAULT_MAX_UPLOAD_MB

    def __post_init__(self) -> None:
        if self.access not in ACCESS_MODES:
            known = ", ".join(ACCESS_MODES)
            raise SettingsError(f"FER_ACCESS is {self.access!r}; known values: {known}. Unset it or use one of these.")
        for limit in ("max_cameras", "max_visitors", "max_upload_mb"):
            if getattr(self, limit) < 1:
                told = f"FER_{limit.upper()} is {getattr(self, limit)}"
                raise SettingsError(f"{told}; expected 1 or more. Unset it or raise it.")

    @property
    def is_shared(self) -> bool:
        """Whether visitors may come from other computers."""
        return self.access == "shared"

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
    folder = Path(os.path.expanduser(home)) if home else Path(platformdirs.user_data_dir("fer-studio", appauthor=False))
    if folder.exists() and not folder.is_dir():
        raise SettingsError(f"FER_HOME is {str(folder)!r}, which is a file; expected a folder. Choose another place.")
    return Settings(
        home=folder.absolute(),
        access=environ.get("FER_ACCESS", "").strip() or "local",
        visible_devices=environ.get("CUDA_VISIBLE_DEVICES"),
        max_cameras=_whole_number(environ, "FER_MAX_CAMERAS", DEFAULT_MAX_CAMERAS),
        max_visitors=_whole_number(environ, "FER_MAX_VISITORS", DEFAULT_MAX_VISITORS),
        max_upload_mb=_whole_number(environ, "FER_MAX_UPLOAD_MB", DEFAULT_MAX_UPLOAD_MB),
    )


def _whole_number(environ: Mapping[str, str], name: str, default: int) -> int:
    text = environ.get(name, "")
    if not text.strip():
        return default
    try:
        return int(text)
    except ValueError:
        raise SettingsError(f"{name} is {text!r}; expected a whole number. Unset it or mend it.") from None
