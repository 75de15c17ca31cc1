"""The built-in theatre's data, made anew from packages of public registries."""

from vallum.theatre.rebuild.folder import CARRIED, rebuild

__all__ = ["CARRIED", "rebuild"]
