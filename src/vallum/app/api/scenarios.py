"""Scenarios over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query

from vallum.app.api.forms import Asker, Id, Saved, Shared, Text
from vallum.app.model import Scenario
from vallum.app.sheet import read, write

if TYPE_CHECKING:
    from vallum.app.desk import Asked

__all__ = ["scenarios"]


def scenarios(desk: Asked, theatre: str) -> APIRouter:
    """Give the routes of scenarios; `theatre` is that of a text that names none."""
    routes = APIRouter(prefix="/api/scenarios", tags=["scenarios"])

    @routes.get("", summary="The own and the shared ones")
    def listed(user: Asker) -> tuple[Scenario, ...]:
        return desk.scenarios(user)

    @routes.post("", status_code=201, summary="Keep a new one")
    def made(user: Asker, form: Text) -> Scenario:
        return desk.save(user, read(form.text, theatre=theatre))

    @routes.post("/validate", summary="Check a text and give it as it would be kept")
    def checked(form: Text) -> Text:
        return Text(text=write(read(form.text, theatre=theatre)))

    @routes.get("/{id}", summary="One, as it is or as it was")
    def one(
        user: Asker,
        id: Id,
        version: Annotated[int | None, Query(ge=1, le=1_000_000)] = None,
    ) -> Scenario:
        return desk.scenario(user, id, version)

    @routes.put("/{id}", summary="Keep its next version")
    def changed(user: Asker, id: Id, form: Saved) -> Scenario:
        return desk.save(user, read(form.text, theatre=theatre), id=id, seen=form.seen)

    @routes.delete("/{id}", status_code=204, summary="Delete it with its history")
    def deleted(user: Asker, id: Id) -> None:
        desk.delete(user, id)

    @routes.get("/{id}/versions", summary="Its history, oldest first")
    def versions(user: Asker, id: Id) -> tuple[Scenario, ...]:
        return desk.versions(user, id)

    @routes.put("/{id}/share", summary="Let others read it, or no longer")
    def shared(user: Asker, id: Id, form: Shared) -> Scenario:
        return desk.share(user, id, shared=form.shared)

    return routes
