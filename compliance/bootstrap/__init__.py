"""The only place that builds things: config → rules → register, vault, engines → use cases → web and worker."""

from __future__ import annotations
