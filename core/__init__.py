"""CastMind. Importing this costs nothing: every room is imported by who needs it."""

VERSION = "0.1.0"
