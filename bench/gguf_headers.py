"""Headers of GGUF files of published models.

Metadata, names and shapes are those that llama.cpp asks for (src/llama-arch.cpp and src/models),
which refuses a file with a tensor too many, too few or of another shape. Matrices are stored in
one number type, vectors in F32, as llama-quantize stores them.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from bench.gguf_forms import QKV, Form, form_of
from bench.gguf_writing import ALIGNMENT, NUMBERS, Header, Laid
from firstmile.facts.model_folder.architecture import Architecture, read_architecture, text_config


def header_of(config: Mapping[str, Any], dtype: str) -> Header:
    """Return the header of a model with its matrices in a number type."""
    form = form_of(config)
    if form is None:
        raise KeyError(config["model_type"])
    layout = _Layout(config, form, dtype)
    return Header(
        settings=layout.settings(),
        tensors=tuple(layout.tensors()),
        tokens=layout.sizes.vocabulary or 0,
    )


class _Layout:
    """The parts of one model's header."""

    def __init__(self, config: Mapping[str, Any], form: Form, dtype: str) -> None:
        self.form, self.dtype = form, dtype
        self.text = text_config(config)
        self.sizes: Architecture = read_architecture(config)
        self.hidden = self.sizes.hidden or 0
        self.layers = self.sizes.layers or 0
        self.heads = self.sizes.heads or 0
        self.kv_heads = self.sizes.kv_heads or self.heads
        self.width = self.sizes.head_width or 0
        self.inner = self.sizes.feed_forward or 4 * self.hidden
        self.further = 1 if form.name == "glm4moe" else 0

    def settings(self) -> dict[str, Any]:
        """Return the metadata of the architecture."""
        sizes, form = self.sizes, self.form
        epsilon = "layer_norm_epsilon" if self._eps_is_centered() else "layer_norm_rms_epsilon"
        rope = int(self.width * float(self.text.get("partial_rotary_factor", 1.0)))
        said: dict[str, Any] = {
            "vocab_size": sizes.vocabulary or 0,
            "context_length": sizes.positions or 2048,
            "embedding_length": self.hidden,
            "block_count": self.layers + self.further,
            "feed_forward_length": self.inner,
            "attention.head_count": self.heads,
            "attention.head_count_kv": self.kv_heads,
            "attention.key_length": self.width,
            "attention.value_length": self.width,
            f"attention.{epsilon}": 1e-5,
            "rope.dimension_count": rope,
            "rope.freq_base": float(sizes.rope_theta or 10000.0),
            **form.settings,
        }
        if sizes.window and form.name in ("gemma2", "gemma3", "gpt-oss", "cohere2", "phi3"):
            said["attention.sliding_window"] = sizes.window
        said |= self._of_experts() | self._of_latents() | self._of_states()
        if self.further:
            said["nextn_predict_layers"] = self.further
        return {
            "general.architecture": form.name,
            "general.alignment": ALIGNMENT,
            **{f"{form.name}.{name}": value for name, value in said.items()},
            "tokenizer.ggml.model": "none",
        }

    def _eps_is_centered(self) -> bool:
        return self.form.centered or self.form.name in ("command-r", "cohere2", "olmo")

    def _of_experts(self) -> dict[str, Any]:
        experts = self.sizes.experts
        if experts is None:
            return {}
        said: dict[str, Any] = {
            "expert_count": experts.routed,
            "expert_used_count": experts.chosen or 1,
            "expert_feed_forward_length": experts.width or 0,
        }
        if self.form.name in ("deepseek2", "glm4moe"):
            said["expert_shared_count"] = experts.shared
            said["leading_dense_block_count"] = len(experts.dense_layers)
        if self.form.name in ("qwen2moe", "qwen3next"):
            said["expert_shared_feed_forward_length"] = experts.shared_width or 0
        if self.form.name == "llama4":
            said["interleave_moe_layer_step"] = self.text["interleave_moe_layer_step"]
        return said

    def _of_latents(self) -> dict[str, Any]:
        mla = self.sizes.latent
        if mla is None:
            return {}
        said: dict[str, Any] = {
            "attention.head_count_kv": 1,
            "attention.kv_lora_rank": mla.kv_rank,
            "attention.key_length": mla.kv_rank + mla.rope_width,
            "attention.value_length": mla.kv_rank,
            "attention.key_length_mla": mla.nope_width + mla.rope_width,
            "attention.value_length_mla": mla.value_width,
            "rope.dimension_count": mla.rope_width,
        }
        if mla.query_rank:
            said["attention.q_lora_rank"] = mla.query_rank
        return said

    def _of_states(self) -> dict[str, Any]:
        if self.form.name != "qwen3next":
            return {}
        text = self.text
        return {
            "full_attention_interval": text["full_attention_interval"],
            "ssm.conv_kernel": text["linear_conv_kernel_dim"],
            "ssm.state_size": text["linear_key_head_dim"],
            "ssm.group_count": text["linear_num_key_heads"],
            "ssm.time_step_rank": text["linear_num_value_heads"],
            "ssm.inner_size": text["linear_value_head_dim"] * text["linear_num_value_heads"],
        }

    def tensors(self) -> Iterator[Laid]:
        """Yield all tensors."""
        sizes, form = self.sizes, self.form
        vocabulary = sizes.vocabulary or 0
        yield self._matrix("token_embd", self.hidden, vocabulary)
        if form.name == "gpt2":
            yield self._vector("position_embd", self.hidden, sizes.positions or 0)
        if form.name == "bloom":
            yield from self._norm("token_embd_norm")
        if form.last_norm:
            yield from self._norm("output_norm")
        has_head = form.head if form.head is not None else sizes.tied is not True
        if has_head:
            yield self._matrix("output", self.hidden, vocabulary)
        if "output" in form.biases:
            yield self._vector("output", vocabulary, suffix="bias")
        for layer in range(self.layers + self.further):
            for each in self._block(layer):
                yield Laid(f"blk.{layer}.{each.name}", each.shape, each.dtype)

    def _block(self, layer: int) -> Iterator[Laid]:
        for norm in self.form.norms:
            yield from self._norm(norm)
        if self.form.name == "falcon" and self.text.get("new_decoder_architecture"):
            yield from self._norm("attn_norm_2")
        if self.sizes.latent is not None:
            yield from self._latent_attention()
        elif layer in self.sizes.linear_layers:
            yield from self._states()
        else:
            yield from self._attention()
        experts = self.sizes.experts
        if experts is not None and layer not in experts.dense_layers:
            yield from self._experts()
        else:
            yield from self._feed_forward()
        if layer >= self.layers:
            yield self._matrix("nextn.eh_proj", 2 * self.hidden, self.hidden)
            for norm in ("enorm", "hnorm", "shared_head_norm"):
                yield self._vector(f"nextn.{norm}", self.hidden)

    def _attention(self) -> Iterator[Laid]:
        form = self.form
        queries, keys = self.heads * self.width, self.kv_heads * self.width
        if form.fused:
            yield from self._linear("attn_qkv", self.hidden, queries + 2 * keys)
        else:
            doubled = 2 if form.name == "qwen3next" else 1
            biased = form.biases or (QKV if self.text.get("attention_bias") is True else ())
            for name, width in zip(QKV, (doubled * queries, keys, keys), strict=True):
                yield self._matrix(name, self.hidden, width)
                if name in biased:
                    yield self._vector(name, width, suffix="bias")
        yield from self._linear("attn_output", queries, self.hidden)
        per_head = (self.width,)
        if form.head_norms:
            yield self._vector("attn_q_norm", *per_head)
            yield self._vector("attn_k_norm", *per_head)
        elif form.whole_heads:
            yield self._vector("attn_q_norm", queries)
            yield self._vector("attn_k_norm", keys)
        elif form.name == "command-r" and self.text.get("use_qk_norm") is True:
            yield self._vector("attn_q_norm", self.width, self.heads)
            yield self._vector("attn_k_norm", self.width, self.kv_heads)
        if form.name == "gpt-oss":
            yield self._vector("attn_sinks", self.heads)

    def _latent_attention(self) -> Iterator[Laid]:
        mla = self.sizes.latent
        if mla is None:
            return
        queries = self.heads * (mla.nope_width + mla.rope_width)
        if mla.query_rank:
            yield self._vector("attn_q_a_norm", mla.query_rank)
            yield self._matrix("attn_q_a", self.hidden, mla.query_rank)
            yield self._matrix("attn_q_b", mla.query_rank, queries)
        else:
            yield self._matrix("attn_q", self.hidden, queries)
        yield self._vector("attn_kv_a_norm", mla.kv_rank)
        yield self._matrix("attn_kv_a_mqa", self.hidden, mla.kv_rank + mla.rope_width)
        yield self._matrix("attn_k_b", mla.nope_width, mla.kv_rank, self.heads)
        yield self._matrix("attn_v_b", mla.kv_rank, mla.value_width, self.heads)
        yield self._matrix("attn_output", self.heads * mla.value_width, self.hidden)

    def _states(self) -> Iterator[Laid]:
        text = self.text
        keys = text["linear_num_key_heads"] * text["linear_key_head_dim"]
        heads = text["linear_num_value_heads"]
        values = heads * text["linear_value_head_dim"]
        yield self._matrix("attn_qkv", self.hidden, 2 * keys + values)
        yield self._matrix("attn_gate", self.hidden, values)
        yield self._vector("ssm_conv1d", text["linear_conv_kernel_dim"], 2 * keys + values)
        yield self._vector("ssm_dt", heads, suffix="bias")
        yield Laid("ssm_a", (heads,), "F32")
        yield self._matrix("ssm_ba", self.hidden, 2 * heads)
        yield self._vector("ssm_norm", text["linear_value_head_dim"])
        yield self._matrix("ssm_out", values, self.hidden)

    def _feed_forward(self) -> Iterator[Laid]:
        gate = self.form.gate
        if gate == "own":
            yield self._matrix("ffn_gate", self.hidden, self.inner)
        yield from self._linear("ffn_up", self.hidden, self.inner * (2 if gate == "fused" else 1))
        yield from self._linear("ffn_down", self.inner, self.hidden)

    def _experts(self) -> Iterator[Laid]:
        experts = self.sizes.experts
        if experts is None:
            return
        count, width = experts.routed, experts.width or 0
        yield self._vector("ffn_gate_inp", self.hidden, count)
        yield self._matrix("ffn_gate_exps", self.hidden, width, count)
        yield self._matrix("ffn_down_exps", width, self.hidden, count)
        yield self._matrix("ffn_up_exps", self.hidden, width, count)
        if "experts" in self.form.biases:
            yield self._vector("ffn_gate_inp", count, suffix="bias")
            for name, of in (("gate", width), ("down", self.hidden), ("up", width)):
                yield self._vector(f"ffn_{name}_exps", of, count, suffix="bias")
        if self.form.name == "glm4moe" or self.text.get("topk_method") == "noaux_tc":
            yield self._vector("exp_probs_b", count, suffix="bias")
        shared = (experts.shared_width or 0) * experts.shared
        if shared:
            yield self._matrix("ffn_gate_shexp", self.hidden, shared)
            yield self._matrix("ffn_down_shexp", shared, self.hidden)
            yield self._matrix("ffn_up_shexp", self.hidden, shared)
        if self.form.name in ("qwen2moe", "qwen3next"):
            yield self._vector("ffn_gate_inp_shexp", self.hidden)

    def _linear(self, name: str, into: int, out: int) -> Iterator[Laid]:
        yield self._matrix(name, into, out)
        if name in self.form.biases:
            yield self._vector(name, out, suffix="bias")

    def _norm(self, name: str) -> Iterator[Laid]:
        yield self._vector(name, self.hidden)
        if self.form.centered:
            yield self._vector(name, self.hidden, suffix="bias")

    def _matrix(self, name: str, *shape: int) -> Laid:
        fits = shape[0] % NUMBERS[self.dtype][1] == 0
        return Laid(f"{name}.weight", shape, self.dtype if fits else "F16")

    def _vector(self, name: str, *shape: int, suffix: str = "weight") -> Laid:
        return Laid(f"{name}.{suffix}", shape, "F32")
