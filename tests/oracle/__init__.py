"""The oracle: every situation once more, by brute force, sharing nothing with the product."""
