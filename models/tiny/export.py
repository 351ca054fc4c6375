"""Write the language model and its projector as GGUF files that llama.cpp loads."""

import argparse
from collections.abc import Mapping
from pathlib import Path

import gguf
import numpy as np
import numpy.typing as npt
from shape import TEXT, VISION
from vocabulary import CONTROLS, MARKERS, UNKNOWN, Vocabulary, build_vocabulary

Weights = Mapping[str, npt.NDArray[np.float32]]

HERE = Path(__file__).parent
FOLDER = HERE.parent.parent / "localaik" / "llama" / "tiny"


def write_text_model(path: Path, weights: Weights, *, half: bool = True) -> None:
    """Write the language model; matrices as 16-bit floats if ``half``."""
    writer = gguf.GGUFWriter(path, "gemma3")
    writer.add_name("localaik tiny")
    writer.add_description("A trained test double for localaik; not a capable model.")
    writer.add_license("Apache-2.0")
    writer.add_context_length(TEXT.context)
    writer.add_embedding_length(TEXT.width)
    writer.add_block_count(TEXT.layers)
    writer.add_feed_forward_length(TEXT.feed_forward)
    writer.add_head_count(TEXT.heads)
    writer.add_head_count_kv(TEXT.key_heads)
    writer.add_key_length(TEXT.head_size)
    writer.add_value_length(TEXT.head_size)
    writer.add_layer_norm_rms_eps(TEXT.epsilon)
    writer.add_rope_freq_base(TEXT.rope_base)
    writer.add_sliding_window(TEXT.window)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_F16 if half else gguf.LlamaFileType.ALL_F32)
    _add_vocabulary(writer, build_vocabulary())
    _add_tensors(writer, weights, half=half)
    _finish(writer)


def write_projector(path: Path, weights: Weights, *, half: bool = False) -> None:
    """Write the picture encoder and projector."""
    writer = gguf.GGUFWriter(path, "clip")
    writer.add_name("localaik tiny vision")
    writer.add_bool("clip.has_vision_encoder", True)
    writer.add_string("clip.projector_type", "gemma3")
    writer.add_uint32("clip.vision.image_size", VISION.image)
    writer.add_uint32("clip.vision.patch_size", VISION.patch)
    writer.add_uint32("clip.vision.embedding_length", VISION.width)
    writer.add_uint32("clip.vision.feed_forward_length", VISION.feed_forward)
    writer.add_uint32("clip.vision.projection_dim", TEXT.width)
    writer.add_uint32("clip.vision.block_count", VISION.blocks)
    writer.add_uint32("clip.vision.attention.head_count", VISION.heads)
    writer.add_float32("clip.vision.attention.layer_norm_epsilon", VISION.epsilon)
    writer.add_uint32("clip.vision.projector.scale_factor", VISION.merge)
    writer.add_array("clip.vision.image_mean", [0.5, 0.5, 0.5])
    writer.add_array("clip.vision.image_std", [0.5, 0.5, 0.5])
    writer.add_bool("clip.use_gelu", True)
    _add_tensors(writer, weights, half=half)
    _finish(writer)


def _add_vocabulary(writer: gguf.GGUFWriter, vocabulary: Vocabulary) -> None:
    kinds = [gguf.TokenType.NORMAL] * len(vocabulary)
    for number in range(len(CONTROLS)):
        kinds[number] = gguf.TokenType.CONTROL
    kinds[vocabulary.ids[UNKNOWN]] = gguf.TokenType.UNKNOWN
    for piece in MARKERS:
        kinds[vocabulary.ids[piece]] = gguf.TokenType.USER_DEFINED
    for number in range(vocabulary.first_byte, vocabulary.first_normal):
        kinds[number] = gguf.TokenType.BYTE
    writer.add_tokenizer_model("llama")
    writer.add_tokenizer_pre("default")
    writer.add_token_list([piece.encode() for piece in vocabulary.pieces])
    writer.add_token_scores(vocabulary.scores)
    writer.add_token_types([int(kind) for kind in kinds])
    ids = vocabulary.ids
    writer.add_pad_token_id(ids["<pad>"])
    writer.add_bos_token_id(ids["<bos>"])
    writer.add_eos_token_id(ids["<eos>"])
    writer.add_eot_token_id(ids["<end_of_turn>"])
    writer.add_unk_token_id(ids["<unk>"])
    writer.add_add_bos_token(True)
    writer.add_add_eos_token(False)
    writer.add_add_space_prefix(False)
    writer.add_chat_template((HERE / "template.jinja").read_text(encoding="utf-8"))


