"""From labelled failures to a report: read, count, analyze, judge the claims, publish."""
