"""Fetch open data from its publishers: whole, checked, and resumed where it broke off."""

from vallum.theatre.fetch.model import Fetched, FetchedFile, Request
from vallum.theatre.fetch.sources import SOURCES, fetch

__all__ = ["SOURCES", "Fetched", "FetchedFile", "Request", "fetch"]
