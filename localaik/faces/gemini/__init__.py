"""The Gemini API as clients speak it, under ``/v1``, ``/v1beta`` and ``/v1alpha`` alike."""

import attrs

from localaik.faces.face import Face
from localaik.faces.gemini.errors import render_error
from localaik.faces.gemini.request import parse_request
from localaik.faces.gemini.response import render_response
from localaik.faces.gemini.stream import array, event_stream

FACE = Face(
    name="gemini",
    parse_request=parse_request,
    render_response=render_response,
    stream_renderer=event_stream,
    render_error=render_error,
)

# The same protocol for clients that stream without ``alt=sse``.
ARRAY_FACE = attrs.evolve(
    FACE, stream_renderer=array, stream_type="application/json; charset=UTF-8"
)

__all__ = ["ARRAY_FACE", "FACE"]
