"""What is the same for all hosts: read once, before any of them is connected to."""

import os
import subprocess
from pathlib import Path


def _git(*words):
    return subprocess.run(["git", "-C", project, *words], check=True, capture_output=True, text=True).stdout


project = os.environ["PROJECT"]
site = os.environ["SITE"]
secret_key = os.environ["SECRET_KEY"]
head, requirements = _git("rev-parse", "HEAD", "HEAD:requirements.txt").split()
version = Path(project, "bench_site/version.py").read_text().split('"')[1]
