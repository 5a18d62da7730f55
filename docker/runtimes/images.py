"""The images the tests run from, in an archive that podman and containerd both read: no daemon, no registry.

docker/runtimes-test sets the environment: STATE is a folder of the run's own, INIT the init under test.
"""

import hashlib
import io
import json
import os
import tarfile
from pathlib import Path

import harness

STATE = Path(os.environ["STATE"])
ARCHIVE = STATE / "images.tar"

BUSYBOX = "docker.io/library/sexton-test-busybox:1"
"""A shell, and the init as /init and entry point."""
PAUSE = "docker.io/library/sexton-test-pause:1"
"""FROM scratch; the init as /pause and nothing else."""


def _bytes(tar, name, content, mode=0o644):
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), mode
    tar.addfile(entry, io.BytesIO(content))


def _layer(files, folders=(), links=()):
    layer = io.BytesIO()
    with tarfile.open(fileobj=layer, mode="w") as tar:
        for folder in folders:
            entry = tarfile.TarInfo(folder)
            entry.type, entry.mode = tarfile.DIRTYPE, 0o755
            tar.addfile(entry)
        for name, source in files.items():
            _bytes(tar, name, Path(source).read_bytes(), 0o755)
        for name in links:
            entry = tarfile.TarInfo(name)
            entry.type, entry.linkname = tarfile.SYMTYPE, "busybox"
            tar.addfile(entry)
    return layer.getvalue()


def make():
    machine = {"x86_64": "amd64", "aarch64": "arm64"}[os.uname().machine]
    tools = [f"bin/{tool}" for tool in ("sh", "sleep", "cat", "true")]
    shell = _layer({"init": harness.INIT_PATH, "bin/busybox": "/bin/busybox"}, ["bin", "proc", "sys", "dev", "tmp"], tools)
    pause = _layer({"pause": harness.INIT_PATH})
    manifest = []
    with tarfile.open(ARCHIVE, "w") as archive:
        for tag, layer, entry in ((BUSYBOX, shell, ["/init", *harness.INIT[1:]]), (PAUSE, pause, ["/pause"])):
            digest = hashlib.sha256(layer).hexdigest()
            config = {
                "architecture": machine,
                "os": "linux",
                "config": {"Entrypoint": entry, "Env": ["PATH=/bin"]},
                "rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest}"]},
                "history": [{"created_by": "docker/runtimes-test"}],
            }
            text = json.dumps(config).encode()
            name = f"{hashlib.sha256(text).hexdigest()}.json"
            _bytes(archive, f"{digest}/layer.tar", layer)
            _bytes(archive, name, text)
            manifest.append({"Config": name, "RepoTags": [tag], "Layers": [f"{digest}/layer.tar"]})
        _bytes(archive, "manifest.json", json.dumps(manifest).encode())
