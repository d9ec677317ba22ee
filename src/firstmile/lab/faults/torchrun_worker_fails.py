"""A worker under torchrun fails, and torchrun ends the others and reports the failure of one."""

import importlib

from firstmile.lab.fault import Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="crash/value/value-error",
    cause="api/call-parameter",
    stage="fine-tuning",
    entry="resume-finds-no-valid-checkpoint",
)


def run(bench: Workbench) -> None:
    """Run a training script under torchrun."""

    bench.model()
    script = bench.folder / "train.py"
    script.write_text(
        "from transformers import AutoModelForCausalLM, Trainer, TrainingArguments\n\n"
        "model = AutoModelForCausalLM.from_pretrained('model')\n"
        "arguments = TrainingArguments(output_dir='out', report_to=[], use_cpu=True)\n"
        "trainer = Trainer(model=model, args=arguments, train_dataset=[{'input_ids': [1, 2]}])\n"
        "trainer.train(resume_from_checkpoint=True)\n"
    )
    launcher = importlib.import_module("torch.distributed.run")

    launcher.main(["--nproc-per-node", "2", "--master-port", str(bench.free_port()), str(script)])
