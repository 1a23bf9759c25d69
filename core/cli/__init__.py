"""The commands of `python -m core`, one module per family; core/__main__.py imports a module only when its command runs."""
