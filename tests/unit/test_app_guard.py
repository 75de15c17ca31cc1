"""Where the service may listen, under which names, and whose password is right."""

from __future__ import annotations

import asyncio
import base64
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from hypothesis import given
from hypothesis import strategies as st

from vallum.app.guard.basic import Basic, Tries
from vallum.app.guard.door import door_faults, loopback
from vallum.app.guard.hosts import names_of
from vallum.app.guard.users import Users, read_users, set_user
from vallum.app.guard.visit import visit_of
from vallum.app.settings import AppSettings
from vallum.errors import InputError


@pytest.mark.parametrize(
    ("host", "own"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),  # noqa: S104  (that it is refused is what is tested)
        ("::", False),
        ("localhost.example.org", False),
        ("127.0.0.1.example.org", False),
    ],
)
def test_only_this_machine_is_loopback(host: str, own: bool) -> None:
    assert loopback(host) is own


def test_outside_needs_a_login_and_https() -> None:
    bare = AppSettings(host="192.0.2.1")
    assert len(door_faults(bare)) == 2
    assert "vallum serve-user" in door_faults(bare)[0].mend
    assert len(door_faults(bare.model_copy(update={"auth": "basic"}))) == 1
    proxied = {"auth": "basic", "public_url": "https://vallum.example.org"}
    # a proxy elsewhere leaves the port open to those who go round it
    (fault,) = door_faults(bare.model_copy(update=proxied))
    assert "leave --host away" in fault.mend
    own = {**proxied, "tls_cert": Path("cert.pem"), "tls_key": Path("key.pem")}
    assert door_faults(bare.model_copy(update=own)) == ()
    clear = {"auth": "basic", "public_url": "http://vallum.example.org"}
    assert len(door_faults(bare.model_copy(update=clear))) == 2


def test_half_a_certificate_is_refused_even_at_home() -> None:
    assert door_faults(AppSettings()) == ()
    assert len(door_faults(AppSettings(tls_cert=Path("cert.pem")))) == 1


def test_a_proxy_lets_nobody_in_unasked() -> None:
    proxied = AppSettings(public_url="https://vallum.example.org")
    assert "--auth basic" in door_faults(proxied)[0].mend
    assert door_faults(proxied.model_copy(update={"auth": "basic"})) == ()
    for clear in ("http://vallum.example.org", "vallum.example.org", "https://", "https://[x"):
        asked = AppSettings(auth="basic", public_url=clear)
        (fault,) = door_faults(asked)
        assert fault.where == "--public-url"
        assert "in the clear" in fault.found


def test_names_at_home_and_outside() -> None:
    public = {"auth": "basic", "public_url": "https://Vallum.example.org:8443/"}
    proxied = names_of(AppSettings(**public))
    assert proxied.ours("vallum.example.org")
    assert proxied.ours("127.0.0.1:5006")
    assert not proxied.ours("192.0.2.1")
    assert proxied.own_page("https://vallum.example.org:8443", "127.0.0.1:5006", "http")
    assert not proxied.own_page("https://vallum.example.org", "127.0.0.1:5006", "http")
    outside = names_of(AppSettings(host="192.0.2.1", auth="basic"))
    # a name can be turned to this machine by whoever owns it; an address can't
    assert outside.ours("198.51.100.7:5006")
    assert outside.ours("[2001:db8::1]")
    assert not outside.ours("localhost")
    assert not outside.ours("rebound.example.org")
    # where nobody logs in, no name of a proxy counts
    assert not names_of(AppSettings(**public | {"auth": "none"})).ours("vallum.example.org")


@given(st.text(alphabet="ab.:[]@/\\?#%1 ,;\t", max_size=10))
def test_no_trick_of_writing_makes_a_foreign_host_ours(tail: str) -> None:
    names = names_of(AppSettings())
    for host in (f"evil.example{tail}", f"{tail}evil.example", f"127.0.0.1.evil{tail}"):
        assert not names.ours(host)


def test_users_are_added_changed_and_read_again(tmp_path: Path) -> None:
    file = tmp_path / "more" / "users"
    set_user(file, "ana", "a long password")
    set_user(file, "ben", "another long one")
    first = dict(read_users(file))
    set_user(file, "ana", "yet another long one")
    second = read_users(file)
    assert set(second) == {"ana", "ben"}
    assert (second["ben"], second["ana"] == first["ana"]) == (first["ben"], False)
    assert file.stat().st_mode & 0o777 == 0o600
    assert "password" not in file.read_text()
    assert list(file.parent.iterdir()) == [file]  # nothing half-written is left


def test_a_file_of_users_is_refused_with_every_fault(tmp_path: Path) -> None:
    file = tmp_path / "users"
    file.write_text(
        "# ours\n\nana:secret\n:$argon2\n../x:$argon2\nben:$argon2id$x\nben:$argon2id$y\n"
    )
    file.chmod(0o644)
    with pytest.raises(InputError) as caught:
        read_users(file)
    rights, *lines = caught.value.faults
    assert rights.mend == f"chmod 600 {file}"
    assert [one.place for one in lines] == ["line 3", "line 4", "line 5", "line 7"]
    assert "secret" not in str(caught.value)
    for name, word, count in (("a b", "short", 2), ("a:b", "x" * 12, 1), ("", "x" * 12, 1)):
        with pytest.raises(InputError) as caught:
            set_user(tmp_path / "new", name, word)
        assert len(caught.value.faults) == count
    for text in ("", "# nobody\n"):
        file.write_text(text)
        file.chmod(0o600)
        with pytest.raises(InputError):
            read_users(file)


