"""Secrets that are known by their own look: keys with a prefix, JSON web tokens, private keys."""

import re
from base64 import urlsafe_b64decode
from typing import Final

from firstmile.redaction.rule import LEFT, RIGHT, Late, Rule, Turns, whole

_MIXED: Final = "x1Y2z3W4" * 16
"""Stands for the random part of a secret in samples, so that no file holds a real-looking key."""
_HEX: Final = "0a1b2c3d" * 8
_UPPER: Final = "Q2W3E4R5" * 4


def _token(
    kind: str,
    about: str,
    prefixes: tuple[str, ...],
    rest: str,
    *samples: str,
    anchors: tuple[str, ...] | re.Pattern[str] | None = None,
    keeps: tuple[str, ...] = (),
) -> Rule:
    """Return the rule of a secret that begins with one of `prefixes` and goes on as `rest`."""
    alternatives = "|".join(re.escape(prefix) for prefix in prefixes)
    return Rule(
        id=kind,
        kind=kind,
        about=about,
        anchors=anchors or prefixes,
        pattern=Late(f"{LEFT}(?:{alternatives}){rest}"),
        replace=whole(f"<{kind}>"),
        turns=tuple(Turns(f"before {sample} after", f"before <{kind}> after") for sample in samples)
        + tuple(Turns(f'k="{sample}"', f'k="<{kind}>"') for sample in samples[:1]),
        keeps=(*keeps, *(f"a {prefix} alone" for prefix in prefixes)),
    )


def _is_number(account: str) -> bool:
    """Whether a text is a number in base 64, without the padding."""
    try:
        return urlsafe_b64decode(account + "=" * (-len(account) % 4)).isdigit()
    except ValueError:
        return False


_PRIVATE_KEY: Final = Late(
    r"-----BEGIN (?:[A-Z0-9]{1,12} ){0,4}PRIVATE KEY(?: BLOCK)?-----(?:\s|\\[nr])*+"
    r"(?:(?:Proc-Type|DEK-Info|Version|Comment): ?[^\n\\]{0,120}+(?:\s|\\[nr])++)*+"
    r"(?:[A-Za-z0-9+/]{16,}+=*+(?:\s|\\[nr])*+)*+"
    r"(?:[A-Za-z0-9+/]{1,15}+=*+(?:\s|\\[nr])*+(?==|-----END))?+"
    r"(?:=[A-Za-z0-9+/]{4}(?:\s|\\[nr])*+)?+"
    r"(?:-----END (?:[A-Z0-9]{1,12} ){0,4}PRIVATE KEY(?: BLOCK)?-----)?"
)

