"""Folders that lie, loop, block or would run code are bounded, said, and never executed."""

import json
import os
import pickle
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstmile.check.intent import Intent
from firstmile.check.running import judge_all
from firstmile.check.unit import find_checks
from firstmile.errors import UserError
from firstmile.facts.machine import Machine
from firstmile.facts.model_folder.folder import Document, ModelFolder, Shard, Tensor
from firstmile.facts.model_folder.modelfile import parse_modelfile
from firstmile.facts.model_folder.reading import base_of, read_model, read_model_folder
from firstmile.facts.model_folder.source import Source
from firstmile.facts.saving import snapshot_from, snapshot_text
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome


def problem_of(folder: Path, content: bytes, name: str = "model.safetensors") -> str:
    (folder / name).write_bytes(content)
    read = read_model_folder(folder)
    parts = (read.shards, read.ggufs, read.pickles, tuple(read.documents.values()))
    (problem,) = [each.problem for part in parts for each in part]
    assert not [each for each in read.not_known if "firstmile failed" in each.reason]
    return problem or ""


def text(value: str) -> bytes:
    return struct.pack("<Q", len(value)) + value.encode()


GGUF = b"GGUF" + struct.pack("<I", 3)


def test_a_safetensors_header_that_lies_is_refused(tmp_path: Path) -> None:
    assert "states a length" in problem_of(tmp_path, struct.pack("<Q", 10**10) + b"{" * 9)
    assert "and the file has" in problem_of(tmp_path, struct.pack("<Q", 500) + b"{}")
    deep = b'{"a":' + b"[" * 50_000
    assert "not the JSON" in problem_of(tmp_path, struct.pack("<Q", len(deep)) + deep)


def test_a_tensor_of_a_million_dimensions_is_refused(tmp_path: Path) -> None:
    shape = ",".join(["9000000000000000000"] * 1_000_000)
    head = f'{{"a":{{"dtype":"BF16","shape":[{shape}],"data_offsets":[0,4]}}}}'
    assert "not the JSON" in problem_of(tmp_path, text(head))
    tensor = Tensor("a", "BF16", (2**62,) * 100_000, 0, 4)
    shard = Shard(path="m.safetensors", size_bytes=9, header_bytes=1, tensors=(tensor,))
    saved = snapshot_text(Snapshot(model=ModelFolder(path="m", kind="unknown", shards=(shard,))))
    with pytest.raises(UserError):
        snapshot_from(saved.encode(), name="s.json")


def make_a_pipe(path: Path) -> None:
    path.unlink(missing_ok=True)
    os.mkfifo(path)


class Shrinking(Source):
    """A folder whose files change after they were listed, as one that is being written does."""

    def __init__(self, root: Path, change: Callable[[Path], None]) -> None:
        super().__init__(root)
        self.change = change

    def read(self, path: str, *, start: int = 0, length: int) -> bytes:
        if length != 256:
            self.change(self.base / path)
        return super().read(path, start=start, length=length)


