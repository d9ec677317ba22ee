"""What is measured rather than promised: each module writes one page of docs."""
