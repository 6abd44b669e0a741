"""The page where an operator types the token: plain HTML beside the app, because only http can set a cookie.

`GET /fer/sign-in` shows a form, `POST` takes the token and gives the browser a key; `POST /fer/sign-out` takes the
key back and ends every tab that came in with it.
"""

from html import escape
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from fer_app.asgi import Message, base_path, header
from fer_app.sharing.sessions import operator_sessions
from fer_app.sharing.tokens import KEY_SECONDS, operator_tokens

KEY_COOKIE = "fer_operator"
_MAX_BODY = 4096  # bytes of the form
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Operator sign-in · FER Studio</title>
<style>
:root {{ color-scheme: light dark }}
body {{ font: 1rem/1.5 sans-serif; max-width: 26rem; margin: 12vh auto; padding: 0 1rem }}
h1 {{ font-size: 1.5rem }}
label, input, button {{ display: block; width: 100%; box-sizing: border-box; font: inherit }}
input, button {{ padding: .6rem; margin: .3rem 0 1rem; border-radius: .6rem; border: 1px solid #8A8D91 }}
button {{ background: #4453D6; color: #fff; border: 0; cursor: pointer }}
:focus-visible {{ outline: 3px solid #E69F00; outline-offset: 2px }}
</style></head><body><main><h1>Operator sign-in</h1>{content}</main></body></html>
"""
_FORM = """<p>The server writes the token into its log when it starts, and a new one each time one is used.</p>{notice}
<form method="post" action="{address}/fer/sign-in"><label for="token">Token</label>
<input id="token" name="token" type="password" autocomplete="off" required autofocus>
<button>Sign in</button></form><p><a href="{address}/">Back to the app</a></p>"""
_SIGNED_IN = """<p>This browser is signed in as an operator.</p>
<form method="post" action="{address}/fer/sign-out"><button>Sign out</button></form>
<p><a href="{address}/">Back to the app</a></p>"""
_WRONG = '<p role="alert"><strong>This token is not valid.</strong> Each works once; take the last one of the log.</p>'


def sign_in_routes() -> list[BaseRoute]:
    """Return the routes, and write the first token into the log."""
    operator_tokens().issue()
    return [
        Route(f"{base_path()}/fer/sign-in", _show_form, methods=["GET"]),
        Route(f"{base_path()}/fer/sign-in", _take_token, methods=["POST"]),
        Route(f"{base_path()}/fer/sign-out", _sign_out, methods=["POST"]),
    ]


def is_secure(scope: Message) -> bool:
    """Tell whether the browser came by https, to this server or to the proxy before it."""
    return scope.get("scheme") in ("https", "wss") or header(scope, b"x-forwarded-proto") == "https"


async def _show_form(request: Request) -> Response:
    if operator_tokens().knows(request.cookies.get(KEY_COOKIE)):
        return _page(_SIGNED_IN.format(address=escape(base_path())))
    return _page(_FORM.format(address=escape(base_path()), notice=""))


async def _take_token(request: Request) -> Response:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MAX_BODY:
            return _page(_FORM.format(address=escape(base_path()), notice=_WRONG), status=413)
    token = parse_qs(body.decode("ascii", errors="replace")).get("token", [""])[0]
    key = operator_tokens().redeem(token)
    if key is None:
        return _page(_FORM.format(address=escape(base_path()), notice=_WRONG), status=403)
    answer = _back_to_app()
    answer.set_cookie(
        KEY_COOKIE, key, max_age=int(KEY_SECONDS), path=base_path() or "/", httponly=True, samesite="strict",
        secure=is_secure(request.scope),
    )  # fmt: skip
    return answer


async def _sign_out(request: Request) -> Response:
    key = request.cookies.get(KEY_COOKIE)
    if key is not None and operator_tokens().knows(key):
        operator_tokens().forget(key)
        _end_sessions(operator_sessions().take_of(key))
    answer = _back_to_app()
    answer.delete_cookie(KEY_COOKIE, path=base_path() or "/", httponly=True, samesite="strict")
    return answer


def _end_sessions(session_ids: list[str]) -> None:
    """End the tabs that are still open; their parts that run by themselves would go on with an operator's rights."""
    from streamlit.runtime import exists, get_instance

    for session_id in session_ids if exists() else ():
        get_instance().close_session(session_id)


def _back_to_app() -> RedirectResponse:
    return RedirectResponse(f"{base_path()}/", status_code=303)


def _page(content: str, *, status: int = 200) -> HTMLResponse:
    headers = {"Content-Security-Policy": _POLICY, "Cache-Control": "no-store"}
    return HTMLResponse(_PAGE.format(content=content), status_code=status, headers=headers)
