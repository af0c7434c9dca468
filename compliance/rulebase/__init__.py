"""What rules may say: the rule language, its calendar, its loading and checking. Pure."""

from __future__ import annotations
