"""Train the packaged classifier anew: python -m bench.training --write PATH, or --check."""

import argparse
import sys
import time
from pathlib import Path

from bench.published_figures import causes_by_symptom
from firstmile.diagnose import classifier as packaged_classifier
from firstmile.diagnose.classifier import ARTEFACT, Classifier, pack
from firstmile.knowledge import load_cases, load_entries
from firstmile.knowledge.vignettes import load_vignettes
from firstmile.lab.learning import fingerprint, lessons_of, train
from firstmile.rendering.files import write_whole

PACKAGED = Path(packaged_classifier.__file__).with_name(ARTEFACT)


def trained() -> Classifier:
    """Train with all there is, also the cases that are set aside for evaluation."""
    lessons = lessons_of(load_cases(), load_entries(), load_vignettes())
    return train(lessons, load_cases(), causes_by_symptom())


def main() -> None:
    """Train and write the classifier, or say whether the packaged one is of today's texts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", type=Path, default=PACKAGED)
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    if options.check:
        from firstmile.diagnose.classifier import load_classifier

        fresh = fingerprint(lessons_of(load_cases(), load_entries(), load_vignettes()))
        sys.exit(0 if load_classifier().training_sha256 == fresh else "the classifier is stale")
    started = time.perf_counter()
    data = pack(trained())
    write_whole(options.write, data)
    print(f"{options.write.name}: {len(data):,} bytes, {time.perf_counter() - started:.1f} s")


if __name__ == "__main__":
    main()
