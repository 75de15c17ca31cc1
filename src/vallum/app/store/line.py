"""The line to a database: transactions, what is asked again when it was lost, and words for it."""

from __future__ import annotations

import time
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import sqlalchemy as sa
from sqlalchemy import exc

from vallum.app.store import migrate
from vallum.app.store.tables import SCHEMA
from vallum.errors import Fault, InputError, OutputError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["Line"]

T = TypeVar("T")
_Isolation = Literal["READ COMMITTED", "REPEATABLE READ"]
HELD = 0x76616C6C756D02  # "vallum", 2: the advisory lock of the server that holds the store
_MEND = "start the database or mend the line to it, and ask again"
_UNSURE = "start the database or mend the line to it; then look whether it was kept"
_ANSWER_S, _SILENT_MS = 5, 20_000
_TRIES, _WAIT_S = 8, 0.2
# so that the database, too, finds out within a minute that a server is gone, and frees its lock
_NOTICED = "-c tcp_keepalives_idle=30 -c tcp_keepalives_interval=10 -c tcp_keepalives_count=3"
_ME = "SELECT pid, backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid()"
_END = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE pid = :pid AND backend_start = :start"
)
_MEND_URL = "give postgresql://USER@HOST/DATABASE"


class Line:
    """Connections to a database, one of which holds it for this server.

    Parameters
    ----------
    where
        `postgresql://USER@HOST/DATABASE`.
    """

    def __init__(self, where: str) -> None:
        try:
            address = sa.make_url(where).set(drivername="postgresql+psycopg")
        except (exc.ArgumentError, ValueError):
            raise InputError(
                [Fault("--store", "", "no address of PostgreSQL", _MEND_URL)]
            ) from None
        self._secret = str(address.password or "")
        self._shown = address.set(drivername="postgresql", password=None).render_as_string()
        how = {
            "connect_timeout": _ANSWER_S,
            "keepalives_idle": _ANSWER_S,
            "keepalives_interval": _ANSWER_S,
            "tcp_user_timeout": _SILENT_MS,
            "options": f"-c search_path={SCHEMA} -c synchronous_commit=on {_NOTICED}",
            "application_name": "vallum",
        }
        self._engine = sa.create_engine(
            address,
            pool_pre_ping=True,
            pool_size=5,
            max_overflow=10,
            connect_args=how,
            hide_parameters=True,
        )
        self._holder: sa.Connection | None = None
        self._was: Mapping[str, Any] | None = None  # which connection of ours held it last
        self._turn = Lock()
        try:
            self.write(lambda at: migrate.upgrade(at, self._shown))
        except BaseException:
            self.close()
            raise

    def read(self, work: Callable[[sa.Connection], T]) -> T:
        """Do what only reads, in one transaction that sees one state; once more if it was lost."""
        try:
            return self._do(work, isolation="REPEATABLE READ")
        except exc.SQLAlchemyError as error:
            if not _lost(error):
                raise self._said(error, _MEND) from None
        try:
            return self._do(work, isolation="REPEATABLE READ")
        except exc.SQLAlchemyError as error:
            raise self._said(error, _MEND) from None

    def write(self, work: Callable[[sa.Connection], T]) -> T:
        """Do what writes, in one transaction; never twice."""
        begun = False

        def marked(at: sa.Connection) -> T:
            nonlocal begun
            begun = True
            return work(at)

        try:
            return self._do(marked, isolation="READ COMMITTED")
        except exc.SQLAlchemyError as error:
            raise self._said(error, _UNSURE if begun and _lost(error) else _MEND) from None

    def close(self) -> None:
        """Let go of the database."""
        with self._turn:
            if self._holder is not None:
                self._holder.invalidate()
                self._holder.close()
                self._holder = None
        self._engine.dispose()

    def _do(self, work: Callable[[sa.Connection], T], *, isolation: _Isolation) -> T:
        """Run one transaction."""
        self._hold()
        with self._engine.connect() as free:
            at = free.execution_options(isolation_level=isolation)
            with at.begin():
                return work(at)

    def _hold(self) -> None:
        """Hold the database for this server, again where the connection that did was lost."""
        with self._turn:
            if self._holder is not None and not _alive(self._holder):
                self._holder.invalidate()
                self._holder.close()
                self._holder = None
            if self._holder is None:
                self._holder = self._held()

    def _held(self) -> sa.Connection:
        """Take the lock, on a connection that is kept for it."""
        holder = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        try:
            for left in reversed(range(_TRIES)):
                if holder.execute(sa.select(sa.func.pg_try_advisory_lock(HELD))).scalar_one():
                    self._was = dict(holder.execute(sa.text(_ME)).mappings().one())
                    return holder
                if self._was:  # our own lost connection, which the database has not missed yet
                    start = self._was["backend_start"]
                    holder.execute(sa.text(_END), {"pid": self._was["pid"], "start": start})
                if left:  # the database may not know yet that a killed server is gone
                    time.sleep(_WAIT_S)
        except BaseException:
            holder.close()
            raise
        holder.close()
        mend = "stop that one, or give this one another --store"
        raise InputError([Fault("--store", self._shown, "another server holds it", mend)])

    def _said(self, error: exc.SQLAlchemyError, mend: str) -> OutputError:
        """Put an error of the database into words; never its password."""
        found = " ".join(str(getattr(error, "orig", None) or error).split())
        if self._secret:
            found = found.replace(self._secret, "***")
        return OutputError(str(Fault("--store", self._shown, found, mend)))


def _alive(connection: sa.Connection) -> bool:
    """Whether a connection still answers."""
    try:
        connection.execute(sa.select(1))
    except exc.SQLAlchemyError:
        return False
    return True


def _lost(error: exc.SQLAlchemyError) -> bool:
    """Whether the line was lost, or could not be made."""
    return isinstance(error, exc.OperationalError | exc.InterfaceError) or (
        isinstance(error, exc.DBAPIError) and error.connection_invalidated
    )
