"""Custom code: a model folder that comes with Python of its own, as many repositories do."""

import json
from pathlib import Path
from typing import Final

_CONFIG: Final = """\
from transformers import PretrainedConfig


class TinyConfig(PretrainedConfig):
    model_type = "tiny_chat"

    def __init__(self, hidden_size=64, vocab_size=400, num_hidden_layers=2, **kwargs):
        self.hidden_size, self.vocab_size = hidden_size, vocab_size
        self.num_hidden_layers = num_hidden_layers
        super().__init__(**kwargs)
"""

_MODEL: Final = """\
import torch
from transformers import GenerationMixin, PreTrainedModel
from transformers.modeling_outputs import CausalLMOutputWithPast

from .configuration_tiny import TinyConfig


class TinyForCausalLM({parent}):
    config_class = TinyConfig

    def __init__(self, config):
        super().__init__(config)
        self.embed_tokens = torch.nn.Embedding(config.vocab_size, config.hidden_size)
        self.lm_head = torch.nn.Linear(config.hidden_size, config.vocab_size, bias=False)
{ready}
    def forward(self, input_ids=None, attention_mask=None, past_key_values=None, **kwargs):
        past_length = 0
        if past_key_values is not None:
            past_length = past_key_values.{asks}
        logits = self.lm_head(self.embed_tokens(input_ids))
        return CausalLMOutputWithPast(logits=logits, past_key_values=past_key_values)
"""


def write_custom_model(
    folder: Path, *, parent: str, ready: bool = True, asks: str = "get_seq_length()"
) -> Path:
    """Put own code into a model folder and point its config there; the folder is returned.

    `parent` is what the class inherits from, `ready` whether it calls `post_init`, `asks` what
    it asks of the cache.
    """
    (folder / "configuration_tiny.py").write_text(_CONFIG)
    last = "        self.post_init()\n" if ready else ""
    code = _MODEL.format(parent=parent, ready=last, asks=asks)
    (folder / "modeling_tiny.py").write_text(code)
    file = folder / "config.json"
    config = json.loads(file.read_text())
    config.update(
        model_type="tiny_chat",
        architectures=["TinyForCausalLM"],
        auto_map={
            "AutoConfig": "configuration_tiny.TinyConfig",
            "AutoModelForCausalLM": "modeling_tiny.TinyForCausalLM",
        },
    )
    file.write_text(json.dumps(config))
    return folder
