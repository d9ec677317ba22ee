"""What a training step holds on one device beside the weights.

States: mixed precision with Adam takes 2 + 2 + 12 bytes a parameter, and ZeRO divides the
states, then the gradients, then the parameters by the number of ranks (Rajbhandari et al., arXiv
1910.02054, section 3 and figure 1). Activations: s b h (34 + 5 a s / h) bytes a layer in 16 bits,
2 s b h with full recomputation (Korthikanti et al., arXiv 2205.05198, equations 2 and 5);
flash attention drops the second term. Adafactor: arXiv 1804.04235; 8-bit Adam: 2110.02861;
LoRA: 2106.09685; Muon keeps one momentum (Jordan 2024), and Adam for vectors; Adam-mini one moment
(2406.16793); BAdam the states of one block (2404.02827).
"""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from firstmile.check.intent import Intent, Training
from firstmile.check.memory.amount import Amount, around, exactly
from firstmile.check.memory.settings import zero
from firstmile.check.ranks import count_of_visible
from firstmile.check.settings import Settings
from firstmile.check.training_sizes import generated_by, kind_of, processes_of, settings_of
from firstmile.facts.model_folder.architecture import Architecture
from firstmile.facts.sizes import GIB
from firstmile.facts.snapshot import Snapshot

BATCH: Final = 8
"""`per_device_train_batch_size` where nothing is said (TrainingArguments in transformers)."""
SFT_LENGTH: Final = 1024
"""`max_length` where nothing is said (SFTConfig in TRL)."""
RANK: Final = 8
"""`r` where nothing is said (LoraConfig in PEFT)."""

_SWITCHES: Final = {
    "use_galore": "galore_adamw",
    "use_apollo": "apollo_adamw",
    "use_adam_mini": "adam_mini",
    "use_muon": "muon",
    "use_badam": "badam",
}
"""LLaMA-Factory's settings that choose an optimizer, by the names of those that do the same."""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """How the states of a training lie on `ranks` devices.

    `stage` is ZeRO's, with FSDP's full sharding as 3 and its sharding of gradients as 2.
    `master` says that an engine keeps float32 copies of the weights.
    """

    ranks: int
    stage: int
    master: bool
    offload_states: bool
    offload_weights: bool
    reduces: bool

    @property
    def by_weights(self) -> int:
        """Ranks that weights are divided by."""
        return self.ranks if self.stage >= 3 else 1

    @property
    def by_gradients(self) -> int:
        """Ranks that gradients are divided by."""
        return self.ranks if self.stage >= 2 else 1

    @property
    def by_states(self) -> int:
        """Ranks that optimizer states are divided by."""
        return self.ranks if self.stage >= 1 else 1


def ranks_of(snapshot: Snapshot, intent: Intent) -> tuple[int, bool]:
    """Return over how many processes a training is spread, and whether that was taken by us.

    Where neither the command nor its launcher tells, one that shards takes all visible GPUs.
    """
    nodes = max(intent.parallel.nodes or 1, 1)
    count = processes_of(snapshot, intent)
    if count is None and intent.parallel.data:
        count = intent.parallel.data * nodes
    if count is not None:
        return max(count, 1), intent.parallel.processes is None and count > nodes
    training = intent.training or Training()
    if training.deepspeed is None and training.fsdp is None:
        return 1, False
    return max(count_of_visible(snapshot, intent) or 1, 1) * nodes, True


