"""The canonical chat model: requests, responses and stream events of no vendor."""
