"""The memory of a run that fine-tunes: states, gradients, activations and the process."""

import re
from typing import Final

from msgspec.structs import replace

from firstmile.check.counting import counted
from firstmile.check.intent import Intent, Training
from firstmile.check.memory.amount import NONE, Amount, around, between, exactly
from firstmile.check.memory.machine import Devices, devices_of, host_limit, there_of
from firstmile.check.memory.processes import CONTEXT_OF_CUDA, NCCL_OF_A_RANK, PYTHON
from firstmile.check.memory.settings import package
from firstmile.check.memory.sizing import (
    ACTIVATIONS,
    ADAPTER,
    BUFFERS,
    CONTEXT,
    GRADIENTS,
    LOADING,
    LOGITS,
    NCCL,
    OFFLOADED,
    OFFLOADED_STATES,
    PROCESS,
    REFERENCE,
    STATES,
    WEIGHTS,
    Part,
    Place,
    Sizing,
)
from firstmile.check.memory.subject import Subject
from firstmile.check.memory.training import (
    Plan,
    activations,
    buffers,
    checkpoints,
    gradients,
    keeps_a_reference,
    keeps_embeddings_whole,
    lengths,
    logits,
    method_of,
    optimizer_of,
    pages,
    plan_of,
    ranks_of,
    state_bytes,
    trained_numbers,
)
from firstmile.check.releases import older
from firstmile.check.settings import Settings
from firstmile.check.training_sizes import generated_by, hidden_settings, kind_of
from firstmile.facts.environment import Environment
from firstmile.facts.sizes import MIB
from firstmile.facts.snapshot import Snapshot

_MASTER: Final = 4.0
_OF_ADAPTERS: Final = re.compile(r"lora|peft|adapter")
_OF_PAIRS: Final = ("dpo", "orpo", "cpo", "reward")
"""What TRL trains by a chosen and a rejected answer, which it joins to one batch."""
TRAINING: Final = between(0.05, 0.15, 0.6)
"""What a process takes beside its tensors once it trains (measured in docs/memory.md)."""
PEFT: Final = between(0.1, 0.12, 0.3)
"""What importing PEFT adds."""


def size_training(
    subject: Subject, intent: Intent, environment: Environment | None
) -> Sizing | str:
    """Return the memory of a fine-tuning step, or what is missing to know it."""
    if not subject.sizes.hidden or not subject.weights.numbers:
        return "the sizes of the model, which its config does not state"
    if hidden_settings(intent) is not None:
        return "the settings of the file that the command names"
    if _may_train_an_adapter(intent):
        return "whether all weights are trained: the script is named after an adapter, and not read"
    ranks, taken = ranks_of(Snapshot(environment=environment), intent)
    plan = plan_of(intent, ranks)
    devices = devices_of(intent, environment)
    transformers = package(environment, "transformers")
    before = older(transformers, "5")
    fused = None if before is None else not before
    step = _Step(subject, intent, plan, package(environment, "trl"), fused)
    parts = step.parts()
    on_gpu = devices.used and intent.device_map != "cpu"
    device = _device(parts, plan, devices) if on_gpu else None
    host = _host(parts, step, environment, on_gpu, devices)
    return Sizing(
        intent=intent,
        device=device,
        host=host,
        devices=plan.ranks if on_gpu else 0,
        numbers=subject.weights.numbers,
        weights=subject.weights.total,
        context=step.length,
        asked=step.said,
        cache_a_token=0.0,
        there=there_of(intent, devices),
        scheme=subject.scheme.name if subject.scheme else None,
        assumptions=(*step.assumptions(), *(_told(ranks) if taken else ())),
    )


def _may_train_an_adapter(intent: Intent) -> bool:
    """Say whether a script that is not read is called so, where the command says nothing."""
    training = intent.training or Training()
    if training.method is not None or training.lora is not None or intent.engine != "transformers":
        return False
    is_read = any("." in each.name for each in intent.arguments)
    return not is_read and _OF_ADAPTERS.search((intent.script or "").lower()) is not None


def _told(ranks: int) -> tuple[str, ...]:
    """Say over how many processes the training is taken to be spread."""
    return (f"{ranks} processes, one for each visible GPU, since the command names no number",)


