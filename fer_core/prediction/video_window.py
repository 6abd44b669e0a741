"""A window that shows a live result on its frame, where OpenCV was built with windows; the headless one was not."""

from types import TracebackType

import cv2
import numpy as np
import numpy.typing as npt

from fer_core.errors import SettingsError
from fer_core.prediction.live import LiveResult, draw_live

_TITLE = "Apparent expressions (q stops)"
_STOP_KEYS = (27, ord("q"))


class VideoWindow:
    """Shows frames with their faces; the key q, Escape or closing it asks to stop.

    Args:
        mirror: Turn left and right round, as people expect of themselves.

    Raises:
        SettingsError: If this OpenCV knows no windows.
    """

    def __init__(self, *, mirror: bool) -> None:
        if not cv2.currentUIFramework():
            raise SettingsError(
                "This OpenCV was installed without windows (opencv-python-headless). Leave out --show, or install "
                "opencv-python in its place."
            )
        self._mirror = mirror
        self.is_closed = False

    def __enter__(self) -> "VideoWindow":
        try:
            cv2.namedWindow(_TITLE, cv2.WINDOW_NORMAL)
        except cv2.error as error:
            raise SettingsError(f"No window can be opened ({error}). Leave out --show without a screen.") from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        cv2.destroyWindow(_TITLE)

    def show(self, frame: npt.NDArray[np.uint8], result: LiveResult) -> None:
        """Show a frame (height, width, 3) uint8 RGB."""
        cv2.imshow(_TITLE, draw_live(frame, result, mirror=self._mirror)[..., ::-1])
        is_gone = cv2.getWindowProperty(_TITLE, cv2.WND_PROP_VISIBLE) < 1
        self.is_closed = self.is_closed or cv2.waitKey(1) & 0xFF in _STOP_KEYS or is_gone
