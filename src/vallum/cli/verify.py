"""The command that checks a finished plan."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from vallum import brief
from vallum.cli.common import output_options, said
from vallum.cli.root import cli
from vallum.errors import CertificateError

__all__: list[str] = []


@cli.command("verify")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@output_options
def verify_command(folder: Path) -> None:
    """Check the plan in DIR from its files alone: that its steps are optima, and its numbers right.

    Exit code 0 only if every check holds; 3 if one does not, or if there is no proof, as in plans
    made by OR-Tools.

    Example: vallum verify out/sahel
    """
    report = brief.verify(folder)
    if said("json"):
        content = {
            "folder": str(folder),
            "ok": report.ok,
            "checks": [asdict(check) for check in report.checks],
            "not_checked": list(brief.NOT_CHECKED),
        }
        click.echo(brief.as_json(content), nl=False)
    else:
        for check in report.checks:
            if not (said("quiet") and check.ok):
                click.echo(f"{'ok  ' if check.ok else 'FAIL'}  {check.name}: {check.found}")
        if not said("quiet"):
            for text in brief.NOT_CHECKED:
                click.echo(f"not checked: {text}")
    if report.ok and not said("json"):
        click.echo(f"{folder}: verified")
    if not report.ok:
        failed = sum(not check.ok for check in report.checks)
        raise CertificateError(
            f"{folder}: NOT verified, {failed} of {len(report.checks)} checks fail"
        )
