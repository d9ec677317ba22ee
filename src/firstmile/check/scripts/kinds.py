"""Calls of scripts sorted by what they are for, and what all calls of a kind agree on."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import msgspec

from firstmile.check.intent import Argument
from firstmile.check.scripts.calls import Call
from firstmile.check.scripts.filled import ARGUMENTS, OF_TRL
from firstmile.check.scripts.literals import UNREAD
from firstmile.check.unknown_words import shown

_MODELS: Final = re.compile(
    r"Auto(?:Peft)?Model\w*|FastLanguageModel|FastModel|GPTQModel"
    r"|\w+ForCausalLM|\w+LMHeadModel|\w+ForConditionalGeneration"
)
OWN_LOADERS: Final = ("AutoGPTQForCausalLM", "AutoAWQForCausalLM", "GPTQModel")
"""Classes that load and quantize by themselves, beside transformers."""
_TOKENIZERS: Final = re.compile(r"\w*Tokenizer(?:Fast)?|AutoProcessor")
_TRAINERS: Final = re.compile(rf"(?:Seq2Seq)?Trainer|{OF_TRL.pattern}Trainer")
_OTHER_TRAINERS: Final = ("lightning.", "pytorch_lightning.")
"""Libraries whose Trainer is not the one of transformers."""
_SERVERS: Final = {
    "vllm.LLM": "vllm",
    "vllm.EngineArgs": "vllm",
    "vllm.AsyncEngineArgs": "vllm",
    "sglang.Engine": "sglang",
    "llama_cpp.Llama": "llama.cpp",
}
_OTHERS: Final = ("mlx_lm.load", "mlx_lm.utils.load", "mlx_vlm.load")
"""Loaders of other libraries, of which no more than the model is read."""
_LIBRARIES: Final = ("transformers.", "trl.")
_REPLACING: Final = "unsloth."
"""A library that puts trainers of its own in the place of TRL's: they take older arguments."""
FOREIGN: Final = "class of a script"
NOTHING: Final = "None"
"""Value of an argument that a call is given as None."""
_BY_PLACE: Final = 2
"""Arguments of a trainer that may be given by their places: its model and settings."""


class Kind(msgspec.Struct):
    """Calls of one kind, and what all of them agree on.

    `strict` says that one under a test counts for nothing, rather than for one of several.
    """

    calls: list[Call] = msgspec.field(default_factory=list)
    strict: bool = False

    @property
    def counted(self) -> list[Call]:
        """The calls that are made: none where the only one may not be."""
        sure = [each for each in self.calls if not each.maybe]
        if sure or (len(self.calls) > 1 and not self.strict):
            return self.calls
        return []

    def agreed(self) -> dict[str, Any]:
        """Return what each call states alike; UNREAD where they differ, or it is no literal."""
        calls = self.counted
        found: dict[str, Any] = {}
        for name in dict.fromkeys(name for each in calls for name in each.named):
            values = [each.named.get(name, UNREAD) for each in calls]
            same = all(type(one) is type(values[0]) and one == values[0] for one in values)
            found[name] = values[0] if same else UNREAD
        return found

    def first(self, *names: str) -> Any:
        """Return the text that all calls have as first argument, or by a name.

        UNREAD where it is no literal or they differ, None where nothing is given.
        """
        values = []
        for each in self.counted:
            named = next((each.named[name] for name in names if name in each.named), None)
            values.append(each.positional[0] if each.positional else named)
        if all(each is None for each in values):
            return None
        same = all(isinstance(each, str) and each == values[0] for each in values)
        return values[0] if same else UNREAD

    @property
    def is_open(self) -> bool:
        """Whether a call takes more than is written out (`**more`)."""
        return any(each.open for each in self.counted)


