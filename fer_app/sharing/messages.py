"""Which messages pass between a browser and Streamlit: those that a page needs, and no other that its protocol knows.

Streamlit answers everyone who asks to clear the caches of all sessions, to tell of the server's git repository or to
install files beside the app, whether a page offers that or not; these messages end here.
"""

from pathlib import Path

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

ALLOWED = frozenset({"rerun_script", "stop_script", "app_heartbeat", "file_urls_request", "backend_operation_request"})
ALLOWED_OPERATIONS = frozenset({"deferred_file", "dataframe_chunk"})  # a download's content; rows of a long table
_MAX_FILE_URLS = 500  # asked for in one message
_PROJECT = str(Path(__file__).parents[2]).encode()


def is_allowed(data: bytes | None) -> bool:
    """Tell whether a message may pass.

    Args:
        data: A binary frame of the websocket, a BackMsg of Streamlit's protocol; None for a text frame.
    """
    if data is None:
        return True  # Streamlit ends a connection that sends text
    message = BackMsg()
    try:
        message.ParseFromString(data)
    except Exception:  # whatever protobuf raises: Streamlit ends such a connection
        return True
    kind = message.WhichOneof("type")
    if kind == "backend_operation_request":
        return message.backend_operation_request.WhichOneof("payload") in ALLOWED_OPERATIONS
    if kind == "file_urls_request":
        return len(message.file_urls_request.file_names) <= _MAX_FILE_URLS
    return kind in ALLOWED


def without_place(data: bytes) -> bytes:
    """Return a message to a browser without the folder of the app, which Streamlit tells at the start of each run.

    Args:
        data: A binary frame of the websocket, a ForwardMsg.
    """
    if _PROJECT not in data:
        return data
    message = ForwardMsg()
    message.ParseFromString(data)
    if message.WhichOneof("type") != "new_session":
        return data
    message.new_session.main_script_path = Path(message.new_session.main_script_path).name
    shortened: bytes = message.SerializeToString()
    return shortened
