"""A grid of faces in the browser: hundreds of pictures as one element, with keys, selection and changes in place."""

from fer_app.dataset.face_grid.component import GridContent, browser_tab, face_grid
from fer_app.dataset.face_grid.mosaic import Tiles, draw_mosaic

__all__ = ["GridContent", "Tiles", "browser_tab", "draw_mosaic", "face_grid"]