@pytest.mark.parametrize(
    "change",
    [
        lambda path: path.unlink(missing_ok=True),
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(path.read_bytes()[:20] if path.exists() else b""),
        lambda path: path.write_bytes(b"\xff" * 2_000_000),
        lambda path: (path.unlink(missing_ok=True), path.symlink_to("/etc/passwd")),
        make_a_pipe,
        lambda path: (path.unlink(missing_ok=True), path.mkdir(exist_ok=True)),
    ],
    ids=["gone", "emptied", "cut", "grown", "a link outside", "a pipe", "a folder"],
)
def test_a_folder_that_changes_while_it_is_read_is_said(
    tmp_path: Path, change: Callable[[Path], object]
) -> None:
    head = '{"a":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]}}'
    index = '{"weight_map": {"a": "model.safetensors"}, "metadata": {}}' + " " * 300
    made = {
        "model.safetensors": text(head) + b"1234",
        "model.safetensors.index.json": index.encode(),
        "config.json": b'{"model_type": "llama"}' + b" " * 300,
        "tokenizer.json": b'{"model": {"type": "BPE", "vocab": {}, "merges": []}}' + b" " * 300,
        "pytorch_model.bin": b"\x80\x02" + b"." * 300,
        "model.gguf": GGUF + struct.pack("<QQ", 0, 0) + b"\0" * 300,
        "modeling_own.py": b"import torch\n" * 30,
        "chat_template.jinja": b"{{ messages }}" + b" " * 300,
    }
    for name, content in made.items():
        (tmp_path / name).write_bytes(content)
    done: set[Path] = set()

    def once(path: Path) -> None:
        if path not in done:
            done.add(path)
            change(path)

    found = read_model_folder(tmp_path, source=Shrinking(tmp_path, once))
    assert not [each for each in found.not_known if "firstmile failed" in each.reason]
    assert "root:" not in repr(found)
    (shard,) = found.shards
    assert shard.problem
    assert found.documents["config.json"].problem
    findings = judge_all(find_checks(), Snapshot(model=found), Intent())
    assert not [each for each in findings if each.outcome is Outcome.ERROR]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (GGUF + struct.pack("<QQ", 2**60, 0), "tensors and"),
        (GGUF + struct.pack("<QQ", 0, 1) + struct.pack("<Q", 2**62), "and the file has"),
        (GGUF + struct.pack("<QQ", 0, 1) + text("a") + struct.pack("<IIQ", 9, 8, 2**61), "array"),
        (GGUF + struct.pack("<QQ", 0, 1) + text("a") + struct.pack("<I", 77), "unknown kind 77"),
        (GGUF + struct.pack("<QQ", 1, 0) + text("a") + struct.pack("<I", 2**31), "dimensions"),
        (GGUF + b"\0", "ends within its header"),
        (b"GGUF" + struct.pack("<IQQ", 9, 0, 0), "version 9"),
    ],
)
def test_a_gguf_header_that_lies_is_refused(tmp_path: Path, content: bytes, says: str) -> None:
    assert says in problem_of(tmp_path, content, "model.gguf")


