"""A disk whose power can be cut: what was not synced is gone, as after the real thing.

An ext4 file system in a file, mounted through a loop device, and stopped by the ioctl that the kernel's own
file system tests use for it (FS_IOC_SHUTDOWN without a flush of the log). It takes root and mkfs.ext4."""

import fcntl
import os
import shutil
import struct
import subprocess
import time
from pathlib import Path

# _IOR('X', 125, __u32), and EXT4_GOING_FLAGS_NOLOGFLUSH (linux/ext4.h).
SHUTDOWN, WITHOUT_FLUSH = 0x8004587D, 2


def disks(scratch, names):
    """Disks of these names, and nothing; or none, and what stands in the way here."""
    if os.geteuid() != 0:
        return [], "mounting a disk takes root"
    if shutil.which("mkfs.ext4") is None:
        return [], "mkfs.ext4 is missing (Debian: e2fsprogs)"
    made = []
    try:
        for name in names:
            made.append(Disk(scratch, name))
        made[0].cut()
        made[0].restore()
    except (OSError, RuntimeError, subprocess.CalledProcessError) as error:
        for disk in made:
            disk.unmount()
        return [], str(error)
    return made, None


class Disk:
    """One for each program: a sync of one file writes what else waits on the same disk."""

    def __init__(self, scratch, name, megabytes=4096):
        self.image, self.path = Path(scratch) / f"{name}.image", Path(scratch) / name
        self.path.mkdir()
        with open(self.image, "wb") as image:
            image.truncate(megabytes << 20)
        subprocess.run(["mkfs.ext4", "-q", "-F", str(self.image)], check=True)
        self.mount()

    def mount(self):
        # The file system writes by itself as seldom as it can.
        subprocess.run(["mount", "-o", "loop,commit=300", str(self.image), str(self.path)], check=True)

    def cut(self):
        """From here on nothing is written any more. Whoever has files on it has to be ended next."""
        directory = os.open(self.path, os.O_RDONLY)
        try:
            fcntl.ioctl(directory, SHUTDOWN, struct.pack("I", WITHOUT_FLUSH))
        finally:
            os.close(directory)

    def restore(self):
        """The power is back."""
        self.unmount()
        self.mount()

    def unmount(self, patience=30):
        until = time.monotonic() + patience
        while True:
            done = subprocess.run(["umount", str(self.path)], capture_output=True, text=True)
            if done.returncode == 0:
                return
            if time.monotonic() > until:
                raise RuntimeError(done.stderr.strip())
            time.sleep(0.2)
