"""Who may use the app, decided when the server starts and never guessed from an address.

With `FER_ACCESS=local` the server serves this computer only: it refuses to start unless it is bound to a loopback
address, and it refuses every request, http or websocket, whose Host header is another name. Without the second
rule a web page elsewhere could point its own host name at 127.0.0.1 (DNS rebinding) and use the app unseen. With
`FER_ACCESS=shared` everyone may come in, as a visitor: `fer_app/sharing` says how far.
"""

from ipaddress import ip_address

from starlette.middleware import Middleware
from starlette.routing import BaseRoute
from streamlit import config

from fer_app.asgi import Application, Message, Receive, Send, refuse
from fer_core.errors import FerError, SettingsError
from fer_core.settings import load_settings

_REFUSAL = "This app serves its own computer only. Open it there, as http://localhost with the port it runs on."


def access_middleware() -> list[Middleware]:
    """Return the middleware that guards every request, or end the process where the server must not start."""
    try:
        settings = load_settings()
        if settings.is_shared:
            from fer_app.sharing.door import SharedDoor
            from fer_app.sharing.start import check_shared_server

            check_shared_server()
            return [Middleware(SharedDoor, settings=settings)]
        require_loopback(config.get_option("server.address"))
    except FerError as error:
        raise SystemExit(f"The app was not started. {error}") from None
    return [Middleware(LocalOnly)]


def access_routes() -> list[BaseRoute]:
    """Return the routes by which operators of a shared server sign in; a local one has none."""
    if not load_settings().is_shared:
        return []
    from fer_app.sharing.sign_in import sign_in_routes

    return sign_in_routes()


def require_loopback(address: str | None) -> None:
    """Accept only an address that other computers cannot reach.

    Args:
        address: The address that the server will listen on; None means every address.

    Raises:
        SettingsError: If other computers could reach the server there.
    """
    if address is None or not is_loopback(address):
        received = "every network address" if address is None else repr(address)
        raise SettingsError(
            f"The server would listen on {received}, where other computers can reach it, but FER_ACCESS=local serves "
            "this computer only. Start it without --server.address and STREAMLIT_SERVER_ADDRESS, or set the address "
            "to 127.0.0.1. To let others in as visitors of the Prediction page, set FER_ACCESS=shared."
        )


def is_loopback(host: str) -> bool:
    """Tell whether a host name or address (IPv6 with or without brackets) always means this computer."""
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host.removeprefix("[").removesuffix("]")).is_loopback
    except ValueError:
        return False


class LocalOnly:
    """Plain ASGI middleware: 403 for http and a closed websocket unless the request is for this computer."""

    def __init__(self, app: Application) -> None:
        self.app = app

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        if scope["type"] == "lifespan" or is_local_request(scope):
            await self.app(scope, receive, send)
        else:
            await refuse(scope, send, status=403, sentence=_REFUSAL)


def is_local_request(scope: Message) -> bool:
    """Tell whether a request names this computer and came in on one of its loopback addresses.

    Args:
        scope: ASGI connection scope; `server` is the address that the connection arrived at, where known. It
            differs from the configured one when another program than `streamlit run` serves the app.
    """
    hosts = [value.decode("latin-1") for name, value in scope["headers"] if name == b"host"]
    arrived_at = scope.get("server")
    return (
        len(hosts) == 1 and is_loopback(without_port(hosts[0])) and (arrived_at is None or is_loopback(arrived_at[0]))
    )


def without_port(host: str) -> str:
    """Return a Host header's name: `localhost:8501` -> `localhost`, `[::1]:8501` -> `[::1]`."""
    name, colon, port = host.rpartition(":")
    if not colon or host.endswith("]"):
        return host
    return name if port.isdigit() or not port else host
