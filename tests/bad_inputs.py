"""Files that are broken in every way, or made to do harm, of every kind that is read: generated, the same each time."""

import io
import json
import random
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from itertools import count

import sample_files as s

PAGE = f"""<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{s.TITLE}</title>
<script type="application/ld+json">{json.dumps({"@type": "NewsArticle", "headline": s.TITLE})}</script></head>
<body><article><h1>{s.TITLE}</h1>
<p>{s.PARAGRAPHS[0]}</p><p>{s.PARAGRAPHS[1]} Café “naïve”</p></article></body></html>"""

SOUND: Mapping[str, bytes] = {
    "a.txt": f"{s.TITLE}\n\nBy Jane Doe\n\n{s.BODY} Café “naïve”\n".encode(),
    "a.md": f"---\ntitle: {s.TITLE}\ndate: 2023-03-06\n---\n\n# {s.TITLE}\n\n- {s.BODY}\n".encode(),
    "a.html": PAGE.encode(),
    "a.xml": s.RSS.encode(),
    "a.atom": s.ATOM.encode(),
    "a.nitf": s.NITF.encode(),
    "a.json": s.JSON.encode(),
    "a.jsonl": "\n".join(json.dumps(record) for record in s.RECORDS).encode(),
    "a.csv": s.CSV.encode(),
    "a.pdf": s.pdf_of([s.PARAGRAPHS, s.PARAGRAPHS], title=s.TITLE, header="The Daily Gazette", numbered=True),
    "a.docx": s.WORD,
    "a.epub": s.BOOK,
    "a.eml": s.MAIL,
    "a.odt": s.ODT,
    "a.rtf": s.RTF.encode(),
    "a.ris": s.RIS.partition("TY  - BOOK")[0].encode(),
    "a.bib": s.BIBTEX.partition("@book")[0].encode(),
    "a.warc": s.WARC,
    "a.tar.gz": s.TAR,
    "a.zip": s.zip_of({"a.txt": s.BODY, "b.json": s.JSON, "c.docx": s.WORD, "d.html": PAGE}),
}


def bad_inputs(each: int, *, seed: int) -> Iterator[tuple[str, bytes]]:
    """Yield (file name, content): `each` random faults of every kind of file, and the traps."""
    yield from faults(each, seed=seed)
    yield from traps()


def faults(each: int, *, seed: int) -> Iterator[tuple[str, bytes]]:
    """Yield (file name, content): `each` random faults of every kind of file."""
    drawn = random.Random(seed)
    for name, content in SOUND.items():
        for _ in range(each):
            yield _faulty(name, content, drawn)


