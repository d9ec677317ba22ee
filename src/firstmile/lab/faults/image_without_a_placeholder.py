"""An image is given, and the prompt has no place for it."""

from firstmile.lab.fault import Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="crash/value/value-error",
    cause="configuration/inference",
    entry="image-placeholders-do-not-fit-the-images",
)


def run(bench: Workbench) -> None:
    """Ask a small model that sees, without a placeholder."""
    from firstmile.lab.libraries import torch, transformers

    vision = transformers.CLIPVisionConfig(
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        image_size=32,
        patch_size=8,
    )
    text = transformers.LlamaConfig(
        vocab_size=400,
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=4,
    )
    config = transformers.LlavaConfig(
        vision_config=vision, text_config=text, image_token_index=3, image_token_id=3
    )
    model = transformers.LlavaForConditionalGeneration(config)
    model(input_ids=torch.tensor([[5, 6, 7]]), pixel_values=torch.zeros(1, 3, 32, 32))
