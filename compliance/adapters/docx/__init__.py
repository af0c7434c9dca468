"""Documents as .docx files: templates checked, rendered in a child process with limits, and read again."""

from __future__ import annotations
