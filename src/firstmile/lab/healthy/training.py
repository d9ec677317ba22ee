"""Training that ends well, with the warnings that it brings."""

from typing import Any

from firstmile.lab.training import trainer
from firstmile.lab.workbench import Workbench


def training_a_small_model(bench: Workbench) -> None:
    """Train all weights."""
    trainer(bench, *bench.loaded()).train()


def training_with_lora(bench: Workbench) -> None:
    """Train an adapter and say how many weights it has."""
    from firstmile.lab.libraries import peft

    model, tokenizer = bench.loaded()
    tuned = peft.get_peft_model(model, peft.LoraConfig(task_type="CAUSAL_LM"))
    tuned.print_trainable_parameters()
    trainer(bench, tuned, tokenizer).train()
    tuned.save_pretrained(bench.folder / "adapter")


def training_with_gradient_checkpointing(bench: Workbench) -> None:
    """Save memory by computing activations twice."""
    trainer(bench, *bench.loaded(), gradient_checkpointing=True).train()


def training_lora_with_gradient_checkpointing(bench: Workbench) -> None:
    """Do both, with the inputs' gradients switched on."""
    from firstmile.lab.libraries import peft

    model, tokenizer = bench.loaded("qwen2")
    model.enable_input_require_grads()
    tuned = peft.get_peft_model(model, peft.LoraConfig(task_type="CAUSAL_LM", r=4))
    trainer(bench, tuned, tokenizer, gradient_checkpointing=True).train()


def training_with_checkpoints(bench: Workbench) -> None:
    """Save every two steps and keep one."""
    settings: dict[str, Any] = {"save_strategy": "steps", "save_steps": 2, "save_total_limit": 1}
    trainer(bench, *bench.loaded(), **settings).train()


def training_that_goes_on(bench: Workbench) -> None:
    """Go on from a checkpoint."""
    settings: dict[str, Any] = {"save_strategy": "steps", "save_steps": 3}
    trainer(bench, *bench.loaded(), **settings).train()
    more = trainer(bench, bench.reloaded("llama"), bench.tokenizer("llama"), max_steps=9)
    more.train(resume_from_checkpoint=str(bench.folder / "out" / "checkpoint-6"))


def training_in_bfloat16(bench: Workbench) -> None:
    """Let the trainer compute in bfloat16."""
    trainer(bench, *bench.loaded(), bf16=True).train()


def training_with_evaluation(bench: Workbench) -> None:
    """Evaluate after training."""
    ready = trainer(bench, *bench.loaded())
    ready.eval_dataset = ready.train_dataset
    ready.train()
    bench.say(ready.evaluate())


def training_with_accumulation(bench: Workbench) -> None:
    """Add up the gradients of four batches."""
    trainer(bench, *bench.loaded(), gradient_accumulation_steps=4).train()


def training_with_a_cosine_schedule(bench: Workbench) -> None:
    """Warm up, then let the learning rate fall to zero."""
    trainer(bench, *bench.loaded(), lr_scheduler_type="cosine", warmup_steps=2).train()


def training_with_data_workers(bench: Workbench) -> None:
    """Read the rows in two processes."""
    trainer(bench, *bench.loaded(), dataloader_num_workers=2).train()


def training_without_bars(bench: Workbench) -> None:
    """Log lines only."""
    trainer(bench, *bench.loaded(), disable_tqdm=True).train()


def training_with_many_log_lines(bench: Workbench) -> None:
    """Let transformers say all that it has to say."""
    from firstmile.lab.libraries import transformers

    transformers.logging.set_verbosity_info()
    trainer(bench, *bench.loaded(), log_level="info", save_strategy="epoch").train()


def training_with_noise_in_the_embeddings(bench: Workbench) -> None:
    """Use NEFTune and smooth the labels."""
    settings: dict[str, Any] = {"neftune_noise_alpha": 5, "label_smoothing_factor": 0.1}
    trainer(bench, *bench.loaded(), **settings).train()


def training_in_epochs(bench: Workbench) -> None:
    """Train three epochs with Adafactor."""
    settings: dict[str, Any] = {"num_train_epochs": 3, "max_steps": -1, "optim": "adafactor"}
    trainer(bench, *bench.loaded("gpt2"), **settings).train()


def _texts(bench: Workbench) -> Any:
    from firstmile.lab.libraries import datasets

    return datasets.Dataset.from_dict({"text": bench.rows(8)})


def _sft(bench: Workbench, kind: str = "llama", **settings: Any) -> Any:
    from firstmile.lab.libraries import trl

    model, tokenizer = bench.loaded(kind)
    config = trl.SFTConfig(
        output_dir=str(bench.folder / "out"),
        max_steps=4,
        per_device_train_batch_size=2,
        logging_steps=1,
        report_to=[],
        save_strategy="no",
        use_cpu=True,
        bf16=False,
        **settings,
    )
    return trl.SFTTrainer(
        model=model, args=config, processing_class=tokenizer, train_dataset=_texts(bench)
    )


def fine_tuning_with_trl(bench: Workbench) -> None:
    """Tune with the SFT trainer."""
    _sft(bench, max_length=64).train()


def fine_tuning_on_chats(bench: Workbench) -> None:
    """Tune on conversations."""
    from firstmile.lab.libraries import datasets

    chats = [
        [{"role": "user", "content": text}, {"role": "assistant", "content": "Yes."}]
        for text in bench.rows(6)
    ]
    ready = _sft(bench, max_length=64)
    bench.say(datasets.Dataset.from_dict({"messages": chats}))
    ready.train()
    ready.save_model(str(bench.folder / "tuned"))


