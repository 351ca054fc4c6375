"""localaik inside another Twisted program: a service like any other.

Run it with ``python examples/embedded.py``: it starts localaik on a free port, asks it a
question over HTTP, prints the answer and stops.
"""

import sys
from typing import Any

import treq
from twisted.internet.defer import Deferred
from twisted.internet.task import react

from localaik.service import make_service
from localaik.settings import ServerSettings, Settings


async def main(reactor: Any) -> None:
    """Start localaik, use it, stop it."""
    service = make_service(Settings(server=ServerSettings(port=0)), reactor)
    # A program that has a service tree calls service.setServiceParent(parent) instead.
    service.startService()
    try:
        (url,) = await service.when_listening()
        await service.when_ready()
        print(f"localaik is ready at {url}")
        response = await treq.post(
            f"{url}/v1/chat/completions",
            json={"messages": [{"role": "user", "content": "Hello"}], "max_tokens": 16},
        )
        answer = await response.json()
        print("the model said:", ascii(answer["choices"][0]["message"]["content"]))
    finally:
        await service.stopService()


if __name__ == "__main__":
    react(lambda reactor: Deferred.fromCoroutine(main(reactor)), sys.argv[1:0])
