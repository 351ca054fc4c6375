"""Drives the Gemini SDK of the interpreter that runs this, and prints as JSON what it gave.

Usage: genai_driver.py BASE_URL [API_VERSION]
"""

import asyncio
import json
import struct
import sys
import zlib

from google import genai
from google.genai import errors, types

MODEL = "tiny"
# localaik's own addition: llama.cpp goes on although the model wanted to end.
ENDLESS = types.HttpOptions(extra_body={"generationConfig": {"ignoreEos": True}})
SHORT = types.GenerateContentConfig(max_output_tokens=8)


def make_client(base_url, api_version):
    options = {"base_url": base_url}
    if api_version is not None:
        options["api_version"] = api_version
    return genai.Client(api_key="SECRET", http_options=types.HttpOptions(**options))


def picture(red):
    """Write a PNG of one colour."""

    def block(kind, content):
        checked = kind + content
        return struct.pack(">I", len(content)) + checked + struct.pack(">I", zlib.crc32(checked))

    head = struct.pack(">IIBBBBB", 56, 56, 8, 2, 0, 0, 0)
    rows = (b"\0" + bytes((red, 0, 255 - red)) * 56) * 56
    blocks = block(b"IHDR", head) + block(b"IDAT", zlib.compress(rows)) + block(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + blocks


def told(response):
    """Give what users read from a response."""
    usage = response.usage_metadata
    return {
        "text": response.text,
        "reasons": [c.finish_reason and c.finish_reason.name for c in response.candidates],
        "roles": [candidate.content.role for candidate in response.candidates],
        "prompt": usage and usage.prompt_token_count,
        "generated": usage and usage.candidates_token_count,
        "total": usage and usage.total_token_count,
        "model": response.model_version,
        "id": response.response_id,
    }


def whole(client, contents="Hello", config=SHORT):
    return told(client.models.generate_content(model=MODEL, contents=contents, config=config))


def streamed(client, contents="Hello", config=SHORT):
    chunks = client.models.generate_content_stream(model=MODEL, contents=contents, config=config)
    return [told(chunk) for chunk in chunks]


def chat(client):
    """Hold three turns, the second one streamed."""
    talk = client.chats.create(model=MODEL, config=SHORT)
    first = told(talk.send_message("One"))
    second = [told(chunk) for chunk in talk.send_message_stream("Two")]
    third = told(talk.send_message("Three"))
    return {
        "answers": [first["text"], "".join(chunk["text"] for chunk in second), third["text"]],
        "prompts": [first["prompt"], second[-1]["prompt"], third["prompt"]],
        "history": history(talk, curated=False),
        "curated": history(talk, curated=True),
    }


def history(talk, *, curated):
    """Give the turns of a chat; the pieces of a streamed answer are joined."""
    turns = []
    for content in talk.get_history(curated=curated):
        text = "".join(part.text or "" for part in content.parts)
        if turns and turns[-1][0] == content.role:
            turns[-1][1] += text
        else:
            turns.append([content.role, text])
    return turns


def streamed_chat(client):
    """Hold three turns, all of them streamed."""
    talk = client.chats.create(model=MODEL, config=SHORT)
    for text in ("One", "Two", "Three"):
        for _ in talk.send_message_stream(text):
            pass
    return [role for role, _ in history(talk, curated=True)]


async def use_async(client):
    response = await client.aio.models.generate_content(
        model=MODEL, contents="Hello", config=SHORT
    )
    chunks = [
        told(chunk)
        async for chunk in await client.aio.models.generate_content_stream(
            model=MODEL, contents="Hello", config=SHORT
        )
    ]
    talk = client.aio.chats.create(model=MODEL, config=SHORT)
    await talk.send_message("One")
    async for _ in await talk.send_message_stream("Two"):
        pass
    await talk.send_message("Three")
    try:
        await client.aio.models.generate_content(
            model=MODEL, contents="Hello", config={"temperature": 1.5, "top_p": 7}
        )
        failure = None
    except errors.APIError as error:
        failure = describe(error)
    roles = [role for role, _ in history(talk, curated=True)]
    return {"whole": told(response), "stream": chunks, "roles": roles, "error": failure}


def configured(client):
    greedy = {"temperature": 0, "seed": 7, "max_output_tokens": 12, "top_k": 1, "top_p": 0.9}
    many = {"candidate_count": 2, "max_output_tokens": 3, "seed": 1}
    penalties = {"presence_penalty": 0.5, "frequency_penalty": 0.5, "stop_sequences": ["zzz"]}
    return {
        "greedy": [whole(client, config=greedy)["text"] for _ in range(2)],
        "cut": whole(client, config={"max_output_tokens": 3, "http_options": ENDLESS}),
        "two": whole(client, config=many),
        "penalties": whole(client, config={**penalties, "max_output_tokens": 3}),
        "plain": whole(client),
        "instructed": whole(
            client, config={"system_instruction": "Be very short.", "max_output_tokens": 8}
        ),
        "safe": whole(
            client,
            config={
                "max_output_tokens": 2,
                "safety_settings": [
                    {
                        "category": "HARM_CATEGORY_HARASSMENT",
                        "threshold": "BLOCK_ONLY_HIGH",
                    }
                ],
            },
        ),
    }


def seen(client):
    return [
        whole(
            client,
            [types.Part.from_bytes(data=picture(red), mime_type="image/png"), "What is this?"],
        )
        for red in (0, 255)
    ]


def failure_of(call):
    try:
        call()
    except errors.APIError as error:
        return describe(error)
    return None


def describe(error):
    return {
        "class": type(error).__name__,
        "code": error.code,
        "status": error.status,
        "message": error.message,
    }


def failures(client):
    tool = {"function_declarations": [{"name": "f", "description": "does it"}]}
    return {
        "bad": failure_of(lambda: whole(client, config={"top_p": 7})),
        "bad_stream": failure_of(lambda: streamed(client, config={"top_p": 7})),
        "tools": failure_of(lambda: whole(client, config={"tools": [tool]})),
        "missing": failure_of(lambda: client.files.get(name="files/nothing")),
    }


def main(base_url, api_version=None):
    client = make_client(base_url, api_version)
    result = {
        "version": genai.__version__,
        "whole": whole(client),
        "stream": streamed(client),
        "chat": chat(client),
        "streamed_chat": streamed_chat(client),
        "async": asyncio.run(use_async(make_client(base_url, api_version))),
        "config": configured(client),
        "seen": seen(client),
        "failures": failures(client),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main(*sys.argv[1:])
