"""Python scripts are read by their calls: literals count, the rest is said to be unread."""

import shlex
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstmile.check.command import Reading, read_command
from firstmile.check.intent import Action, Intent
from firstmile.check.scripts.calls import read_script
from firstmile.check.scripts.kinds import FOREIGN
from firstmile.check.scripts.literals import UNREAD
from firstmile.check.scripts.reading import NO_LENGTH
from firstmile.check.training_sizes import UNREAD_TRAINING, trains_unread
from firstmile.facts.machine import UnreadableError


def read(script: str, command: str = "python x.py", **files: str) -> Intent:
    """Return what a command intends that starts a script of this text."""
    typed = Reading(command=command, expects={}, files={"x.py": script, **files}).typed
    intent = read_command(typed)
    assert intent is not None
    return intent


def named(script: str, call: str) -> dict[str, Any]:
    """Return the arguments by name of the one call of this name."""
    (found,) = [each for each in read_script(script).calls if each.last == call]
    return dict(found.named)


LOAD = "from transformers import AutoModelForCausalLM as A\n"


def test_a_name_counts_where_it_is_bound_once() -> None:
    assert named("X = 3\nf(a=X)", "f") == {"a": 3}
    for more in ("X = 4", "X += 1", "for X in y: pass", "def g(X): pass", "import X"):
        assert named(f"X = 3\n{more}\nf(a=X)", "f") == {"a": UNREAD}, more


def test_a_table_that_is_changed_later_is_no_literal() -> None:
    assert named("K = {'a': 1}\nf(**K)", "f") == {"a": 1}
    assert named("K = {'a': 1}\nK['a'] = 2\nf(**K)", "f") == {}
    assert named("K = {'a': 1}\nK.update(a=2)\nf(**K)", "f") == {}


def test_sums_and_number_types_of_torch_are_literals() -> None:
    script = "import torch\nf(a=2 * 1024, b='x' + 'y', c=torch.float16, d=-1e-5, e=2 ** 999999999)"
    assert named(script, "f") == {"a": 2048, "b": "xy", "c": "float16", "d": -1e-5, "e": UNREAD}


def test_flags_of_argparse_are_put_in_with_their_defaults() -> None:
    script = (
        "import argparse\nfrom vllm import LLM\np = argparse.ArgumentParser()\n"
        "p.add_argument('--tp', type=int, default=2)\np.add_argument('-m', '--model-path')\n"
        "p.add_argument('--eager', action='store_true')\n"
        "p.add_argument('--share', type=as_share, default='x')\nargs, rest = p.parse_known_args()\n"
        "LLM(args.model_path, tensor_parallel_size=args.tp, enforce_eager=args.eager)\n"
    )
    intent = read(script, "python x.py -m ./m --eager")
    assert (intent.engine, intent.model, intent.parallel.tensor) == ("vllm", "./m", 2)
    assert intent.cuda_graphs is False
    assert intent.unread == ()
    assert read(script, "python x.py -m m --tp 8").parallel.tensor == 8
    unclear = script.replace("args.tp", "args.share")
    assert read(unclear, "python x.py -m m").engine is None


def test_a_setting_that_decides_and_is_no_literal_leaves_the_engine_open() -> None:
    known = read(LOAD + "A.from_pretrained('m', torch_dtype='auto')")
    assert (known.engine, known.action, known.dtype) == ("transformers", Action.LOAD, "auto")
    for unclear in ("torch_dtype=t", "device_map=d()", "**more", "device_map={'x.y': 0}"):
        intent = read(LOAD + f"A.from_pretrained('m', {unclear})")
        assert (intent.engine, intent.action, intent.model) == (None, None, "m"), unclear


def test_calls_that_contradict_each_other_say_what_they_agree_on() -> None:
    script = LOAD + (
        "if x():\n    A.from_pretrained('m', torch_dtype='auto', trust_remote_code=True)\n"
        "else:\n    A.from_pretrained('m', torch_dtype='float16', trust_remote_code=True)\n"
    )
    intent = read(script)
    assert (intent.model, intent.dtype, intent.engine) == ("m", None, None)
    assert intent.trust_remote_code is True
    assert any("not the same" in each for each in intent.unread)


def test_what_may_not_run_does_not_count() -> None:
    call = "A.from_pretrained('m', torch_dtype='float16')"
    for around in ("if x(): {}", "def unused(): {}", "try: pass\nexcept E: {}"):
        assert read(LOAD + around.format(call)).dtype is None, around
    for around in ("if True: {}", "def main(): {}\nmain()", "if __name__ == '__main__': {}"):
        assert read(LOAD + around.format(call)).dtype == "float16", around
    assert read(f"{LOAD}F = False\nif F: {call}").model is None


