"""Who is an operator, as the main script asks in each of its runs; everybody else is a visitor.

With `FER_ACCESS=local` everyone is. On a shared server it is who holds a key from the sign-in page, or who signed in
by OpenID Connect (`[auth]` in Streamlit's secrets) and stands in the list `operators` of the secrets' `[access]`.
"""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from fer_app.sharing.sessions import operator_sessions
from fer_app.sharing.sign_in import KEY_COOKIE
from fer_app.sharing.tokens import operator_tokens
from fer_core.errors import SettingsError
from fer_core.settings import load_settings

SECTION, LIST = "access", "operators"
_EXPECTED = (
    'expected operators = ["ada@example.org", "https://login.example.org|1234"]: addresses that the provider has '
    "verified, or the provider's iss and sub with | between. Mend .streamlit/secrets.toml and reload the page."
)

_log = logging.getLogger(__name__)


def is_operator() -> bool:
    """Tell whether this session is an operator's."""
    return not load_settings().is_shared or _holds_key() or _is_listed_user()


def note_session() -> bool:
    """Find out whether this session is an operator's, and tell the door; call it in each run of the main script."""
    context, found = get_script_run_ctx(), is_operator()
    if context is not None and load_settings().is_shared:
        key = _key() if _holds_key() else None
        operator_sessions().note(context.session_id, is_operator=found, key=key)
    return found


def signed_in_by_provider() -> bool:
    """Tell whether the provider has said who this person is, listed or not."""
    return bool(st.user.get("is_logged_in", False))


def providers() -> list[str | None]:
    """Return the OpenID Connect providers of the secrets by name; None stands for the one without a name."""
    if not st.secrets.load_if_toml_exists():
        return []
    section = st.secrets.get("auth", {})
    named = [name for name, value in section.items() if isinstance(value, Mapping) and "client_id" in value]
    return [None, *named] if "client_id" in section else named


def who_signed_in() -> str:
    """Return the entry of the list that would let the signed-in person in."""
    return f"{st.user.get('iss', '')}|{st.user.get('sub', '')}"


def is_listed(user: Mapping[str, Any], operators: Sequence[str]) -> bool:
    """Tell whether somebody stands in the list.

    An address counts only where the provider says that it was verified: with some providers anybody can put any
    address into a profile.

    Args:
        user: Claims of the ID token (OpenID Connect Core 1.0, sections 2 and 5.1) and `is_logged_in`.
        operators: Addresses, and `iss|sub`.
    """
    if user.get("is_logged_in") is not True:
        return False
    issuer, subject, email = (user.get(claim) for claim in ("iss", "sub", "email"))
    if issuer and subject and f"{issuer}|{subject}" in operators:
        return True
    is_verified = user.get("email_verified") in (True, "true")  # some providers send text
    listed = {entry.casefold() for entry in operators if "|" not in entry}
    return is_verified and isinstance(email, str) and email.casefold() in listed


def operators_from(section: Any) -> tuple[str, ...]:
    """Check the section `access` of the secrets.

    Args:
        section: What stands there; `operators` in it is a list of texts.

    Raises:
        SettingsError: If it cannot be used.
    """
    listed = section.get(LIST, ()) if isinstance(section, Mapping) else section
    if isinstance(listed, str | bytes) or not isinstance(listed, Sequence):
        raise SettingsError(f"The secret access.operators is a {type(listed).__name__}; {_EXPECTED}")
    if not all(isinstance(entry, str) and ("@" in entry or "|" in entry) for entry in listed):
        raise SettingsError(f"An entry of the secret access.operators cannot be used; {_EXPECTED}")
    return tuple(entry.strip() for entry in listed)


def _is_listed_user() -> bool:
    if not providers() or not signed_in_by_provider():
        return False
    try:
        return is_listed(st.user, operators_from(st.secrets.get(SECTION, {})))
    except SettingsError as error:
        _log.error("nobody who signed in is an operator. %s", error)
        return False


def _holds_key() -> bool:
    return operator_tokens().knows(_key())


def _key() -> str | None:
    return st.context.cookies.get(KEY_COOKIE)