def plan_of(intent: Intent, ranks: int) -> Plan:
    """Return how states are spread, by DeepSpeed's JSON, FSDP's settings, or not at all."""
    training = intent.training or Training()
    if training.deepspeed is not None:
        part = zero(training.deepspeed)
        stage = part.get("stage")
        return Plan(
            ranks=ranks,
            stage=stage if isinstance(stage, int) else 0,
            master=training.bf16 is True or training.fp16 is True or _half(training.deepspeed),
            offload_states=_offloads(part, "offload_optimizer"),
            offload_weights=_offloads(part, "offload_param"),
            reduces=ranks > 1,
        )
    if training.fsdp is not None and ranks > 1:
        return Plan(
            ranks=ranks,
            stage=_fsdp_stage(training.fsdp),
            master=False,
            offload_states=_fsdp_offloads(training.fsdp),
            offload_weights=_fsdp_offloads(training.fsdp),
            reduces=False,
        )
    return Plan(
        ranks=ranks,
        stage=0,
        master=False,
        offload_states=False,
        offload_weights=False,
        reduces=ranks > 1,
    )


def _half(deepspeed: Mapping[str, Any]) -> bool:
    for name in ("bf16", "fp16"):
        part = deepspeed.get(name)
        if isinstance(part, Mapping) and part.get("enabled") in (True, "auto"):
            return True
    return False


def _offloads(part: Mapping[str, Any], name: str) -> bool:
    said = part.get(name)
    return isinstance(said, Mapping) and said.get("device") in ("cpu", "nvme")


def _fsdp_stage(fsdp: Mapping[str, Any]) -> int:
    """Return the ZeRO stage that FSDP's sharding is like: `--fsdp` or accelerate's settings."""
    options = str(fsdp.get("options", "")).lower().split()
    said = str(
        fsdp.get("fsdp_sharding_strategy")
        or fsdp.get("sharding_strategy")
        or fsdp.get("fsdp_reshard_after_forward")
        or next((one for one in options if "shard" in one), "full_shard")
    ).upper()
    if said in ("NO_SHARD", "3"):
        return 0
    return 2 if said in ("SHARD_GRAD_OP", "2", "FALSE") else 3


def _fsdp_offloads(fsdp: Mapping[str, Any]) -> bool:
    said = fsdp.get("fsdp_offload_params", fsdp.get("offload_params"))
    return str(said).lower() == "true" or "offload" in str(fsdp.get("options", "")).split()


def state_bytes(optimizer: str | None, number_bytes: float) -> tuple[float, float, float]:
    """Return bytes of optimizer states a trained number: low, likely, high.

    torch keeps Adam's two moments in the number type of the weights.
    """
    name = (optimizer or "adamw_torch").lower()
    if "8bit" in name or "8_bit" in name or "bnb_8" in name:
        return (2.0, 2.03, 2.3)
    if "4bit" in name:
        return (1.0, 1.1, 1.4)
    if "adafactor" in name or "came" in name:
        return (0.01, 0.05, number_bytes)
    if "muon" in name:
        return (number_bytes, number_bytes * 1.1, number_bytes * 1.5)
    if name.startswith("sgd"):
        return (0.0, 0.0, number_bytes)
    if "lion" in name:
        return (number_bytes, number_bytes, number_bytes)
    if "adam_mini" in name:
        return (number_bytes, 1.05 * number_bytes, 2 * number_bytes)
    if "badam" in name:
        return (0.02 * number_bytes, 0.1 * number_bytes, 0.5 * number_bytes)
    if "galore" in name or "apollo" in name:
        return (0.1 * number_bytes, 0.5 * number_bytes, number_bytes)
    return (2 * number_bytes, 2 * number_bytes, 2 * number_bytes)


def optimizer_of(intent: Intent) -> str | None:
    """Return the optimizer by its name, or by the switch that LLaMA-Factory has for it."""
    training = intent.training or Training()
    if intent.engine == "llama-factory":
        get = Settings(training.settings)
        for switch, name in _SWITCHES.items():
            if get.truth(switch):
                return name
    return training.optimizer


def keeps_embeddings_whole(intent: Intent) -> bool:
    """Say whether states of embeddings stay in 32 bits: the Trainer sees to it with bitsandbytes.

    Source: `register_module_override` in trainer.py of transformers.
    """
    name = (optimizer_of(intent) or "").lower()
    return ("8bit" in name or "bnb_8" in name) and method_of(intent) == "full"