RULES: Final = (
    Rule(
        id="private-key",
        kind="private-key",
        about="Private keys in PEM form, also cut off or on one line.",
        anchors=("-----BEGIN ",),
        pattern=_PRIVATE_KEY,
        replace=whole("<private-key>"),
        turns=(
            Turns(
                f"-----BEGIN RSA PRIVATE KEY-----\n{_MIXED[:64]}\n{_MIXED[:11]}=\n"
                "-----END RSA PRIVATE KEY-----\nthen",
                "<private-key>\nthen",
            ),
            Turns(
                f"key: -----BEGIN PRIVATE KEY-----\\n{_MIXED[:64]}\\n-----END PRIVATE KEY-----\\n",
                "key: <private-key>\\n",
            ),
            Turns(
                f"-----BEGIN OPENSSH PRIVATE KEY-----\n{_MIXED[:70]}\nand the log goes on",
                "<private-key>and the log goes on",
            ),
        ),
        keeps=(
            "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYI\n-----END PUBLIC KEY-----",
            "the private key is missing",
        ),
    ),
    _token(
        "github-token",
        "Tokens of GitHub: personal, OAuth, app and refresh.",
        ("ghp_", "gho_", "ghu_", "ghs_", "ghr_"),
        r"(?=[A-Za-z_]{0,80}[0-9])[A-Za-z0-9_]{20,}+(?:\.[A-Za-z0-9_-]{20,}+)*+",
        f"ghp_{_MIXED[:36]}",
        f"ghs_{_MIXED[:36]}",
        anchors=re.compile("gh[pousr]_"),
        keeps=("ghp_short", "the ghs_score column", "ghs_a_name_of_many_words_in_code"),
    ),
    _token(
        "github-token",
        "Fine-grained tokens of GitHub.",
        ("github_pat_",),
        r"[A-Za-z0-9_]{20,}+",
        f"github_pat_{_MIXED[:22]}_{_MIXED[:59]}",
    )._replace(id="github-token-fine-grained"),
    _token(
        "hugging-face-token",
        "Tokens of the Hugging Face Hub.",
        ("hf_", "api_org_"),
        rf"[A-Za-z0-9]{{30,}}+{RIGHT}",
        f"hf_{_MIXED[:34]}",
        f"api_org_{_MIXED[:34]}",
        keeps=("hf_config.max_position_embeddings", "hf_quantizer_for_compressed_tensors_models"),
    ),
    _token(
        "anthropic-key",
        "Keys of Anthropic.",
        ("sk-ant-",),
        r"[A-Za-z0-9_-]{16,}+",
        f"sk-ant-api03-{_MIXED[:60]}-{_MIXED[:20]}AA",
        anchors=("sk-",),
    ),
    _token(
        "openai-key",
        "Keys of OpenAI and of the many services that copy their form.",
        ("sk-proj-", "sk-svcacct-", "sk-admin-", "sk-or-v1-", "sk-lf-", "sk-None-"),
        r"[A-Za-z0-9_-]{16,}+",
        f"sk-proj-{_MIXED[:48]}_{_MIXED[:12]}",
        f"sk-or-v1-{_HEX}",
        anchors=("sk-",),
    ),
    _token(
        "openai-key",
        "Keys of OpenAI in their older form.",
        ("sk-",),
        rf"(?=[A-Za-z]{{0,40}}[0-9])[A-Za-z0-9]{{20,}}+{RIGHT}",
        f"sk-{_MIXED[:48]}",
        f"sk-{_HEX[:32]}",
        keeps=("sk-learn", "sk-1234", "disk-ABCDEFGHIJKLMNOPQRSTUVWXYZ1", "task-0123456789" * 3),
    )._replace(id="openai-key-older"),
    _token(
        "aws-key",
        "Key ids of Amazon Web Services.",
        ("AKIA", "ASIA", "ABIA", "ACCA"),
        rf"[A-Z0-9]{{16}}{RIGHT}",
        f"AKIA{_UPPER[:16]}",
        anchors=re.compile("A(?:KI|SI|BI|CC)A[A-Z0-9]{16}"),
        keeps=("ASIAN", "AKIAIOSFODNN7EXAMPLELONGER"),
    ),
    _token(
        "google-key",
        "API keys, OAuth tokens and client secrets of Google.",
        ("AIza",),
        rf"[A-Za-z0-9_-]{{35}}{RIGHT}",
        f"AIza{_MIXED[:35]}",
    ),
    _token(
        "google-key",
        "OAuth tokens and client secrets of Google.",
        ("ya29.", "GOCSPX-"),
        r"[A-Za-z0-9_-]{20,}+",
        f"ya29.{_MIXED[:60]}",
        f"GOCSPX-{_MIXED[:28]}",
    )._replace(id="google-oauth"),
    _token(
        "slack-token",
        "Tokens of Slack.",
        ("xoxa-", "xoxb-", "xoxc-", "xoxd-", "xoxe-", "xoxo-", "xoxp-", "xoxr-", "xoxs-", "xapp-"),
        r"[A-Za-z0-9-]{16,}+",
        f"xoxb-{'1234567890' * 2}-{_MIXED[:24]}",
        anchors=("xox", "xapp-"),
    ),
    _token(
        "webhook",
        "Addresses of web hooks, which let anybody post.",
        ("hooks.slack.com/services/", "discord.com/api/webhooks/", "discordapp.com/api/webhooks/"),
        r"[A-Za-z0-9/_-]{20,}+",
        f"hooks.slack.com/services/T01234567/B01234567/{_MIXED[:24]}",
        anchors=("hooks.slack", "discord"),
    ),
    _token(
        "nvidia-key",
        "Keys of NVIDIA's hosted models.",
        ("nvapi-",),
        r"[A-Za-z0-9_-]{20,}+",
        f"nvapi-{_MIXED[:64]}",
    ),
    _token(
        "gitlab-token",
        "Tokens of GitLab.",
        ("glpat-", "gldt-", "glrt-", "glsoat-", "glcbt-", "glptt-", "glft-", "glagent-"),
        r"[A-Za-z0-9_-]{20,}+",
        f"glpat-{_MIXED[:20]}",
        anchors=re.compile("gl(?:pat|[dfr]t|soat|cbt|ptt|agent)-"),
    ),
    _token(
        "package-index-token",
        "Tokens of PyPI, npm and Docker Hub.",
        ("pypi-AgEI", "npm_", "dckr_pat_"),
        r"(?:(?<=npm_)[A-Za-z0-9]{36}(?![A-Za-z0-9])|(?<!npm_)[A-Za-z0-9_-]{20,}+)",
        f"pypi-AgEI{_MIXED[:100]}",
        f"npm_{_MIXED[:36]}",
        f"dckr_pat_{_MIXED[:27]}",
        keeps=("npm_config_registry", "npm_package_dependencies_that_are_long"),
    ),
    _token(
        "inference-key",
        "Keys of hosted inference: Groq, Replicate, xAI, Perplexity, RunPod.",
        ("gsk_", "r8_", "xai-", "pplx-", "rpa_"),
        rf"[A-Za-z0-9]{{32,}}+{RIGHT}",
        f"gsk_{_MIXED[:52]}",
        f"xai-{_MIXED[:80]}",
    ),
    _token(
        "cloud-token",
        "Tokens of Databricks, LangSmith, Stripe and Weights & Biases.",
        ("dapi", "lsv2_pt_", "lsv2_sk_", "sk_live_", "wandb_v1_"),
        r"(?:(?<=dapi)[a-f0-9]{32}(?![A-Za-z0-9])|(?<!dapi)[A-Za-z0-9_-]{20,}+)",
        f"dapi{_HEX[:32]}",
        f"sk_live_{_MIXED[:24]}",
        f"lsv2_pt_{_HEX[:32]}_{_HEX[:10]}",
        anchors=("dapi", "lsv2_", "sk_live_", "wandb_v1_"),
        keeps=("dapi" + "z" * 32,),
    ),
    _token(
        "service-token",
        "Tokens of SendGrid, Vault, Pinecone, Tavily and Tailscale.",
        ("SG.", "hvs.", "hvb.", "pcsk_", "tvly-", "tskey-auth-", "tskey-api-"),
        r"(?=[A-Za-z_-]{0,80}[0-9])(?=[a-z0-9_-]{0,80}[A-Z])(?:(?<!SG\.)[A-Za-z0-9_-]{20,}+(?:\.[A-Za-z0-9_-]{20,}+)?"
        r"|(?<=SG\.)[A-Za-z0-9_-]{16,}+\.[A-Za-z0-9_-]{20,}+)",
        f"hvs.{_MIXED[:90]}",
        f"SG.{_MIXED[:22]}.{_MIXED[:43]}",
        anchors=("SG.", "hvs.", "hvb.", "pcsk_", "tvly-", "tskey-"),
        keeps=("SG.Layer1_attention_weight_block_proj", "hvs.weights_of_layer_1_block_attention"),
    ),
    _token(
        "service-token",
        "Tokens of DigitalOcean, Linear, Notion, Doppler, Supabase and others, of signs alone.",
        (
            *("dop_v1_", "doo_v1_", "lin_api_", "ntn_", "esecret_", "KGAT_", "dp.pt.", "dp.st."),
            "sbp_",
        ),
        rf"(?=[A-Za-z]{{0,40}}[0-9])[A-Za-z0-9]{{20,}}+(?!_){RIGHT}",
        f"ntn_{_MIXED[:46]}",
        f"sbp_{_HEX[:40]}",
        keeps=(
            "ntn_attention_layer_weight_0_block_1_mlp",
            "sbp_parallel_sharding_signature_2d_broadcast",
        ),
    )._replace(id="service-token-of-signs"),
    _token(
        "service-token",
        "Tokens of Fireworks, of small letters, capitals and digits.",
        ("fw_",),
        rf"(?=[a-z0-9]{{0,40}}[A-Z])(?=[A-Za-z]{{0,40}}[0-9])[A-Za-z0-9]{{16,}}+(?!_){RIGHT}",
        f"fw_{_MIXED[:24]}",
        keeps=("fw_update_of_the_card_1", "fw_grad1checkpointing2x"),
    )._replace(id="service-token-mixed"),
    _token(
        "service-token",
        "Tokens of Jina and Cerebras, and key ids of Alibaba's and Tencent's clouds.",
        ("jina_", "csk-", "LTAI", "AKID"),
        rf"(?=[A-Za-z]{{0,40}}[0-9])[A-Za-z0-9]{{16,}}+{RIGHT}",
        f"jina_{_MIXED[:60]}",
        f"LTAI{_MIXED[:20]}",
        keeps=("jina_embeddings_v3", "AKID: 5"),
    )._replace(id="service-token-older"),
    _token(
        "service-token",
        "Tokens of ModelScope.",
        ("ms-",),
        rf"[0-9a-f]{{8}}(?:-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}{RIGHT}",
        "ms-0a1b2c3d-4e5f-6a7b-8c9d-0a1b2c3d4e5f",
        keeps=("ms-swift==3.1.0", "12ms-34"),
    )._replace(id="service-token-uuid"),
    _token(
        "json-web-token",
        "JSON web tokens (RFC 7519).",
        ("eyJ",),
        r"[A-Za-z0-9_-]{8,}+\.[A-Za-z0-9_-]{8,}+(?:\.[A-Za-z0-9_-]++)?",
        f"eyJ{_MIXED[:33]}.eyJ{_MIXED[:60]}.{_MIXED[:43]}",
        keeps=("eyJ.eyJ", "eyJhbGciOiJIUzI1NiJ9 and no more"),
    ),
    Rule(
        id="discord-token",
        kind="discord-token",
        about="Tokens of Discord's robots: an account in base 64, a time and a signature.",
        anchors=re.compile(r"\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27}"),
        before=32,
        after=60,
        pattern=Late(
            rf"{LEFT}(?P<account>[MNO][A-Za-z0-9_-]{{22,27}}+)\.[A-Za-z0-9_-]{{6}}"
            rf"\.[A-Za-z0-9_-]{{27,40}}+{RIGHT}"
        ),
        replace=lambda match: "<discord-token>" if _is_number(match["account"]) else match.group(),
        turns=(
            Turns(
                f"key MTIzNDU2Nzg5MDEyMzQ1Njc4.{_MIXED[:6]}.{_MIXED[:27]} x",
                "key <discord-token> x",
            ),
            Turns(f"OTg3NjU0MzIxMDk4NzY1NDMy.{_MIXED[:6]}.{_MIXED[:38]}", "<discord-token>"),
        ),
        keeps=(
            f"Models_of_the_transformer1.layers.{_MIXED[:27]}",
            "NVIDIA_A100_SXM4_80GB_x8.config.the_kernel_of_attention_is_it",
        ),
    ),
)
