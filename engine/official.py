"""An official Pulumi: the one on the path, else one by the official installer, kept in our cache.

Deliberately absent: any change to the user's shell or `~/.pulumi/bin`; and waiting for a host that
does not answer (`REACH_SECONDS` is all it gets).
https://www.pulumi.com/docs/install/
"""

import os
import re
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from engine import cache
from engine.programs import CLI_VERSION, Plugin

INSTALLER: Final = "https://get.pulumi.com"
PLUGIN_HOST: Final = "https://get.pulumi.com/releases/plugins/"
REACH_SECONDS: Final = 4.0
INSTALL_SECONDS: Final = 600
HOST: Final = "pulumi-language-python"


@dataclass(frozen=True)
class Official:
    """An official command line with its Python language host beside it or on the path."""

    pulumi: Path
    version: str


def find() -> Official | None:
    """The official Pulumi on the path, else the one that we installed; None when neither works."""
    for folder in (*_path_folders(), _installed() / "bin"):
        pulumi = folder / "pulumi"
        if os.access(pulumi, os.X_OK) and _has_host(folder):
            version = _version(pulumi)
            if version is not None:
                return Official(pulumi, version)
    return None


def install(say: Callable[[str], None]) -> Official | None:
    """Run the official installer into our cache; None, told to `say` why, when it cannot be."""
    script = fetch(INSTALLER)
    if not script:
        say(f"the official installer ({INSTALLER}) cannot be reached from here")
        return None
    target = _installed()
    work = cache.partial(target)
    with tempfile.NamedTemporaryFile(suffix=".sh") as file:
        file.write(script)
        file.flush()
        command = ["sh", file.name, "--version", CLI_VERSION, "--no-edit-path"]
        try:
            subprocess.run(
                [*command, "--install-root", str(work)],
                check=True,
                capture_output=True,
                stdin=subprocess.DEVNULL,
                timeout=INSTALL_SECONDS,
            )
        except (OSError, subprocess.SubprocessError) as error:
            shutil.rmtree(work, ignore_errors=True)
            say(f"the official installer failed: {error}")
            return None
    shutil.rmtree(target, ignore_errors=True)
    work.rename(target)
    return find()


def home() -> Path:
    """The user's own Pulumi folder, where official plugins are kept."""
    named = os.environ.get("PULUMI_HOME")
    if named and not Path(named).is_relative_to(cache.root()):
        return Path(named)
    return Path.home() / ".pulumi"


def plugin(wanted: Plugin) -> Path | None:
    """The official plugin at the SDK's version, when the user's Pulumi folder has it."""
    folder = f"resource-{wanted.package}-v{wanted.sdk_version}"
    path = home() / "plugins" / folder / f"pulumi-resource-{wanted.package}"
    return path if path.is_file() else None


def install_plugin(official: Official, wanted: Plugin, say: Callable[[str], None]) -> Path | None:
    """Let the official command fetch a plugin; None, told to `say` why, when it cannot."""
    if fetch(PLUGIN_HOST) is None:
        say(f"the host of the official plugins ({PLUGIN_HOST}) cannot be reached from here")
        return None
    command = [str(official.pulumi), "plugin", "install", "resource"]
    try:
        subprocess.run(
            [*command, wanted.package, wanted.sdk_version],
            check=True,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=INSTALL_SECONDS,
            env={**os.environ, "PULUMI_HOME": str(home()), "PULUMI_SKIP_UPDATE_CHECK": "true"},
        )
    except (OSError, subprocess.SubprocessError) as error:
        say(f"the official plugin {wanted.package} {wanted.sdk_version} cannot be had: {error}")
        return None
    return plugin(wanted)


def fetch(url: str) -> bytes | None:
    """What a URL holds; an HTTP error is an answer too (empty). None when nobody answers in time.

    In a thread, because looking a host up can hang beyond any timeout of the request.
    """
    import urllib.error
    import urllib.request

    answer: list[bytes] = []

    def get() -> None:
        try:
            with urllib.request.build_opener().open(url, timeout=REACH_SECONDS) as response:
                answer.append(response.read())
        except urllib.error.HTTPError:
            answer.append(b"")
        except OSError:
            return

    thread = threading.Thread(target=get, daemon=True)
    thread.start()
    thread.join(REACH_SECONDS)
    return answer[0] if answer else None


def _installed() -> Path:
    return cache.root() / f"official-{CLI_VERSION}"


def _path_folders() -> list[Path]:
    """The folders of the path, without those whose `pulumi` is one of our own cache."""
    entries = os.environ.get("PATH", os.defpath).split(os.pathsep)
    folders = [Path(entry) for entry in entries if entry]
    ours = cache.root().resolve()
    return [folder for folder in folders if not (folder / "pulumi").resolve().is_relative_to(ours)]


def _has_host(folder: Path) -> bool:
    beside = folder / HOST
    resolved = (folder / "pulumi").resolve().parent / HOST
    on_path = any((other / HOST).is_file() for other in _path_folders())
    return beside.is_file() or resolved.is_file() or on_path


def _version(pulumi: Path) -> str | None:
    try:
        done = subprocess.run(
            [str(pulumi), "version"],
            capture_output=True,
            text=True,
            timeout=30,
            stdin=subprocess.DEVNULL,
            env={**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "true"},
        )
    except (OSError, subprocess.SubprocessError):
        return None
    found = re.match(r"v?(\d+\.\d+\.\d+\S*)", done.stdout.strip())
    return found.group(1) if found and done.returncode == 0 else None
