"""Check that the trainer and llama.cpp agree: prompts, ids, and the scores of the next token."""

import argparse
import json
import random
import sys
from pathlib import Path

import jax
import jax.numpy as jnp
import requests
from asking import Server
from conversations.chat import Chat
from encoding import encode_text, render
from export import FOLDER
from mixture import SHARES
from network import embed, logits
from train import load
from vocabulary import BOS, build_vocabulary

CLOSE = 0.05


def prompts_agree(server: Server, chat: Chat) -> bool:
    """Return the same rendered prompt and the same ids on both sides."""
    body: dict[str, object] = {"messages": list(chat.messages)}
    if chat.tools:
        body["tools"] = list(chat.tools)
    theirs = requests.post(f"{server.address}/apply-template", json=body, timeout=60).json()[
        "prompt"
    ]
    ours = render(chat)
    ask = {"content": theirs, "add_special": True, "parse_special": True}
    ids = requests.post(f"{server.address}/tokenize", json=ask, timeout=60).json()["tokens"]
    if BOS + theirs.removeprefix(BOS) != ours:
        print("prompts differ:", json.dumps(theirs), json.dumps(ours), sep="\n  ")
        return False
    if ids != encode_text(build_vocabulary(), ours):
        print("ids differ:", json.dumps(theirs))
        return False
    return True


def scores_gap(server: Server, weights: dict[str, jax.Array], ids: list[int]) -> float:
    """Return the largest difference of the ten best log probabilities after some ids."""
    ask = {"prompt": ids, "n_predict": 1, "n_probs": 10, "temperature": 0}
    reply = requests.post(f"{server.address}/completion", json=ask, timeout=60).json()
    best = reply["completion_probabilities"][0]["top_logprobs"]
    row = jnp.asarray([ids])
    inputs = embed(weights, row, jnp.zeros((1, weights["token_embd.weight"].shape[1])))
    ours = jax.nn.log_softmax(logits(weights, inputs, jnp.zeros_like(row))[0, -1])
    return max(abs(float(ours[one["id"]]) - float(one["logprob"])) for one in best)


def main() -> int:
    """Compare chats of every skill."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--folder", type=Path, default=FOLDER)
    options.add_argument("--weights", type=Path, help="the trainer's archive, to compare scores")
    chosen = options.parse_args()
    server, dice = Server(chosen.folder), random.Random(chosen.seed)
    chats = [maker(dice) for _, maker in SHARES for _ in range(8)]
    chats = [
        chat for chat in chats if not any("<start_of_image>" in str(one) for one in chat.messages)
    ]
    agreed = sum(prompts_agree(server, chat) for chat in chats)
    print(f"prompts and ids agree: {agreed} of {len(chats)}")
    gap = 0.0
    if chosen.weights:
        weights = load(chosen.weights)
        for chat in chats[::24]:
            gap = max(
                gap, scores_gap(server, weights, encode_text(build_vocabulary(), render(chat)))
            )
        print(f"largest difference of log probabilities: {gap:.4f}")
    return 0 if agreed == len(chats) and gap < CLOSE else 1


if __name__ == "__main__":
    sys.exit(main())
