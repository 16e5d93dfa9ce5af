"""The folder of a script's figures and tables."""

import os
from pathlib import Path

from canns._explain import explained

__all__ = ["get_example_output_dir"]


@explained
def get_example_output_dir(
    script_path: str | os.PathLike[str],
    category: str | None = None,
    *,
    base_env_var: str = "CANNS_EXAMPLES_OUTPUT_DIR",
) -> Path:
    """Make and return the folder ``BASE[/CATEGORY]/SCRIPT`` for the output of a script.

    Args:
        script_path: The script, such as ``__file__``; its name without ending names the folder.
        category: A folder between base and script.
        base_env_var: Environment variable that names the base; if it is unset or empty, the base is
            ``outputs`` in the working folder.

    Example:
        >>> import os, tempfile
        >>> os.environ["MY_OUTPUTS"] = tempfile.mkdtemp()
        >>> folder = get_example_output_dir("demo.py", "memory", base_env_var="MY_OUTPUTS")
        >>> folder.is_dir(), folder.parts[-2:]
        (True, ('memory', 'demo'))
    """
    base = Path(os.environ.get(base_env_var) or "outputs")
    folder = base / (category or "") / Path(script_path).stem
    folder.mkdir(parents=True, exist_ok=True)
    return folder
