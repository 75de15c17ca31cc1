"""The commented config that `vallum theatre init` writes."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from vallum.errors import OutputError

__all__ = ["template", "write_template"]


def template() -> str:
    """Give the text of a commented CONFIG.toml.

    Examples
    --------
    >>> template().splitlines()[0]
    '# A theatre of your own. Fill this in, then:'
    """
    return resources.files(__package__).joinpath("template.toml").read_text("utf-8")


def write_template(path: Path | str) -> Path:
    """Write it where there is no file yet.

    Raises
    ------
    OutputError
        If there is one, or it can't be written.
    """
    where = Path(path)
    try:
        where.parent.mkdir(parents=True, exist_ok=True)
        with where.open("x", encoding="utf-8") as file:
            file.write(template())
    except FileExistsError:
        raise OutputError(f"{where}: it is there already. Mend: give another name") from None
    except OSError as error:
        raise OutputError(
            f"{where}: it can't be written ({error.strerror}). Mend: give another folder"
        ) from None
    return where
