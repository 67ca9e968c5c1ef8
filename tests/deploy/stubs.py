"""The API's stubs for Python, which the build's e2e_python_test makes where it can."""

import pathlib
import sys


def missing(folder):
    """Why kulanz.v1 cannot be imported; None: from now on it can."""
    try:
        import google
        import grpc  # noqa: F401 (of the stubs)
    except ImportError as error:
        return f"{error.name} is not installed for Python"
    if not pathlib.Path(folder, "made").exists():
        return "the API's stubs for Python are not there (target e2e_python_test); grpc_python_plugin is not installed"
    sys.path.insert(0, str(folder))
    google.__path__.append(f"{folder}/google")
    return None
