"""A person's words are told from what programs and models write, in English and in Chinese."""

import pytest

from firstmile import diagnose
from firstmile.diagnose.complaining import (
    asks_for_something_new,
    complains,
    ends_vaguely,
    says_all_is_well,
)
from firstmile.diagnose.hypotheses import NOTHING_FAILED, SEVERAL_CAUSES
from firstmile.diagnose.library_words import is_library_sentence
from firstmile.diagnose.passing_on import is_passed_on
from firstmile.diagnose.reading import Line, read_lines

ENDS_WELL = "{'loss': 1.9, 'epoch': 0.5}\n{'train_runtime': 88.1, 'train_loss': 1.8}"


def lines_of(text: str) -> tuple[Line, ...]:
    return tuple(read_lines(text))


@pytest.mark.parametrize(
    "text",
    [
        'I get 0.8 tok/s with Qwen2.5-32B on an RTX 3060 by device_map="auto". Why so slow?',
        "Qwen2.5-7B, loss=0.0 after 10 steps, lr=2e-5, bs=4. What am I doing wrong?",
        "why is my model slow?",
        "loss 一直为0",
        "训练时 grad_norm 是nan",
        "模型加载慢",
        "输出乱码",
        "A request with tools comes back with `content` null and finish_reason length, each time.",
        "There is no reasoning in the answers of my R1 distillation, they are bad at algebra.",
        "With json mode on, vLLM 0.7 sends only blanks and newlines until max_tokens.",
        "LoRA of a 13B model needs 41 s/it on one A100, utilisation is 15%, images come by NFS.",
        "On a Mac the model writes 2 tokens per minute, swap grows to 22GB.",
        "A decoder-only architecture is being used, but right-padding was detected!\n"
        "The shorter answers of a batch are gibberish.",
        "time=2025-01-03T09:11:00Z level=INFO source=gpu.go:1 msg=none\n"
        "time=2025-01-03T09:11:01Z level=INFO source=gpu.go:9 msg=looking\n"
        "time=2025-01-03T09:11:02Z level=INFO source=gpu.go:9 msg=done\n"
        "it uses 100% CPU although I have a 4090",
    ],
)
def test_a_remark_is_a_complaint(text: str) -> None:
    assert complains(lines_of(text), known=False)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Do you want to continue? [Y/n]",
        "Loading checkpoint shards: 100%. 4/4 [00:05<00:00,  1.30s/it]",
        "模型加载完成",
        "损失为0.35",
        "INFO 11-28 10:11:20 [api_server.py:1896] vLLM is up. Nothing failed so far.",
        "[10:11:12] Server has started. It is not in debug mode.",
        "# A tool for models\n\nIt says why a run failed, and only then what to do about it.",
        "User: why does my model repeat the answer again and again?",
    ],
)
def test_what_is_not_said_of_a_failure_is_none(text: str) -> None:
    assert not complains(lines_of(text), known=False)


@pytest.mark.parametrize(
    "text",
    [
        "You should probably TRAIN this model on a down-stream task to be able to use it.",
        "Running this sequence through the model may lead to indexing errors",
        "Detected kernel version 4.19, which is below the recommended minimum of 5.5.0.",
        "We strongly recommend passing in an `attention_mask` since your input may be padded.",
        "`use_cache=True` is incompatible with gradient checkpointing. It is switched off.",
        "The argument is deprecated and cannot be used in the next release.",
        "To disable this warning, you can either:",
    ],
)
def test_a_sentence_of_a_library_is_no_persons(text: str) -> None:
    assert is_library_sentence(text)
    assert not complains(lines_of(f"{text}\n{{'loss': 1.0, 'epoch': 0.1}}"), known=False)
    assert not is_library_sentence(f"I read: {text}")


def test_what_a_model_wrote_below_a_warning_is_no_complaint() -> None:
    warning = "Special tokens have been added in the vocabulary, make sure they are trained.\n"
    wrote = "Bears do not sleep all winter, they only rest, and never for more than a month.\n"
    assert not complains(lines_of(warning + wrote), known=False)
    assert complains(lines_of(warning + "The output is nonsense, whatever I ask.\n"), known=False)


