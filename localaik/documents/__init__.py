"""Documents in requests: from where their bytes come, and what texts and pictures they become.

`pipeline` is the way of one document; pages are rendered in child processes (`worker`).
"""