class _Step:
    """One training step of one rank."""

    def __init__(
        self, subject: Subject, intent: Intent, plan: Plan, trl: str | None, fused: bool | None
    ) -> None:
        self.subject = subject
        self.trl = trl
        self.intent = intent
        self.plan = plan
        self.training = intent.training or Training()
        self.method = method_of(intent)
        self.length, self.batch, self.said = lengths(intent, subject.sizes)
        self.trained = trained_numbers(intent, subject.sizes, subject.weights.numbers, fused=fused)
        self.recompute = checkpoints(intent)

    @property
    def sides(self) -> int:
        """Texts of a sample that go through the model at once: two where answers are compared."""
        return 2 if self.intent.engine == "trl" and kind_of(self.intent) in _OF_PAIRS else 1

    @property
    def compute_bytes(self) -> float:
        """Bytes of a number in the forward pass: two under mixed precision."""
        mixed = self.training.bf16 is True or self.training.fp16 is True
        default = self.intent.engine == "trl" and self.training.bf16 is None
        return 2.0 if mixed or default or self.plan.master else self.subject.number_bytes

    @property
    def weight_bytes(self) -> float:
        """Bytes of a trained number as it is held: an engine with master copies holds halves."""
        if self.method != "full":
            return 4.0
        return 2.0 if self.plan.master else self.held_bytes

    @property
    def held_bytes(self) -> float:
        """Bytes of a number of the base: LLaMA-Factory trains in full in float32.

        Not with pure_bf16 or BAdam, nor under ZeRO 3 (init_adapter in its model/adapter.py).
        """
        if self.intent.engine != "llama-factory" or self.method != "full":
            return self.subject.number_bytes
        get = Settings(self.training.settings)
        sharded = self.training.deepspeed is not None and self.plan.stage >= 3
        if sharded or get.truth("pure_bf16") or get.truth("use_badam"):
            return self.subject.number_bytes
        return 4.0

    def parts(self) -> list[Part]:
        """Return the parts of a rank, those that offloading moves among them."""
        plan, trained = self.plan, self.trained
        weights = self._weights()
        found = [Part(name=WEIGHTS, amount=weights.times(1 / plan.by_weights))]
        if self.method != "full":
            adapter = Amount(*(each * self.weight_bytes for each in trained))
            found.append(Part(name=ADAPTER, amount=adapter, source="arXiv 2106.09685"))
        if keeps_a_reference(self.intent):
            found.append(Part(name=REFERENCE, amount=weights.times(1 / plan.by_weights)))
        made = gradients(plan, trained, self.weight_bytes)
        found.append(Part(name=GRADIENTS, amount=made, source="arXiv 1910.02054"))
        found.append(Part(name=STATES, amount=self._states(), source="arXiv 1910.02054"))
        tokens = self.length * self.batch * self.sides
        kept = activations(
            self.subject.sizes,
            tokens=tokens,
            length=self.length,
            number_bytes=self.compute_bytes,
            recompute=self.recompute,
            full=self.method == "full",
        )
        kept = self._beyond(kept, made) + self._casts()
        found.append(Part(name=ACTIVATIONS, amount=kept, source="arXiv 2205.05198"))
        found.append(Part(name=LOGITS, amount=self._logits(self._scored() * self.sides)))
        if plan.ranks > 1 or plan.offload_states:
            found.append(Part(name=BUFFERS, amount=buffers(plan, self.compute_bytes)))
        return found

    def _weights(self) -> Amount:
        weights = self.subject.weights.total
        if self.plan.master and self.method == "full":
            return around(self.subject.weights.numbers * 2.0, 1.0, 1.01)
        if self.held_bytes > self.subject.number_bytes:
            return around(self.subject.weights.numbers * self.held_bytes, 1.0, 1.01)
        return weights

    def _states(self) -> Amount:
        low, likely, high = state_bytes(
            optimizer_of(self.intent), 4.0 if self.plan.master else self.weight_bytes
        )
        master = _MASTER if self.plan.master else 0.0
        by = self.plan.by_states
        whole = 0.0
        if keeps_embeddings_whole(self.intent):
            sizes = self.subject.sizes
            whole = (2 * _MASTER - likely) * (sizes.vocabulary or 0) * (sizes.hidden or 0)
        return exactly(whole / by) + Amount(
            self.trained[0] * (low + master) / by,
            self.trained[1] * (likely + master) / by,
            self.trained[2] * (high + master) / by,
        )

    def _beyond(self, kept: Amount, made: Amount) -> Amount:
        """Return activations beyond the gradients that take their place in the backward pass.

        Gradients of the step before are gone by then, unless steps are accumulated or ranks keep
        buckets of them.
        """
        lasting = (self.training.gradient_accumulation_steps or 1) > 1
        if lasting or self.plan.ranks > 1 or self.plan.master:
            return kept
        low, likely = max(kept.low - made.low, 0.0), max(kept.likely - made.likely, 0.0)
        return Amount(low, likely, kept.high)

    def _scored(self) -> int:
        """Return the tokens whose scores are taken: those of the answers, where they are made."""
        generated = generated_by(self.intent)
        return (self.length if generated is None else generated.answer) * self.batch

    def _logits(self, tokens: int) -> Amount:
        """Return the logits of a step; newer releases of TRL take the loss piece by piece."""
        found = logits(self.subject.sizes, tokens, self.compute_bytes)
        if self.intent.engine != "trl":
            return found
        newer = self.trl is not None and not self.trl.startswith("0.")
        return Amount(found.low * 0.05, found.likely * (0.3 if newer else 1.0), found.high)

    def _casts(self) -> Amount:
        """Return the 16-bit copies that autocast makes of float32 weights within a step."""
        if self.compute_bytes >= self.held_bytes or self.plan.master:
            return NONE
        if self.method == "qlora":
            return NONE
        each = self.subject.weights.numbers * self.compute_bytes / self.plan.by_weights
        return around(each, 0.2, 1.0)

    def assumptions(self) -> tuple[str, ...]:
        """Return what was taken where the command says nothing."""
        said = []
        if self.training.per_device_batch_size is None:
            said.append(f"{counted(self.batch, 'sample')} a step and device, the library's default")
        generated = generated_by(self.intent)
        if generated is not None and generated.said and not generated.prompt_said:
            said.append(f"prompts of {generated.prompt} tokens, since the command names no length")
        return tuple(said)


