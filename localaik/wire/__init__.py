"""Web formats without chat meaning: JSON, server-sent events, data URIs."""