def test_above_a_log_that_ends_well_only_plain_words_are_a_complaint() -> None:
    unknown = "The widget cannot be shown here, only its text is printed to the screen.\n"
    assert not complains(lines_of(unknown + ENDS_WELL), known=True, ends_well=True)
    for said in (
        "After this run the answers are worse than those of the base model.\n",
        "The tuned model answers nothing but newlines whatever it is asked\n\n",
        "微调之后模型的回答全是英文\n",
    ):
        assert complains(lines_of(said + ENDS_WELL), known=False, ends_well=True)


def test_where_something_known_is_hinted_at_no_word_of_complaint_is_needed() -> None:
    lines = lines_of('AWQ of 8B on vLLM 0.6 gives "!!!!" each time. The same prompt works in bf16.')
    assert complains(lines, known=True)
    assert not complains(lines, known=False)


@pytest.mark.parametrize(
    "text", ["The weather is nice today and I had lunch.", "hello, my dog is sick"]
)
def test_who_speaks_of_himself_complains_only_where_machines_or_models_are_met(text: str) -> None:
    assert not complains(lines_of(text), known=False, has_clues=False)
    assert diagnose(text).abstained == NOTHING_FAILED
    about = lines_of("I get answers in Chinese from Qwen2.5-7B with vLLM on two cards here.")
    assert complains(about, known=False, has_clues=True)


def test_a_wish_is_told_from_a_failure() -> None:
    wish = "Please add support for Mamba 3 in the next release, it would be great. Any plan?"
    assert asks_for_something_new(lines_of(wish))
    assert diagnose(wish).abstained == NOTHING_FAILED
    assert not asks_for_something_new(lines_of(f"{wish} Now it fails with a KeyError."))


@pytest.mark.parametrize(
    "text",
    [
        "solved: my CUDA driver was too old",
        "Thanks, vLLM works now after I took the newest transformers.",
        "I tuned Qwen2.5-7B on 4 GPUs, the loss is 0.9 and the answers are good.",
        "谢谢，升级 transformers 以后可以了",
    ],
)
def test_who_tells_that_all_is_well_does_not_complain(text: str) -> None:
    assert says_all_is_well(lines_of(text))
    assert diagnose(text).abstained == NOTHING_FAILED
    assert not says_all_is_well(lines_of(f"{text} But then it hangs at the first prompt."))


def test_a_long_page_that_explains_errors_reports_none() -> None:
    parts = "".join(
        f"\n## Part {number}\n\n`RuntimeError: CUDA error: device-side assert triggered`\n"
        "It is seen where labels are out of bounds, and is never the fault of a driver.\n"
        for number in range(6)
    )
    assert diagnose(f"# Handbook\n{parts}").abstained == NOTHING_FAILED
    asked = "Why do I get this with my labels from 0 to 9?"
    assert diagnose(f"# Labels\n\n{asked}\n{parts}").abstained is None
    shown = "RuntimeError: CUDA error: device-side assert triggered"
    assert diagnose(f"# Labels\n{parts}\n{shown}\n").abstained is None


def test_who_says_only_that_it_does_not_work_is_asked_for_more() -> None:
    vague = "The model does not work any more since the update. Please help me, I tried a lot."
    assert ends_vaguely(lines_of(vague), ("version",))
    assert diagnose(vague).abstained == SEVERAL_CAUSES
    assert not ends_vaguely(lines_of(vague), ("version", "slow"))
    assert not ends_vaguely(lines_of(f"{vague} It is vLLM 0.8."), ("version",))


@pytest.mark.parametrize(
    "text",
    [
        "INFO [logger.py:43] Received request c-1: prompt: 'what is SIGKILL?', params: None",
        'data: {"choices":[{"delta":{"content":"killed"}}]}',
        'sample 3: {"instruction": "Mend this: KeyError"}',
        "Assistant: a segmentation fault is an access to memory that is not yours.",
        "tests/test_memory.py::test_out_of_memory_is_caught PASSED",
        "If `KeyError: 'glm4'` appears, upgrade transformers.",
        "- [ ] handle CUDA out of memory in the evaluation",
        "#12  CUDA out of memory in eval      bug   about 2 days ago",
        "src/load.py:12:    raise RuntimeError('CUDA out of memory')",
        "--- PASS: TestOutOfMemory (0.01s)",
        "[00:04.000 --> 00:09.000]  The kernel kills the process, and you see only Killed.",
        "如果出现 `CUDA out of memory`，请减小 `--max-model-len`。",
        '{"src": "The process was killed.", "tgt": "进程被杀死了。"}',
        "助手：显存不足（CUDA out of memory）是指 GPU 的显存不够用。",
    ],
)
def test_what_somebody_else_wrote_is_passed_on(text: str) -> None:
    assert is_passed_on(text)
    assert diagnose(text).abstained == NOTHING_FAILED
    assert not is_passed_on("tests/test_load.py:12: AssertionError")
    assert not is_passed_on("RuntimeError: CUDA error: an illegal memory access was encountered")


