"""Run a real Neo4j in the foreground, for tests: ``python tests/neo4j/start.py --port N --dir D``.

Needs Java 17 and Maven. The server's jars (128 MB) are fetched once into the user's cache folder.
Prints ``Graph ready at bolt://127.0.0.1:N``; there is no password.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
JARS = CACHE / "wagtail-recommendations-plugin" / "neo4j-5.26.0"


def fetch_jars() -> None:
    """Fill the cache, all or nothing."""
    JARS.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=JARS.parent) as folder:
        copy = ["dependency:copy-dependencies", f"-DoutputDirectory={folder}/jars"]
        maven = ["mvn", "-q", "-B", "-Dstyle.color=never", "-f", HERE / "pom.xml", *copy]
        # Standard output is for "Graph ready" alone: who waits for it reads whole lines.
        subprocess.run(maven, check=True, stdout=sys.stderr)
        os.replace(f"{folder}/jars", JARS)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", default="7687")
    parser.add_argument("--dir", type=Path, required=True)
    options = parser.parse_args()
    if not JARS.exists():
        fetch_jars()
    options.dir.mkdir(parents=True, exist_ok=True)
    program = str(HERE / "Neo4jServer.java")
    quick = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"]  # it lives for a minute or two
    arguments = ["-Xmx1g", *quick, "-cp", f"{JARS}/*", program, str(options.dir), options.port]
    os.execvp("java", ["java", *arguments])  # noqa: S606


if __name__ == "__main__":
    main()
