"""Names that configs give to methods of quantization, and slips in them."""

from typing import Final

_METHODS: Final = """
    aqlm auto-round auto-gptq auto-awq autoround awq awq_marlin bitblas bitnet bitsandbytes
    bitsandbytes_4bit bitsandbytes_8bit blockwise_int8 compressed-tensors deepgemm_fp8
    deepseek_v4_fp8 deepspeedfp eetq exl2 exl3 experts_int8 fbgemm_fp8 fouroversix fp8 fp_quant
    gemma gguf gptq gptq_bitblas gptq_marlin gptq_marlin_24 gptqmodel higgs hqq humming inc
    intel/auto-round ipex marlin metal mlx modelopt modelopt_fp4 modelopt_fp8 modelopt_mixed
    modelopt_mxfp8 modelslim moe_wna16 mxfp4 mxfp8 neuron_quant nvfp4 online petit_nvfp4 ptpc_fp8
    qoq qqq quanto quark quip rtn sinq smoothquant spqr squeezellm torchao tpu_int8 vptq w4afp8
    w4a8_awq w8a8_fp8 w8a8_int8
"""
"""Those of transformers 5.23, of vLLM and of SGLang, and of quantizers that write configs."""
_KNOWN: Final = {name.replace("_", "-"): name for name in _METHODS.split()}
_LETTERS: Final = 4
"""Of a name that is compared: shorter ones are like each other."""


def slip_of(method: str) -> str | None:
    """Return the method that a name is a slip of; None for a known name, and for a new one.

    A slip has one letter more, one less, or two that changed places: a new method is not named
    so, and one that differs by a number is another.
    """
    folded = method.lower().replace("_", "-")
    if folded in _KNOWN or len(folded) < _LETTERS or len(folded) > 40 or not folded.isascii():
        return None
    return next((name for key, name in _KNOWN.items() if _is_slip(folded, key)), None)


def _is_slip(written: str, meant: str) -> bool:
    if len(meant) < _LETTERS or [c for c in written if c.isdigit()] != [
        c for c in meant if c.isdigit()
    ]:
        return False
    if len(written) == len(meant):
        places = [at for at in range(len(meant)) if written[at] != meant[at]]
        swapped = len(places) == 2 and places[1] == places[0] + 1
        return swapped and sorted(written) == sorted(meant)
    longer, shorter = sorted((written, meant), key=len, reverse=True)
    return len(longer) == len(shorter) + 1 and any(
        longer[:at] + longer[at + 1 :] == shorter for at in range(len(longer))
    )
