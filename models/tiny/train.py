"""Train the language model on CPU and write it as GGUF."""

import argparse
import json
import threading
import time
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from queue import Queue
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt
import optax
from export import FOLDER, random_text_weights, write_text_model
from mixture import Batch, batches
from network import embed, hidden
from picture_codes import NOISE, picture_codes
from shape import TEXT
from vocabulary import SPACE, build_vocabulary

Weights = dict[str, jax.Array]
Arrays = Mapping[str, npt.NDArray[np.float32]]
AVERAGING = 0.99


def first_weights(seed: int) -> Weights:
    """Fresh weights: pieces that differ by case only start close to each other."""
    dice = np.random.default_rng(seed)
    weights = random_text_weights(seed)
    pieces = build_vocabulary().pieces
    bases: dict[str, npt.NDArray[np.float64]] = {}
    cases = dice.standard_normal((3, TEXT.width)) * 0.05
    table = weights["token_embd.weight"]
    for number, piece in enumerate(pieces):
        if piece.isascii() and piece.isalpha() and piece != SPACE:
            base = bases.setdefault(piece.lower(), dice.standard_normal(TEXT.width) * 0.07)
            case = 0 if piece.islower() else 1 if piece.istitle() else 2
            table[number] = base + cases[case]
    for name, tensor in weights.items():
        if tensor.ndim == 1:
            weights[name] = np.full_like(tensor, 0.5 if "post_" in name else 1.0)
    return {name: jnp.asarray(tensor) for name, tensor in weights.items()}


def loss_of(weights: Weights, batch: Batch, key: jax.Array) -> jax.Array:
    """Weighted cross-entropy of the ids that the model has to say."""
    codes = jnp.asarray(picture_codes())
    inputs = embed(weights, batch.ids, codes)
    noise = jax.random.normal(key, inputs.shape) * NOISE
    inputs = inputs + noise * (batch.pictures > 0)[..., None]
    states = hidden(weights, inputs, batch.pictures).reshape(-1, TEXT.width)
    scores = states[batch.places] @ weights["token_embd.weight"].T
    losses = optax.softmax_cross_entropy_with_integer_labels(scores, batch.targets)
    return jnp.sum(losses * batch.weights) / (jnp.sum(batch.weights) + 1e-6)


def optimizer(steps: int, rate: float, hold: float, warm: int) -> optax.GradientTransformation:
    """Muon for the matrices inside the layers, Adam for the rest."""
    shape = optax.schedules.join_schedules(
        [
            optax.schedules.linear_schedule(0.05, 1.0, warm),
            optax.schedules.constant_schedule(1.0),
            optax.schedules.linear_schedule(1.0, 0.02, max(1, int(steps * (1 - hold)))),
        ],
        [warm, int(steps * hold)],
    )

    def kinds(weights: Weights) -> dict[str, str]:
        return {
            name: "matrix" if tensor.ndim == 2 and name.startswith("blk") else "other"
            for name, tensor in weights.items()
        }

    matrices = optax.chain(
        optax.trace(decay=0.95, nesterov=True),
        optax.stateless_with_tree_map(lambda slope, _: orthogonal(slope)),
        optax.scale_by_learning_rate(lambda step: 8 * rate * shape(step)),
    )
    others = optax.adam(lambda step: rate * shape(step), b1=0.9, b2=0.98)
    return optax.chain(
        optax.clip_by_global_norm(1.0),
        optax.partition({"matrix": matrices, "other": others}, kinds),
    )


def orthogonal(slope: jax.Array) -> jax.Array:
    """Return the nearest matrix with equal singular values, Muon's update.

    Five Newton-Schulz steps with the coefficients of Keller Jordan's Muon.
    """
    wide = slope.T if slope.shape[0] > slope.shape[1] else slope
    wide = wide / (jnp.linalg.norm(wide) + 1e-7)
    for _ in range(5):
        square = wide @ wide.T
        wide = 3.4445 * wide + (-4.7750 * square + 2.0315 * square @ square) @ wide
    flat = wide.T if slope.shape[0] > slope.shape[1] else wide
    return flat * max(1.0, slope.shape[0] / slope.shape[1]) ** 0.5


