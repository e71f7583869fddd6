"""Private database servers: own data directory, a unix socket, no port; gone when the benchmark is."""
import contextlib
import os
import pathlib
import pwd
import shutil
import subprocess
import tempfile
import time


def _as(user):
    """The servers refuse to be run by root."""
    if os.geteuid() != 0:
        return {}
    entry = pwd.getpwnam(user)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def _directory(user):
    directory = pathlib.Path(tempfile.mkdtemp(prefix=f"aludel-{user}-"))
    if os.geteuid() == 0:
        shutil.chown(directory, user)
    directory.chmod(0o755)
    return directory


def _wait(ready, process, log):
    for _ in range(300):
        if ready():
            return
        if process.poll() is not None:
            break
        time.sleep(0.1)
    raise SystemExit(f"the server did not start:\n{log.read_text(errors='replace')[-2000:]}")


@contextlib.contextmanager
def _server(user, prepare, command, ready):
    directory = _directory(user)
    log = directory / "log"
    try:
        with open(log, "wb") as out:
            options = {"stdout": out, "stderr": out, "cwd": directory, **_as(user)}
            subprocess.run(prepare(directory), check=True, **options)
            process = subprocess.Popen(command(directory), **options)
            try:
                _wait(lambda: ready(directory), process, log)
                yield directory
            finally:
                process.terminate()
                process.wait()
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _answers(command):
    return subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode == 0


def postgresql():
    """Yields the socket's directory; the superuser is postgres."""
    programs = max(pathlib.Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    return _server(
        "postgres",
        lambda directory: [programs / "initdb", "-D", directory / "data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N"],
        lambda directory: [programs / "postgres", "-D", directory / "data", "-k", directory, "-c", "listen_addresses=", "-c", "fsync=off",
                           "-c", "shared_buffers=1GB", "-c", "max_locks_per_transaction=1024"],
        lambda directory: _answers(["psql", "-h", directory, "-U", "postgres", "-qc", "select 1"]))


def mariadb():
    """Yields the directory, in which the socket is `socket`; root has no password."""
    return _server(
        "mysql",
        lambda directory: ["mariadb-install-db", "--no-defaults", f"--datadir={directory}/data", "--auth-root-authentication-method=normal",
                           "--skip-test-db", "--skip-name-resolve"],
        lambda directory: ["mariadbd", "--no-defaults", f"--datadir={directory}/data", f"--socket={directory}/socket", "--skip-networking",
                           "--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=1G", f"--pid-file={directory}/pid"],
        lambda directory: _answers(["mariadb", "--no-defaults", f"--socket={directory}/socket", "-uroot", "-e", "select 1"]))
