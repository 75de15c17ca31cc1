"""The API for programs: scenarios, plans and their files over HTTP."""

from vallum.app.api.room import create_api

__all__ = ["create_api"]
