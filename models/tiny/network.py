"""The language model in JAX, term for term llama.cpp's ``gemma3`` graph.

The weights carry llama.cpp's tensor names and layout (rows are outputs). GGUF
holds Gemma's norm weights as factors, so they are plain factors here too.
Source: ``src/models/gemma3.cpp`` of llama.cpp.
"""

from collections.abc import Mapping

import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt
from shape import TEXT

Weights = Mapping[str, jax.Array]

BLOCKED = -1e30


def logits(weights: Weights, inputs: jax.Array, pictures: jax.Array) -> jax.Array:
    """Return the next-token scores at every place of embedded sequences."""
    return hidden(weights, inputs, pictures) @ weights["token_embd.weight"].T


def hidden(weights: Weights, inputs: jax.Array, pictures: jax.Array) -> jax.Array:
    """Return what the scores are made from, at every place of embedded sequences.

    ``inputs`` are embeddings (batch, length, width); ``pictures`` numbers the
    picture that a place belongs to, 0 for text. The places of one picture see
    each other, as llama.cpp decodes them without a causal mask.
    """
    length = inputs.shape[1]
    sine, cosine = _rotations(length)
    allowed = _allowed(length)[None] | (
        (pictures[:, :, None] == pictures[:, None, :]) & (pictures[:, :, None] > 0)
    )
    state = inputs
    for layer in range(TEXT.layers):
        state = _layer(weights, f"blk.{layer}.", state, (sine, cosine, allowed))
    return _normed(state, weights["output_norm.weight"])


def embed(weights: Weights, ids: jax.Array, codes: jax.Array) -> jax.Array:
    """Scaled embeddings of ids; ids past the vocabulary are picture codes, unscaled."""
    table = jnp.concatenate([weights["token_embd.weight"] * TEXT.width**0.5, codes])
    return table[ids]


def _layer(
    weights: Weights, at: str, state: jax.Array, places: tuple[jax.Array, jax.Array, jax.Array]
) -> jax.Array:
    sine, cosine, allowed = places
    batch, length, _ = state.shape
    size, groups = TEXT.head_size, TEXT.heads // TEXT.key_heads
    inner = _normed(state, weights[at + "attn_norm.weight"])
    query = (inner @ weights[at + "attn_q.weight"].T).reshape(batch, length, TEXT.heads, size)
    key = (inner @ weights[at + "attn_k.weight"].T).reshape(batch, length, TEXT.key_heads, size)
    value = (inner @ weights[at + "attn_v.weight"].T).reshape(batch, length, TEXT.key_heads, size)
    query = _rotated(_normed(query, weights[at + "attn_q_norm.weight"]), sine, cosine)
    key = _rotated(_normed(key, weights[at + "attn_k_norm.weight"]), sine, cosine)
    query = query.transpose(0, 2, 1, 3) * size**-0.5
    key = jnp.repeat(key.transpose(0, 2, 1, 3), groups, axis=1)
    value = jnp.repeat(value.transpose(0, 2, 1, 3), groups, axis=1)
    scores = jnp.where(allowed[:, None], query @ key.transpose(0, 1, 3, 2), BLOCKED)
    mixed = (jax.nn.softmax(scores) @ value).transpose(0, 2, 1, 3)
    mixed = mixed.reshape(batch, length, TEXT.heads * size) @ weights[at + "attn_output.weight"].T
    state = state + _normed(mixed, weights[at + "post_attention_norm.weight"])
    inner = _normed(state, weights[at + "ffn_norm.weight"])
    gate = jax.nn.gelu(inner @ weights[at + "ffn_gate.weight"].T, approximate=True)
    fed = (gate * (inner @ weights[at + "ffn_up.weight"].T)) @ weights[at + "ffn_down.weight"].T
    return state + _normed(fed, weights[at + "post_ffw_norm.weight"])


def _normed(state: jax.Array, factor: jax.Array) -> jax.Array:
    scale = jax.lax.rsqrt(jnp.mean(state * state, axis=-1, keepdims=True) + TEXT.epsilon)
    return state * scale * factor


def _rotations(length: int) -> tuple[jax.Array, jax.Array]:
    size = TEXT.head_size
    steps = TEXT.rope_base ** (-np.arange(0, size, 2) / size)
    angles = np.arange(length)[:, None] * steps[None]
    return (
        jnp.asarray(np.sin(angles)[None, :, None], jnp.float32),
        jnp.asarray(np.cos(angles)[None, :, None], jnp.float32),
    )


def _rotated(state: jax.Array, sine: jax.Array, cosine: jax.Array) -> jax.Array:
    first, second = jnp.split(state, 2, axis=-1)
    return jnp.concatenate(
        [first * cosine - second * sine, second * cosine + first * sine], axis=-1
    )


def _allowed(length: int) -> jax.Array:
    distance = np.arange(length)[:, None] - np.arange(length)[None]
    mask: npt.NDArray[np.bool_] = (distance >= 0) & (distance < TEXT.window)
    return jnp.asarray(mask)
