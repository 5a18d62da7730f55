"""The image that docker/Dockerfile makes, with both builders and no network; and the binary as docker's own init."""

import json
import re
import subprocess
import tempfile
import tomllib
import unittest
from pathlib import Path

from harness import BUSYBOX, DEADLINE, HERE, INIT_PATH, Container, docker, run, sexton_only, unique
from test_terminal import Terminal

ROOT = HERE.parent.parent
VERSION = tomllib.loads((ROOT / "Cargo.toml").read_text())["package"]["version"]
COMMIT = "0123456789abcdef0123456789abcdef01234567"


def build(builder, tag, base, *options):
    docker(
        *("build", "--network", "none", "-f", ROOT / "docker" / "Dockerfile", "-t", tag),
        *("--build-arg", f"RUST_IMAGE={base}", "--build-arg", f"SEXTON_GIT_COMMIT={COMMIT}", *options, ROOT),
        env={"DOCKER_BUILDKIT": {"classic": "0", "buildkit": "1"}[builder]},
    )


@sexton_only("comes from elsewhere")
class BuiltImage(unittest.TestCase):
    BASE = "sexton-test/rust"
    IMAGE = {"buildkit": "sexton-test/built-by-buildkit", "classic": "sexton-test/built-by-classic"}

    @classmethod
    def setUpClass(cls):
        subprocess.run([str(ROOT / "docker" / "base-image"), cls.BASE], check=True, timeout=DEADLINE * 5)
        build("buildkit", cls.IMAGE["buildkit"], cls.BASE)
        # Building the standard library takes a minute; the second builder starts from what the first has left behind.
        build("buildkit", "sexton-test/warm", cls.BASE, "--target", "build")
        build("classic", cls.IMAGE["classic"], "sexton-test/warm")

    def test_it_holds_one_static_file(self):
        for builder, image in self.IMAGE.items():
            with self.subTest(builder), tempfile.TemporaryDirectory() as folder:
                container = docker("create", "--name", unique("created"), image, "/sexton").stdout.strip()
                try:
                    archive = Path(folder, "image.tar")
                    docker("export", "-o", archive, container)
                finally:
                    docker("rm", container)
                files = subprocess.run(["tar", "-tvf", archive], capture_output=True, text=True, check=True).stdout
                # What docker itself puts into every container are empty files and folders.
                filled = [line.split()[-1] for line in files.splitlines() if re.match(r"^-\S+\s+\S+\s+[1-9]", line)]
                self.assertEqual(filled, ["sexton"])
                subprocess.run(["tar", "-xf", archive, "-C", folder, "sexton"], check=True)
                binary = Path(folder, "sexton")
                headers = subprocess.run(["readelf", "-lW", binary], capture_output=True, text=True, check=True).stdout
                self.assertNotIn("INTERP", headers)
                size = binary.stat().st_size
                print(f"{builder}: {size} bytes ... ", end="")
                self.assertLessEqual(size, 200_000)

    def test_it_runs_as_the_entry_point(self):
        for builder, image in self.IMAGE.items():
            with self.subTest(builder):
                # The only program in the image is the init itself: it runs itself.
                done = docker("run", "--rm", "--network", "none", "--name", unique("built"), image, "/sexton", "--version")
                self.assertEqual(done.stdout, f"sexton {VERSION} - git.{COMMIT[:7]}\n")
                self.assertEqual(done.stderr, "")

    def test_others_copy_it_from_there(self):
        lines = [f"FROM {BUSYBOX}", f"COPY --from={self.IMAGE['buildkit']} /sexton /sexton", 'ENTRYPOINT ["/sexton", "--"]']
        image = "sexton-test/copied"
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "Dockerfile").write_text("\n".join(lines) + "\n")
            docker("build", "-t", image, folder, env={"DOCKER_BUILDKIT": "1"})
        self.assertEqual(run(image, ["sh", "-c", "exit 42"]).returncode, 42)

    def test_the_labels(self):
        labels = docker("inspect", "--format", "{{json .Config.Labels}}", self.IMAGE["classic"]).stdout
        self.assertIn('"org.opencontainers.image.licenses":"MIT OR Apache-2.0"', labels)