def _add_tensors(writer: gguf.GGUFWriter, weights: Weights, *, half: bool) -> None:
    for name, tensor in weights.items():
        matrix = half and tensor.ndim > 1 and "position_embd" not in name
        writer.add_tensor(name, tensor.astype(np.float16 if matrix else np.float32))


def _finish(writer: gguf.GGUFWriter) -> None:
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def random_text_weights(seed: int) -> dict[str, npt.NDArray[np.float32]]:
    """Untrained weights of the language model, by llama.cpp's tensor names."""
    dice = np.random.default_rng(seed)
    width, size = TEXT.width, TEXT.head_size

    def matrix(rows: int, columns: int) -> npt.NDArray[np.float32]:
        return (dice.standard_normal((rows, columns)) * columns**-0.5).astype(np.float32)

    ones = np.ones(width, np.float32)
    # random signs: without them tied embeddings would only repeat the last token
    signs = dice.choice(np.array([-1, 1], np.float32), width)
    weights = {
        "token_embd.weight": matrix(len(build_vocabulary()), width),
        "output_norm.weight": signs,
    }
    for layer in range(TEXT.layers):
        at = f"blk.{layer}."
        weights |= {
            at + "attn_norm.weight": ones,
            at + "attn_q.weight": matrix(TEXT.heads * size, width),
            at + "attn_k.weight": matrix(TEXT.key_heads * size, width),
            at + "attn_v.weight": matrix(TEXT.key_heads * size, width),
            at + "attn_q_norm.weight": np.ones(size, np.float32),
            at + "attn_k_norm.weight": np.ones(size, np.float32),
            at + "attn_output.weight": matrix(width, TEXT.heads * size),
            at + "post_attention_norm.weight": ones,
            at + "ffn_norm.weight": ones,
            at + "ffn_gate.weight": matrix(TEXT.feed_forward, width),
            at + "ffn_up.weight": matrix(TEXT.feed_forward, width),
            at + "ffn_down.weight": matrix(width, TEXT.feed_forward),
            at + "post_ffw_norm.weight": ones,
        }
    return weights


def random_vision_weights(seed: int) -> dict[str, npt.NDArray[np.float32]]:
    """Untrained weights of the picture encoder, by llama.cpp's tensor names."""
    dice = np.random.default_rng(seed)
    width, hidden = VISION.width, VISION.feed_forward

    def matrix(*shape: int) -> npt.NDArray[np.float32]:
        return (dice.standard_normal(shape) * float(np.prod(shape[1:])) ** -0.5).astype(np.float32)

    ones, zeros = np.ones(width, np.float32), np.zeros(width, np.float32)
    weights = {
        "v.patch_embd.weight": matrix(width, 3, VISION.patch, VISION.patch),
        "v.patch_embd.bias": zeros,
        "v.position_embd.weight": matrix(VISION.side**2, width) * 0.1,
        "v.post_ln.weight": ones,
        "v.post_ln.bias": zeros,
        "mm.soft_emb_norm.weight": ones,
        "mm.input_projection.weight": matrix(width, TEXT.width),
    }
    for block in range(VISION.blocks):
        at = f"v.blk.{block}."
        for name in ("attn_q", "attn_k", "attn_v", "attn_out"):
            weights |= {f"{at}{name}.weight": matrix(width, width), f"{at}{name}.bias": zeros}
        for name in ("ln1", "ln2"):
            weights |= {f"{at}{name}.weight": ones, f"{at}{name}.bias": zeros}
        weights |= {
            at + "ffn_up.weight": matrix(hidden, width),
            at + "ffn_up.bias": np.zeros(hidden, np.float32),
            at + "ffn_down.weight": matrix(width, hidden),
            at + "ffn_down.bias": zeros,
        }
    return weights


def main() -> None:
    """Write untrained files: valid for llama.cpp, useful for its plumbing only."""
    options = argparse.ArgumentParser(description=main.__doc__)
    options.add_argument("--folder", type=Path, default=FOLDER)
    options.add_argument("--seed", type=int, default=1)
    chosen = options.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    write_text_model(chosen.folder / "tiny.gguf", random_text_weights(chosen.seed))
    write_projector(chosen.folder / "tiny-mmproj.gguf", random_vision_weights(chosen.seed))


if __name__ == "__main__":
    main()
