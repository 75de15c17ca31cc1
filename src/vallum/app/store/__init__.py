"""Where scenarios, plans and the audit trail are kept: a folder, or PostgreSQL."""

from vallum.app.store.base import Store

__all__ = ["Store"]
