"""The pages of a study: labelling, screening, adjudication and an explorer, on loopback only.

`site` holds an opened study, `guard` what every request has to pass, `pages` and its neighbors
one kind of page each; `thread` turns what users wrote into HTML that nothing of it is live in.
Templates, styles and scripts lie beside them. Starlette and uvicorn are imported in here alone.
"""