def _faulty(name: str, content: bytes, drawn: random.Random) -> tuple[str, bytes]:
    """Return a file with one fault."""
    fault = drawn.randrange(9)
    data = bytearray(content)
    at = drawn.randrange(len(data))
    upto = min(len(data), at + drawn.randrange(1, 400))
    if fault == 0:
        return name, content[:at]
    if fault == 1:  # flipped bits
        for _ in range(drawn.randrange(1, 30)):
            data[drawn.randrange(len(data))] ^= 1 << drawn.randrange(8)
    elif fault == 2:
        data[at:upto] = drawn.randbytes(drawn.randrange(400))
    elif fault == 3:
        del data[at:upto]
    elif fault == 4:  # a piece again and again
        data[at:at] = content[at:upto] * drawn.randrange(2, 60)
    elif fault == 5:  # another kind of file's name
        return f"x{drawn.choice(list(SOUND))[1:]}", content
    elif fault == 6:  # another encoding, or two
        text = content.decode("utf-8", errors="replace")
        encoding = drawn.choice(["utf-16", "utf-32", "cp1252", "shift_jis", "mac_roman", "utf-16-be"])
        half = text[: len(text) // 2].encode(encoding, errors="replace")
        data = bytearray(half + text[len(text) // 2 :].encode(drawn.choice([encoding, "utf-8"]), errors="replace"))
    elif fault == 7:
        return name, drawn.randbytes(drawn.randrange(1, 5000))
    else:  # two files, one after the other
        data += drawn.choice(list(SOUND.values()))[drawn.randrange(20) :]
    return name, bytes(data)


def traps() -> Iterator[tuple[str, bytes]]:
    """Yield files made to hang, to fill the memory or to read what is not theirs."""
    deep, wide = 100_000, 1_000_000
    laughs = "".join(f'<!ENTITY e{i} "{f"&e{i - 1};" * 10 if i else "ha"}">' for i in range(12))
    laughing = f'<?xml version="1.0"?><!DOCTYPE rss [{laughs}]>'
    item = f"<rss><channel><item><title>&e11;</title><description>{s.BODY} &e11;</description></item></channel></rss>"
    yield "laughs.xml", f"{laughing}{item}".encode()
    yield (
        "quadratic.xml",
        f'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "{"a" * 50_000}">]><r>{"&a;" * 5_000}</r>'.encode(),
    )
    yield "outside.xml", b'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + item.encode()
    for name, opened, closed in (("a.html", "<div>", "</div>"), ("a.xml", "<a>", "</a>"), ("b.html", "<p><b>", "")):
        yield f"deep-{name}", f"{opened * deep}{s.BODY}{closed * deep}".encode()
    yield "deep-rss.xml", f"<rss><channel><item><description>{'<a>' * deep}".encode()
    for opened in ("[", '{"a":', '[{"text":"x","b":', '{"text":['):
        yield "deep.json", opened.encode() * deep
        yield "deep.jsonl", opened.encode() * deep
    yield "deep.md", b"> " * deep + s.BODY.encode()
    yield "brackets.md", b"[" * wide
    yield "stars.md", b"*a_ " * (wide // 4)
    for name in ("a.txt", "a.md", "a.html", "a.csv", "a.json", "a.xml", "a.eml"):
        yield f"line-{name}", b"word " * (wide // 5)
        yield f"letter-{name}", b"a" * wide
        yield f"zero-{name}", b"\0" * wide
        yield f"open-{name}", b"<" * wide
    yield "quote.csv", f'title,text\nOne,{s.BODY}\nTwo,"{"never closed " * 100_000}'.encode()
    yield "columns.csv", b"text," * 200_000 + b"\n" + b"x," * 200_000
    yield "number.json", b'[{"text": "' + s.BODY.encode() + b'", "n": ' + b"9" * 100_000 + b"}]"
    yield "string.json", b'[{"text": "' + b"word " * 4_000_000
    yield "headers.eml", b"MIME-Version: 1.0\nFrom: a@b.example\n" + b"X-A: b\n" * 100_000 + s.BODY.encode()
    yield "parts.eml", _many_parts()
    yield (
        "address.eml",
        b"MIME-Version: 1.0\nFrom: " + b"(" * 50_000 + b"\nSubject: " + b"=?utf-8?q?" * 20_000 + b"\n\nx",
    )
    yield "bomb.zip", s.zip_of({f"{i}.txt": b"a" * 9_000_000 for i in range(30)})
    yield "bomb.docx", s.zip_of({"[Content_Types].xml": "", "word/document.xml": b"<a>" + b" " * 52_000_000})
    yield "bomb.epub", s.epub_of({"a.xhtml": "a" * 11_000_000}, spine=["a.xhtml"], metadata="")
    yield (
        "laughs.docx",
        s.zip_of({"[Content_Types].xml": "", "word/document.xml": f"{laughing}<d><p><t>&e11;</t></p></d>"}),
    )
    yield "deep.docx", s.docx_of("<w:tbl><w:tr><w:tc>" * 20_000)
    yield "nested.zip", _nested(20)
    yield (
        "climbs.zip",
        s.zip_of({"../../../../tmp/climbed.txt": s.BODY, "/etc/climbed.txt": s.BODY, "C:\\x.txt": s.BODY}),
    )
    yield "many.zip", s.zip_of({f"{i}.txt": "" for i in range(2_000)}, packed=False)
    yield "overlap.zip", _overlapping()
    yield "spine.epub", s.epub_of({"a.xhtml": PAGE}, spine=["a.xhtml"] * 5_000, metadata="<x/>" * 5_000)
    for body in _pdf_traps():
        yield "trap.pdf", body


def _many_parts() -> bytes:
    nested = b"".join(b'Content-Type: multipart/mixed; boundary="%d"\n\n--%d\n' % (i, i) for i in range(500))
    return b"MIME-Version: 1.0\nFrom: a@b.example\nSubject: x\n" + nested + b"Content-Type: text/plain\n\nwords\n"


def _nested(depth: int) -> bytes:
    made = s.zip_of({"a.txt": s.BODY})
    for number in range(depth):
        made = s.zip_of({"a.zip": made, f"{number}.txt": s.BODY})
    return made


def _overlapping() -> bytes:
    """Return an archive whose directory names the same member many times over."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("0.txt", b"a" * 5_000_000)
        first = archive.filelist[0]
        for number in range(1, 500):
            again = zipfile.ZipInfo(f"{number}.txt")
            for name in ("header_offset", "compress_size", "file_size", "CRC", "compress_type"):
                setattr(again, name, getattr(first, name))
            archive.filelist.append(again)
    return made.getvalue()


def _pdf_traps() -> Iterator[bytes]:
    """Yield PDF files whose pages lead in a circle, whose streams expand without end, and that draw without end."""

    def written(objects: Mapping[int, bytes]) -> bytes:
        parts = [b"%PDF-1.7\n"]
        parts += [b"%d 0 obj\n%s\nendobj\n" % (number, content) for number, content in objects.items()]
        return b"".join(parts) + b"trailer << /Root 1 0 R /Size %d >>\n%%%%EOF" % (len(objects) + 1)

    def stream(content: bytes, told: bytes = b"") -> bytes:
        return b"<< /Length %d %s >> stream\n%s\nendstream" % (len(content), told, content)

    root, page = b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Page /Parent 2 0 R /Contents 4 0 R %s >>"
    one = b"<< /Type /Pages /Kids [3 0 R] /Count 1 /MediaBox [0 0 9 9] >>"
    yield written({1: root, 2: b"<< /Type /Pages /Kids [2 0 R] /Count 9999999 >>"})
    yield written({1: root, 2: b"<< /Type /Pages /Kids [3 0 R] /Count 2000000000 >>", 3: page % b"", 4: stream(b"")})
    bomb = zlib.compress(b" " * 100_000_000, 9)
    yield written({1: root, 2: one, 3: page % b"", 4: stream(bomb, b"/Filter /FlateDecode")})
    yield written({1: root, 2: one, 3: page % b"", 4: stream(b"q " * 2_000_000)})
    form = b"/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /A 5 0 R >> >>"
    drawn = b"/Resources << /XObject << /A 5 0 R >> >>"
    yield written({1: root, 2: one, 3: page % drawn, 4: stream(b"/A Do"), 5: stream(b"/A Do " * 50, form)})
    font = b"/Resources << /Font << /F << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >>"
    words = b"BT /F 9 Tf " + b"1 0 0 1 1 1 Tm (word) Tj " * 100_000 + b"ET"
    yield written({1: root, 2: one, 3: page % font, 4: stream(words)})
    for number in count(1):
        if number > 3:
            return
        yield b"%PDF-1.7\n" + b"[" * 10**5 * number
