"""The steps that CastMind comes with, a file each; files beside them hold parts of a step that is long."""
