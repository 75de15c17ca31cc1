"""The reference of the command line, made from click's own help."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from vallum.cli import cli

if TYPE_CHECKING:
    from collections.abc import Iterator


def commands(_given: str) -> str:
    """Write a section for every command, with its arguments and options."""
    return "\n".join(_listed(cli, click.Context(cli, info_name="vallum")))


def _listed(command: click.Command, context: click.Context) -> Iterator[str]:
    """List a command, then those below it."""
    group = isinstance(command, click.Group)
    yield f"## `{context.command_path}`\n"
    usage = " ".join(command.collect_usage_pieces(context))
    yield f"```text\n{context.command_path} {usage}\n```\n"
    for paragraph in (command.help or "").replace("\b", "").split("\n\n"):
        yield _paragraph(" ".join(paragraph.split())) + "\n"
    if group:
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None  # noqa: S101  (click lists only what it has)
            path = f"{context.command_path} {name}"
            yield f"- [`{path}`](#{path.replace(' ', '-')}): {_first(below)}"
        yield ""
    options = [found for found in command.get_params(context) if isinstance(found, click.Option)]
    yield from _options(options, context)
    if group:
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None  # noqa: S101
            yield from _listed(below, click.Context(below, info_name=name, parent=context))


def _paragraph(text: str) -> str:
    """Write a paragraph of help; an example is a command that can be copied."""
    if text.startswith("Example: "):
        return f"```bash\n{text.removeprefix('Example: ')}\n```"
    return _plain(text)


def _plain(text: str) -> str:
    """Keep signs that Markdown would read."""
    for sign in "\\*_<>[]|":
        text = text.replace(sign, f"\\{sign}")
    return text


def _first(command: click.Command) -> str:
    """Give the first sentence of a command's help."""
    return _plain(" ".join((command.help or "").split("\n\n")[0].split()))


def _options(options: list[click.Option], context: click.Context) -> Iterator[str]:
    """List options with what they take and do."""
    for option in options:
        record = option.get_help_record(context)
        if record is None:
            continue
        names, text = record
        yield f"`{names}`\n: {_plain(text)}\n"
