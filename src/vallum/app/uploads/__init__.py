"""What is brought from outside: refused before anything of it is unpacked or parsed.

`door` is the way in. What is named here is light, since the process that reads a file imports it.
"""

from vallum.app.uploads.names import name_faults

__all__ = ["name_faults"]
