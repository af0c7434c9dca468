"""Figures of a plant as of a day, computed as the rules say, each with its working."""

from __future__ import annotations

from compliance.core.figures.computing import Computed, Figure, Lacking, figures_of
from compliance.core.figures.quantities import Quantities

__all__ = ["Computed", "Figure", "Lacking", "Quantities", "figures_of"]