class Sorted(msgspec.Struct):
    """The calls of a script by their kinds, and notes on what of them is not read."""

    path: str
    models: Kind = msgspec.field(default_factory=Kind)
    tokenizers: Kind = msgspec.field(default_factory=Kind)
    pipelines: Kind = msgspec.field(default_factory=Kind)
    arguments: Kind = msgspec.field(default_factory=Kind)
    trainers: Kind = msgspec.field(default_factory=Kind)
    recomputing: Kind = msgspec.field(default_factory=lambda: Kind(strict=True))
    quantizations: Kind = msgspec.field(default_factory=lambda: Kind(strict=True))
    loras: Kind = msgspec.field(default_factory=lambda: Kind(strict=True))
    generations: Kind = msgspec.field(default_factory=lambda: Kind(strict=True))
    configs: Kind = msgspec.field(default_factory=lambda: Kind(strict=True))
    samplings: Kind = msgspec.field(default_factory=lambda: Kind(strict=True))
    adapters: Kind = msgspec.field(default_factory=lambda: Kind(strict=True))
    wrapped: Kind = msgspec.field(default_factory=lambda: Kind(strict=True))
    data: Kind = msgspec.field(default_factory=lambda: Kind(strict=True))
    responses: Kind = msgspec.field(default_factory=lambda: Kind(strict=True))
    templated: Kind = msgspec.field(default_factory=lambda: Kind(strict=True))
    others: Kind = msgspec.field(default_factory=lambda: Kind(strict=True))
    servers: dict[str, Kind] = msgspec.field(default_factory=dict)
    notes: list[str] = msgspec.field(default_factory=list)
    replaces_trainers: bool = False

    def take(self, call: Call) -> None:
        """Put a call to its kind; one that nobody knows is passed over."""
        last, owner = call.last, call.owner
        self.replaces_trainers |= call.name.startswith(_REPLACING)
        kind: Kind | None = None
        if last in ("from_pretrained", "from_quantized"):
            kind = self._loader(owner)
        elif call.name in _SERVERS:
            kind = self.servers.setdefault(_SERVERS[call.name], Kind())
        elif last == "HuggingFaceLLM" or call.name in _OTHERS:
            kind = self.others
        elif call.name == "transformers.pipeline":
            kind = self.pipelines
        elif any(ARGUMENTS.fullmatch(each) for each in call.kin):
            kind = self.arguments
        elif _is_trainer(call):
            kind = self.trainers
        else:
            kind = {
                "SamplingParams": self.samplings,
                "BitsAndBytesConfig": self.quantizations,
                "prepare_model_for_kbit_training": self.recomputing,
                "prepare_model_for_int8_training": self.recomputing,
                "gradient_checkpointing_enable": self.recomputing,
                "LoraConfig": self.loras,
                "get_peft_model": self.wrapped,
                "DataCollatorForCompletionOnlyLM": self.responses,
                "apply_chat_template": self.templated,
                "load_dataset": self.data,
                "generate": self.generations,
                "chat": self.generations,
                "chat_stream": self.generations,
                "GenerationConfig": self.configs,
            }.get(last)
        if kind is not None:
            kind.calls.append(call)

    def of_trl(self) -> bool:
        """Say whether a class of TRL's trains, or one that is made from such."""
        trains = (*self.arguments.calls, *self.trainers.calls)
        return any(OF_TRL.match(one) for each in trains for one in each.kin)

    def _loader(self, owner: str) -> Kind | None:
        if owner == "PeftModel":
            return self.adapters
        if _TOKENIZERS.fullmatch(owner):
            return self.tokenizers
        return self.models if _MODELS.fullmatch(owner) else None

    def note(self, kind: Kind, said: Mapping[str, Any], names: Iterable[str]) -> None:
        """Name the settings of a kind of call that were no literals, or not the same in all."""
        for name in names:
            stating = [each for each in kind.calls if name in each.named]
            if said.get(name) is UNREAD and stating:
                literal = any(each.named[name] is not UNREAD for each in stating)
                why = "not the same in all calls" if literal else "no literal"
                self.say(stating[0], f"{name} is {why}")
        if kind.is_open:
            self.say(kind.calls[0], "it takes more than is written out")
        if kind.calls and not kind.counted:
            self.say(kind.calls[0], "it may not be called")

    def say(self, call: Call, what: str) -> None:
        """Note what of a call is not read."""
        name = f"{call.owner}.{call.last}" if call.owner not in ("", "?") else call.last
        self.notes.append(shown(f"{name} in line {call.line} of {self.path} ({what})"))

    def uses(self) -> Iterator[Argument]:
        """Yield what the code does that checks ask for, as arguments of the command.

        Their names are those of the calls: "apply_chat_template", "SFTTrainer.max_seq_length". What
        LoraConfig is given stands as JSON, so that a text can be told from a list. "SFTTrainer" by
        itself says that all it is given is written out by name, FOREIGN that a class of such a name
        is not the one of transformers or TRL.
        """
        for call in self.templated.calls[:1]:
            if not call.maybe and "chat_template" not in call.named:
                where = f"apply_chat_template in line {call.line} of {self.path}"
                yield Argument(written=where, name="apply_chat_template", value="")
        for call in self.models.counted[:1]:
            if call.owner in OWN_LOADERS:
                where = f"{call.owner} in line {call.line} of {self.path}"
                yield Argument(written=where, name=call.owner, value="")
            elif call.owner.startswith("AutoPeftModel"):
                where = f"{call.owner} in line {call.line} of {self.path}"
                yield Argument(written=where, name="AutoPeftModel", value="")
        for call in self.pipelines.counted[:1]:
            task = call.positional[0] if call.positional else call.named.get("task")
            where = f"pipeline in line {call.line} of {self.path}"
            yield Argument(
                written=where, name="pipeline", value=task if isinstance(task, str) else ""
            )
        for call in self.loras.counted[:1]:
            for name, value in call.named.items():
                where = f"LoraConfig({name}=...) in line {call.line} of {self.path}"
                written = "" if value is UNREAD else json.dumps(value, default=str)
                yield Argument(written=where, name=f"LoraConfig.{name}", value=written)
        for call in self.generations.counted[:1]:
            if call.last == "generate":
                yield from self._generating(call)
        for call in (
            *self.trainers.counted[:1],
            *self.arguments.counted[:1],
        ):
            yield from self._given(call)

    def _given(self, call: Call) -> Iterator[Argument]:
        """Yield what a trainer or the class of its arguments is given."""
        where = f"{call.last} in line {call.line} of {self.path}"
        if call.bases or self.replaces_trainers or not call.name.startswith(_LIBRARIES):
            yield Argument(written=where, name=FOREIGN, value=call.last)
        elif not call.open and len(call.positional) <= _BY_PLACE:
            yield Argument(written=where, name=call.last, value="")
        for name, value in call.named.items():
            where = f"{call.last}({name}=...) in line {call.line} of {self.path}"
            said = NOTHING if value is None else ""
            yield Argument(written=where, name=f"{call.last}.{name}", value=said)

    def _generating(self, call: Call) -> Iterator[Argument]:
        """Yield what `generate` is given; "generate" itself only where that is all written out."""
        where = f"generate in line {call.line} of {self.path}"
        if not call.open:
            yield Argument(written=where, name="generate", value="")
        for name in ("inputs",) * bool(call.positional) + tuple(call.named):
            yield Argument(written=where, name=f"generate.{name}", value="")


def _is_trainer(call: Call) -> bool:
    """Tell a trainer by its name, by its class's bases, or by the `args` that it is given."""
    if call.name.startswith(_OTHER_TRAINERS):
        return False
    if any(_TRAINERS.fullmatch(each) for each in call.kin):
        return True
    return call.last.endswith("Trainer") and {"args", "model"} <= call.named.keys()
