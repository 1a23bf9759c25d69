"""The commands of `python -m core`, a module each family: imported by core/__main__.py when its command is run, not before."""