def test_who_is_taken_out_of_the_file_is_out(tmp_path: Path, caplog: Any) -> None:
    file = tmp_path / "users"
    line = "ana:$argon2id$x\n"
    file.write_text(line + "ben:$argon2id$y\n")
    file.chmod(0o600)
    users = Users(file)
    assert set(users()) == {"ana", "ben"}
    file.write_text(line)
    assert set(users()) == {"ana"}
    file.write_text("spoilt\n")
    assert set(users()) == set(users()) == {"ana"}
    assert len(caplog.records) == 1  # said once
    file.write_text(line + "carl:$argon2id$z\n")
    assert set(users()) == {"ana", "carl"}
    file.unlink()
    assert set(users()) == {"ana", "carl"}


def basic(name: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()


def test_passwords_right_and_wrong_and_few_tries() -> None:
    now, refused = [0.0], []
    quick = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    users = {"ana": quick.hash("pass:wörd")}
    tries = Tries(3, 5, 300.0, lambda: now[0])
    door = Basic(lambda: users, lambda *said: refused.append(said), tries)
    good = basic("ana", "pass:wörd")

    async def run() -> None:
        for none in ("", "Basic", "Basic é", "Basic YQ", "Bearer x", "Basic " + "A" * 2000):
            assert await door.who(none, "a") is None
        assert (refused, tries.wait("", "a")) == ([], 0.0)  # nothing was tried
        assert await door.who(good, "a") == "ana"
        assert await door.who(good.replace("Basic", "basic"), "b") == "ana"
        wrong = [basic("ana", word) for word in ("pass", "pass:word", "", "x", "y", "z")]
        assert await asyncio.gather(*(door.who(one, "a") for one in wrong)) == [None] * 6
        assert 3 <= len(refused) <= 4  # two are tried at once
        assert door.wait(good, "a") == 300.0
        assert door.wait(good, "elsewhere") == 0.0  # a stranger locks her out at his place alone
        assert await door.who(good, "a") == "ana"  # and no page that is open
        assert await door.who(basic("ana", "pass:wörd "), "a") is None
        for name in ("a password in the wrong field", "x", "y"):
            assert await door.who(basic(name, "pass:wörd"), "a") is None
        assert door.wait(basic("ben", ""), "a") > 0.0  # the whole address waits
        now[0] = 301.0
        assert door.wait(good, "a") == 0.0
        mark = door.mark("ana")
        users["ana"] = quick.hash("another")  # what was known of the former is known no more
        assert door.mark("ana") not in {mark, None}
        assert await door.who(good, "b") is None
        del users["ana"]
        assert door.mark("ana") is None
        assert await door.who(basic("ana", "another"), "b") is None

    asyncio.run(run())
    assert refused[-2:] == [("ana", "b"), ("(unknown)", "b")]
    assert set(refused[:-2]) == {("ana", "a"), ("(unknown)", "a")}
    assert len(refused) in {7, 8}


def language(query: str = "", *accepted: bytes) -> str:
    headers = [(b"accept-language", one) for one in accepted]
    scope = {"type": "http", "path": "/", "headers": headers, "query_string": query.encode()}
    return visit_of(scope).language


def test_the_address_then_the_browser_says_which_language() -> None:
    for said, code in (
        (b"fr", "fr"),
        (b"fr-CA,fr;q=0.9,en;q=0.8", "fr"),
        (b"FR-fr ; Q=0.5", "fr"),
        (b"en-GB,en;q=0.9,fr;q=0.8", "en"),
        (b"en;q=0.2, fr;q=0.7", "fr"),
        (b"de,ar;q=0.9,fr;q=0.1,en;q=0.05", "fr"),
        (b"de", "en"),
        (b"*, fr;q=0.5", "en"),
        (b"fr;q=0", "en"),
        (b"fr;q=0.000,*", "en"),
        (b"frr,fro", "en"),
        (b"", "en"),
        (b"fr;q=x", "en"),
        (b"fr;q=nan,;;,=,\xff\xfe,q=1,en;q=0.1,fr;q=0.2", "fr"),
        (b"," * 5_000 + b"-" * 5_000 + b" " * 5_000 + b",fr", "fr"),
    ):
        assert language("", said) == code, said
    assert language("", b"de", b"fr") == "fr"
    assert language() == "en"
    assert language("lang=en", b"fr") == "en"
    assert language("lang=fr", b"en") == "fr"
    for none in ("lang=xx", "lang=", "lang=%ff", "lang=en&lang=en", "lang=FR"):
        assert language(none, b"fr") == "fr"
        assert language(none) == "en"


@given(st.binary(max_size=40))
def test_no_header_breaks_the_choice_of_a_language(said: bytes) -> None:
    assert language("", said) in {"en", "fr"}


def test_whence_somebody_comes() -> None:
    for client, place in (
        (("192.0.2.7", 1), "192.0.2.7"),
        (("::ffff:192.0.2.7", 1), "192.0.2.7"),
        (("2001:db8:1:2:3::4", 1), "2001:db8:1:2::/64"),
        (("fe80::1%eth0", 1), "fe80::/64"),
        (("/run/a.sock", 0), "/run/a.sock"),
        (None, "unknown"),
    ):
        scope = {"type": "http", "path": "/", "headers": [], "client": client}
        assert visit_of(scope).address == place
