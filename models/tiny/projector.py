"""Train the picture encoder so that each quarter of a picture becomes its code.

The forward pass is term for term llama.cpp's SigLIP graph with Gemma 3's
projector (``tools/mtmd/models/siglip.cpp``).
"""

import argparse
import random
import time
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from export import FOLDER, random_vision_weights, write_projector
from paintings import painting, pixels
from picture_codes import picture_codes
from shape import VISION

Weights = Mapping[str, jax.Array]


def soft_tokens(weights: Weights, pictures: jax.Array) -> jax.Array:
    """Return the soft tokens (batch, tokens, text width) of pictures (batch, 3, side, side)."""
    patches = _patches(pictures)
    kernel = weights["v.patch_embd.weight"].reshape(VISION.width, -1)
    state = patches @ kernel.T + weights["v.patch_embd.bias"] + weights["v.position_embd.weight"]
    for block in range(VISION.blocks):
        state = _block(weights, f"v.blk.{block}.", state)
    state = _layer_normed(state, weights, "v.post_ln")
    count, merge, rows = state.shape[0], VISION.merge, VISION.side // VISION.merge
    state = state.reshape(count, rows, merge, rows, merge, VISION.width).mean(axis=(2, 4))
    state = state.reshape(count, rows * rows, VISION.width)
    state = state * jax.lax.rsqrt(jnp.mean(state * state, -1, keepdims=True) + VISION.epsilon)
    return (state * weights["mm.soft_emb_norm.weight"]) @ weights["mm.input_projection.weight"]


def _patches(pictures: jax.Array) -> jax.Array:
    """Rows of patches, each as channel, row, column."""
    count, side, size = pictures.shape[0], VISION.side, VISION.patch
    cut = pictures.reshape(count, 3, side, size, side, size).transpose(0, 2, 4, 1, 3, 5)
    return cut.reshape(count, side * side, 3 * size * size)


def _block(weights: Weights, at: str, state: jax.Array) -> jax.Array:
    count, places, width = state.shape
    size = width // VISION.heads
    inner = _layer_normed(state, weights, at + "ln1")

    def heads(name: str) -> jax.Array:
        mapped = inner @ weights[f"{at}{name}.weight"].T + weights[f"{at}{name}.bias"]
        return mapped.reshape(count, places, VISION.heads, size).transpose(0, 2, 1, 3)

    scores = heads("attn_q") @ heads("attn_k").transpose(0, 1, 3, 2) * size**-0.5
    mixed = (
        (jax.nn.softmax(scores) @ heads("attn_v"))
        .transpose(0, 2, 1, 3)
        .reshape(count, places, width)
    )
    state = state + mixed @ weights[at + "attn_out.weight"].T + weights[at + "attn_out.bias"]
    inner = _layer_normed(state, weights, at + "ln2")
    fed = jax.nn.gelu(
        inner @ weights[at + "ffn_up.weight"].T + weights[at + "ffn_up.bias"], approximate=True
    )
    return state + fed @ weights[at + "ffn_down.weight"].T + weights[at + "ffn_down.bias"]


def _layer_normed(state: jax.Array, weights: Weights, name: str) -> jax.Array:
    centred = state - state.mean(-1, keepdims=True)
    scale = jax.lax.rsqrt(jnp.mean(centred * centred, -1, keepdims=True) + VISION.epsilon)
    return centred * scale * weights[name + ".weight"] + weights[name + ".bias"]


def train(chosen: argparse.Namespace) -> dict[str, jax.Array]:
    """Train and return the weights."""
    dice = random.Random(chosen.seed)
    gallery = [painting(dice) for _ in range(chosen.paintings)]
    seen = np.stack([pixels(one.picture) for one in gallery]).astype(np.float16)
    labels = np.asarray([one.quarters for one in gallery])
    codes = jnp.asarray(picture_codes())
    weights = {
        name: jnp.asarray(tensor) for name, tensor in random_vision_weights(chosen.seed).items()
    }
    rule = optax.adamw(
        optax.schedules.cosine_onecycle_schedule(chosen.steps, 3e-3), weight_decay=1e-4
    )
    state = rule.init(weights)

    def loss_of(weights: Weights, pictures: jax.Array, kinds: jax.Array) -> jax.Array:
        gap = soft_tokens(weights, pictures) - codes[jnp.maximum(kinds, 0)]
        return jnp.sum(jnp.mean(gap * gap, -1) * (kinds >= 0)) / jnp.sum(kinds >= 0)

    @partial(jax.jit, donate_argnums=(0, 1))
    def step(weights: Any, state: Any, pictures: jax.Array, kinds: jax.Array) -> Any:
        loss, slope = jax.value_and_grad(loss_of)(weights, pictures, kinds)
        change, state = rule.update(slope, state, weights)
        return optax.apply_updates(weights, change), state, loss

    draw, began = np.random.default_rng(chosen.seed), time.time()
    for number in range(chosen.steps):
        rows = draw.integers(0, len(gallery), 48)
        weights, state, loss = step(weights, state, seen[rows].astype(np.float32), labels[rows])
        if number % 200 == 199:
            print(
                f"step {number + 1} loss {float(loss):.4f} seconds {time.time() - began:.0f}",
                flush=True,
            )
    return weights


def main() -> None:
    """Read the options, train, and write the GGUF."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--steps", type=int, default=2400)
    options.add_argument("--paintings", type=int, default=5000)
    options.add_argument("--seed", type=int, default=20260104)
    options.add_argument("--folder", type=Path, default=FOLDER)
    chosen = options.parse_args()
    weights = train(chosen)
    chosen.folder.mkdir(parents=True, exist_ok=True)
    write_projector(
        chosen.folder / "tiny-mmproj.gguf",
        {name: np.asarray(one) for name, one in weights.items()},
    )


if __name__ == "__main__":
    main()