def test_half_behind_a_load_is_its_number_type() -> None:
    assert read(LOAD + "m = A.from_pretrained('m').half().cuda()").dtype == "float16"
    assert read(LOAD + "m = A.from_pretrained('m', bf16=True).eval()").dtype == "bfloat16"


def test_a_quantization_made_elsewhere_belongs_to_the_load() -> None:
    script = LOAD + (
        "from transformers import BitsAndBytesConfig\n"
        "q = BitsAndBytesConfig(load_in_4bit=True, bnb_4bit_compute_dtype=t)\n"
        "A.from_pretrained('m', quantization_config=q, device_map={'': 0})\n"
    )
    intent = read(script)
    assert (intent.load_in_bits, intent.device_map, intent.engine) == (4, "cuda:0", "transformers")
    other = read(LOAD + "A.from_pretrained('m', quantization_config=q)")
    assert (other.load_in_bits, other.engine) == (None, None)


def test_a_training_counts_its_code_before_the_flags() -> None:
    script = (
        "from transformers import Trainer, TrainingArguments\n"
        "from peft import LoraConfig, get_peft_model\n"
        + LOAD
        + "m = get_peft_model(A.from_pretrained('m', load_in_8bit=True), LoraConfig(r=4))\n"
        "args = TrainingArguments(output_dir=o, learning_rate=3e-4, fp16=True, optim='adamw_torch')"
        "\nTrainer(model=m, args=args, train_dataset=d).train()\n"
    )
    intent = read(script, "python x.py --learning_rate 1")
    training = intent.training
    assert training is not None
    assert (intent.action, intent.engine, intent.model) == (Action.FINE_TUNE, "transformers", "m")
    assert (training.learning_rate, training.fp16, training.method) == (3e-4, True, "lora")
    assert (training.lora.rank if training.lora else None, intent.load_in_bits) == (4, 8)
    assert "--learning_rate 1" in intent.unread
    unclear = read(script.replace("fp16=True", "fp16=fast"))
    assert (unclear.engine, unclear.training, unclear.model) == (None, None, "m")
    assert any("fp16 is no literal" in each for each in unclear.unread)
    rate = read(script.replace("learning_rate=3e-4", "learning_rate=r()"))
    assert (rate.engine, rate.training and rate.training.learning_rate) == ("transformers", None)
    assert any("learning_rate is no literal" in each for each in rate.unread)
    assert trains_unread(unclear)
    assert not trains_unread(intent)


def test_a_launcher_reads_the_script_that_it_starts() -> None:
    script = "from transformers import TrainingArguments\n" + LOAD
    script += "A.from_pretrained('m')\nTrainingArguments('o', bf16=True)\n"
    intent = read(script, "torchrun --nproc_per_node 2 x.py")
    assert intent.parallel.processes == 2
    assert intent.training is not None
    assert intent.training.bf16 is True


def test_other_engines_of_python_are_read_as_their_commands() -> None:
    gguf = read("from llama_cpp import Llama\nLlama(model_path='m.gguf', n_gpu_layers=-1)")
    assert (gguf.engine, gguf.model, gguf.gpu_layers, gguf.context) == (
        "llama.cpp",
        "m.gguf",
        -1,
        512,
    )
    sgl = read("import sglang as sgl\nsgl.Engine(model_path='m', tp_size=2)")
    assert (sgl.engine, sgl.model, sgl.parallel.tensor) == ("sglang", "m", 2)


def test_a_pipeline_is_a_load_and_generates() -> None:
    script = "from transformers import pipeline\nimport torch\npipeline('text-generation', "
    script += "model='m', device=-1, model_kwargs={'torch_dtype': torch.bfloat16}, top_p=0.9)"
    intent = read(script)
    assert (intent.action, intent.model, intent.dtype) == (Action.GENERATE, "m", "bfloat16")
    assert (intent.device_map, intent.sampling.top_p) == ("cpu", 0.9)


def test_a_criterion_of_length_is_a_length_of_answers() -> None:
    start = "m = AutoModelForCausalLM.from_pretrained('x')\nm.generate(i"
    without, with_it = (
        read(start + ")\n"),
        read(start + ", stopping_criteria=[MaxLengthCriteria(9)])"),
    )
    assert NO_LENGTH in {each.name for each in without.arguments}
    assert NO_LENGTH not in {each.name for each in with_it.arguments}