def keeps_a_reference(intent: Intent) -> bool:
    """Say whether a frozen copy of the model is held beside the one that is trained.

    DPO and KTO compare with it (DPOTrainer and KTOTrainer in TRL); an adapter that is switched off
    takes its place.
    """
    if intent.engine != "trl" or method_of(intent) != "full":
        return False
    if settings_of(intent).truth("precompute_ref_log_probs"):
        return False
    return kind_of(intent) in ("dpo", "kto")


def pages(optimizer: str | None) -> bool:
    """Say whether an optimizer's states may leave the device (bitsandbytes' paged ones)."""
    return "paged" in (optimizer or "").lower()


def method_of(intent: Intent) -> str:
    """Return "full", "lora" or "qlora"; TRL heeds settings of an adapter with --use_peft alone."""
    training = intent.training
    if training and training.method:
        return training.method
    if training and training.lora is not None and intent.engine != "trl":
        return "qlora" if intent.load_in_bits == 4 else "lora"
    return "full"


def trained_numbers(
    intent: Intent, sizes: Architecture, numbers: int, *, fused: bool | None = None
) -> tuple[float, float, float]:
    """Return how many numbers are trained: low, likely, high.

    LoRA adds r (in + out) a matrix. PEFT takes the query and value matrices where no modules
    are named for Llama's kin, and every linear layer for "all-linear": with the experts of
    transformers 4, which are layers each; from 5 on they are `fused` into parameters, which PEFT
    passes over. None is where the version is not known.
    """
    if method_of(intent) == "full":
        return (numbers, numbers, numbers)
    training = intent.training or Training()
    lora = training.lora
    rank = (lora.rank if lora else None) or RANK
    hidden, layers = sizes.hidden or 0, sizes.layers or 0
    wide = (sizes.heads or 0) * (sizes.head_width or 0)
    narrow = (sizes.kv_heads or 0) * (sizes.head_width or 0)
    sums = {
        "q": hidden + wide,
        "k": hidden + narrow,
        "v": hidden + narrow,
        "o": hidden + wide,
        "gate": 0,
        "up": 0,
        "down": 0,
    }
    named = lora.target_modules if lora else ()
    if any(one in ("all-linear", "all_linear", "all") for one in named):
        chosen = set(sums)
    else:
        chosen = {key for key in sums for one in named if one.startswith(key)}
        chosen = chosen or ({"q", "v"} if not named else set(sums))
    likely = float(rank * layers * sum(sums[key] for key in chosen))
    matrices = len(chosen & {"gate", "up", "down"})
    dense, experts = _within(sizes)
    likely += rank * matrices * dense
    saved = lora.modules_to_save if lora else ()
    likely += sum(
        (sizes.vocabulary or 0) * hidden for one in saved if "emb" in one or "head" in one
    )
    more = 0.0 if fused else float(rank * matrices * experts)
    return (likely * 0.9 + (more if fused is False else 0.0), likely + more, 1.3 * (likely + more))


def _within(sizes: Architecture) -> tuple[int, int]:
    """Return in + out of a matrix, added up: of feed-forward parts of all tokens, of experts."""
    hidden, layers, experts = sizes.hidden or 0, sizes.layers or 0, sizes.experts
    wide = hidden + (sizes.feed_forward or 4 * hidden)
    if experts is None:
        return layers * wide, 0
    dense = len(experts.dense_layers)
    sparse = layers - dense
    shared = hidden + experts.shared * (experts.shared_width or 0) if experts.shared else 0
    return dense * wide + sparse * shared, sparse * experts.routed * (hidden + (experts.width or 0))


