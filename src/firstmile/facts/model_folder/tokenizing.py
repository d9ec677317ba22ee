"""Loads a tokenizer.json and tries it: run as a program, so that it can be given up.

The library that every engine loads this file with does it, in the version that is installed
beside us. The file comes on the standard input; the answer is one JSON object.
"""

import json
import sys
from importlib import import_module
from typing import Any, Final

from firstmile.facts.model_folder.confined import confine

TEXTS: Final = {
    "Latin": "The quick brown fox, naïve and déjà vu, costs 1,234.50 € — “really”?",
    "Chinese": "今天天气很好，我们一起去公园散步吧。",
    "Japanese": "桜の花が咲くと、カメラを持った人が集まる。",
    "Korean": "오늘은 날씨가 맑아서 공원에 가고 싶다.",
    "Arabic": "القراءة في الصباح تجعل اليوم أجمل.",
    "Hebrew": "הספר מונח על השולחן ליד החלון.",
    "Hindi": "सुबह की चाय के साथ अख़बार पढ़ना अच्छा लगता है।",
    "Thai": "วันนี้อากาศดีมาก เราไปเดินเล่นกัน",
    "Cyrillic": "Съешь же ещё этих мягких булок.",
    "Greek": "Ο ήλιος λάμπει πάνω από τη θάλασσα.",
    "emoji": "Done 👍🏽 👩‍👩‍👧 🇩🇪 🎉",
    "code": "def add(a, b):\n    if a != b:\n\t\treturn {'sum': a + b}  # done\n",
    "whitespace": "one  two   three\n\n\nfour\t\tfive",
}
"""Texts whose characters are composed already, so that composing them changes nothing."""


def tried(data: bytes) -> dict[str, Any]:
    """Return what loading a tokenizer.json, encoding and decoding showed."""
    library: Any = import_module("tokenizers")
    version = library.__version__
    try:
        tokenizer = library.Tokenizer.from_buffer(data)
    except BaseException as error:  # the library panics with an exception of its own
        return {"loads": False, "refused": str(error)[:500], "version": version}
    tokenizer.no_truncation()
    tokenizer.no_padding()
    try:
        trips = [_trip(tokenizer, script, text) for script, text in TEXTS.items()]
        prefix, suffix = _around(tokenizer)
    except BaseException as error:  # as above
        refused = f"it loads, and fails at a text: {str(error)[:400]}"
        return {"loads": False, "refused": refused, "version": version}
    return {
        "loads": True,
        "version": version,
        "prefix": prefix,
        "suffix": suffix,
        "round_trips": trips,
    }


def _trip(tokenizer: Any, script: str, text: str) -> dict[str, Any]:
    ids = tokenizer.encode(text, add_special_tokens=False).ids
    back = tokenizer.decode(ids, skip_special_tokens=False)
    return {"script": script, "text": text, "back": back, "tokens": len(ids)}


def _around(tokenizer: Any) -> tuple[list[int], list[int]]:
    """Return the ids that encoding adds before and after a text."""
    inner = tokenizer.encode("tree", add_special_tokens=False).ids
    whole = tokenizer.encode("tree", add_special_tokens=True).ids
    for start in range(len(whole) - len(inner) + 1):
        if inner and whole[start : start + len(inner)] == inner:
            return whole[:start], whole[start + len(inner) :]
    return [], []


def _main() -> None:
    confine(sys.argv[1:])
    data = sys.stdin.buffer.read()
    sys.stdout.write(json.dumps(tried(data)))


if __name__ == "__main__":
    _main()
