"""What is thrown at the diagnosis: hostile bytes, guided by the code that they reach.

`targets` takes bytes and says what must hold of the answer, `seeds` holds where each begins,
`slices` shares out the time, and `worker` is the process that runs one target for one slice.
"""