def test_a_gguf_header_is_read_in_either_byte_order(tmp_path: Path) -> None:
    for order in "<>":

        def word(value: str, order: str = order) -> bytes:
            return struct.pack(f"{order}Q", len(value)) + value.encode()

        tokens = b"".join(word(each) for each in ("<s>", "</s>"))
        content = b"GGUF" + struct.pack(f"{order}IQQ", 3, 1, 2)
        content += word("tokenizer.ggml.tokens") + struct.pack(f"{order}IIQ", 9, 8, 2) + tokens
        content += word("tokenizer.ggml.eos_token_id") + struct.pack(f"{order}II", 4, 1)
        content += word("w") + struct.pack(f"{order}IQQIQ", 2, 256, 2, 12, 0)
        (tmp_path / "m.gguf").write_bytes(content.ljust(-(-len(content) // 32) * 32) + bytes(288))
        (found,) = read_model_folder(tmp_path).ggufs
        assert found.problem is None
        assert found.big_endian == (order == ">")
        assert found.metadata["tokenizer.ggml.tokens"] == 2
        assert found.special_tokens == {"tokenizer.ggml.eos_token_id": "</s>"}
        assert found.tensors == (Tensor("w", "Q4_K", (256, 2), 0, 288),)


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused_and_never_break_it(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    folder = tmp_path_factory.mktemp("any")
    (folder / "m.gguf").write_bytes(GGUF + data)
    (folder / "m.pkl").write_bytes(b"\x80\x04" + data)
    (folder / "m.pt").write_bytes(b"PK\x03\x04" + data)
    (folder / "m.safetensors").write_bytes(struct.pack("<Q", len(data) + 1) + b"{" + data)
    (folder / "config.json").write_bytes(b"{" + data)
    read = read_model_folder(folder)
    assert not [each for each in read.not_known if "firstmile failed" in each.reason]


class Evil:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, ("touch was-run",)


def test_a_pickle_is_disassembled_and_never_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "model"
    folder.mkdir()
    for protocol in range(6):
        (folder / f"{protocol}.pkl").write_bytes(pickle.dumps(Evil(), protocol))
    with zipfile.ZipFile(folder / "pytorch_model.bin", "w") as archive:
        archive.writestr("archive/data.pkl", pickle.dumps(Evil()))
    (folder / "memo.pkl").write_bytes(
        b"\x80\x04\x8c\x02os\x94\x8c\x06system\x940h\x00h\x01\x93\x8c\x02ls\x85R."
    )
    found = {each.path: each for each in read_model_folder(folder).pickles}
    assert len(found) == 8
    for each in found.values():
        assert each.imports[0].endswith(".system"), each
        assert each.problem is None
    assert not (tmp_path / "was-run").exists()


@pytest.mark.long
def test_archives_that_hide_or_swell_are_said(tmp_path: Path) -> None:
    name = tmp_path / "model.pt"
    with zipfile.ZipFile(name, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/data.pkl", b"\x80\x02" + b"N0" * 20_000_000)
    (swollen,) = read_model_folder(tmp_path).pickles
    assert "too large" in (swollen.problem or "")
    with zipfile.ZipFile(name, "w") as archive:
        archive.writestr("a/data.pkl", b"\x80\x02N.")
    content = bytearray(name.read_bytes())
    content[6] |= 1
    content[content.rfind(b"PK\x01\x02") + 8] |= 1
    assert problem_of(tmp_path, bytes(content), "model.pt") == "it is encrypted"
    assert "without an end" in problem_of(tmp_path, bytes(content[:60]), "model.pt")


def test_links_pipes_and_devices_are_not_opened(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    (folder / "below").mkdir(parents=True)
    (tmp_path / "secret.json").write_text('{"a": 1}')
    (folder / "config.json").symlink_to(tmp_path / "secret.json")
    (folder / "loop.json").symlink_to("loop.json")
    (folder / "below" / "up").symlink_to(folder)
    (folder / "zero.safetensors").symlink_to("/dev/zero")
    os.mkfifo(folder / "tokenizer_config.json")
    os.mkfifo(folder / "model.py")
    read = read_model_folder(folder)
    kinds = {each.path: each.kind for each in read.files}
    assert kinds["config.json"] == "outside"
    assert kinds["loop.json"] == "dangling"
    assert kinds["zero.safetensors"] == kinds["tokenizer_config.json"] == "special"
    assert read.config is None
    assert read.shards[0].problem == "it is not a plain file of this folder"
    assert read_model_folder(Path("/dev/null")).files == ()


def test_json_bombs_are_refused_in_words(tmp_path: Path) -> None:
    for content, says in (
        (b'{"a":' + b"[" * 100_000, "beyond any use"),
        (b'{"a":' + b"9" * 5_000 + b"}", "beyond any use"),
        (b'{"a":' + b"9" * 60 + b"}", "number beyond any use"),
        (b'{"a":' * 70 + b"1" + b"}" * 70, "levels deep"),
        (b"[]", "no set of fields"),
        (b"\xff\xfe{}", "not UTF-8"),
        (b'{"a": "' + b"x" * 4_300_000 + b'"}', "longer than"),
    ):
        assert says in problem_of(tmp_path, content, "config.json"), says


def test_names_with_escapes_and_bytes_that_are_no_text_are_kept_and_saved(tmp_path: Path) -> None:
    (tmp_path / "\x1b[2Jname.json").write_text("{}")
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.json")).write_text("{}")
    whole = Snapshot(model=read_model_folder(tmp_path))
    read = snapshot_from(snapshot_text(whole).encode(), name="it").model
    assert read is not None
    assert [each.path for each in read.files] == ["\x1b[2Jname.json", "\\udcff.json"]


def test_samples_see_nan_infinity_and_zeros_and_survive_a_huge_sparse_file(tmp_path: Path) -> None:
    values = {
        "BF16": (b"\x80\x7f" + b"\xc0\x7f" + b"\0\0" + b"\x80\x3f", 4),
        "F16": (b"\0\x7c" + b"\0\x7e" + b"\0\0" + b"\0\x3c", 4),
        "F32": (struct.pack("<4f", float("inf"), float("nan"), 0, 1), 4),
        "F8_E5M2": (b"\x7c\x7e\x00\x3c", 4),
    }
    header, data = [], b""
    for dtype, (content, count) in values.items():
        span = f"[{len(data)},{len(data) + len(content)}]"
        header.append(f'"{dtype}":{{"dtype":"{dtype}","shape":[{count}],"data_offsets":{span}}}')
        data += content
    huge = 100 * 10**9
    span = f"[{len(data)},{huge}]"
    header.append(f'"z":{{"dtype":"BF16","shape":[{huge}],"data_offsets":{span}}}')
    head = ("{" + ",".join(header) + "}").encode()
    with (tmp_path / "model.safetensors").open("wb") as file:
        file.write(struct.pack("<Q", len(head)) + head + data)
        file.truncate(8 + len(head) + huge)
    found = {each.tensor: each for each in read_model_folder(tmp_path).samples}
    for dtype in values:
        one = found[dtype]
        assert (one.read, one.nan, one.infinite, one.zero, one.largest) == (4, 1, 1, 1, 1.0)
    assert found["z"].zero == found["z"].read == 4_096


def test_a_modelfile_is_read_as_ollama_reads_it() -> None:
    found = parse_modelfile(
        '# made by hand\nfrom ./model.gguf\nPARAMETER stop "<|im_end|>"\n'
        'PARAMETER stop "x"\nPARAMETER num_ctx 4096\nTEMPLATE """{{ .Prompt }}\nand so on"""\n'
        "MESSAGE user hello there\nNONSENSE 1\n"
    )
    assert found["FROM"] == ["./model.gguf"]
    assert found["PARAMETER"] == {"stop": ["<|im_end|>", "x"], "num_ctx": 4096}
    assert found["TEMPLATE"] == "{{ .Prompt }}\nand so on"
    assert found["MESSAGE"] == [["user", "hello there"]]
    assert found["UNKNOWN"] == ["line 9: NONSENSE 1"]


def test_the_base_of_an_adapter_is_found_where_it_is_a_model(tmp_path: Path) -> None:
    adapter, base = tmp_path / "adapter", tmp_path / "base"
    adapter.mkdir()
    base.mkdir()
    (adapter / "adapter_config.json").write_text('{"base_model_name_or_path": "../base"}')
    assert base_of(adapter, read_model_folder(adapter)) is None
    (base / "config.json").write_text("{}")
    found = base_of(adapter, read_model_folder(adapter))
    assert found is not None
    assert found.resolve() == base.resolve()


def test_the_base_of_an_adapter_is_found_in_the_hub_cache_by_its_revision(tmp_path: Path) -> None:
    adapter, cache = tmp_path / "adapter", tmp_path / "hub" / "models--owner--base"
    adapter.mkdir()
    for name, digit in (("main", "a"), ("v2", "b")):
        (cache / "snapshots" / (digit * 40)).mkdir(parents=True)
        (cache / "snapshots" / (digit * 40) / "config.json").write_text(
            f'{{"model_type": "{name}"}}'
        )
        (cache / "refs").mkdir(exist_ok=True)
        (cache / "refs" / name).write_text(digit * 40)
    machine = Machine(variables={"HF_HUB_CACHE": str(tmp_path / "hub")})
    named = {"base_model_name_or_path": "owner/base"}
    for revision, kind in ((None, "main"), ("v2", "v2"), (7, "main")):
        (adapter / "adapter_config.json").write_text(json.dumps({**named, "revision": revision}))
        base = read_model(adapter, machine)[1]
        assert base is not None
        assert base.config == {"model_type": kind}
    (adapter / "adapter_config.json").write_text(json.dumps({**named, "revision": "../x"}))
    assert read_model(adapter, machine)[1] is None


def test_a_model_is_saved_and_read_back_as_it_was() -> None:
    odd = {"a": float("inf"), "b": [10**30, None], "$number": "x", "c": {"$number": "Infinity"}}
    tensors = (Tensor("w", "BF16", (2, 3), 0, 12),)
    shard = Shard(path="m", size_bytes=1, header_bytes=2, tensors=tensors, metadata={"f": "pt"})
    document = Document(path="config.json", value=odd)
    model = ModelFolder(
        path="m", kind="transformers", documents={"config.json": document}, shards=(shard,)
    )
    read = snapshot_from(snapshot_text(Snapshot(model=model)).encode(), name="it").model
    assert read == model


def with_number(place: str, number: str) -> bytes:
    """Return a snapshot of a model that states a number in a place."""
    stated = {
        "shards": f'"shards":[{{"path":"m","size_bytes":1,"header_bytes":2,"tensors":[{number}]}}]',
        "documents": f'"documents":{{"c":{{"path":"c","value":{{"a":[{number}]}}}}}}',
        "files": f'"files":[{{"path":"m","size_bytes":{number},"kind":"file","looks":"other"}}]',
        "named": f"""{TOKENIZER},"named":{{"a":{number}}}}}""",
    }
    return f'{{"schema":1,"model":{{"path":"m","kind":"transformers",{stated[place]}}}}}'.encode()


TOKENIZER = '"tokenizer":{"path":"t","kind":"t","algorithm":null,"base_size":1,"size":1,"added":[]'


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "no JSON"),
        (b"[" * 100_000, "s.json is no"),
        (b"[1]", "no snapshot"),
        (b'{"schema": 2}', "schema 1"),
        (b'{"schema": NaN}', "no JSON"),
        (b'{"schema":1,"model":{"path":3,"kind":""}}', "model.path is not a text"),
        (b'{"schema":1,"model":{"kind":""}}', "model lacks path"),
        (b'{"schema":1,"others":[{"collected":"","firstmile":"","gpus":7}]}', "is not a list"),
        (b'{"schema":1,"model":' + b'{"a":' * 100_000, "s.json is no"),
        (b"[" + b"[]," * 3_000_000, "more than any"),
        (with_number("shards", f'["w","BF16",[2],0,1{"0" * 400}]'), "a number beyond any use"),
        (with_number("shards", f'["w","BF16",{[2**60] * 9},0,12]'), "a number beyond any use"),
        (with_number("documents", f"1{'0' * 400}"), "a number beyond any use"),
        (with_number("files", f"1{'0' * 400}"), "a number beyond any use"),
        (with_number("named", f"-1{'0' * 400}"), "a number beyond any use"),
    ],
)
def test_a_hostile_snapshot_is_refused_in_one_sentence(content: bytes, says: str) -> None:
    with pytest.raises(UserError) as error:
        snapshot_from(content, name="s.json")
    assert says in str(error.value)
    assert str(error.value).count(". ") == 0


def test_an_index_of_more_tensors_than_any_model_has_is_not_read(tmp_path: Path) -> None:
    entries = ",".join(f'"w{number}":"m.safetensors"' for number in range(500_002))
    name = "model.safetensors.index.json"
    (tmp_path / name).write_text(f'{{"weight_map":{{{entries}}}}}')
    read = read_model_folder(tmp_path)
    assert read.index is None
    assert "names more than 500,000 tensors" in (read.why_not("index") or "")
