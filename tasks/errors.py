"""The errors that stop a run. Bad *data* never does: it becomes a row in ``rejects``."""


class CopydeskError(Exception):
    """Root of all errors meant for a person: the message says where, what, and what to do."""


class SettingError(CopydeskError):
    """A setting or an argument that cannot be used."""


class RulePackError(CopydeskError):
    """A rule pack that cannot be used: bad TOML, a pattern RE2 refuses, a missing example."""


class LakeError(CopydeskError):
    """A lake that cannot be read or written as it is."""


class LockTimeoutError(LakeError):
    """Another writer held the lake's lock for longer than this one was told to wait."""


class RunStoppedError(CopydeskError):
    """A guard stopped the run before it published anything."""


class WorkerLostError(CopydeskError):
    """Worker processes died again and again, and not because of a page."""
