"""A model server for tests, told by the name of the model what to do.

``flood`` streams `SIZE` bytes as fast as they are taken; ``cut`` sends a chunk and closes the
connection; ``error`` sends a chunk and reports an error; ``hang`` never answers.  ``/sent`` tells
how many bytes of floods were taken so far.
"""

import asyncio
import json
import sys
from pathlib import Path

SIZE = 200 * 1000**2
PIECE = 50_000
STREAM = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
)
sent = 0


def chunk(**fields):
    body = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "fake", **fields}
    return b"data: " + json.dumps(body).encode() + b"\n\n"


def delta(text, reason=None):
    return chunk(choices=[{"index": 0, "delta": {"content": text}, "finish_reason": reason}])


def framed(data):
    return b"%x\r\n%b\r\n" % (len(data), data)


async def flood(writer):
    global sent  # noqa: PLW0603 -- the program's one count
    event = framed(delta("x" * PIECE))
    for _ in range(SIZE // PIECE):
        writer.write(event)
        await writer.drain()
        sent += len(event)
    writer.write(framed(delta("", "stop") + b"data: [DONE]\n\n") + framed(b""))
    await writer.drain()


async def answer(writer, path, body):
    if path != "/v1/chat/completions":
        text = json.dumps({"status": "ok", "sent": sent}).encode()
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
        writer.write(head % len(text) + text)
        return True
    model = json.loads(body)["model"]
    if model == "hang":
        await asyncio.sleep(3600)
    writer.write(STREAM)
    if model == "flood":
        await flood(writer)
        return True
    writer.write(framed(delta("Hello")))
    if model == "error":
        reported = {"error": {"code": 503, "message": "out of memory", "type": "server_error"}}
        writer.write(framed(b"data: " + json.dumps(reported).encode() + b"\n\n") + framed(b""))
        return True
    return False


async def serve(reader, writer):
    # Few bytes on their way, so that what is sent is soon what is taken.
    writer.transport.set_write_buffer_limits(high=PIECE)
    try:
        while head := await reader.readuntil(b"\r\n\r\n"):
            _, path, _ = head.split(b"\r\n")[0].decode().split()
            lines = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:-2])
            body = await reader.readexactly(int(lines.get(b"content-length", 0)))
            if not await answer(writer, path, body):
                break
        await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    writer.close()


def tell_port(port_file, port):
    draft = Path(f"{port_file}.new")
    draft.write_text(str(port))
    draft.replace(port_file)


async def main(port_file):
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    tell_port(port_file, server.sockets[0].getsockname()[1])
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[2]))