def test_what_the_code_calls_is_among_the_arguments() -> None:
    intent = read(LOAD + "A.from_pretrained('m')\ntok.apply_chat_template(messages)")
    assert [each.name for each in intent.arguments] == ["apply_chat_template"]


def test_a_script_without_calls_that_are_known_is_read_as_before() -> None:
    intent = read("print(1)", "python x.py --output_dir o --own 1")
    assert intent.training is not None
    assert "--own 1" in intent.unread


@pytest.mark.parametrize("text", ["def f(:", "\0", "(" * 5_000, "x = " + "-" * 50_000 + "1"])
def test_what_is_no_python_is_said(text: str) -> None:
    intent = read(text)
    assert intent.action is None
    assert any("x.py" in each for each in intent.unread)


def test_a_script_beyond_any_use_is_refused() -> None:
    with pytest.raises(UnreadableError):
        read_script("x = 1\n" * 100_000)


def test_names_of_names_of_tables_cost_no_time() -> None:
    lines = ["a0 = (1, 1)", *(f"a{n} = (a{n - 1}, a{n - 1})" for n in range(1, 29)), "f(x=a28)"]
    began = time.perf_counter()
    assert named("\n".join(lines), "f") == {"x": UNREAD}
    assert time.perf_counter() - began < 10


@given(
    st.text(max_size=60),
    st.lists(
        st.sampled_from(
            [
                LOAD,
                "A.from_pretrained(m, torch_dtype=torch.float16, **k)\n",
                "from vllm import LLM, SamplingParams\n",
                "LLM('m', hf_overrides={'a': {1: (2,)}}, seed=None)\n",
                "SamplingParams(stop=('a', 1), temperature='hot')\n",
                "import argparse\np = argparse.ArgumentParser()\nargs = p.parse_args()\n",
                "p.add_argument('--x', nargs='+', default=[1])\nf(args.x)\n",
                "if 1 > 2:\n  A.from_pretrained('q')\nelse:\n  A.from_pretrained()\n",
                "TrainingArguments(*a, fp16='yes', deepspeed={'a': f})\n",
                "class M(TrainingArguments, M):\n  lora_r: 'List[int]' = field(default_factory=f)\n"
                "a, b = HfArgumentParser((M, N)).parse_args_into_dataclasses()[0]\n",
                "a = HfArgumentParser(M).parse_args_into_dataclasses()[-1]\na.fp16 = a.lora_r\n",
                "x = torch.half if a.fp16 in (1, None) and not a.b else getattr(torch, a.c)\n",
                "LoraConfig(r='8', target_modules='.*')\nSFTTrainer(model='m', packing=1)\n",
                "m.generate(i, **k)\npipeline('text-generation')(x)\nm.generate(input_ids=i)\n",
                "LoraConfig(target_modules=['.*', f(), 1e999], use_dora=g)\n",
                "match x:\n  case {'a': b, **r}: A.from_pretrained('m').half()\n",
                "k = {1: 2, **x}\nk.y = 3\n(lambda: LLM())()\nx = y = 2\nimport os\n",
                "os.environ['A'] = 'b'\nos.environ[f()] = 1\nos.environ['A=b'] = 'c'\n",
            ]
        ),
        max_size=8,
    ),
)
def test_no_script_breaks_the_reader(word: str, parts: list[str]) -> None:
    intent = read("".join(parts), f"python x.py {shlex.quote(word)}")
    assert isinstance(intent.unread, tuple)
    read(word + "".join(parts))


def test_a_class_of_the_scripts_own_is_told_from_the_librarys() -> None:
    def names(script: str) -> set[str]:
        found = (each for each in read(script).arguments if each.name != UNREAD_TRAINING)
        return {f"{each.name} {each.value}".strip() for each in found}

    library = names("from transformers import Trainer\nTrainer(m, a, eval_dataset=None)")
    assert library == {"Trainer", "Trainer.eval_dataset None"}
    own = names("from transformers import Trainer as T\nclass Trainer(T): pass\nTrainer(m, a)")
    assert own == {f"{FOREIGN} Trainer"}
    other = names("from setfit import TrainingArguments\nTrainingArguments(bf16=True)")
    assert f"{FOREIGN} TrainingArguments" in other
    assert names("from transformers import Trainer\nTrainer(**k)") == set()
