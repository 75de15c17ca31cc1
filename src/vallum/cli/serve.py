"""The commands that open the explorer and the API."""

from __future__ import annotations

import logging
import os
import sys
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vallum.cli.common import output_options, overrides_of, said, settings_options
from vallum.cli.root import cli
from vallum.errors import Fault, InputError
from vallum.settings import checked, read_toml

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vallum.app.settings import AppSettings

__all__: list[str] = []

_SECRET = "VALLUM_OIDC_CLIENT_SECRET"  # noqa: S105  (the name of a variable)
_PATH = click.Path(path_type=Path)


@cli.command("serve")
@click.argument("what", metavar="[THEATRE|DIR]", default="sahel")
@click.option("--host", help="Address to listen at; default 127.0.0.1, this machine alone.")
@click.option("--port", type=click.IntRange(0, 65_535), help="Default 5006; 0 takes a free one.")
@click.option("--open", "show", is_flag=True, help="Open the page in the browser.")
@click.option(
    "--store",
    metavar="DIR|URL",
    help="Where scenarios and plans are kept: a folder (default vallum-store) or postgresql://…",
)
@click.option(
    "--scheduler",
    metavar="ADDRESS",
    help="Dask scheduler that computes, as tcp://host:8786; default processes of this machine.",
)
@click.option(
    "--workers", type=click.IntRange(1, 64), help="Processes that find frontiers; default 2."
)
@click.option(
    "--auth", type=click.Choice(["none", "basic", "oidc"]), help="How people say who they are."
)
@click.option("--users", type=_PATH, help="Users for --auth basic; see vallum serve-user.")
@click.option("--oidc-issuer", metavar="URL", help="Who vouches for people, for --auth oidc.")
@click.option("--oidc-client-id", metavar="ID", help=f"The secret is read from {_SECRET}.")
@click.option("--oidc-claim", metavar="CLAIM", help="Which claim is a user's name; default sub.")
@click.option("--public-url", metavar="URL", help="How people reach it where a proxy is before it.")
@click.option("--tls-cert", type=_PATH, help="Certificate for HTTPS.")
@click.option("--tls-key", type=_PATH, help="Its key.")
@click.option("--admin", "admins", multiple=True, metavar="NAME", help="May read the whole trail.")
@click.option("--service", type=_PATH, help="TOML of these options, and of a table quotas.")
@settings_options
@output_options
def serve_command(
    what: str, *, show: bool, service: Path | None, admins: tuple[str, ...], **given: object
) -> None:
    """Open the explorer and the API on a theatre, or on the plan in DIR.

    The page is for this machine alone unless --host says otherwise; then people have to log in.
    Needs `pip install 'vallum[app]'`. Ctrl-C ends it; what was saved and planned is kept.

    Example: vallum serve sahel
    """
    try:
        from vallum.app.opened import opened  # noqa: PLC0415  (an extra)
        from vallum.app.serve import run  # noqa: PLC0415
        from vallum.app.settings import AppSettings  # noqa: PLC0415
    except ImportError as error:
        raise _absent(error) from None
    theatre, text = opened(what, *overrides_of(given))
    own = {key: value for key, value in given.items() if key in AppSettings.model_fields}
    if admins:
        own["admins"] = admins
    settings = _service(AppSettings, service, {**own, "theatre": theatre, "opened": text})
    logging.basicConfig(
        level=logging.WARNING, stream=sys.stderr, format="%(asctime)s %(name)s: %(message)s"
    )

    def ready(address: str) -> None:
        click.echo(address if said("quiet") else f"{address}   (Ctrl-C ends it)")
        if show:
            webbrowser.open(address)

    run(settings, ready)


@cli.command("serve-user")
@click.argument("name")
@click.option("--users", type=_PATH, required=True, help="The file; made where there is none.")
@output_options
def user_command(name: str, users: Path) -> None:
    """Let NAME log in to a service with --auth basic, or change a password; it is asked for.

    Where the input is no terminal the password is its first line.

    Example: vallum serve-user awa --users users.txt
    """
    try:
        from vallum.app.guard.users import set_user  # noqa: PLC0415  (an extra)
    except ImportError as error:
        raise _absent(error) from None
    if sys.stdin.isatty():
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    set_user(users, name, password)
    click.echo(str(users) if said("quiet") else f"{name} may log in ({users})")


def _service(model: type[AppSettings], file: Path | None, given: Mapping[str, Any]) -> AppSettings:
    """Put the service's file, its options and the secret together."""
    tree = read_toml(file) if file is not None else {}
    secret = os.environ.get(_SECRET)
    faults = [
        Fault(str(file), key, "this comes from the command line", f"leave it out; {mend}")
        for key, mend in (
            ("theatre", "name it after `vallum serve`"),
            ("opened", "use --config and --set"),
            ("oidc_client_secret", f"set {_SECRET}"),
        )
        if key in tree
    ]
    tree.update({key: value for key, value in given.items() if value is not None})
    if secret:
        tree["oidc_client_secret"] = secret
    where = "vallum serve" if file is None else str(file)
    return checked(model, tree, where=where, faults=faults)


def _absent(error: ImportError) -> InputError:
    mend = "pip install 'vallum[app]'"
    return InputError([Fault("vallum serve", "", f"{error.name} is not installed", mend)])
