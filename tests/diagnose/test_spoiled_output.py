"""Output that no reader needs words to call wrong is diagnosed; bars, masks and tables are not."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstmile import diagnose
from firstmile.diagnose.hypotheses import NOTHING_FAILED
from firstmile.diagnose.meant import as_meant
from firstmile.diagnose.reading import read_lines
from firstmile.diagnose.spoiled_output import is_spoken_of, named, shows
from firstmile.taxonomy import Axis

MEANINGLESS = "incorrect/generation/meaningless"
REPETITIVE = "incorrect/generation/repetitive"
INCOMPLETE = "incorrect/generation/incomplete"
REPLY = (
    '{"id":"chatcmpl-1","object":"chat.completion","choices":[{"index":0,"message":'
    '{"role":"assistant","content":"%s"%s},"finish_reason":"stop"}]}\n'
)


def first_symptom(text: str) -> str:
    diagnosis = diagnose(text)
    assert diagnosis.abstained is None
    first = diagnosis.leaves[Axis.SYMPTOM][0]
    assert first.probability > 0.5
    assert diagnosis.evidence
    return first.code


@pytest.mark.parametrize(
    ("text", "symptom"),
    [
        ("!" * 40, MEANINGLESS),
        (">>> Hello, who are you?\n" + "!" * 44, MEANINGLESS),
        ("> hello\n" + "G" * 40, MEANINGLESS),
        ("Qwen2.5-7B on two cards\n\n```\n" + "!" * 31 + "\n```\n", MEANINGLESS),
        ("Prompt: 'Hello, my name is', Generated text: '" + "!" * 20 + "'\n", MEANINGLESS),
        (REPLY % ("!" * 28, ""), MEANINGLESS),
        ("Response: " + "\ufffd" * 9, MEANINGLESS),
        ("User: 你好\nAssistant: ä½ å¥½ï¼Œæˆ‘æ˜¯\n", MEANINGLESS),
        ("Prompt: The capital of France is\nOutput: " + "the " * 20, REPETITIVE),
        ("assistant: " + "<unk>" * 8, REPETITIVE),
        ("输出：" + "[PAD151935]" * 4, REPETITIVE),
        ("用户：你好\n助手：" + "我是" * 20, REPETITIVE),
        (REPLY % ("", ""), INCOMPLETE),
        (REPLY % ("", ',"tool_calls":[]'), INCOMPLETE),
        (
            "{\n  'object': 'chat.completion',\n  'choices': [\n    {\n      'message': {\n"
            "        'role': 'assistant',\n        'content': ''\n      }\n    }\n  ]\n}\n",
            INCOMPLETE,
        ),
        (
            "{\n  'object': 'chat.completion',\n  'message': {\n    'role': 'assistant',\n"
            "    'content': '',\n    'tool_calls': [],\n    'refusal': null\n  }\n}\n",
            INCOMPLETE,
        ),
        (">>> hi\n" + "I am fine.\n" * 8, REPETITIVE),
        ("Q: What is 2+2?\nA: " + "!" * 32 + "\n", MEANINGLESS),
        (
            '$ curl -d \'{"messages":[{"role":"user","content":"hi"}]}\'\n' + REPLY % ("", ""),
            INCOMPLETE,
        ),
        ("Prompt: 'The capital of', Generated text: ''\n", INCOMPLETE),
    ],
)
def test_spoiled_output_is_told_without_a_word_of_error(text: str, symptom: str) -> None:
    assert first_symptom(text) == symptom


@pytest.mark.parametrize(
    "text",
    [
        "输出全是乱码。",
        "the output is garbled",
        "It prints only exclamation marks.",
        "回答都是感叹号",
    ],
)
def test_words_at_the_end_of_a_log_tell_of_it(text: str) -> None:
    log = (
        "Some weights of LlamaForCausalLM were not initialized from the model checkpoint at /m\n"
        "You should probably TRAIN this model on a down-stream task.\n回答：的的 asd的的\n"
    )
    assert first_symptom(log + text) == MEANINGLESS
    assert first_symptom(text) == MEANINGLESS


HEALTHY = {
    "bars": "=" * 60
    + "\nstarting\n"
    + "=" * 60
    + "\n"
    + "#" * 50
    + "\n100%|"
    + "█" * 10
    + "| 2/2\n",
    "a box": "User: draw a box\nAssistant:\n" + "!" * 24 + "\n!   !\n" + "!" * 24 + "\n",
    "a loop in Python": ">>> for each in range(6): print('I am fine')\n" + "I am fine\n" * 6,
    "a laugh": "用户：讲个笑话\n助手：" + "哈" * 18 + "\n用户：学鸭子叫\n助手：" + "嘎" * 30 + "\n",
    "as asked": "Prompt: repeat the word test 20 times\nAnswer: " + "test " * 20 + "\n",
    "a tool call over lines": (
        "{\n  'object': 'chat.completion',\n  'message': {\n    'content': '',\n"
        "    'tool_calls': [\n      {'id': 'x'}\n    ]\n  }\n}\n"
    ),
    "a banner": "!" * 40 + "\n  WARNING: this is a test machine\n" + "!" * 40 + "\nready\n",
    "a Chinese banner": "正在加载\n" + "！" * 20 + "\n请勿关闭窗口\n" + "！" * 20 + "\n训练完成\n",
    "masks": "HF_TOKEN=" + "x" * 34 + "\nAPI key: " + "X" * 25 + "\n",
    "zeros in base64": "cert:\n" + "A" * 260 + "=\n",
    "a hex dump": "00000000: " + "0000 " * 8 + "\n" + "ffff " * 12 + "\n",
    "tables": "result: " + "nan " * 12 + "\noutput: " + "0 " * 14 + "\noutput: " + "- " * 12 + "\n",
    "sequences": ">seq1\n" + "C" * 30 + "\n>seq2\n" + "G" * 22 + "\n",
    "padding": "inputs:\nhi\n" + "<|endoftext|>" * 9 + "\nlabel_ids:\n[-100, -100, -100]\n",
    "rows of data": '{"instruction":"x","output":""}\n{"role":"assistant","content":""}\n',
    "a stream": (
        'data: {"object":"chat.completion.chunk","choices":[{"delta":{"content":""}}]}\n'
        'data: {"object":"chat.completion.chunk","choices":[{"delta":{"content":"Hi"}}]}\n'
    ),
    "a tool call": REPLY % ("", ',"tool_calls":[{"id":"x","function":{"name":"f"}}]'),
    "one empty answer of many": (REPLY % ("", "")) + (REPLY % ("Paris is the capital.", "")),
    "a load": '{"model":"llama3","response":"","done":true,"done_reason":"load"}\n',
    "a request": (
        "INFO: Received request c-1: prompt: '" + "!" * 30 + "', params: SamplingParams\n"
        'INFO: 127.0.0.1:4 - "POST /v1/completions HTTP/1.1" 200 OK\n'
    ),
    "accents": "User: salut\nAssistant: «Là-bas, l'été, où déjà l'œuvre naît…»\n",
    "Czech letters": "User: Jak se jmenuje?\nAssistant: Umění žít šťastně, snížíš a přiblížíš\n",
    "a request without an answer": "INFO DELETE /v1/models/x\nResponse: ''\nINFO done in 0.3 s\n",
    "labels of a test": "predictions done\noutput: B B B B B B B B B B A B\naccuracy 0.9\n",
    "a console": "æ­£åœ¨å®‰è£…ä¾èµ– numpy\nSuccessfully installed numpy-2.1.0\n",
    "words of a test": "test " * 12 + "\nok\n",
    "nothing written": "stdout: ''\noutput: ''\nreturncode: 0\n",
    "a measure": '{"garbage_rate": 0.0}\ngarbage collection took 2ms\n',
}


@pytest.mark.parametrize("text", HEALTHY.values(), ids=HEALTHY.keys())
def test_what_looks_like_it_in_a_healthy_log_is_none(text: str) -> None:
    lines = as_meant(tuple(read_lines(text)))
    assert not shows(lines)
    assert not is_spoken_of(lines)
    assert diagnose(text).abstained == NOTHING_FAILED


def test_what_was_repaired_or_measured_is_not_told_of() -> None:
    for said in ("Fix garbled output of AWQ", "garbage output rate: 0.0", "no garbled output"):
        assert not is_spoken_of(tuple(read_lines(said)))
    assert is_spoken_of(tuple(read_lines("garbage output since Monday")))


@given(st.text(alphabet=st.sampled_from("!G的�ä½ <>[]'\":>\n a"), max_size=80))
def test_words_are_added_to_lines_of_the_text_alone(text: str) -> None:
    lines = tuple(read_lines(text))
    assert set(named(lines)) <= set(range(len(lines)))
    assert [each.number for each in as_meant(lines)] == [each.number for each in lines]


@pytest.mark.parametrize(
    "part",
    [
        " ".join(f"w{number} w{number} w{number}" for number in range(600)) + "\n",
        "Generated text: ''\n",
        "!" * 40 + "\n>>> a\n",
        'output: "text": "',
        "ä½ å ",
    ],
    ids=["words", "empty", "signs", "labels", "encoded"],
)
def test_a_text_four_times_as_long_takes_no_more_than_in_proportion(part: str) -> None:
    def seconds(length: int) -> float:
        lines = tuple(read_lines((part * (length // len(part) + 1))[:length]))
        taken = []
        for _ in range(3):
            before = time.process_time()
            as_meant(lines)
            taken.append(time.process_time() - before)
        return min(taken)

    assert seconds(200_000) < 0.5 + 8 * seconds(50_000)
