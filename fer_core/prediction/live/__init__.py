"""Live video: a frame and a time in, the faces with steady expressions out. No browser and no camera in here.

`LiveAnalyzer` does the work, `draw_live` puts its result on the frame, `Timeline` keeps the last minute as a table.
"""

from fer_core.prediction.live.analyzer import LiveAnalyzer
from fer_core.prediction.live.drawing import draw_live
from fer_core.prediction.live.results import FrameCounts, LiveFace, LiveResult, live_frame
from fer_core.prediction.live.settings import LiveSettings
from fer_core.prediction.live.timeline import Timeline

__all__ = [
    "FrameCounts",
    "LiveAnalyzer",
    "LiveFace",
    "LiveResult",
    "LiveSettings",
    "Timeline",
    "draw_live",
    "live_frame",
]
