"""A Python environment for one run of a script, with packages that nothing else here needs."""
import os
import subprocess
import sys
import tempfile

# The folder of such a run, in which the script may leave files, too; None outside of one.
folder = os.environ.get("EXTEND_THROWAWAY_FOLDER")


def run_again(*packages, python=None):
    """Runs the calling script once more where the packages are, and ends with its exit code.

    Where: in an environment with them from PyPI, or that of another Python which has them.
    """
    if folder is not None:
        sys.exit(f"{sys.executable} has not all of {', '.join(packages)}")
    with tempfile.TemporaryDirectory() as made:
        if python is None:
            subprocess.run([sys.executable, "-m", "venv", made + "/venv"], check=True)
            python = made + "/venv/bin/python"
            subprocess.run([python, "-m", "pip", "install", "--quiet", *packages], check=True)
        environment = {**os.environ, "EXTEND_THROWAWAY_FOLDER": made}
        sys.exit(subprocess.run([python, *sys.argv], env=environment).returncode)
