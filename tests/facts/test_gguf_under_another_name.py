"""A file that begins as GGUF is one, whatever it is called."""

from pathlib import Path

from firstmile.facts.model_folder.reading import read_model_folder

HEADER = b"GGUF" + (3).to_bytes(4, "little") + bytes(16)


def test_a_gguf_file_with_the_name_of_safetensors_is_read_as_gguf(tmp_path: Path) -> None:
    file = tmp_path / "model.safetensors"
    file.write_bytes(HEADER)
    found = read_model_folder(file)
    assert (found.kind, [each.path for each in found.ggufs]) == ("gguf", [file.name])
    assert found.shards == ()


def test_a_folder_with_a_config_stays_one_of_transformers(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(HEADER)
    (tmp_path / "config.json").write_text("{}")
    assert read_model_folder(tmp_path).kind == "transformers"
