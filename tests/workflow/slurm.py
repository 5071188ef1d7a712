"""A real SLURM on this machine: munge, one controller, two CPU nodes and one with two pretended GPUs.

Everything lives in one folder and runs under the user who starts it; nothing under /etc is touched, no containers, no
cgroups. What is started is stopped by its pid file.
"""

import contextlib
import getpass
import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

DAEMONS = ("munged", "slurmctld", "slurmd")
COMMANDS = ("sbatch", "srun", "squeue", "scancel", "scontrol", "sinfo")
NODES = ("n1", "n2", "g1")
START_SECONDS = 30


def lacking() -> list[str]:
    """Programs that are missing here."""
    return [program for program in (*DAEMONS, *COMMANDS) if not _found(program)]


class Slurm:
    """A cluster in a folder, up inside a ``with`` block."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.environment = os.environ | {
            "PATH": f"{folder / 'bin'}:{os.environ['PATH']}",
            "SLURM_CONF": str(folder / "slurm.conf"),
        }

    def __enter__(self) -> "Slurm":
        try:
            self._configure()
            self._daemon("munged", *self._munge_options())
            self._daemon("slurmctld")
            for node in NODES:
                self._daemon("slurmd", "-N", node)
            self._wait_for_nodes()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_) -> None:
        for file in [*sorted((self.folder / "run").glob("slurm*.pid"), reverse=True), self.folder / "run/munged.pid"]:
            if file.is_file() and (text := file.read_text().strip()):
                _stop(int(text))

    def lose_everything(self) -> None:
        """Kill the controller and start it again without what it knew of its jobs."""
        os.kill(int((self.folder / "run/slurmctld.pid").read_text()), signal.SIGKILL)
        for file in (self.folder / "state").glob("job_state*"):
            file.unlink()
        time.sleep(1)
        self._daemon("slurmctld")
        self._wait_for_nodes()

    def __call__(self, *command: str) -> str:
        """Output of a SLURM command."""
        done = subprocess.run(command, env=self.environment, text=True, capture_output=True, timeout=60)
        assert done.returncode == 0, f"{' '.join(command)}: {done.stderr}"
        return done.stdout

    def jobs(self, *states: str) -> list[dict[str, str]]:
        """Jobs in these states (all states if none is given): id, name, state, node, partition, comment."""
        fields = {"id": "%i", "state": "%T", "node": "%N", "partition": "%P", "comment": "%k"}
        chosen = ",".join(states) or "all"
        lines = self("squeue", "--noheader", "--states", chosen, "--format", "|".join(fields.values())).splitlines()
        return [dict(zip(fields, line.split("|"), strict=True)) for line in lines]

    def _configure(self) -> None:
        for name in ("run", "log", "state", "spool", "bin"):
            (self.folder / name).mkdir(parents=True)
        self.folder.chmod(0o755)  # munged refuses a socket below a folder that others may write
        key = self.folder / "munge.key"
        key.touch(mode=0o600)
        key.write_bytes(os.urandom(1024))
        ports = _free_ports(1 + len(NODES))
        (self.folder / "slurm.conf").write_text(self._slurm_conf(*ports))
        # Pretended GPUs have to be devices that exist.
        (self.folder / "gres.conf").write_text("NodeName=g1 Name=gpu File=/dev/null,/dev/zero\n")
        # Job steps drop SLURM_CONF, so the commands have to know it by themselves.
        for command in COMMANDS:
            wrapper = self.folder / "bin" / command
            wrapper.write_text(f'#!/bin/sh\nSLURM_CONF={self.folder}/slurm.conf exec {_found(command)} "$@"\n')
            wrapper.chmod(0o755)

    def _slurm_conf(self, controller_port: int, *node_ports: int) -> str:
        user, host, folder = getpass.getuser(), socket.gethostname().partition(".")[0], self.folder
        nodes = "\n".join(
            f"NodeName={node} NodeHostname={host} NodeAddr=127.0.0.1 Port={port} CPUs=2 RealMemory=8000"
            f"{' Gres=gpu:2' if node.startswith('g') else ''} State=UNKNOWN"
            for node, port in zip(NODES, node_ports, strict=True)
        )
        return f"""\
ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={controller_port}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={folder}/run/munge.socket
CredType=cred/munge
MpiDefault=none
ProctrackType=proctrack/pgid
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=1
JobAcctGatherParams=OverMemoryKill
AccountingStorageType=accounting_storage/none
SwitchType=switch/none
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool/%n
SlurmctldPidFile={folder}/run/slurmctld.pid
SlurmdPidFile={folder}/run/slurmd-%n.pid
SlurmctldLogFile={folder}/log/slurmctld.log
SlurmdLogFile={folder}/log/slurmd-%n.log
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SchedulerParameters=batch_sched_delay=0,sched_min_interval=0,bf_interval=2
KillWait=2
MinJobAge=3600
ReturnToService=2
JobRequeue=0
DefMemPerCPU=500
SlurmdParameters=config_overrides
EnforcePartLimits=ALL
GresTypes=gpu
{nodes}
PartitionName=cpu Nodes=n1,n2 Default=YES MaxTime=INFINITE DefaultTime=10 State=UP
PartitionName=gpu Nodes=g1 Default=NO MaxTime=INFINITE DefaultTime=10 State=UP
"""

    def _munge_options(self) -> list[str]:
        run = self.folder / "run"
        return [
            "--force",
            f"--key-file={self.folder / 'munge.key'}",
            f"--socket={run / 'munge.socket'}",
            f"--pid-file={run / 'munged.pid'}",
            f"--log-file={self.folder / 'log/munged.log'}",
            f"--seed-file={self.folder / 'state/munged.seed'}",
        ]

    def _daemon(self, program: str, *arguments: str) -> None:
        command = [_found(program), *arguments]
        done = subprocess.run(command, env=self.environment, text=True, capture_output=True, timeout=60)
        assert done.returncode == 0, f"{' '.join(command)}: {done.stderr}"

    def _wait_for_nodes(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            with contextlib.suppress(AssertionError):
                states = self("sinfo", "--noheader", "--Node", "--format", "%T").split()
                if states == ["idle"] * len(NODES):
                    return
            time.sleep(0.2)
        logs = "\n".join(f"{file.name}:\n{file.read_text()[-2000:]}" for file in (self.folder / "log").iterdir())
        raise RuntimeError(f"the nodes were not up after {START_SECONDS} s\n{logs}")


def _found(program: str) -> str | None:
    return shutil.which(program, path=f"{os.environ['PATH']}:/usr/sbin:/sbin")


def _free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


def _stop(pid: int) -> None:
    """End a daemon, by force if it does not listen."""
    for sent, seconds in ((signal.SIGTERM, 10), (signal.SIGKILL, 5)):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, sent)
            deadline = time.monotonic() + seconds
            while time.monotonic() < deadline:
                os.kill(pid, 0)
                time.sleep(0.1)
            continue
        return