@pytest.mark.parametrize(
    "text",
    [
        "**What happened?**\n\nOur server stops after about an hour and requests wait for ever.\n\n"
        "**Version**\n\nvLLM 0.6.4\n",
        "epoch: 3, batch: 4, steps: 100 and the loss of my 7B model does not fall at all",
        "Qwen2.5 | vLLM 0.6 | the answers are always wrong",
        "训练到一半卡住，一直无法完成",
        "转换成功 3 个，失败 5 个，怎么办？",
        "结果：推理很慢",
        "**What happened?**\n\nThe 8B model in 4 bit answers each prompt with the same sentence.\n",
        "# Crash when exporting to GGUF\n\nThe converter stops with `KeyError: q_norm`.\n",
        "警告：显存不足，进程被终止",
        "- [x] I searched the issues\n- [x] newest version\n\n"
        "The 8B model answers in the middle of a sentence and stops with finish_reason length.\n",
        "**Bug**\n1. vllm serve Qwen/Qwen2.5-7B\n2. send it\n\n"
        "The request never returns and the card is at full load.\n",
        "**描述问题**\n\n微调以后模型的回答停不下来。\n\n**环境**\n\n- transformers 4.41\n",
        "#### 起始日期\n_No response_\n\n#### 当前行为\n模型加载特别慢，7B 要二十分钟\n",
        "Generation with a 7B model takes 3 minutes per answer on an A100.\n",
        "Inference takes 40 seconds per token. nvidia-smi shows 0% utilization and no process.\n",
    ],
)
def test_what_stands_in_a_form_or_tells_of_minutes_is_a_complaint(text: str) -> None:
    assert complains(lines_of(text), known=False)
    assert diagnose(text).abstained != NOTHING_FAILED


def test_words_in_chinese_below_a_log_are_a_complaint_where_they_tell_of_figures() -> None:
    log = "INFO 11-28 10:11:12 e.py:2] Initializing\nINFO:     Application startup complete.\n"
    said = "服务启动成功，但是第一个请求一直没有返回，显卡利用率 100%\n"
    assert complains(lines_of(f"{log}\n{said}"), known=False, ends_well=True)
    assert not complains(lines_of(f"{log}{said}"), known=False, ends_well=True)
    story = "从前有一个小男孩，他走得很慢，但是从不放弃。\n"
    assert not complains(lines_of(f"{log}\n{story}"), known=False, ends_well=True)


@pytest.mark.parametrize(
    "text",
    [
        "No broken requirements found.\n",
        "**Describe the bug**\nA clear and concise description of what the bug is.\n\n"
        "**To Reproduce**\nSteps to reproduce the behavior:\n",
        "Processed 100 prompts in 40 s, which is 0.4 s per prompt on the average.\n",
        "accuracy: 1.0, errors: 0, failed: 0, nan: 0, oom: 0\n",
        "Type     Name  # reqs  # fails | Avg  Min  Max | req/s  failures/s\n",
        "FROM ubuntu\nRUN pip install flash-attn || echo 'it failed, going on'\n",
        "警告：未找到缓存，将重新下载\n下载完成\n错误数：0\n全部测试通过\n",
        "共处理 1200 条数据，成功 1198 条，跳过 2 条（内容重复）\n去重完成\n",
        "Prompt: 写一个故事\nOutput: 他走得很慢，经常迷路，总是问：为什么？\n",
    ],
)
def test_counts_recipes_and_answers_are_nobodys_words(text: str) -> None:
    assert not complains(lines_of(text), known=False)
    assert diagnose(text).abstained == NOTHING_FAILED
