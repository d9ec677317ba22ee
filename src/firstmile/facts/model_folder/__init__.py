"""What was read off a model folder, never judged here and never run.

`folder` holds the types; `reading` fills them part by part: `listed_files`, `documents` (JSON),
`safetensors`, `gguf`, `pickles`, `custom_code`, `tokenizer_file`, `templates`, `samples`.
`architecture` tells the sizes that a config states in one vocabulary. A part that could not be
read is said in `not_known`, with the reason.
"""
