"""The OpenAI chat API: requests are checked and passed on as they came."""

from localaik.faces.openai.errors import render_error, render_failure
from localaik.faces.openai.request import check_request

__all__ = ["check_request", "render_error", "render_failure"]
