"""The pieces of the parser that every area uses: an area, a command and the options that several commands share."""

import argparse
from collections.abc import Callable
from typing import TypeAlias

from fer_core.models.views import VIEWS

Subparsers: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def add_command(
    commands: Subparsers, name: str, command: Callable[[argparse.Namespace], int | None], summary: str
) -> argparse.ArgumentParser:
    """Add one command; `command` takes the parsed options and returns the exit code, None for 0."""
    parser = commands.add_parser(name, help=summary, description=summary, allow_abbrev=False)
    parser.set_defaults(command=command)
    return parser


def add_area(areas: Subparsers, name: str, summary: str) -> Subparsers:
    """Add an area, such as `dataset`, and return what takes its commands."""
    area = areas.add_parser(name, help=summary, description=summary, allow_abbrev=False)
    return area.add_subparsers(required=True, metavar="COMMAND")


def add_views_option(parser: argparse.ArgumentParser) -> None:
    """Add `--views one|all`."""
    parser.add_argument(
        "--views", choices=VIEWS, default="all", help="one: faster; all: ten views a face, more accurate"
    )