@sexton_only("cannot copy itself")
class InitContainer(unittest.TestCase):
    """The words of docker/kubernetes/init-container.yaml, as they stand there but for the place of the binary."""

    LOCKED = ["--user", "65534", "--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"]

    def test_it_leaves_the_binary_for_the_program(self):
        pod = (ROOT / "docker" / "kubernetes" / "init-container.yaml").read_text()
        install, start = (json.loads(words) for words in re.findall(r"command: (\[.*\])", pod))
        variables = re.findall(r'name: (SEXTON_\w+)\n\s*value: "?([^"\n]+)', pod)
        self.assertEqual(len(variables), 3)
        install[0] = install[0].replace("/sexton", "/init")
        with tempfile.TemporaryDirectory() as volume:
            # As an emptyDir is.
            Path(volume).chmod(0o777)
            options = [*self.LOCKED, "-v", f"{volume}:/target", "--entrypoint", install[0]]
            done = run(BUSYBOX, install[1:], options)
            self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))
            self.assertEqual(Path(volume, "sexton").read_bytes(), INIT_PATH.read_bytes())
            options = [*self.LOCKED, "-v", f"{volume}:/sexton:ro", "--entrypoint", start[0]]
            options += [word for name, value in variables for word in ("-e", f"{name}={value}")]
            done = run(BUSYBOX, [*start[1:], "sh", "-c", "exit 3"], options)
        self.assertEqual(done.returncode, 3, done.stderr)


class DockersInit(unittest.TestCase):
    """`docker run --init` with a daemon whose init is the one under test."""

    def options(self):
        return ["--init", "--entrypoint", ""]

    def test_exit_status(self):
        self.assertEqual(run(BUSYBOX, ["sh", "-c", "exit 42"], self.options()).returncode, 42)
        self.assertEqual(run(BUSYBOX, ["sh", "-c", "kill -9 $$"], self.options()).returncode, 137)

    def test_it_really_is_the_one_under_test(self):
        with Container(BUSYBOX, ["sleep", 1000], self.options()) as container:
            with open(f"/proc/{container.namespace().init}/exe", "rb") as running, open(INIT_PATH, "rb") as expected:
                self.assertEqual(running.read(), expected.read())
            command = Path(f"/proc/{container.namespace().init}/cmdline").read_bytes().split(b"\0")
            self.assertEqual(command[:2], [b"/sbin/docker-init", b"--"])
            status, seconds = container.stop()
        self.assertEqual(status, 143)
        self.assertLess(seconds, 3)

    @sexton_only("has no variables")
    def test_options_come_by_variables(self):
        options = [*self.options(), "-e", "SEXTON_REMAP_EXIT=3:4", "-e", "SEXTON_LOG=info"]
        done = run(BUSYBOX, ["sh", "-c", "env; exit 3"], options)
        self.assertEqual(done.returncode, 4)
        self.assertNotIn("SEXTON_", done.stdout)
        # Under this name it speaks as tini does.
        self.assertRegex(done.stderr, r"(?m)^\[INFO  tini \(1\)\] ")
        wrong = run(BUSYBOX, ["echo", "ran"], [*self.options(), "-e", "SEXTON_GRACE=soon"])
        self.assertEqual((wrong.returncode, wrong.stdout), (1, ""))
        self.assertIn("SEXTON_GRACE", wrong.stderr)

    def test_a_terminal(self):
        with Terminal(BUSYBOX, ["sh", "-c", "echo ready; exec sleep 1000"], options=self.options()) as terminal:
            terminal.wait_for(b"ready")
            terminal.type(b"\x03")
            self.assertEqual(terminal.status(), 130)

    @sexton_only("names no commit in its version")
    def test_docker_info_knows_its_commit(self):
        commit = subprocess.run([INIT_PATH, "--version"], capture_output=True, text=True, check=True).stdout
        known = docker("info", "--format", "{{.InitCommit.ID}}").stdout.strip()
        self.assertRegex(known, r"^[0-9a-f]{7}$")
        self.assertTrue(commit.rstrip().endswith(f"git.{known}"), f"{known} is not in {commit}")