def lengths(intent: Intent, sizes: Architecture) -> tuple[int, int, bool]:
    """Return tokens a sample, samples a step, and whether the length was said."""
    training = intent.training or Training()
    generated = generated_by(intent)
    said = training.max_length or intent.context
    length = said or (SFT_LENGTH if intent.engine == "trl" else 2048)
    if generated is not None:
        said = generated.tokens if generated.said else None
        length = generated.tokens
    if sizes.positions:
        length = min(length, sizes.positions) if not said else length
    default = BATCH if intent.engine in ("trl", "transformers", "deepspeed", None) else 1
    batch = training.per_device_batch_size or intent.batch_size or default
    return length, batch, said is not None


def checkpoints(intent: Intent) -> bool:
    """Say whether activations are recomputed: TRL does so unless told not to (SFTConfig)."""
    training = intent.training or Training()
    if training.gradient_checkpointing is not None:
        return training.gradient_checkpointing
    return intent.engine == "trl"


def activations(
    sizes: Architecture,
    *,
    tokens: int,
    length: int,
    number_bytes: float,
    recompute: bool,
    full: bool,
) -> Amount:
    """Return the bytes of activations that wait for the backward pass.

    A layer keeps, in numbers a token: inputs of the two norms and their results, queries, keys,
    values and what attention gives, and four times the width of the feed-forward part (gate,
    up, what the activation gives, their product): equation 2 of arXiv 2205.05198 counted for
    gated layers, without dropout. Norms keep a copy in float32. Where only adapters are
    trained, frozen matrices need not keep their inputs.
    """
    hidden, layers = sizes.hidden or 0, sizes.layers or 1
    wide = (sizes.heads or 0) * (sizes.head_width or 0)
    narrow = (sizes.kv_heads or 0) * (sizes.head_width or 0)
    within = _width_within(sizes)
    numbers = 6 * hidden + 2 * wide + 2 * narrow + 4 * within
    one = tokens * (numbers * number_bytes + 2 * hidden * 4)
    scores = 2 * (sizes.heads or 0) * tokens * length * number_bytes
    shrink = 1.0 if full else 0.75
    if recompute:
        kept = layers * tokens * hidden * number_bytes
        return Amount(kept + 0.5 * one * shrink, kept + 1.3 * one, 1.1 * kept + 2.5 * one + scores)
    return Amount(0.7 * layers * one * shrink, layers * one, layers * (1.4 * one + 0.3 * scores))


def _width_within(sizes: Architecture) -> int:
    experts = sizes.experts
    if experts is None:
        return sizes.feed_forward or 4 * (sizes.hidden or 0)
    chosen = (experts.chosen or 1) * (experts.width or 0)
    return chosen + experts.shared * (experts.shared_width or 0)


def logits(sizes: Architecture, tokens: int, number_bytes: float) -> Amount:
    """Return the logits of all tokens, their float32 copy, and the gradients of both.

    transformers takes the loss in float32 (loss/loss_utils.py). Fused losses avoid it all.
    """
    each = tokens * (sizes.vocabulary or 0)
    return Amount(each * 4.0, each * (number_bytes + 8.0), each * (2 * number_bytes + 12.0))


def gradients(plan: Plan, trained: tuple[float, float, float], number_bytes: float) -> Amount:
    """Return gradients, with the buckets that ranks reduce them in (as large again under DDP)."""
    each = max(number_bytes, 2.0)
    low, likely, high = (count * each / plan.by_gradients for count in trained)
    if plan.reduces and plan.stage == 0:
        likely, high = likely * 2, high * 2
    return Amount(low, likely, high)


def buffers(plan: Plan, number_bytes: float) -> Amount:
    """Return what ZeRO and FSDP hold beside: buckets of 5e8 numbers, layers that are gathered."""
    if plan.ranks == 1 and not plan.offload_states:
        return exactly(0)
    if plan.stage in (1, 2):
        return around(2 * 5e8 * number_bytes, 0.3, 1.5)
    if plan.stage == 3:
        return around(1.5 * GIB, 0.4, 2.5)
    return exactly(0)
