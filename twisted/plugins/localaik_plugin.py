"""Makes ``twistd localaik`` and ``twist localaik`` known; imports nothing of ours."""

from twisted.application.service import ServiceMaker

localaik = ServiceMaker(
    "localaik",
    "localaik.tap",
    "A local compatibility server for the Gemini, OpenAI and Anthropic APIs.",
    "localaik",
)
