import attrs
import pytest

from localaik.chat.request import ChatRequest, ImagePart, Message, Role, Sampling, TextPart
from localaik.wire.datauri import DataURI

REQUEST = ChatRequest(
    model="tiny",
    messages=(Message(Role.USER, (TextPart("Hi"),)),),
    sampling=Sampling(temperature=0.5, seed=7),
    extra={"min_p": 0.1},
    ignored=("labels",),
)


def test_a_request_for_one_answer_is_its_own_single():
    assert REQUEST.singles() == (REQUEST,)


def test_a_request_for_several_answers_counts_the_seed_up():
    several = attrs.evolve(REQUEST, candidates=3)
    assert several.singles() == tuple(
        attrs.evolve(REQUEST, sampling=Sampling(temperature=0.5, seed=seed)) for seed in (7, 8, 9)
    )


def test_without_a_seed_none_is_made_up():
    several = attrs.evolve(REQUEST, candidates=2, sampling=Sampling(temperature=0.5))
    assert several.singles() == (attrs.evolve(several, candidates=1),) * 2


def test_a_seed_stays_below_the_one_that_means_a_random_one():
    several = attrs.evolve(REQUEST, candidates=3, sampling=Sampling(seed=2**32 - 3))
    assert [single.sampling.seed for single in several.singles()] == [2**32 - 3, 2**32 - 2, 0]


def test_prompts_are_not_shown():
    part = ImagePart(DataURI("image/png", "c2VjcmV0"))
    messages = (Message(Role.USER, (TextPart("secret"), part)),)
    shown = repr(attrs.evolve(REQUEST, messages=messages))
    assert "secret" not in shown
    assert "c2VjcmV0" not in shown


def test_requests_are_frozen():
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        REQUEST.model = "other"
