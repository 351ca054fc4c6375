"""OpenAI's own SDK against the bundled model."""

import asyncio

import openai
import pytest

HI = [{"role": "user", "content": "Hello"}]
ENDLESS = {"extra_body": {"ignore_eos": True}}


@pytest.fixture
def client(server):
    with openai.OpenAI(base_url=f"{server.url}/v1", api_key="SECRET", max_retries=0) as client:
        yield client


def ask(client, **fields):
    return client.chat.completions.create(model="tiny", messages=HI, max_tokens=8, **fields)


def test_a_whole_answer(client):
    answer = ask(client, **ENDLESS)
    (choice,) = answer.choices
    assert (answer.object, answer.model) == ("chat.completion", "tiny")
    assert (choice.index, choice.message.role, choice.finish_reason) == (0, "assistant", "length")
    assert choice.message.content
    assert answer.usage.completion_tokens == 8
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + 8


def test_the_greedy_answer_is_the_same_whole_and_streamed(client):
    fields = {"temperature": 0, "seed": 1, **ENDLESS}
    whole = ask(client, **fields).choices[0].message.content
    chunks = list(ask(client, stream=True, **fields))
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == whole


def test_a_stream_has_no_usage_unless_asked_for(client):
    *middle, last = ask(client, stream=True, **ENDLESS)
    assert middle[0].choices[0].delta.role == "assistant"
    assert all(len(chunk.choices) == 1 for chunk in [*middle, last])
    assert last.choices[0].finish_reason == "length"
    assert last.usage is None


def test_a_stream_has_its_usage_when_asked_for(client):
    options = {"include_usage": True}
    *_, last = ask(client, stream=True, stream_options=options, **ENDLESS)
    assert last.choices == []
    assert last.usage.completion_tokens == 8


def test_the_stream_helper_joins_the_pieces(client):
    with client.chat.completions.stream(
        model="tiny", messages=HI, max_tokens=8, **ENDLESS
    ) as stream:
        pieces = [event.delta for event in stream if event.type == "content.delta"]
        joined = stream.current_completion_snapshot
    assert "".join(pieces) == joined.choices[0].message.content


def test_pictures_are_passed_on(client, png):
    parts = [
        {"type": "image_url", "image_url": {"url": png}},
        {"type": "text", "text": "What is this?"},
    ]
    answer = client.chat.completions.create(
        model="tiny", messages=[{"role": "user", "content": parts}], max_tokens=3
    )
    assert answer.usage.prompt_tokens > 15


@pytest.mark.parametrize("stream", [False, True])
def test_a_bad_request_names_its_field(client, stream):
    with pytest.raises(openai.BadRequestError) as failure:
        ask(client, stream=stream, temperature="hot")
    assert failure.value.status_code == 400
    assert (failure.value.param, failure.value.type) == ("temperature", "invalid_request_error")
    assert failure.value.body["message"] == "temperature: expected a number, got a string"


@pytest.mark.parametrize("stream", [False, True])
def test_what_the_model_server_refuses_is_a_bad_request(client, stream):
    with pytest.raises(openai.BadRequestError):
        ask(client, stream=stream, extra_body={"grammar": "root ::= (((("})


def test_what_is_not_there_is_not_found(client):
    with pytest.raises(openai.NotFoundError) as failure:
        client.embeddings.create(model="tiny", input="x")
    assert failure.value.body == {
        "message": "no such route",
        "type": "not_found_error",
        "param": None,
        "code": None,
    }


def test_the_async_client(server):
    async def use():
        url = f"{server.url}/v1"
        async with openai.AsyncOpenAI(base_url=url, api_key="SECRET") as client:
            whole = await ask(client, **ENDLESS)
            stream = await ask(client, stream=True, **ENDLESS)
            text = [chunk.choices[0].delta.content or "" async for chunk in stream]
            with pytest.raises(openai.BadRequestError):
                await ask(client, temperature=9)
        return whole.choices[0].message.content, "".join(text)

    whole, streamed = asyncio.run(use())
    assert whole
    assert streamed


# A model server that fails on demand.


@pytest.fixture(scope="module")
def failing(start_upstream, start_server):
    upstream = start_upstream()
    return start_server("--upstream", f"{upstream.url}/v1", "--head-timeout", "0.5")


@pytest.fixture
def failing_client(failing):
    url = f"{failing.url}/v1"
    with openai.OpenAI(base_url=url, api_key="SECRET", max_retries=0) as client:
        yield client


@pytest.mark.parametrize(
    ("model", "message"),
    [("cut", "the model server broke off its answer"), ("error", "out of memory")],
)
def test_a_stream_that_goes_wrong_raises_in_the_middle(failing_client, model, message):
    got = []
    chunks = failing_client.chat.completions.create(model=model, messages=HI, stream=True)
    with pytest.raises(openai.APIError) as failure:
        got.extend(chunk.choices[0].delta.content for chunk in chunks)
    assert got == ["Hello"]
    assert type(failure.value) is openai.APIError
    assert (failure.value.message, failure.value.type) == (message, "server_error")


def test_a_model_server_that_does_not_answer_is_a_server_error(failing_client):
    with pytest.raises(openai.InternalServerError) as failure:
        failing_client.chat.completions.create(model="hang", messages=HI)
    assert failure.value.status_code == 504


def test_failures_leave_no_traceback(failing, failing_client):
    with pytest.raises(openai.APIError):
        list(failing_client.chat.completions.create(model="cut", messages=HI, stream=True))
    assert "Traceback" not in failing.log_text()
