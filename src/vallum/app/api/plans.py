"""Plans and their files over HTTP."""

from __future__ import annotations

import io
import mimetypes
import zipfile
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

from fastapi import APIRouter, Response

from vallum.app.api.forms import Asker, Id, Shared, ToPlan
from vallum.app.jobs.model import Progress
from vallum.app.model import KeptFile, StoredPlan
from vallum.app.sheet import read
from vallum.errors import Fault, InputError, NotFoundError

if TYPE_CHECKING:
    from vallum.app.desk import Asked
    from vallum.app.model import User

__all__ = ["plans"]

_SANDBOX = {"Content-Security-Policy": "sandbox allow-scripts", "X-Content-Type-Options": "nosniff"}


@dataclass(frozen=True)
class Followed(StoredPlan):
    """A plan, and how far it has come; null if it neither waits nor runs."""

    progress: Progress | None


def plans(desk: Asked, theatre: str) -> APIRouter:
    """Give the routes of plans; `theatre` is that of a text that names none."""
    routes = APIRouter(prefix="/api/plans", tags=["plans"])

    @routes.get("", summary="The own and the shared ones, newest first")
    def listed(user: Asker) -> list[StoredPlan]:
        return [_open(one) for one in desk.plans(user)]

    @routes.post("", status_code=202, summary="Ask for one, by a kept scenario or a text")
    def asked(user: Asker, form: ToPlan) -> StoredPlan:
        if (form.scenario is None) == (form.text is None):
            found = "neither" if form.text is None else "both"
            mend = "give a scenario's id or a text"
            raise InputError([Fault("request", "scenario, text", found, mend)])
        kept = desk.scenario(user, form.scenario) if form.scenario is not None else None
        sheet = read(kept.text if kept else form.text or "", theatre=theatre)
        return _open(desk.submit(user, sheet, language=form.language, scenario=kept))

    @routes.get("/{id}", summary="One, and how far it has come")
    def one(user: Asker, id: Id) -> Followed:
        plan = _open(desk.plan(user, id))
        said = {one.name: getattr(plan, one.name) for one in fields(plan)}
        return Followed(**said, progress=desk.progress(user, id))

    @routes.post("/{id}/cancel", summary="Stop it")
    def cancelled(user: Asker, id: Id) -> StoredPlan:
        return _open(desk.cancel(user, id))

    @routes.post("/{id}/resume", summary="Go on with one that was stopped")
    def resumed(user: Asker, id: Id) -> StoredPlan:
        return _open(desk.resume(user, id))

    @routes.put("/{id}/share", summary="Let others read it, or no longer")
    def shared(user: Asker, id: Id, form: Shared) -> StoredPlan:
        return _open(desk.share_plan(user, id, shared=form.shared))

    @routes.delete("/{id}", status_code=204, summary="Delete it with its files")
    def deleted(user: Asker, id: Id) -> None:
        desk.delete_plan(user, id)

    _files(routes, desk)
    return routes


def _files(routes: APIRouter, desk: Asked) -> None:
    """Add the routes of a plan's files."""

    @routes.get("/{id}/files", summary="Its files")
    def files(user: Asker, id: Id) -> tuple[KeptFile, ...]:
        return _open(desk.plan(user, id)).files

    @routes.get("/{id}/files.zip", summary="All its files", response_class=Response)
    def zipped(user: Asker, id: Id) -> Response:
        headers = {"Content-Disposition": f'attachment; filename="{id}.zip"'}
        return Response(_zip(desk, user, id), media_type="application/zip", headers=headers)

    @routes.get("/{id}/files/{name:path}", summary="A file", response_class=Response)
    def file(user: Asker, id: Id, name: str) -> Response:
        # the plan's own list decides, so no path leads elsewhere
        if name not in {one.name for one in _open(desk.plan(user, id)).files}:
            raise NotFoundError("no such file")
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        return Response(desk.file(user, id, name), media_type=kind, headers=_SANDBOX)


def _zip(desk: Asked, user: User, id: str) -> bytes:
    """Pack a plan's files: the same files give the same bytes."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as packed:
        for one in sorted(_open(desk.plan(user, id)).files, key=lambda kept: kept.name):
            entry = zipfile.ZipInfo(one.name)
            entry.compress_type = zipfile.ZIP_DEFLATED
            packed.writestr(entry, desk.file(user, id, one.name))
    return held.getvalue()


def _open(plan: StoredPlan) -> StoredPlan:
    """Leave out what is restricted: the API never gives it."""
    return replace(plan, files=tuple(f for f in plan.files if "restricted" not in f.name.lower()))
