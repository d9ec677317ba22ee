"""What can be turned in a run that fine-tunes."""

from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from firstmile.check.changing.flags import ANSWERS, Edit
from firstmile.check.changing.knobs import Bench, Level, Turn, flag_of, nice_lengths, turned
from firstmile.check.changing.losses import Loss
from firstmile.check.counting import counted
from firstmile.check.intent import Intent, Lora, Training
from firstmile.check.memory.training import checkpoints, lengths, method_of
from firstmile.check.training_sizes import Generated, generated_by

SHORTEST_SAMPLE: Final = 256
SHORTEST_ANSWER: Final = 128
_FULL_SHARD: Final = "full_shard auto_wrap"


def training_knobs(bench: Bench) -> Iterator[tuple[str, list[Level]]]:
    """Yield what can be turned in a run that fine-tunes, by name."""
    yield "checkpointing", _checkpointing(bench)
    yield "batch", _batch(bench)
    yield "sharding", _sharding(bench)
    yield "length", _length(bench)
    yield "optimizer", _optimizer(bench)
    yield "dtype", _dtype(bench)
    yield "adapter", _adapter(bench)


def _trained(intent: Intent) -> Training:
    return intent.training or Training()


def _checkpointing(bench: Bench) -> list[Level]:
    flag = flag_of(bench, "checkpointing")
    if flag is None or checkpoints(bench.intent):
        return []
    return [
        Level(
            turn=lambda intent: replace(
                intent, training=replace(_trained(intent), gradient_checkpointing=True)
            ),
            edits=(Edit(flag=flag, value="True"),),
            loss=Loss.SOME_SPEED,
            words="recompute activations",
        )
    ]


