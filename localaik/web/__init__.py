"""The HTTP side: one Klein app a face, and the one place that answers errors."""
