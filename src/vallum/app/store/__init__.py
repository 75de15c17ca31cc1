"""Where scenarios, plans and the audit trail are kept: a folder, or PostgreSQL."""

from vallum.app.store.base import Store
from vallum.app.store.door import open_store

__all__ = ["Store", "open_store"]
