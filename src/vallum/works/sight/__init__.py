"""Sight: what of the ground is seen from a height, by distance."""

from vallum.works.sight.model import Cover, flat_cover
from vallum.works.sight.terrain import assumptions, cover

__all__ = ["Cover", "assumptions", "cover", "flat_cover"]
