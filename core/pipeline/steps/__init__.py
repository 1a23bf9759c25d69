"""The built-in steps, a file each; the other files hold parts of a long step."""
