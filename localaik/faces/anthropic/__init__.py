"""The Anthropic API: so far only how it says errors, for paths that are its own."""

from localaik.faces.anthropic.errors import render_error

__all__ = ["render_error"]
