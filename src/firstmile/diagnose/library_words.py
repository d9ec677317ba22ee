"""Library words: sentences that libraries print while nothing is amiss, told by their shapes.

They warn, advise and recommend in full sentences, and often stand at the head of a log, where a
person's words would stand.
"""

import re
from typing import Final

from firstmile.redaction.rule import Late

_BEGINNING: Final = Late(
    r"\s*(?:[-*•]\s*)?(?:"
    r"some (?:of the )?(?:weights|parameters|modules) (?:of|from|are|in)\b"
    r"|this is (?:not )?expected (?:if|when|and)\b"
    r"|you should (?:probably|consider|only)\b|you (?:are|seem to be|may be|might be) (?:using|"
    r"attempting|calling|loading|running|resizing|passing|setting|trying) (?:an?|the|to|with|on)\b"
    r"|you're using an? \w+ tokenizer\b|you (?:have not|passed|can (?:ignore|safely))\b"
    r"|a clear and concise description of\b|steps to reproduce the behaviou?r\b"
    r"|no label_names\b|no broken requirements found\b|no chat template is (?:set|defined)\b"
    r"|we (?:strongly |highly )?(?:recommend|suggest|advise|encourage|will use|detected|have "
    r"detected)\b"
    r"|token indices sequence length\b|special tokens have been added\b"
    r"|the (?:attention mask|following|model was loaded with|current (?:process|model)|installed|"
    r"server socket|client socket|class|argument|parameter|option|tokenizer (?:class|has)) "
    r"|(?:the|setting|using|both|either|since|because|as) [`'][\w.]"
    r"|(?:setting \w*[A-Z_]{3}|using (?:default|the default|an? (?:slow|fast|auto)|flash attention|"
    r"auto half|untested)|detected (?:kernel|cuda|flash|that|version|\d)|falling back|"
    r"fell back|defaulting to|sliding window attention is enabled but|a decoder-only architecture|"
    r"loading (?:extension|cached|checkpoint shards:)|more than one gpu was found|could not find "
    r"(?:the )?(?:tensorrt|libcudart|bitsandbytes|any)|flash (?:attention|attn)\w* (?:2 |is |not ))"
    r"|to (?:disable|silence|avoid|suppress|remove|hide|fix|solve|resolve) (?:this|these|the) "
    r"(?:warning|message|error|problem|issue)"
    r"|if (?:you (?:want|tokenize|are|would|need|already|were|plan|have|do)|this (?:was|is)|your)\b"
    r"|please (?:pass|set|use|consider|specify|make sure|refer|upgrade|update|be aware|note)\b"
    r"|please check\b|could not create share link\b|to create a public link\b"
    r"|(?:srun|slurmstepd|salloc): (?:info|warning|job)\b"
    r"|(?:make sure|note that|be aware|consider|refer to|see also) "
    r"|(?:huggingface/tokenizers|unsloth|accelerate|ggml\w*|llama_\w+|wandb|deepspeed|triton): "
    r"|[`'][\w.]{1,60}(?:=\w{1,20})?(?:\(\))?[`'] (?:is|was|are|has|will|should|cannot|did|does)\b"
    r"|(?:warning|normal) {1,9}[A-Z]\w+ "
    r"|-- (?:the|could (?:not )?find|found|looking|performing|check|detecting|configuring done|"
    r"generating|build|warning|using|including|adding|disabl|enabl|fetching|cmake_)"
    r"|\[ {0,2}\d{1,3}%\] (?:building|linking|built)\b"
    r"|\S{1,200}(?:\(\d{1,6}\)|:\d{1,6}(?::\d{1,4})?): (?:warning|note|remark)\b"
    r")",
    re.IGNORECASE,
)
"""How such sentences begin."""
_WITHIN: Final = Late(
    r"deprecat|\bwill be removed\b|\bfall(?:s|ing)? ?back to\b|"
    r"\b(?:to|can) (?:disable|silence|avoid|suppress|remove|hide) this (?:warning|message)|"
    r"\bit is (?:recommended|advised|suggested)\b|\brecommended (?:minimum|to)\b|"
    r"\b(?:may|might|can|could|will) (?:lead to|result in|cause|affect|slow down|degrade|"
    r"be (?:ignored|removed|slower|suboptimal|slow)|hurt|impact)\b|"
    r"\byou (?:may|might|can|should|could|must) (?:want|need|consider|use|set|pass|observe|get|"
    r"see|try|ignore|safely|experience|encounter)|\bplease (?:pass|set|consider|specify|make sure|"
    r"refer|upgrade|update|note|ensure|further)\b|"
    r"\bdown-stream task\b|\bfor more (?:details|information)\b|\bnewly initialized\b|"
    r"\bwill be ignored\b|\bmay be ignored\b|\bdo not forget\b|\benvironment variable\b|"
    r"\bdependency resolver\b|\bbut you have \S+ \S+ which is incompatible\b",
    re.IGNORECASE,
)
"""What they say in their midst."""
_OF_A_PERSON: Final = Late(
    r"\b(?:I|I'm|I've|my|me|mine)\b|[?？]\s*$|^\W*(?:[Aa]nyone|[Ss]omebody|[Nn]obody|[Ww]hy)\b|"
    r"[\u3400-\u9fff]{2}"
)
_END_OF_SENTENCE: Final = Late(r"[.!?] ")


def is_library_sentence(text: str) -> bool:
    """Say whether a line begins with a sentence of a library's shape, and nobody asks in it."""
    if _OF_A_PERSON.search(text) is not None:
        return False
    end = _END_OF_SENTENCE.search(text)
    first = text if end is None else text[: end.start()]
    return _BEGINNING.match(text) is not None or _WITHIN.search(first) is not None
