"""`certificate.npz`: what anyone needs to check a plan's frontier from its folder alone."""

from __future__ import annotations

import hashlib
import io
import json
import struct
import zipfile
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from vallum.errors import Fault, InputError
from vallum.kernel.arrays import frozen
from vallum.kernel.gridproof import Certificate
from vallum.kernel.stored import problem_arrays, problem_from

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from vallum.kernel.territory import Instance
    from vallum.line import Plans
    from vallum.plan import Plan

__all__ = ["NAME", "Stored", "digest", "read_certificate", "write_certificate"]

NAME = "certificate.npz"
FORMAT = 1
LEVEL = 3  # of zlib; the sizes and times of others are in docs/performance.md
_MEND = "make the plan again, or take a copy that is whole"
_DAMAGE = (
    OSError, ValueError, KeyError, IndexError, EOFError, RuntimeError, MemoryError, SyntaxError,
    TypeError, OverflowError, struct.error, zlib.error, zipfile.BadZipFile,
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Stored:
    """What a certificate holds.

    Attributes
    ----------
    about
        `format`, `solver`, `objective`, `theatre`, `fingerprint`, and `files`: SHA-256 by name of
        every other file of the folder.
    problem
        What the frontier was found for.
    proof
        The flow that proves it; None where OR-Tools found it.
    entry
        Step of the chain at which a member cell enters, shape (cells,), int32.
    mu
        Prices at which an optimum was found.
    """

    about: dict[str, Any]
    problem: Instance
    proof: Certificate | None
    entry: NDArray[np.int32]
    mu: NDArray[np.float64]


def digest(path: Path) -> str:
    """SHA-256 of a file, as hexadecimal text."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_certificate(plan: Plan, folder: Path) -> None:
    """Write `certificate.npz` beside the plan's other files, which must all be there already.

    An ordinary npz (`numpy.load` reads it), compressed; the same plan gives the same bytes. Its
    array `about` is JSON in UTF-8.

    Parameters
    ----------
    plan
        Of the files.
    folder
        Where they lie.
    """
    plans, proof = plan.line.plans, plan.line.plans.frontier.proof
    names = sorted(path.name for path in folder.iterdir() if path.name != NAME)
    about = {
        "limited": _limited(plans),
        "format": FORMAT,
        "solver": plan.settings.line.solver,
        "objective": plans.objective,
        "theatre": plan.theatre.name,
        "fingerprint": plan.theatre.fingerprint,
        "files": {name: digest(folder / name) for name in names},
    }
    text = json.dumps(about, sort_keys=True, ensure_ascii=False).encode()
    arrays: dict[str, NDArray[Any]] = {
        "about": np.frombuffer(text, np.uint8),
        **{f"problem_{name}": array for name, array in problem_arrays(plans.problem).items()},
        **{f"proof_{name}": array for name, array in (proof.as_arrays() if proof else {}).items()},
        "chain": plans.entry.ravel()[plans.problem.cells].astype(np.int32),
        "mu": plans.frontier.certificate["mu"].to_numpy(np.float64),
    }
    with zipfile.ZipFile(folder / NAME, "w", zipfile.ZIP_DEFLATED, compresslevel=LEVEL) as file:
        for name, array in arrays.items():
            # no time of day in the name's record: the same plan gives the same bytes
            entry = zipfile.ZipInfo(f"{name}.npy")
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            with file.open(entry, "w", force_zip64=True) as part:
                np.lib.format.write_array(part, np.ascontiguousarray(array), allow_pickle=False)


def _limited(plans: Plans) -> bool:
    """Whether limits on pieces, width or capitals changed or dropped steps of the frontier."""
    exact = int((plans.steps["kind"] == "exact").sum())
    never = plans.entry.ravel()[plans.problem.cells] < 0
    return exact != len(plans.frontier.steps) or bool(never.any())


def read_certificate(path: Path) -> Stored:
    """Read a certificate, and refuse one that is damaged or none.

    Parameters
    ----------
    path
        Of the file.

    Returns
    -------
    Stored
        What it holds, checked for kinds and shapes, not yet for truth.

    Raises
    ------
    InputError
        With what is wrong.
    """
    arrays: dict[str, NDArray[Any]] = {}
    try:
        with zipfile.ZipFile(path) as file:
            for name in file.namelist():
                # the whole member is read first: that checks its sum, before its header is believed
                part = io.BytesIO(file.read(name))
                array = np.lib.format.read_array(part, allow_pickle=False)
                arrays[name.removesuffix(".npy")] = array
        about = json.loads(arrays["about"].tobytes().decode())
        files = about["files"]
        if about["format"] != FORMAT or not all(isinstance(files[name], str) for name in files):
            raise ValueError("of another format")
        chain = frozen(arrays["chain"].astype(np.int32, casting="same_kind"))
        mu = frozen(arrays["mu"].astype(np.float64, casting="same_kind"))
    except _DAMAGE as error:
        found = f"can't be read ({str(error) or type(error).__name__})"
        raise InputError([Fault(NAME, "", found, _MEND)]) from None
    problem = problem_from(_part(arrays, "problem_"))
    stored = _part(arrays, "proof_")
    proof = Certificate.from_arrays(stored) if stored else None
    if chain.shape != problem.cells.shape or mu.ndim != 1:
        found = f"{chain.shape} cells and {mu.shape} prices"
        raise InputError([Fault(NAME, "chain", found, _MEND)])
    if not (np.isfinite(mu) & (mu >= 0)).all():
        raise InputError([Fault(NAME, "mu", "a price that is none", _MEND)])
    return Stored(about, problem, proof, chain, mu)


def _part(arrays: dict[str, NDArray[Any]], prefix: str) -> dict[str, NDArray[Any]]:
    """Arrays whose name begins with a prefix, without it."""
    return {
        name.removeprefix(prefix): array
        for name, array in arrays.items()
        if name.startswith(prefix)
    }
