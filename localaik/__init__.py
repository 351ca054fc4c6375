"""A local compatibility server for the Gemini, OpenAI and Anthropic APIs.

This package imports nothing: `localaik.tap` alone touches the reactor and the
environment, so that `import localaik` stays cheap and free of side effects.
"""

__version__ = "0.1.0"
