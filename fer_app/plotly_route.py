"""plotly.js for the page's own charts, served from the installed plotly package; nothing comes from another server.

The file is public, so the route asks for no session; its address carries the version and may be cached for good.
"""

from functools import cache
from importlib.metadata import version
from importlib.resources import files

from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Route

from fer_app.asgi import base_path

_FOREVER = "public, max-age=31536000, immutable"


def plotly_address() -> str:
    """Return where a browser finds plotly.js on this server: `/fer/plotly-6.1.2.min.js` below the base path."""
    return f"{base_path()}/fer/plotly-{_version()}.min.js"


def plotly_routes() -> list[BaseRoute]:
    """Return the routes that serve it; Streamlit puts its base path before its own routes only."""
    return [Route(plotly_address(), _plotly_file, methods=["GET"])]


async def _plotly_file(request: object) -> Response:
    path = str(files("plotly") / "package_data" / "plotly.min.js")
    return FileResponse(path, media_type="text/javascript", headers={"Cache-Control": _FOREVER})


@cache
def _version() -> str:
    return version("plotly")
