"""The API as one FastAPI app; all its routes begin with /api."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import FastAPI, Query

from vallum import theatre as theatres
from vallum.app.api.forms import Asker, Problem, local
from vallum.app.api.frontiers import frontiers
from vallum.app.api.plans import plans
from vallum.app.api.problems import answer_problems
from vallum.app.api.scenarios import scenarios
from vallum.app.api.uploads import uploads
from vallum.app.model import Audit, User
from vallum.app.settings import Quotas

if TYPE_CHECKING:
    from collections.abc import Callable

    from fastapi import Request

    from vallum.app.desk import Asked
    from vallum.kernel.grid import Grid

__all__ = ["create_api"]

_WRONG = (400, 403, 404, 422, 429, 500, 502, 503)


def create_api(
    desk: Asked,
    user_of: Callable[[Request], User] = local,
    *,
    theatre: str = "sahel",
    quotas: Quotas | None = None,
    grid: Callable[[], Grid] | None = None,
) -> FastAPI:
    """Make the API.

    Parameters
    ----------
    desk
        Asked for everything.
    user_of
        Says who asks; what the guard found unless another is given.
    theatre
        Of a scenario that names none.
    quotas
        Of files that are brought; the defaults where none are given.
    grid
        Gives the theatre's grid, where it is loaded already.

    Returns
    -------
    FastAPI
        Its description is at /api/openapi.json.
    """
    said = {"model": Problem, "content": {"application/problem+json": {}}}
    app = FastAPI(
        title="Vallum",
        version="1",
        openapi_url="/api/openapi.json",
        docs_url=None,  # its page would load from other hosts
        redoc_url=None,
        responses=dict.fromkeys(_WRONG, said),
    )
    app.state.user_of = user_of
    answer_problems(app)
    for part in (scenarios, plans, frontiers):
        app.include_router(part(desk, theatre))
    app.include_router(uploads(theatre, quotas or Quotas(), grid))

    @app.get("/api/theatres", summary="Those that may be named", tags=["service"])
    def listed() -> list[str]:
        return list(dict.fromkeys((*theatres.names(), theatre)))

    @app.get("/api/audit", summary="The own trail; all of it to an admin", tags=["service"])
    def audit(
        user: Asker, most: Annotated[int, Query(ge=1, le=10_000)] = 1000
    ) -> tuple[Audit, ...]:
        return desk.audit(user, most)

    @app.get("/api/me", summary="Who asks", tags=["service"])
    def me(user: Asker) -> User:
        return user

    return app
