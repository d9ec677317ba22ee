"""From text to ranked hypotheses: what failed, why, and the lines that prove it.

`reading` cleans lines, `raised` finds exceptions and which came first, `judging` weighs what
the knowledge base and the classifier say of them into a `Diagnosis`.
"""
