"""The normaliser and the token recipe: what makes two ways of writing one person the same (pure, no keys)."""

NORMALISER = "normaliser/5"
