"""Results to text, HTML, figures and tables.

A capability describes what it found as a `Document` (sections of sentences, grids and figures);
everything here turns that description into something people see, and makes text from outside
inert on the way.
"""
