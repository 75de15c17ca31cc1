"""The explorer that analysts see: one page, drawn by the browser, asked for through the desk."""

from vallum.app.page.build import build

__all__ = ["build"]
