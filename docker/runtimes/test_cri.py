"""containerd as the kubelet drives it: a pod's pause process is ours, and a container with us as its entry point."""

import itertools
import json
import os
import re
import signal
import subprocess
import time
import unittest
from pathlib import Path

import cri_pb2 as cri
import grpc
import harness
import images
from harness import PidNamespace, ZombieWatch, until
from inits import command_line, wait_until_ready

SOCKET = images.STATE / "containerd.sock"
CTR = ["ctr", "-a", str(SOCKET), "-n", "k8s.io"]
ORPHANS = "i=0; while [ $i -lt 40 ]; do (sleep 0.3 &); i=$((i+1)); done; exec sleep 1000"
_numbers = itertools.count(1)
_channel = grpc.insecure_channel(f"unix://{SOCKET}")


def ctr(*args):
    return subprocess.run(
        [*CTR, *map(str, args)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        timeout=harness.DEADLINE,
        check=True,
    ).stdout


def call(method, request, answer=cri.Nothing):
    ask = _channel.unary_unary(
        f"/runtime.v1.RuntimeService/{method}",
        request_serializer=type(request).SerializeToString,
        response_deserializer=answer.FromString,
    )
    return ask(request, timeout=harness.DEADLINE)


def setUpModule():
    ctr("images", "import", images.ARCHIVE)
    # The plugin for Kubernetes hears of images, and gets ready itself, a moment later than containerd.
    wanted = {images.BUSYBOX, images.PAUSE}
    until(lambda: wanted <= set(ctr("images", "ls", "-q").split()), "the images")


def tearDownModule():
    _channel.close()


class Pod(unittest.TestCase):
    """Each test has a pod of its own, of one pid namespace (shareProcessNamespace) unless it says otherwise."""

    def run_pod(self, pid=cri.POD):
        self.namespaces = cri.NamespaceOption(network=cri.NODE, pid=pid, ipc=cri.POD)
        name = f"sexton-{next(_numbers)}"
        logs = images.STATE / "logs" / name
        logs.mkdir(parents=True)
        self.config = cri.PodSandboxConfig(
            metadata=cri.PodSandboxMetadata(name=name, uid=f"{name}-{os.getpid()}", namespace="default"),
            log_directory=str(logs),
            linux=cri.LinuxPodSandboxConfig(security_context=cri.SecurityContextOfSandbox(namespace_options=self.namespaces)),
        )
        self.pod = call("RunPodSandbox", cri.RunPodSandboxRequest(config=self.config), cri.PodSandbox)
        # Removing takes along what still runs.
        self.addCleanup(call, "RemovePodSandbox", self.pod)
        self.addCleanup(call, "StopPodSandbox", self.pod)
        self.pause = self.pid_of(self.pod.pod_sandbox_id)
        wait_until_ready(self.pause)

    def pid_of(self, task):
        return next(int(line.split()[1]) for line in ctr("tasks", "ls").splitlines() if line.startswith(task))

    def start(self, *args, command=()):
        """A container; without `command` the image's entry point, the init, runs `args`."""
        config = cri.ContainerConfig(
            metadata=cri.ContainerMetadata(name=f"c{next(_numbers)}"),
            image=cri.ImageSpec(image=images.BUSYBOX),
            command=command,
            args=args,
            log_path=f"{next(_numbers)}.log",
            linux=cri.LinuxContainerConfig(security_context=cri.SecurityContextOfContainer(namespace_options=self.namespaces)),
        )
        request = cri.CreateContainerRequest(
            pod_sandbox_id=self.pod.pod_sandbox_id, config=config, sandbox_config=self.config
        )
        container = call("CreateContainer", request, cri.Container)
        call("StartContainer", container)
        return container

    def status(self, container):
        request = cri.ContainerStatusRequest(container_id=container.container_id)
        return call("ContainerStatus", request, cri.ContainerStatusResponse).status

    def log(self):
        return "".join(p.read_text() for p in Path(self.config.log_directory).iterdir())

    def test_pause_reaps_what_containers_leave(self):
        self.run_pod()
        self.assertEqual(command_line(self.pause), ["/pause"])
        namespace = PidNamespace(self.pause)
        self.assertEqual([p.pid for p in namespace.processes()], [1])
        adopted = set()
        with ZombieWatch(namespace) as watch:
            self.start(command=["/bin/sh", "-c", ORPHANS])

            def come_and_gone():
                processes = namespace.processes()
                adopted.update(p.identity for p in processes if p.host_parent == self.pause and p.name == "sleep")
                return adopted and len(processes) == 2

            until(come_and_gone, "orphans of the pause process, and their end")
        print(f"{watch.samples} samples, at most {watch.most_processes} processes ... ", end="")
        self.assertEqual(watch.stayed, [])

    def test_pause_ends_with_its_pod(self):
        self.run_pod()
        begin = time.monotonic()
        call("StopPodSandbox", self.pod)
        self.assertLess(time.monotonic() - begin, 20)
        self.assertFalse(Path(f"/proc/{self.pause}").exists())

    def test_pause_ends_with_0_on_sigterm(self):
        # containerd itself ends a pause process by SIGKILL; other runtimes send SIGTERM and wait before that.
        self.run_pod()
        events = images.STATE / "events"
        with events.open("w") as output, subprocess.Popen([*CTR, "events"], stdin=subprocess.DEVNULL, stdout=output) as listener:
            try:
                # Each label is an event: when one arrives, the listener listens.
                until(lambda: ctr("namespaces", "label", "k8s.io", "sexton=test") or events.stat().st_size, "an event")
                os.kill(self.pause, signal.SIGTERM)
                exited = until(lambda: self.exit_event(events, self.pod.pod_sandbox_id), "the end of the pause process")
            finally:
                listener.kill()
        # A status of 0 is left out.
        self.assertEqual(exited.get("exit_status", 0), 0)

    def exit_event(self, events, task):
        for line in events.read_text().splitlines():
            found = re.search(r"/tasks/exit (\{.*\})$", line)
            if found and json.loads(found[1])["container_id"] == task:
                return json.loads(found[1])
        return None

    def test_entry_point_exit_status(self):
        self.run_pod(cri.CONTAINER)
        container = self.start("sh", "-c", "exit 42")
        until(lambda: self.status(container).state == cri.CONTAINER_EXITED, "the end of the container")
        self.assertEqual((self.status(container).exit_code, self.log()), (42, ""))

    def test_entry_point_stop(self):
        self.run_pod(cri.CONTAINER)
        container = self.start("sh", "-c", "echo ready; exec sleep 1000")
        until(lambda: "ready" in self.log(), "ready")
        begin = time.monotonic()
        call("StopContainer", cri.StopContainerRequest(container_id=container.container_id, timeout=60))
        self.assertLess(time.monotonic() - begin, 20)
        self.assertEqual(self.status(container).exit_code, 143)
