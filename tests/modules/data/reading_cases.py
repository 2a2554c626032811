"""Small files and what each must become: a line of the table is a test of ``test_reading.py``."""

from __future__ import annotations

from typing import Any, NamedTuple


class Case(NamedTuple):
    """A file.

    Parameters
    ----------
    columns : dict
        By name: the first letter of the kind, a colon, and the values as text with blanks
        between them; ``~`` is a blank in a value, ``–`` a missing value.
    told : str
        A part of the warnings; empty for none.
    """

    text: str
    columns: dict[str, str]
    told: str = ""
    options: dict[str, Any] = {}  # noqa: RUF012


ZERO, WORDS, BLANKS = "start with a zero", "Words were read as missing", "Blanks after"
ENDS = "Delimiters at the end"

CODES = [
    Case("plz,n\n01067,1\n10115,2\n", {"plz": "s: 01067 10115", "n": "i: 1 2"}, ZERO),
    Case("plz,n\n10115,1\n01067,2\n", {"plz": "s: 10115 01067", "n": "i: 1 2"}, ZERO),
    Case("n,plz\n1,01067\n2,10115\n", {"n": "i: 1 2", "plz": "s: 01067 10115"}, ZERO),
    Case('plz,n\n"01067",1\n10115,2\n', {"plz": "s: 01067 10115", "n": "i: 1 2"}, ZERO),
    Case("plz,n\n01067,1\n,2\n", {"plz": "s: 01067 –", "n": "i: 1 2"}, ZERO),
    Case("plz\n01067\n10115\n", {"plz": "s: 01067 10115"}, ZERO),
    Case("nace,n\n01.11,1\n10.20,2\n", {"nace": "s: 01.11 10.20", "n": "i: 1 2"}, ZERO),
    Case("a,b\n00,1\n0,2\n", {"a": "s: 00 0", "b": "i: 1 2"}, ZERO),
    Case("a,b\n0,0.5\n10,0\n", {"a": "i: 0 10", "b": "n: 0.5 0.0"}),
    Case("a,b\n-05,0.05\n10,0.005\n", {"a": "i: -5 10", "b": "n: 0.05 0.005"}),
    Case("a,b\n100,x01\n200,0x\n", {"a": "i: 100 200", "b": "s: x01 0x"}),
    Case("t,n\n09:30,1\n10:45,2\n", {"t": "s: 09:30 10:45", "n": "i: 1 2"}),
    Case("t,n\n01.02.2024,1\n03.04.2024,2\n", {"t": "s: 01.02.2024 03.04.2024", "n": "i: 1 2"}),
    Case("a;b\n01,5;1\n2,5;2\n", {"a": "s: 01,5 2,5", "b": "i: 1 2"}, ZERO,
         {"decimal": "comma"}),
    Case("key,n\n1234567890123456,1\n,2\n", {"key": "s: 1234567890123456 –", "n": "i: 1 2"},
         "16 or more digits"),
    Case("key,n\n1234567890123456,1\n12,2\n", {"key": "i: 1234567890123456 12", "n": "i: 1 2"}),
    Case("key,n\n123456789012345,1\n,2\n", {"key": "n: 123456789012345.0 –", "n": "i: 1 2"}),
    Case("key,n\n9007199254740993,1\nNA,2\n", {"key": "s: 9007199254740993 –", "n": "i: 1 2"},
         "16 or more digits"),
    Case("key,n\n1e15,1\n,2\n", {"key": "n: 1000000000000000.0 –", "n": "i: 1 2"}),
]  # fmt: skip

