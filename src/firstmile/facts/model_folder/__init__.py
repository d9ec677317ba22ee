"""What was read off a model folder, never judged here and never run.

`folder` holds the types; `reading` fills them part by part: `listed_files`, `documents` (JSON),
`safetensors`, `gguf`, `pickles`, `modelfile`, `custom_code`, `tokenizer_file`, `templates`,
`samples`. Bytes come from a `source` on disk, or from `hub`; what strangers' tokenizers,
templates and code do is tried in a `child`. `architecture` tells the sizes that a config states
in one vocabulary. A part that could not be read is said in `not_known`, with the reason.
"""
