"""Errors as RFC 9457 problems: in words, with every fault, and without a traceback."""

from __future__ import annotations

import logging
from dataclasses import asdict
from http import HTTPStatus
from typing import TYPE_CHECKING

from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from vallum.errors import MOST_TOLD, Fault, InputError, VallumError, few, http_status

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastapi import FastAPI, Request

__all__ = ["answer_problems"]

_MOST_PLACE = 200  # characters


def answer_problems(app: FastAPI) -> None:
    """Let an app answer every error as a problem."""

    async def ours(_: Request, error: Exception) -> JSONResponse:
        if not isinstance(error, VallumError):
            raise TypeError from error
        faults = getattr(error, "faults", ())
        if len(faults) > MOST_TOLD + 1:  # the one more says how many more there were
            faults = few(faults)
            return _problem(http_status(error), str(InputError(faults)), faults)
        return _problem(http_status(error), str(error), faults)

    async def form(_: Request, error: Exception) -> JSONResponse:
        if not isinstance(error, RequestValidationError):
            raise TypeError from error
        found = error.errors()
        faults = [
            Fault(
                "request",
                ".".join(map(str, one["loc"]))[:_MOST_PLACE],  # names in it came from outside
                str(one["msg"]).removeprefix("Value error, "),
                "change it there",
            )
            for one in found[:MOST_TOLD]
        ]
        faults = few(faults, of=len(found))
        return _problem(422, str(InputError(faults)), faults)

    async def http(_: Request, error: Exception) -> JSONResponse:
        if not isinstance(error, HTTPException):
            raise TypeError from error
        return _problem(error.status_code, str(error.detail), (), error.headers)

    async def other(_: Request, error: Exception) -> JSONResponse:
        logging.getLogger("vallum.app").error("an unforeseen error", exc_info=error)
        return _problem(500, "The fault is ours; the service's log says more.", ())

    app.add_exception_handler(VallumError, ours)
    app.add_exception_handler(RequestValidationError, form)
    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(Exception, other)


def _problem(
    status: int,
    detail: str,
    faults: tuple[Fault, ...] | list[Fault],
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """Answer with a problem."""
    said = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "faults": [asdict(one) for one in faults],
    }
    return JSONResponse(said, status, headers, media_type="application/problem+json")
