from tests.app.conftest import castmind

__all__ = ["castmind"]
