"""The brief's two languages: every text has its French, with the same values in it."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from markupsafe import Markup
from tests.texts import CONTEXT, gathered

from vallum.brief.language import current, mask, of_stage, say, say_n, speaking
from vallum.brief.page_text import THIN, amount, between, listed, percent, plain
from vallum.window.record import record as event_record

FOLDER = Path(str(__import__("vallum.brief", fromlist=["x"]).__file__)).parent / "locale" / "fr"
_ADDRESS = re.compile(r"https?://\S+|<[^>]*>|`[^`]*`")
_MEND = (
    re.compile(r"\w'\w"),  # a straight apostrophe
    re.compile(r"[ \u00a0][;:?!%»](?!\()"),  # not the narrow space
    re.compile(r"(?<=[a-zé0-9}»)])[;?!](?=\s|$)"),  # no space
    re.compile(r"\b(de|millions) USD\b"),
    re.compile(r"\b(à|de) les? (?=[A-ZÉ{])"),
    re.compile(r"\b(de|que|le|la) (?=[aeiouéè]\w*\b(?<!\boui)(?<!\bonze))"),
)
_PERCENT = re.compile(r"%\((\w+)\)s")


def _files():
    return sorted(FOLDER.glob("*.po"))


def _values(text: str, *, braces: bool) -> set[str]:
    if not braces:
        return set(_PERCENT.findall(text))
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_every_text_has_its_french():
    with speaking("fr") as french:
        lacking = [
            f"{text.place}: {text.key!r}"
            for text in gathered()
            if text.key not in (french.plurals if text.many else french.texts)
        ]
    assert not lacking, f"{len(lacking)} texts without French:\n" + "\n".join(lacking)


def test_the_same_values_stand_in_both():
    wrong = []
    with speaking("fr") as french:
        for text in gathered():
            if text.many:
                pairs = zip((text.key, text.many), french.plurals.get(text.key, ()), strict=False)
            else:
                key = text.key.split(CONTEXT)[-1]
                pairs = [(key, french.texts.get(text.key, key))]
            for english, own in pairs:
                if _values(english, braces=text.braces) != _values(own, braces=text.braces):
                    wrong.append(f"{text.place}: {english!r} / {own!r}")
                if not text.braces:
                    own % dict.fromkeys(_values(own, braces=False), "")
    assert not wrong, "\n".join(wrong)


def test_every_event_of_the_record_has_its_french_with_the_same_figures():
    texts = set(event_record()["text"])
    with (FOLDER / "events.po").open("rb") as file:
        own = {m.id: str(m.string) for m in read_po(file, locale="fr") if m.id}
    assert set(own) == texts
    figures = re.compile(r"\d+")
    wrong = [t for t in texts if sorted(figures.findall(t)) != sorted(figures.findall(own[t]))]
    assert not wrong


def test_no_file_translates_a_text_otherwise_than_another():
    seen: dict[tuple[str, str], tuple[str, str]] = {}
    clashes = []
    for path in _files():
        with path.open("rb") as file:
            for message in read_po(file, locale="fr"):
                if not message.id:
                    continue
                key = (str(message.context), str(message.id))
                own = str(message.string)
                if key in seen and seen[key][0] != own:
                    clashes.append(f"{path.name} and {seen[key][1]}: {key[1]!r}")
                seen.setdefault(key, (own, path.name))
    assert not clashes, "\n".join(clashes)


def test_nothing_is_left_empty_or_unsure():
    for path in _files():
        with path.open("rb") as file:
            for message in read_po(file, locale="fr"):
                strings = message.string if isinstance(message.string, tuple) else (message.string,)
                assert not message.id or (all(strings) and not message.fuzzy), (
                    path.name,
                    message.id,
                )


def test_numbers_as_the_language_writes_them():
    with speaking("fr"):
        assert plain(0.47) == "0,47"
        assert plain(12_345.0, 5) == f"12{THIN}345"
        assert amount(1.3e6) == f"1,3{THIN}M"
        assert amount(6.3e6) == f"6,3{THIN}M"
        assert amount(2.1e9) == f"2,1{THIN}Md"
        assert between(1.6e6, 5.7e6) == f"1,6–5,7{THIN}M"
        assert percent(0.0005) == f"moins{THIN}de{THIN}0,1{THIN}%"
        assert listed(["Kidal", "Gao"]) == "Kidal et Gao"
    assert plain(0.47) == "0.47"


def test_a_language_ends_with_its_block():
    with pytest.raises(RuntimeError, match="stop"), speaking("fr"):
        raise RuntimeError("stop")
    assert current().code == "en"
    with pytest.raises(KeyError), speaking("de"):
        pass


def test_markup_stays_and_the_rest_is_escaped():
    said = say("{first} and {last}", first=Markup("<b>a</b>"), last="<i>")
    assert said == Markup("<b>a</b> and &lt;i&gt;")
    assert isinstance(said, Markup)


def test_texts_of_stages_by_their_numbers():
    assert mask("stops 0.67 of 1,568 on -3 km of A3") == "stops {0} of {1} on {2} km of A3"
    with speaking("fr"):
        assert of_stage("a user's own words, 3 of them") == "a user's own words, 3 of them"


@pytest.mark.parametrize(
    ("text", "value", "said"),
    [
        ("{x:le}", "Mali et Mauritanie", "le Mali et la Mauritanie"),
        ("{x:Le}", "Algérie", "L’Algérie"),
        ("{x:du}", "Maroc, Mali et Algérie", "du Maroc, du Mali et de l’Algérie"),
        ("{x:du}", "Ruritanie", "de Ruritanie"),
        ("{x:du}", "Urundi", "d’Urundi"),
        ("{x:au}", "le Mali, hors du territoire tenu", "au Mali, hors du territoire tenu"),
        ("{x:au}", "la mer", "à la mer"),
        ("{x:d’}habitants", f"5{THIN}440", f"5{THIN}440 habitants"),
        ("{x:d’}habitants", f"29,7{THIN}M", f"29,7{THIN}M d’habitants"),
        ("{x:de}personnes", f"1,2–2{THIN}Md", f"1,2–2{THIN}Md de personnes"),
    ],
)
def test_a_french_text_has_its_values_in_the_shape_it_asks_for(text, value, said):
    with speaking("fr"):
        assert say(text, x=value) == said
        assert say(text, x=Markup("<b>{}</b>").format(value)).striptags().endswith(said[-4:])


def test_an_amount_in_markup_is_seen_through_its_tags():
    with speaking("fr"):
        said = say("{x:d’}habitants", x=Markup("<b>{}</b><i>= exact</i>").format(f"15,0{THIN}M"))
    assert isinstance(said, Markup)
    assert said == f"<b>15,0{THIN}M</b><i>= exact</i> d’habitants"


def test_only_what_french_can_shape_is_asked_for():
    forms = {"", "le", "Le", "du", "au", "de", "d’"}
    with speaking("fr") as french:
        texts = [*french.texts.values(), *(one for pair in french.plurals.values() for one in pair)]
    asked = {
        spec or ""
        for text in texts
        if "{" in text and "%(" not in text
        for _, _, spec, _ in string.Formatter().parse(text)
    }
    assert asked <= forms


def test_no_french_text_has_what_a_french_editor_would_mend():
    wrong = []
    for path in _files():
        with path.open("rb") as file:
            for message in read_po(file, locale="fr"):
                both = message.string if isinstance(message.string, tuple) else (message.string,)
                for text in both if message.id else ():
                    told = _ADDRESS.sub("", str(text))
                    wrong += [f"{path.name}: {text}" for mend in _MEND if mend.search(told)]
    assert not wrong, "\n".join(wrong)


def test_french_counts_none_as_one():
    one, many = (f"The last phase is played for {{years}} {word}." for word in ("year", "years"))
    with speaking("fr"):
        forms = [say_n(one, many, n, years=n) for n in (0, 2)]
    assert [form.split()[-1] for form in forms] == ["an.", "ans."]