WORDS_READ_AS_MISSING = [
    Case(f"a,b\n{word},x\n1,{word}\n2,y\n", {"a": "n: – 1.0 2.0", "b": "s: x – y"},
         f"“{word}” in 1 row of “a”, “{word}” in 1 row of “b”")
    for word in ("NA", "N/A", "#N/A", "<NA>", "NaN", "nan", "-nan", "NULL", "null", "None", "n/a")
] + [
    Case("a,b\n1,None\n2,x\n3,None\n", {"a": "i: 1 2 3", "b": "s: – x –"}, "“None” in 2 rows of"),
    Case('a,b\n1,"NA"\n2,x\n', {"a": "i: 1 2", "b": "s: – x"}, WORDS),
    Case("a,b\n1,\n2,x\n", {"a": "i: 1 2", "b": "s: – x"}),
    Case("a,b\n1,Nadia\n2,Nan\n", {"a": "i: 1 2", "b": "s: Nadia Nan"}),
    Case("a,b\n1,None x\n2,Nina\n", {"a": "i: 1 2", "b": "s: None~x Nina"}),
    Case("a,b\n1,NA\n2,x\n", {"a": "i: 1 2", "b": "s: NA x"}, "", {"usual_missing": False}),
    Case("a,b\n1,NA\n2,x\n", {"a": "i: 1 2", "b": "s: NA x"}, "",
         {"column_types": {"b": "string"}}),
    Case("a,b\nNA,NA\n2,x\n", {"a": "n: – 2.0", "b": "s: NA x"}, "“NA” in 1 row of “a”.",
         {"column_types": {"b": "string"}}),
    Case("a,b\n1,NA\n2,x\n", {"a": "i: 1 2", "b": "s: – x"}, "",
         {"column_types": {"b": "string"}, "missing_values": "NA"}),
    Case("a,b\n1,?\n2,x\n", {"a": "i: 1 2", "b": "s: – x"}, "", {"missing_values": "?"}),
    Case("v\nNone\n8\n", {"v": "n: – 8.0"}, WORDS),
]  # fmt: skip

BLANKS_AND_DELIMITERS = [
    Case("age, work\n39, Private\n50, ?\n", {"age": "i: 39 50", "work": "s: Private ?"}, BLANKS),
    Case("age, work\n39, Private\n50, ?\n", {"age": "i: 39 50", "work": "s: Private –"}, BLANKS,
         {"missing_values": "?"}),
    Case("age, work\n39, Private\n50, ?\n", {"age": "i: 39 50", "work": "s: ~Private ~?"}, "",
         {"strip_blanks": False}),
    Case('a, b\n1, "x, y"\n2, z\n', {"a": "i: 1 2", "b": "s: x,~y z"}, BLANKS),
    Case('a,b\n1," x"\n2,z\n', {"a": "i: 1 2", "b": "s: ~x z"}),
    Case("a, b\n1, 5\n2, 6\n", {"a": "i: 1 2", "b": "i: 5 6"}),
    Case("a, b\n1, NA\n2, x\n", {"a": "i: 1 2", "b": "s: – x"}, BLANKS),
    Case("a, b\n1, 01067\n2, 1\n", {"a": "i: 1 2", "b": "s: 01067 1"}, ZERO),
    Case(" a,b\n x,1\n y,2\n", {"a": "s: x y", "b": "i: 1 2"}, BLANKS),
    Case("a,b\n" + "1,x\n" * 300 + "2, y\n", {"a": "i:" + " 1" * 300 + " 2",
         "b": "s:" + " x" * 300 + " y"}, BLANKS),
    Case("name   value  city\nAnn    1      Rome\nBob    20     Oslo\n",
         {"name": "s: Ann Bob", "value": "i: 1 20", "city": "s: Rome Oslo"}),
    Case("   a   b\n   1   2\n  10  20  \n", {"a": "i: 1 10", "b": "i: 2 20"}),
    Case("a b\n1 2\n3 \n", {"a": "i: 1 3", "b": "n: 2.0 –"}),
    Case("a b\n1 2\n3 4\n", {"a": "i: 1 3", "b": "i: 2 4"}),
    Case("id  plz\n1  01067\n2  10115\n", {"id": "i: 1 2", "plz": "s: 01067 10115"}, ZERO),
    Case("name    n\n'New York'  1\nRome  2\n", {"name": "s: New~York Rome", "n": "i: 1 2"}, "",
         {"quote": "single quote"}),
    Case("a,b,\n1,2,\n3,4,\n", {"a": "i: 1 3", "b": "i: 2 4"}, ENDS),
    Case("a,b\n1,2,\n3,4,\n", {"a": "i: 1 3", "b": "i: 2 4"}, ENDS),
    Case("a,b,,,\n1,2,,,\n3,4,,,\n", {"a": "i: 1 3", "b": "i: 2 4"}, ENDS),
    Case("a,b\n1,2\n3,4,\n", {"a": "i: 1 3", "b": "i: 2 4"}, ENDS),
    Case("a,b,\n1,2\n3,4\n", {"a": "i: 1 3", "b": "i: 2 4"}, ENDS),
    Case("a;b;\n1;x;\n2;y;\n", {"a": "i: 1 2", "b": "s: x y"}, ENDS),
    Case("a\tb\t\n1\tx\t\n2\ty\t\n", {"a": "i: 1 2", "b": "s: x y"}, ENDS),
    Case("1,2,\n3,4,\n", {"Col1": "i: 1 3", "Col2": "i: 2 4"}, ENDS, {"header": False}),
    Case('a,b,\n"x, y",2,\n"z",4,\n', {"a": "s: x,~y z", "b": "i: 2 4"}, ENDS),
    Case("a,b\n1,\n2,\n", {"a": "i: 1 2", "b": "n: – –"}),
]  # fmt: skip

