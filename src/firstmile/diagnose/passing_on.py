"""Passing on: lines that hold what somebody else wrote, such as a request or a sample of data.

What such a text speaks of did not happen to the program that logs it.
"""

import re
from typing import Final

from firstmile.redaction.rule import Late

_PASSED_ON: Final = Late(
    # a server's note of a request
    r"\bReceived request\b.{0,200}\bprompt: |\bprompt: ['\"]|[\"']prompt[\"']: ?[\"'\[]|"
    # the words of an answer as they are streamed
    r"\bdata: ?\{|[\"'](?:delta|choices|messages|content)[\"']: ?[\[{\"']|"
    # rows of data sets
    r"[\"'](?:instruction|conversations?|question|query|input|output|response|completion|text|src|"
    r"tgt|chosen|rejected|translation)[\"']: ?[\"'\[]|"
    # a transcript
    r"^\s*(?:#{2,3} ?)?(?:user|assistant|human|ai|bot|system|instruction|question|answer|prompt|"
    r"response|query|q|a)(?: ?\d{1,4})? ?[:：]\s|^\s*(?:用户|助手|提问|问|答) ?[:：]|"
    # what is still to be done, and what others report
    r"^\s*(?:[-*] )?\[[ xX]\] |^#\d{1,7}\s{2,}\S.{1,200}\bago$|"
    # code that a search has found
    r"^[\w./-]{1,200}\.\w{1,5}:\d{1,6}:\s*(?:raise|except|throw|log\w{0,6}\.\w+\(|print\(|#|//) ?|"
    # a model that speaks of itself
    r"\bas an? (?:ai\b|(?:large )?language model\b)|作为一个(?:人工智能|ai|大?语言模型)|"
    # a command's tests, by name
    r"^\S{1,200}::\S{1,200} (?:PASSED|XFAIL|SKIPPED)\b|^\s*(?:=== RUN|--- (?:PASS|SKIP):) |"
    # what a recording says
    r"^\[\d\d:\d\d(?::\d\d)?\.\d{3} --> |"
    # a page that says what to do in case of
    r"(?:如果|若|当)(?:出现|遇到|看到|提示) ?[`「“\"']|"
    r"(?:^\s*(?:[-*] |\d+\. )?|[.!] )(?:if|when) (?:you (?:see|get|encounter|run into|meet|hit)\b|"
    r"[`'\"].{1,200}[`'\"] (?:appears?|occurs?|happens|is shown)\b)",
    re.IGNORECASE,
)


def is_passed_on(text: str) -> bool:
    """Say whether a line passes on a request, an answer, a sample or advice for a case."""
    return _PASSED_ON.search(text) is not None
