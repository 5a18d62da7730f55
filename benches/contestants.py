"""Who is measured, and the programs that measure."""

import os
import pathlib
import shutil
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent
TARGETS = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")).resolve()
FOLDER = TARGETS / "bench"

SEXTON = TARGETS / "static" / "sexton"
BUILT = TARGETS / "release" / "sexton"
PEERS = {name: [name, "--"] for name in ("tini", "tini-static", "dumb-init", "catatonit")}
# Ours, and how a table calls them.
OURS = {"sexton": "sexton", "sexton-cargo": "sexton, `cargo build`"}

COMMON = ["-O2", "-static", "-Wall", "-Wextra"]
WITHOUT_LIBRARY = [
    *("-nostdlib", "-nostartfiles", "-ffreestanding", "-fno-stack-protector", "-fno-pie", "-no-pie"),
    *("-fno-asynchronous-unwind-tables", "-Wl,--build-id=none", "-Wl,-z,noseparate-code", "-Wl,-z,norelro", "-s"),
]


class Missing(Exception):
    """Something without which nothing can be measured."""


COMPILER = os.environ.get("CC", "cc")


def require_tools():
    needed = {COMPILER: "gcc, libc6-dev, linux-libc-dev", "strace": "strace", "unshare": "util-linux"}
    absent = [f"{tool} (Debian: {package})" for tool, package in needed.items() if not shutil.which(tool)]
    if absent:
        raise Missing("not found: " + ", ".join(absent))


def build():
    """Compiles the driver, raw and the program that runs under each init."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    sources = {
        "driver": (sorted((HERE / "driver").glob("*.c")), []),
        "raw": ([HERE / "programs/raw.c"], WITHOUT_LIBRARY),
        "child": ([HERE / "programs/child.c"], WITHOUT_LIBRARY),
    }
    for name, (files, options) in sources.items():
        command = [COMPILER, *COMMON, *options, "-o", FOLDER / name, *files]
        subprocess.run(command, check=True, timeout=120)


def find(quick):
    """The contestants by name, each with its command, and a line for each that is missing."""
    commands = {"none": [], "raw": [str(FOLDER / "raw"), "--"]}
    missing = []
    for name, path, how in (
        ("sexton", SEXTON, "docker/build-static"),
        ("sexton-cargo", BUILT, "cargo build --release --locked"),
    ):
        if path.exists():
            commands[name] = [str(path), "--"]
        else:
            missing.append(f"{name}: {path} is not there; {how} makes it")
    for name, words in PEERS.items():
        path = shutil.which(name)
        if path:
            commands[name] = [path, *words[1:]]
        else:
            missing.append(f"{name}: not installed")
    if quick and any(line.startswith("sexton") for line in missing):
        raise Missing("; ".join(missing))
    return commands, missing


def size(command):
    """Bytes of the program's file, and with its shared libraries and loader."""
    path = os.path.realpath(command[0])
    listed = subprocess.run(["ldd", path], capture_output=True, text=True, timeout=20, check=False)
    libraries = [word for word in listed.stdout.split() if word.startswith("/")] if listed.returncode == 0 else []
    alone = os.path.getsize(path)
    return alone, alone + sum(os.path.getsize(library) for library in libraries)