BAD_DAY = "“2024-02-30” in row 2 of column “d” isn't a date"
DATES = [
    Case("d\n2024-01-31\n2024-02-29\n", {"d": "d: 2024-01-31 2024-02-29"}),
    Case("d\n2024-01-31\n2024-02-30\n2024-03-01\n", {"d": "d: 2024-01-31 – 2024-03-01"}, BAD_DAY),
    Case("d,n\n2024-01-31,1\n2024-02-30,\n2024-03-01,3\n",
         {"d": "d: 2024-01-31 – 2024-03-01", "n": "n: 1.0 – 3.0"}, BAD_DAY),
    Case("d\n2024/01/31\n2024/02/01\n", {"d": "d: 2024-01-31 2024-02-01"}),
    Case("d\n2024/1/31\n2024/2/1\n", {"d": "d: 2024-01-31 2024-02-01"}),
    Case("d\n2024/01/31 00:00\n2024/02/01 00:00\n", {"d": "d: 2024-01-31 2024-02-01"}),
    Case("d\n2024/01/31\n2024/02/30\n2024/03/01\n", {"d": "d: 2024-01-31 – 2024-03-01"}, "isn't a"),
    Case("d\n2024-01-31\nunknown\n2024-03-01\n", {"d": "s: 2024-01-31 unknown 2024-03-01"},
         "read as text, because “unknown” in row 2"),
    Case("d\n2024-01-31\n2024-02-30\n", {"d": "s: 2024-01-31 2024-02-30"}),
    Case("d\n31/12/2024\n30/02/2024\n01/01/2024\n", {"d": "d: 2024-12-31 – 2024-01-01"}, "isn't a",
         {"dates": "day first"}),
    Case("d\n01/12/2024\n12/31/2024\n02/01/2024\n", {"d": "s: 01/12/2024 12/31/2024 02/01/2024"},
         "only with month first", {"dates": "day first"}),
    Case("d\n2024-01-31\n2024-02-30\n2024-03-01\n", {"d": "s: 2024-01-31 2024-02-30 2024-03-01"},
         "", {"dates": "never"}),
    Case("d\n2024-01-31\nNA\n2024-03-01\n", {"d": "d: 2024-01-31 – 2024-03-01"}, WORDS),
]  # fmt: skip

TYPES = [
    Case("plz\n1067\n10115\n", {"plz": "s: 1067 10115"}, "", {"column_types": {"plz": "string"}}),
    Case("plz\n01067\n10115\n", {"plz": "s: 01067 10115"}, "", {"column_types": {"plz": "string"}}),
    Case("plz\n01067\n10115\n", {"plz": "i: 1067 10115"}, "", {"column_types": {"plz": "integer"}}),
    Case("a\n1.50\n2\n", {"a": "s: 1.50 2"}, "", {"column_types": {"a": "string"}}),
    Case("a\n1\n2\n", {"a": "n: 1.0 2.0"}, "", {"column_types": {"a": "number"}}),
    Case("a\n1\nx\n", {"a": "n: 1.0 –"}, "“x” in row 2", {"column_types": {"a": "integer"}}),
    Case("a\n1\n2.5\n", {"a": "n: 1.0 –"}, "“2.5” in row 2", {"column_types": {"a": "integer"}}),
    Case("a\nyes\nno\n", {"a": "b: True False"}, "", {"column_types": {"a": "boolean"}}),
    Case("a\n1\n0\n", {"a": "b: True False"}, "", {"column_types": {"a": "boolean"}}),
    Case("a\n1\n2\n", {"a": "c: 1 2"}, "", {"column_types": {"a": "categorical"}}),
    Case("a\n20240131\n20240201\n", {"a": "d: 2024-01-31 2024-02-01"}, "",
         {"column_types": {"a": "datetime"}}),
    Case("a\n2024-01-31\nx\nx\n", {"a": "d: 2024-01-31 – –"}, "“x” in row 2 and 1 more",
         {"column_types": {"a": "datetime"}}),
    Case("a;b\n1.234,5;1\n0,5;2\n", {"a": "n: 1234.5 0.5", "b": "i: 1 2"}, "",
         {"column_types": {"a": "number"}, "decimal": "comma", "thousands": "point"}),
    Case("true,x\ntrue,1\nfalse,2\n", {"true": "s: true false", "x": "i: 1 2"}, "",
         {"column_types": {"true": "string"}}),
    Case("a,a\n01,02\n", {"a": "s: 01", "a (2)": "i: 2"}, "Duplicate column names",
         {"column_types": {"a": "string", "a (2)": "integer"}}),
]  # fmt: skip

