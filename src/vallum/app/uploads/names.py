"""Names of files that are brought: plain ones, on any system."""

from __future__ import annotations

from pathlib import PurePosixPath, PureWindowsPath

from vallum.errors import Fault

__all__ = ["name_faults"]


def name_faults(name: str, *, most: int = 200) -> tuple[Fault, ...]:
    """Find what makes a file's name unsafe, on any system.

    Parameters
    ----------
    name
        As it was sent; folders within are allowed, as in an archive.
    most
        Longest name, in characters.

    Returns
    -------
    tuple of Fault
        Empty where it is safe.
    """
    windows = PureWindowsPath(name)
    unsafe = (
        not name
        or len(name) > most
        or not name.isprintable()
        or "\\" in name
        or ":" in name
        or PurePosixPath(name).is_absolute()
        or bool(windows.anchor)
        or ".." in name.split("/")
    )
    if not unsafe:
        return ()
    mend = f"give it a plain name of at most {most} characters, without folders above or drives"
    return (Fault("upload", "name", repr(name[:most]), mend),)
