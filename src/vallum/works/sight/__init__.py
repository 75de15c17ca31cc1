"""Sight: what of the ground is seen from a height, by distance."""

from vallum.works.sight.model import Cover, flat_cover

__all__ = ["Cover", "flat_cover"]
