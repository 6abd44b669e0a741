"""What a shared server needs of Streamlit's configuration: checked and set before the first request.

Options that would let strangers use an operator's browser, or name themselves operators, stop the start; what would
only tell too much is switched off.
"""

from streamlit import config

from fer_core.errors import SettingsError

# Option -> the value that a shared server needs, and what another would allow.
_REQUIRED = {
    "server.enableCORS": (True, "let pages from elsewhere use an operator's browser"),
    "server.enableXsrfProtection": (True, "let pages from elsewhere upload in a visitor's name"),
    "server.enableAgentApi": (False, "let programs drive the app past the rules for visitors"),
    "server.enableStaticServing": (False, "serve files of the project to everyone"),
    "global.developmentMode": (False, "let everyone stop the server"),
}


def check_shared_server() -> None:
    """Refuse a configuration that is not safe for visitors, and keep error details from them.

    Raises:
        SettingsError: If an option must be another.
    """
    for option, (needed, consequence) in _REQUIRED.items():
        if bool(config.get_option(option)) is not needed:
            raise SettingsError(
                f"Streamlit's option {option} is {config.get_option(option)!r}, which would {consequence}. With "
                f"FER_ACCESS=shared it must be {str(needed).lower()}: remove it from the command line, the "
                "environment and config.toml."
            )
    if config.get_option("server.trustedUserHeaders"):
        raise SettingsError(
            "Streamlit's option server.trustedUserHeaders names headers that say who somebody is, and any visitor can "
            "send them. Remove it; with FER_ACCESS=shared operators sign in by OpenID Connect or with a token."
        )
    hide_error_details()


def hide_error_details() -> None:
    """Keep tracebacks and messages of defects, which name paths, in the server's log."""
    if config.get_option("client.showErrorDetails") != "none":
        config.set_option("client.showErrorDetails", "none")
