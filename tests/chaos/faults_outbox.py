"""The disks of the offices' outboxes fill up, or become read-only."""

from faults import Fault


class OutboxFull(Fault):
    """To the last block, or nearly."""
    name, rows, holds = "outbox-full", (6,), (0.1, 0.8)

    def possible(self, world):
        return bool(world.disks.folders)

    def begin(self, world, rng):
        self.folders = rng.sample(world.disks.folders, rng.randrange(1, len(world.disks.folders) + 1))
        for folder in self.folders:
            world.disks.fill(folder, rng.choice((0, 4 << 10, 32 << 10, 128 << 10)))

    def heal(self, world):
        for folder in self.folders:
            world.disks.free(folder)


class OutboxReadOnly(OutboxFull):
    """Mounted read-only, as a kernel does after an error of the disk."""
    name, rows, holds = "outbox-read-only", (6,), (0.1, 0.8)

    def begin(self, world, rng):
        self.folders = rng.sample(world.disks.folders, rng.randrange(1, len(world.disks.folders) + 1))
        for folder in self.folders:
            world.disks.read_only(folder, True)

    def heal(self, world):
        for folder in self.folders:
            world.disks.read_only(folder, False)


FAULTS = [OutboxFull, OutboxReadOnly]
