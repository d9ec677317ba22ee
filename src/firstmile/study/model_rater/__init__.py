"""A language model as a rater, through any OpenAI-compatible endpoint.

`make_prompt` writes the codebook into a prompt, `plan` says beforehand what the rating will cost,
`label_with_model` asks the endpoint issue by issue and records each decision as a model's. What a
model replies is checked by `read_reply` before anything is recorded.
"""

from firstmile.diagnose.replies import ReplyError
from firstmile.study.model_rater.cost import CostPlan, Prices, plan, spent
from firstmile.study.model_rater.endpoint import Endpoint, open_endpoint
from firstmile.study.model_rater.prompt import Prompt, make_prompt
from firstmile.study.model_rater.rating import ModelRecord, ModelRun, label_with_model
from firstmile.study.model_rater.reply import read_reply

__all__ = [
    "CostPlan",
    "Endpoint",
    "ModelRecord",
    "ModelRun",
    "Prices",
    "Prompt",
    "ReplyError",
    "label_with_model",
    "make_prompt",
    "open_endpoint",
    "plan",
    "read_reply",
    "spent",
]
