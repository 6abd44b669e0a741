import asyncio

import pytest
from starlette.applications import Starlette
from streamlit import config

from fer_app.plotly_route import plotly_address, plotly_routes

BASE_PATH = "server.baseUrlPath"


@pytest.fixture(params=["", "/studio/", "a/b"])
def base_path(request):
    before = config.get_option(BASE_PATH)
    config.set_option(BASE_PATH, request.param)
    yield request.param.strip("/")
    config.set_option(BASE_PATH, before)


def _get(path: str) -> tuple[int, dict[str, str], bytes]:
    """Ask an app that has nothing but these routes; return status, headers and body."""
    messages = []
    scope = {"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": []}

    async def receive():
        await asyncio.Event().wait()  # the client stays and says nothing more

    async def send(message):
        messages.append(message)

    asyncio.run(Starlette(routes=plotly_routes())(scope, receive, send))
    headers = {name.decode(): value.decode() for name, value in messages[0]["headers"]}
    return messages[0]["status"], headers, b"".join(message.get("body", b"") for message in messages[1:])


def test_plotly_is_served_below_the_base_path_without_a_session(base_path):
    address = plotly_address()
    assert address.startswith(f"/{base_path}/fer/plotly-" if base_path else "/fer/plotly-")
    status, headers, body = _get(address)
    assert status == 200
    assert "immutable" in headers["cache-control"]
    assert "javascript" in headers["content-type"]
    assert b"plotly.js" in body[:500]


def test_nothing_else_is_served():
    assert _get("/fer/other.js")[0] == 404
