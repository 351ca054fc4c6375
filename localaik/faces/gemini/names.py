"""The Gemini API's words, and what they mean here.

Source: https://ai.google.dev/api/generate-content, and the SDKs' own converters.
"""

from collections.abc import Mapping

from localaik.chat.request import Role
from localaik.chat.response import FinishReason

ROLES: Mapping[str, Role] = {
    "USER": Role.USER,
    "MODEL": Role.ASSISTANT,
    "ASSISTANT": Role.ASSISTANT,
    "SYSTEM": Role.SYSTEM,
    "FUNCTION": Role.USER,
}

# Every other value would become a made-up enum member in the SDKs.
FINISH_REASONS: Mapping[FinishReason, str] = {
    FinishReason.STOP: "STOP",
    FinishReason.LENGTH: "MAX_TOKENS",
    FinishReason.TOOL_CALLS: "STOP",
    FinishReason.CONTENT_FILTER: "SAFETY",
}

# google.rpc.Code for each HTTP status that localaik answers.
STATUSES: Mapping[int, str] = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    405: "UNIMPLEMENTED",
    409: "ALREADY_EXISTS",
    413: "INVALID_ARGUMENT",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    501: "UNIMPLEMENTED",
    502: "UNAVAILABLE",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}

# Levels go on as efforts; model servers know no more than these words.
THINKING_LEVELS: Mapping[str, str | None] = {
    "THINKING_LEVEL_UNSPECIFIED": "",
    "MINIMAL": "minimal",
    "LOW": "low",
    "MEDIUM": "medium",
    "HIGH": "high",
    "XHIGH": "xhigh",
}

# Sampling keys that Gemini lacks and llama.cpp knows; users send them by extra_body.
SAMPLING_EXTENSIONS: Mapping[str, str] = {
    "minP": "min_p",
    "typicalP": "typical_p",
    "topNSigma": "top_n_sigma",
    "repeatPenalty": "repeat_penalty",
    "repeatLastN": "repeat_last_n",
    "mirostat": "mirostat",
    "mirostatTau": "mirostat_tau",
    "mirostatEta": "mirostat_eta",
    "dryMultiplier": "dry_multiplier",
    "dryBase": "dry_base",
    "dryAllowedLength": "dry_allowed_length",
    "xtcProbability": "xtc_probability",
    "xtcThreshold": "xtc_threshold",
    "ignoreEos": "ignore_eos",
    "cachePrompt": "cache_prompt",
    "grammar": "grammar",
    "samplers": "samplers",
    "logitBias": "logit_bias",
}

# Fields of generationConfig that ask for what a local text model cannot vary.
WITHOUT_EFFECT = (
    "mediaResolution",
    "speechConfig",
    "imageConfig",
    "enableEnhancedCivicAnswers",
    "audioTranscriptionConfig",
    "continuationToken",
)

# What modifies a part without being its content.
PART_MODIFIERS = (
    "thought",
    "thoughtSignature",
    "videoMetadata",
    "mediaResolution",
    "mediaProcessing",
    "partMetadata",
    "audioTranscription",
    "speechMetadata",
    "documentMetadata",
    "spreadsheetMetadata",
    "audioMetadata",
)

# Tools that run on Google's servers.
BUILT_IN_TOOLS = (
    "googleSearch",
    "googleSearchRetrieval",
    "codeExecution",
    "urlContext",
    "googleMaps",
    "fileSearch",
    "computerUse",
    "mcpServers",
    "enterpriseWebSearch",
)
