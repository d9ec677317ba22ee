"""Several processes that work together."""

import os

from firstmile.lab.workbench import Workbench


def reducing_over_ranks(bench: Workbench) -> None:
    """Add up numbers of three ranks."""
    from firstmile.lab.libraries import torch

    def work(rank: int) -> None:
        torch.distributed.init_process_group("gloo")
        total = torch.tensor([float(rank)])
        torch.distributed.all_reduce(total)
        bench.say(f"[rank{rank}] sum {total.item():.0f} of {os.environ['WORLD_SIZE']} ranks")
        torch.distributed.destroy_process_group()

    bench.ranks(3, work)


def training_on_two_ranks(bench: Workbench) -> None:
    """Train with DDP."""
    from firstmile.lab.libraries import torch

    model, tokenizer = bench.loaded()

    def work(rank: int) -> None:
        torch.distributed.init_process_group("gloo")
        parallel = torch.nn.parallel.DistributedDataParallel(model)
        optimizer = torch.optim.SGD(parallel.parameters(), lr=0.1)
        for step, text in enumerate(bench.rows(4)):
            ids = tokenizer(text, return_tensors="pt")
            loss = parallel(**ids, labels=ids["input_ids"]).loss
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
            bench.say(f"[rank{rank}] step {step} loss {loss.item():.3f}")
        torch.distributed.destroy_process_group()

    bench.ranks(2, work)


def training_with_parameters_that_are_looked_for(bench: Workbench) -> None:
    """Look for unused parameters though all are used: DDP says that this costs time."""
    from firstmile.lab.libraries import torch

    def work(rank: int) -> None:
        torch.distributed.init_process_group("gloo")
        layer = torch.nn.Linear(4, 4)
        parallel = torch.nn.parallel.DistributedDataParallel(layer, find_unused_parameters=True)
        for _ in range(2):
            parallel(torch.ones(2, 4)).sum().backward()
        bench.say(f"[rank{rank}] done")

    bench.ranks(2, work)


def training_with_the_trainer_on_two_ranks(bench: Workbench) -> None:
    """Let the trainer use two ranks."""
    from firstmile.lab.training import trainer

    model, tokenizer = bench.loaded()

    def work(rank: int) -> None:
        trainer(bench, model, tokenizer, ddp_backend="gloo", max_steps=3).train()

    bench.ranks(2, work, settings={"ACCELERATE_USE_CPU": "true"})


def leaving_without_destroying_the_group(bench: Workbench) -> None:
    """End without a goodbye, as most scripts do."""
    from firstmile.lab.libraries import torch

    def work(rank: int) -> None:
        torch.distributed.init_process_group("gloo")
        gathered: list[object] = [None, None]
        torch.distributed.all_gather_object(gathered, {"rank": rank, "loss": 1.5})
        bench.say(gathered)

    bench.ranks(2, work)


def running_under_torchrun(bench: Workbench) -> None:
    """Run two workers under torchrun."""
    import importlib

    script = bench.folder / "hello.py"
    script.write_text(
        "import torch.distributed as dist\n\ndist.init_process_group('gloo')\n"
        "print('hello from rank', dist.get_rank(), flush=True)\ndist.barrier()\n"
        "dist.destroy_process_group()\n"
    )
    launcher = importlib.import_module("torch.distributed.run")
    port = str(bench.free_port())
    launcher.main(["--nproc-per-node", "2", "--master-port", port, str(script)])
