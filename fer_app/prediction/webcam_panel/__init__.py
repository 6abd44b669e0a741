"""What stands beside live video: the faces as they are now, the last minute of each, and the numbers of the stream."""

from fer_app.prediction.webcam_panel.component import send_news, show_panel

__all__ = ["send_news", "show_panel"]
