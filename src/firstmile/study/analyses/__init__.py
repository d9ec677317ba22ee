"""The analyses, one question a file; `firstmile.study.analysis` finds and runs them."""
