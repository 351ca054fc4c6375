"""The OpenAI API's routes."""

from klein import Klein
from twisted.web.iweb import IRequest

from localaik.exchange import Exchange
from localaik.faces import openai
from localaik.web.respond import bounded, make_app
from localaik.web.sink import RequestSink


def openai_app(exchange: Exchange) -> Klein:
    """Make the app of the OpenAI API; paths come without their version."""
    app = make_app(openai.render_error)

    @app.route("/chat/completions", methods=["POST"])
    async def chat_completions(request: IRequest) -> None:
        asked = bounded(request)
        body = asked.body()
        chat = openai.check_request(body)
        if chat.documents:
            body = await exchange.rewritten(chat)
        await exchange.relay(body, RequestSink(asked), openai.render_failure)

    return app