def _device(parts: list[Part], plan: Plan, devices: Devices) -> Place:
    moved = set()
    if plan.offload_states:
        # Gradients go to main memory as they are made (ZeRO-Offload, arXiv 2101.06840, 4.1).
        moved |= {STATES, GRADIENTS} if plan.stage >= 2 else {STATES}
    if plan.offload_weights:
        moved |= {WEIGHTS, GRADIENTS}
    kept = [one for one in parts if one.name not in moved]
    kept.append(Part(name=CONTEXT, amount=CONTEXT_OF_CUDA))
    if plan.ranks > 1:
        kept.append(Part(name=NCCL, amount=NCCL_OF_A_RANK))
    return Place(
        name="each device" if plan.ranks > 1 else "the device",
        parts=tuple(kept),
        limit=devices.free,
        total=devices.total,
        is_gpu=True,
    )


def _host(
    parts: list[Part],
    step: _Step,
    environment: Environment | None,
    on_gpu: bool,
    devices: Devices,
) -> Place:
    limit, total_bytes = host_limit(environment)
    plan = step.plan
    here = max(plan.ranks // max(step.intent.parallel.nodes or 1, 1), 1)
    if not on_gpu:
        base = TRAINING if step.method == "full" else TRAINING + PEFT
        held = [*parts, Part(name=PROCESS, amount=PYTHON + base)]
        found = [replace(one, amount=one.amount.times(here)) for one in held]
        return Place(name="main memory", parts=tuple(found), limit=limit, total=total_bytes)
    found = [Part(name=PROCESS, amount=between(0.8, 2.0, 4.0).times(here))]
    by_name = {one.name: one.amount for one in parts}
    if plan.offload_states:
        count = step.trained[1] * here / plan.by_states
        found.append(
            Part(
                name=OFFLOADED_STATES,
                amount=around(count * 16.0, 0.95, 1.3),
                source="arXiv 2101.06840",
            )
        )
    if plan.offload_weights:
        found.append(Part(name=OFFLOADED, amount=by_name[WEIGHTS].times(here)))
    if pages(step.training.optimizer):
        found.append(Part(name=OFFLOADED_STATES, amount=Amount(0, 0, by_name[STATES].high)))
    found.append(Part(name=LOADING, amount=_loading(step, here)))
    return Place(name="main memory", parts=tuple(found), limit=limit, total=total_bytes)


def _loading(step: _Step, processes: int) -> Amount:
    """Return what ranks hold of the model in main memory while they load it.

    Without a device map each rank builds the whole model there before it moves it; ZeRO 3 and
    FSDP may load on one rank alone, quantized models go to the device piece by piece.
    """
    weights = step.subject.weights.total.likely
    if step.method == "qlora" or step.intent.device_map is not None:
        return around(max(512.0 * MIB, weights * 0.05), 0.1, 4.0)
    if step.plan.stage >= 3:
        return Amount(weights * 0.1, weights, weights * processes)
    return around(weights * processes, 0.9, 1.1)
