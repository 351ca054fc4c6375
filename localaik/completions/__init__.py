"""The OpenAI chat form as model servers take it: encoded requests, decoded answers."""