def _batch(bench: Bench) -> list[Level]:
    flag, steps = flag_of(bench, "batch"), flag_of(bench, "accumulation")
    if flag is None or steps is None:
        return []
    _, batch, _ = lengths(bench.intent, bench.subject.sizes)
    now = _trained(bench.intent).gradient_accumulation_steps or 1
    found = []
    size = batch
    while size > 2 and size % 2 == 0:
        size //= 2
        more = now * (batch // size)
        found.append(
            Level(
                turn=_with_batch(size, more),
                edits=(Edit(flag=flag, value=str(size)), Edit(flag=steps, value=str(more))),
                loss=Loss.SOME_SPEED,
                words=f"take {size} samples at a time and add up {counted(more, 'step')}",
            )
        )
    if size > 1:
        found.append(
            Level(
                turn=_with_batch(1, now * batch),
                edits=(Edit(flag=flag, value="1"), Edit(flag=steps, value=str(now * batch))),
                loss=Loss.SOME_SPEED,
                words=f"take one sample at a time and add up {counted(now * batch, 'step')}",
            )
        )
    return found


def _with_batch(size: int, steps: int) -> Turn:
    return lambda intent: replace(
        intent,
        training=replace(
            _trained(intent), per_device_batch_size=size, gradient_accumulation_steps=steps
        ),
    )


def _sharding(bench: Bench) -> list[Level]:
    """Return FSDP's full sharding, where several processes each hold everything.

    Quantized weights are left out: sharding them asks for a storage type of its own.
    """
    flag, training = flag_of(bench, "sharding"), _trained(bench.intent)
    is_whole = training.deepspeed is None and training.fsdp is None
    if flag is None or not is_whole or bench.sizing.devices < 2 or bench.subject.scheme is not None:
        return []
    return [
        Level(
            turn=lambda intent: replace(
                intent, training=replace(_trained(intent), fsdp={"options": _FULL_SHARD})
            ),
            edits=(Edit(flag=flag, value=_FULL_SHARD),),
            loss=Loss.SOME_SPEED,
            words="shard weights, gradients and states over the processes (FSDP)",
        )
    ]


def _length(bench: Bench) -> list[Level]:
    flag = flag_of(bench, "length")
    if flag is None:
        return []
    generated = generated_by(bench.intent)
    if generated is not None:
        return _answers(generated)
    now, _, asked = lengths(bench.intent, bench.subject.sizes)
    loss = Loss.CONTEXT if asked else Loss.CONTEXT_NOBODY_ASKED_FOR
    most = bench.subject.sizes.positions or now
    within = [most] if SHORTEST_SAMPLE <= most < now else []
    return [
        Level(
            turn=_with_length(each),
            edits=(Edit(flag=flag, value=str(each)),),
            loss=loss,
            words=f"cut samples at {each:,} tokens",
        )
        for each in (*within, *nice_lengths(min(now, most), SHORTEST_SAMPLE))
    ]


def _answers(generated: Generated) -> list[Level]:
    return [
        Level(
            turn=_with_answers(each),
            edits=(Edit(flag=ANSWERS, value=str(each)),),
            loss=Loss.CONTEXT if generated.said else Loss.CONTEXT_NOBODY_ASKED_FOR,
            words=f"cut answers at {each:,} tokens",
        )
        for each in nice_lengths(generated.answer, SHORTEST_ANSWER)
    ]


def _with_answers(tokens: int) -> Turn:
    def turn(intent: Intent) -> Intent:
        training = _trained(intent)
        settings = {**training.settings, "max_completion_length": tokens}
        return replace(intent, training=replace(training, settings=settings))

    return turn


def _with_length(tokens: int) -> Turn:
    return lambda intent: replace(intent, training=replace(_trained(intent), max_length=tokens))


def _optimizer(bench: Bench) -> list[Level]:
    flag = flag_of(bench, "optimizer")
    said = (_trained(bench.intent).optimizer or "adamw_torch").lower()
    if flag is None or "adam" not in said or "8bit" in said or method_of(bench.intent) != "full":
        return []
    return [
        Level(
            turn=lambda intent: replace(
                intent, training=replace(_trained(intent), optimizer="adamw_bnb_8bit")
            ),
            edits=(Edit(flag=flag, value="adamw_bnb_8bit"),),
            loss=Loss.PRECISION_OF_THE_OPTIMIZER,
            words="keep the optimizer's states in 8 bits",
        )
    ]


def _dtype(bench: Bench) -> list[Level]:
    flag = flag_of(bench, "dtype")
    if flag is None or bench.subject.number_bytes <= 2 or (bench.capability or 0) < 8.0:
        return []
    loss = Loss.PRECISION_OF_WEIGHTS
    if method_of(bench.intent) != "full":
        is_kept = bench.subject.sizes.dtype in ("bfloat16", "torch.bfloat16")
        loss = Loss.WIDER_NUMBERS_THAN_THE_FILES if is_kept else Loss.SOME_SPEED
    return [
        Level(
            turn=turned(dtype="bfloat16"),
            edits=(Edit(flag=flag, value="bfloat16"),),
            loss=loss,
            words="load the weights in bfloat16",
        )
    ]


def _adapter(bench: Bench) -> list[Level]:
    flag, four = flag_of(bench, "adapter"), flag_of(bench, "four_bits")
    method = method_of(bench.intent)
    if flag is None or four is None or method == "qlora" or bench.subject.scheme is not None:
        return []
    found = []
    if method == "full":
        found.append(
            Level(
                turn=_with_method("lora"),
                edits=(Edit(flag=flag, value=None),),
                loss=Loss.WEIGHTS_THAT_ARE_TRAINED,
                words="train an adapter (LoRA)",
            )
        )
    edits = [Edit(flag=four, value=None)]
    if method == "full":
        edits.insert(0, Edit(flag=flag, value=None))
    found.append(
        Level(
            turn=_with_method("qlora"),
            edits=tuple(edits),
            loss=Loss.WEIGHTS_THAT_ARE_TRAINED
            if method == "full"
            else Loss.MUCH_PRECISION_OF_WEIGHTS,
            words="train an adapter on weights in 4 bits (QLoRA)",
        )
    )
    return found


def _with_method(method: str) -> Turn:
    def turn(intent: Intent) -> Intent:
        training = _trained(intent)
        lora = training.lora or Lora(rank=16)
        return replace(
            intent,
            load_in_bits=4 if method == "qlora" else intent.load_in_bits,
            training=replace(training, method=method, lora=lora),
        )

    return turn