def ahead(source: Iterator[Batch]) -> Iterator[Batch]:
    """Return the same batches, made in a thread beside the training."""
    queue: Queue[Batch] = Queue(maxsize=8)

    def fill() -> None:
        for batch in source:
            queue.put(batch)

    threading.Thread(target=fill, daemon=True).start()
    while True:
        yield queue.get()


def save(weights: Mapping[str, jax.Array], path: Path) -> None:
    """Keep weights as NumPy's archive."""
    np.savez(path, **{name: np.asarray(tensor) for name, tensor in weights.items()})


def load(path: Path) -> Weights:
    """Return the weights of an archive."""
    with np.load(path) as archive:
        return {name: jnp.asarray(archive[name]) for name in archive.files}


def train(chosen: argparse.Namespace) -> Weights:
    """Train and return the averaged weights."""
    weights = load(chosen.start) if chosen.start else first_weights(chosen.seed)
    rule = optimizer(chosen.steps, chosen.rate, chosen.hold, chosen.warm)
    state = rule.init(weights)
    average = weights

    @partial(jax.jit, donate_argnums=(0, 1, 2))
    def step(weights: Any, average: Any, state: Any, batch: Batch, key: jax.Array) -> Any:
        loss, slope = jax.value_and_grad(loss_of)(weights, batch, key)
        change, state = rule.update(slope, state, weights)
        weights = optax.apply_updates(weights, change)
        average = jax.tree.map(
            lambda old, new: AVERAGING * old + (1 - AVERAGING) * new, average, weights
        )
        return weights, average, state, loss

    average = jax.tree.map(jnp.copy, average)
    key = jax.random.key(chosen.seed)
    source = ahead(batches(chosen.data_seed, chosen.first))
    began, losses = time.time(), []
    for number in range(chosen.steps):
        batch = next(source)
        key, now = jax.random.split(key)
        weights, average, state, loss = step(weights, average, state, batch, now)
        losses.append(loss)
        if number % 50 == 49:
            mean = float(jnp.mean(jnp.stack(losses)))
            losses = []
            print(
                json.dumps(
                    {
                        "step": number + 1,
                        "loss": round(mean, 4),
                        "seconds": round(time.time() - began),
                    }
                ),
                flush=True,
            )
        if number % chosen.every == chosen.every - 1:
            publish(average, chosen)
            save(weights, chosen.folder / "tiny-last.npz")
    publish(average, chosen)
    return average


def publish(weights: Weights, chosen: argparse.Namespace) -> None:
    """Keep the averaged weights and write the GGUF."""
    chosen.folder.mkdir(parents=True, exist_ok=True)
    save(weights, chosen.folder / "tiny-weights.npz")
    arrays = {name: np.asarray(tensor) for name, tensor in weights.items()}
    write_text_model(chosen.folder / "tiny.gguf", arrays)


def main() -> None:
    """Read the options and train."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--steps", type=int, default=9000)
    options.add_argument("--first", type=int, default=600, help="steps that teach only to copy")
    options.add_argument("--rate", type=float, default=2.5e-3)
    options.add_argument("--hold", type=float, default=0.5, help="share of the steps at full rate")
    options.add_argument("--warm", type=int, default=100, help="steps of the rate's rise")
    options.add_argument("--every", type=int, default=500, help="steps between two writes")
    options.add_argument("--seed", type=int, default=20260101)
    options.add_argument("--data-seed", type=int, default=20260102)
    options.add_argument("--start", type=Path, help="weights to go on from")
    options.add_argument("--folder", type=Path, default=FOLDER)
    train(options.parse_args())


if __name__ == "__main__":
    main()
