"""Trials of the evaluation: a request, and how to tell a right answer."""

from trials.trial import Trial

__all__ = ["Trial"]
