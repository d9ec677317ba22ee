"""Run accelerate's or hf-mem's command on folders, each in a process of its own.

    python bench/peers_in_lab.py (accelerate | hf-mem) ADDRESS ROOT [NAME ...]

ROOT holds a folder acme/NAME for each name, which ADDRESS serves as a Hub does. What each run
printed and its exit status are printed as JSON. With one NAME and nothing else to do, the command
runs as it is and nothing is caught, so that it can be timed.

Both commands need a Hub. accelerate is told of ours by HF_ENDPOINT, and reads the config from the
folder of the same name; hf-mem has the Hub's address within it, which is exchanged here.
"""

import json
import os
import sys
import tempfile
import time
import traceback
from importlib import import_module
from typing import Any

HUB = "https://huggingface.co"
SECONDS = 60


def accelerate(name: str, _: str) -> None:
    """Do what `accelerate estimate-memory NAME --library_name transformers` does."""
    sys.argv = ["accelerate-estimate-memory", name, "--library_name", "transformers"]
    import_module("accelerate.commands.estimate").main()


def hf_mem(name: str, address: str) -> None:
    """Do what `hf-mem --model-id NAME --experimental` does, at another address."""
    library: Any = import_module("httpx2")
    sent = library.AsyncClient.get

    async def get(client: Any, url: str, **options: Any) -> Any:
        return await sent(client, url.replace(HUB, address), **options)

    library.AsyncClient.get = get
    sys.argv = ["hf-mem", "--model-id", name, "--experimental"]
    import_module("hf_mem.cli").main()


COMMANDS = {"accelerate": accelerate, "hf-mem": hf_mem}


def warm(tool: str) -> None:
    """Import what every run needs, once; each then has it from its parent."""
    if tool == "hf-mem":
        import_module("hf_mem.cli")
        return
    import_module("accelerate.commands.estimate")
    library = import_module("transformers")
    torch = import_module("torch")
    for kind in ("llama", "qwen2", "gpt2"):
        with torch.device("meta"):
            library.AutoModel.from_config(library.AutoConfig.for_model(kind, num_hidden_layers=1))


def caught(tool: str, name: str, address: str) -> dict[str, Any]:
    """Run a command in a child; return its exit status and the lines that it printed."""
    with tempfile.TemporaryFile() as file:
        child = os.fork()
        if child == 0:
            os.dup2(file.fileno(), 1)
            os.dup2(file.fileno(), 2)
            status = 0
            try:
                COMMANDS[tool](name, address)
            except SystemExit as error:
                status = error.code if isinstance(error.code, int) else int(bool(error.code))
            except BaseException:
                traceback.print_exc()
                status = 1
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)
        status = _waited(child)
        file.seek(0)
        text = file.read().decode("utf-8", "replace").replace(name, "MODEL")
    return {"status": status, "lines": [line for line in text.splitlines() if line.strip()]}


def _waited(child: int) -> int:
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.01)
    os.kill(child, 9)
    os.waitpid(child, 0)
    return -9


def main() -> None:
    """Run a tool on each name, or on one name without catching anything."""
    tool, address, root, *names = sys.argv[1:]
    os.environ.update(HF_ENDPOINT=address, HF_HUB_DISABLE_TELEMETRY="1", COLUMNS="200")
    os.chdir(root)
    if len(names) == 1:
        COMMANDS[tool](names[0], address)
        return
    warm(tool)
    print(json.dumps({name: caught(tool, name, address) for name in names}))


if __name__ == "__main__":
    main()
