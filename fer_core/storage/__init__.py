"""Storage: datasets, runs and models pushed to and pulled from places outside this computer."""

from fer_core.storage.address import parse_address
from fer_core.storage.comparison import Moved
from fer_core.storage.manifest import KINDS
from fer_core.storage.transfers import Transfer, list_address, transfer

__all__ = ["KINDS", "Moved", "Transfer", "list_address", "parse_address", "transfer"]