def preferring_answers(bench: Workbench) -> None:
    """Tune with the DPO trainer."""
    from firstmile.lab.libraries import datasets, trl

    model, tokenizer = bench.loaded()
    rows = datasets.Dataset.from_dict(
        {
            "prompt": bench.rows(4),
            "chosen": [" Yes, it is."] * 4,
            "rejected": [" No, it is not."] * 4,
        }
    )
    config = trl.DPOConfig(
        output_dir=str(bench.folder / "out"),
        max_steps=3,
        per_device_train_batch_size=2,
        logging_steps=1,
        report_to=[],
        use_cpu=True,
        bf16=False,
        save_strategy="no",
    )
    trl.DPOTrainer(model=model, args=config, processing_class=tokenizer, train_dataset=rows).train()


def training_by_hand(bench: Workbench) -> None:
    """Train with a loop of one's own and clipped gradients."""
    from firstmile.lab.libraries import torch

    model, tokenizer = bench.loaded()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    for step, text in enumerate(bench.rows(8)):
        ids = tokenizer(text, return_tensors="pt")
        loss = model(**ids, labels=ids["input_ids"]).loss
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        bench.say(f"[{step + 1}/8] loss: {loss.item():.4f} grad_norm: {norm:.3f} lr: 1.0e-03")


def training_with_accelerate(bench: Workbench) -> None:
    """Train with accelerate and log by rank."""
    from firstmile.lab.libraries import accelerate, torch

    model, tokenizer = bench.loaded()
    accelerator = accelerate.Accelerator(cpu=True)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    model, optimizer = accelerator.prepare(model, optimizer)
    bench.say(accelerator.state)
    for text in bench.rows(4):
        ids = tokenizer(text, return_tensors="pt")
        loss = model(**ids, labels=ids["input_ids"]).loss
        accelerator.backward(loss)
        optimizer.step()
        optimizer.zero_grad()
        accelerator.print(f"train/loss {loss.item():.3f}")


def training_with_a_scaler(bench: Workbench) -> None:
    """Train in mixed precision with a scaler that lowers its scale at first."""
    from firstmile.lab.libraries import torch

    model, tokenizer = bench.loaded()
    scaler = torch.amp.GradScaler("cpu", init_scale=2.0**40)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4)
    for step, text in enumerate(bench.rows(8)):
        ids = tokenizer(text, return_tensors="pt")
        with torch.autocast("cpu", dtype=torch.float16):
            loss = model(**ids, labels=ids["input_ids"]).loss
        scaler.scale(loss).backward()
        scaler.step(optimizer)
        scaler.update()
        optimizer.zero_grad()
        bench.say(f"step {step} loss {loss.item():.3f} loss scale: {scaler.get_scale():.0f}")


def merging_an_adapter(bench: Workbench) -> None:
    """Train an adapter, merge it and save the whole model."""
    from firstmile.lab.libraries import peft

    model, tokenizer = bench.loaded()
    tuned = peft.get_peft_model(model, peft.LoraConfig(task_type="CAUSAL_LM"))
    trainer(bench, tuned, tokenizer, max_steps=2).train()
    whole = tuned.merge_and_unload()
    whole.save_pretrained(bench.folder / "merged")
    bench.say(sorted(file.name for file in (bench.folder / "merged").iterdir()))


def loading_an_adapter(bench: Workbench) -> None:
    """Save an adapter, load it onto its base and generate."""
    from firstmile.lab.libraries import peft

    model, tokenizer = bench.loaded("taught")
    settings: dict[str, Any] = {
        "task_type": "CAUSAL_LM",
        "use_dora": True,
        "target_modules": "all-linear",
    }
    tuned = peft.get_peft_model(model, peft.LoraConfig(**settings))
    tuned.save_pretrained(bench.folder / "adapter")
    base = bench.reloaded("taught")
    loaded = peft.PeftModel.from_pretrained(base, bench.folder / "adapter")
    ids = tokenizer("The quick brown", return_tensors="pt")
    bench.say(tokenizer.decode(loaded.generate(**ids, max_new_tokens=24)[0]))


def tuning_prompts(bench: Workbench) -> None:
    """Learn a prompt and no weight of the model."""
    from firstmile.lab.libraries import peft

    model, tokenizer = bench.loaded()
    config = peft.PromptTuningConfig(task_type="CAUSAL_LM", num_virtual_tokens=4)
    tuned = peft.get_peft_model(model, config)
    tuned.print_trainable_parameters()
    trainer(bench, tuned, tokenizer, max_steps=3).train()


def training_new_tokens(bench: Workbench) -> None:
    """Add tokens, enlarge the embedding and train it beside an adapter."""
    from firstmile.lab.libraries import peft

    model, tokenizer = bench.loaded()
    tokenizer.add_special_tokens({"additional_special_tokens": ["<|tool|>"]})
    model.resize_token_embeddings(len(tokenizer))
    config = peft.LoraConfig(task_type="CAUSAL_LM", modules_to_save=["embed_tokens", "lm_head"])
    tuned = peft.get_peft_model(model, config)
    trainer(bench, tuned, tokenizer, max_steps=3).train()
    tuned.save_pretrained(bench.folder / "adapter")


def measuring_perplexity(bench: Workbench) -> None:
    """Evaluate a model on some texts."""
    from firstmile.lab.libraries import torch

    model, tokenizer = bench.loaded()
    losses = []
    for text in bench.rows(6):
        ids = tokenizer(text, return_tensors="pt")
        with torch.no_grad():
            losses.append(model(**ids, labels=ids["input_ids"]).loss)
    bench.say(f"perplexity: {torch.exp(torch.stack(losses).mean()).item():.2f} on 6 texts")
