"""The table of actions, in parts: each says what can be asked of one kind of thing."""