_QUOTED = {"name": "s: Zoë,~1 Ann", "n": "i: 1 2", "x": "n: 0.5 –"}
DELIMITERS = [
    Case(
        f'name{d}n{d}x{end}"Zoë, 1"{d}1{d}0.5{end}Ann{d}2{d}{end}',
        _QUOTED,
    )
    for d in (",", ";", "\t", "|")
    for end in ("\n", "\r\n", "\n\n")
]

CASES = [
    *CODES, *WORDS_READ_AS_MISSING, *BLANKS_AND_DELIMITERS, *DATES, *TYPES, *DELIMITERS,
]  # fmt: skip

ENCODINGS = [
    (text, encoding)
    for texts, encodings in (
        (("Österreich;Größe;für\n", "Straße\n", "Käse;1\nBär;2\n"), ("cp1252", "latin-1")),
        (("café;élève\n", "où;cœur\n", "l’été;«déjà»\n", "garçon\n"), ("cp1252",)),
        (("São Paulo;ação\n", "Niño;señor\n", "¿qué?;¡hola!\n", "Málaga\n"), ("cp1252",)),
        (("Göteborg;Ångström\n", "Tromsø;blå\n", "Þór;Reykjavík\n", "città;perché\n"), ("cp1252",)),
        (("m²;20 °C\n", "5 €;“x”\n", "½;µm\n", "ÄÖÜ;äöüß\n", "3 – 4…\n"), ("cp1252",)),
        (("Ecole Supérieure;Ørsted;Šime;Žižek\n", "Jørgen;Forlì;naïve\n"), ("cp1252",)),
        (("имя,город\nАнна,Москва\nИван,Санкт-Петербург\n",), ("cp1251", "koi8-r", "cp866")),
        (("όνομα,πόλη\nΓιώργος,Αθήνα\nΜαρία,Θεσσαλονίκη\n",), ("cp1253", "iso8859-7")),
        (("jméno,město\nŽofie,Plzeň\nŠtěpán,Liberec\nJiří,Ostrava\n",), ("cp1250", "iso8859-2")),
        (("miasto\nŁódź\nGdańsk\nWrocław\nŚwidnica\n",), ("cp1250", "iso8859-2")),
        (("név\nKovács Győző\nSzűcs Ödön\n" * 10,), ("cp1250", "iso8859-2")),
        (("Škoda,Čačak,Đorđe,Niš,ćevapi\n",), ("cp1250", "iso8859-2")),
        (("İstanbul,Muğla,Şanlıurfa,Eskişehir,Çanakkale\n",), ("cp1254", "iso8859-9")),
        (("Šiauliai,Panevėžys,Mažeikiai,Druskininkų,Gėlė\n",), ("cp1257",)),
        (("Rīga,Jēkabpils,Jūrmala,Daugavpils,Cēsis,ķēniņš\n",), ("cp1257",)),
        (("名前,都市\n太郎,東京\n花子,大阪\n",), ("shift_jis",)),
        (("名前,都市\n太郎,東京\n花子,大阪\nカタカナ,ひらがな\n",), ("shift_jis", "euc_jp")),
        (("姓名,城市\n王伟,北京\n李娜,上海\n",), ("gb18030",)),
        (("姓名,城市\n王偉,臺北\n李娜,高雄\n陳先生,新竹\n",), ("big5",)),
        (("이름,도시\n김철수,서울\n이영희,부산\n",), ("euc_kr",)),
        (("الاسم,المدينة\nمحمد,القاهرة\nفاطمة,بغداد\n",), ("cp1256",)),
        (("ชื่อ,เมือง\nสมชาย,กรุงเทพ\nสมหญิง,เชียงใหม่\n",), ("cp874",)),
        (("Müller;1\nJäger;2\nGröße;3\n",), ("cp850", "cp437", "mac_roman")),
    )
    for text in texts
    for encoding in encodings
]  # fmt: skip
"""Texts and the encodings in which they must be understood without being told."""
