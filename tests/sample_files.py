"""Writers of small files of every kind, for the tests of reading: what programs make, in as few lines as it takes."""

import gzip
import io
import json
import tarfile
import zipfile
from collections.abc import Mapping, Sequence
from email.message import EmailMessage
from xml.sax.saxutils import escape

TITLE = "Old market under water"
BODY = "The river rose above its banks on Monday night and the water reached the old market of the town by dawn."
SECOND = "The mayor, who had asked for sandbags in March, said that nobody had been hurt in the flood."
PARAGRAPHS = (f"MULTAN: {BODY}", SECOND)


def zip_of(files: Mapping[str, bytes | str], *, packed: bool = True) -> bytes:
    """Return a ZIP archive."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return made.getvalue()


def pdf_of(
    pages: Sequence[Sequence[str]],
    *,
    title: str = "",
    header: str = "",
    author: str = "",
    numbered: bool = False,
    password: str = "",
    columns: int = 1,
) -> bytes:
    """Return a PDF file: each page a row of paragraphs, broken into lines as they fit."""
    from fpdf import FPDF, enums

    class Paper(FPDF):  # type: ignore[misc]
        def header(self) -> None:
            if header:
                self.set_font("Helvetica", size=8)
                self.cell(0, 8, header, new_x="LMARGIN", new_y="NEXT")
                self.ln(4)

        def footer(self) -> None:
            if numbered:
                self.set_y(-15)
                self.set_font("Helvetica", size=8)
                self.cell(0, 10, str(self.page_no()), align="C")

    paper = Paper(format="A5")
    if password:
        paper.set_encryption(owner_password="o", user_password=password, encryption_method=enums.EncryptionMethod.RC4)
    if author:
        paper.set_author(author)
    for number, paragraphs in enumerate(pages):
        paper.add_page()
        if title and not number:
            paper.set_font("Helvetica", style="B", size=18)
            paper.multi_cell(0, 9, title, align="L", new_x="LMARGIN", new_y="NEXT")
            paper.ln(4)
        paper.set_font("Helvetica", size=10)
        if columns > 1:
            with paper.text_columns(ncols=columns, gutter=8, text_align="L") as text:
                text.write("\n\n".join(paragraphs))
            continue
        for paragraph in paragraphs:
            paper.multi_cell(0, 5, paragraph, align="L", new_x="LMARGIN", new_y="NEXT")
            paper.ln(3)
    return bytes(paper.output())


_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def docx_paragraph(words: str, style: str = "") -> str:
    """Return a paragraph of a Word file."""
    named = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f"<w:p>{named}<w:r><w:t xml:space='preserve'>{escape(words)}</w:t></w:r></w:p>"


def docx_of(body: str, *, core: str = "") -> bytes:
    """Return a Word file with this body, in its own mark-up, and these properties."""
    properties = (
        '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
        f'xmlns:dc="http://purl.org/dc/elements/1.1/">{core}</cp:coreProperties>'
    )
    return zip_of(
        {
            "[Content_Types].xml": "<Types/>",
            "_rels/.rels": "<Relationships/>",
            "docProps/core.xml": properties,
            "word/document.xml": f"<?xml version='1.0'?><w:document {_W}><w:body>{body}</w:body></w:document>",
        }
    )


def epub_of(chapters: Mapping[str, str], *, spine: Sequence[str], metadata: str) -> bytes:
    """Return an EPUB file: the chapters' pages by name, and the names in reading order."""
    items = "".join(f'<item id="{n}" href="{n}" media-type="application/xhtml+xml"/>' for n in chapters)
    order = "".join(f'<itemref idref="{name}"/>' for name in spine)
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<metadata>{metadata}</metadata><manifest>{items}</manifest><spine>{order}</spine></package>"
    )
    container = '<container><rootfiles><rootfile full-path="OEBPS/book.opf"/></rootfiles></container>'
    return zip_of(
        {"mimetype": "application/epub+zip", "META-INF/container.xml": container, "OEBPS/book.opf": package}
        | {f"OEBPS/{name}": page for name, page in chapters.items()}
    )


def with_contents(book: bytes, name: str, *, media_type: str) -> bytes:
    """Return an EPUB file in which a part is the list of contents. media_type: of an NCX, or `nav` for a page."""
    page = 'properties="nav" media-type="application/xhtml+xml"'
    told = page if media_type == "nav" else f'media-type="{media_type}"'
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        files = {member: archive.read(member).decode() for member in archive.namelist()}
    plain = f'href="{name}" media-type="application/xhtml+xml"'
    files["OEBPS/book.opf"] = files["OEBPS/book.opf"].replace(plain, f'href="{name}" {told}')
    return zip_of(files)


def chapter(heading: str, *paragraphs: str) -> str:
    """Return a page of an EPUB file."""
    words = "".join(f"<p>{escape(p)}</p>" for p in paragraphs)
    return (
        f'<?xml version="1.0" encoding="utf-8"?><html xmlns="http://www.w3.org/1999/xhtml"><head><title>{heading}'
        f"</title><style>p {{}}</style></head><body><h1>{heading}</h1>{words}</body></html>"
    )


def mail_of(*, plain: str = "", page: str = "", **headers: str) -> bytes:
    """Return a mail with a text part, a page, or both."""
    mail = EmailMessage()
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    if plain:
        mail.set_content(plain, cte="quoted-printable")
    if page and plain:
        mail.add_alternative(page, subtype="html", cte="base64")
    elif page:
        mail.set_content(page, subtype="html", cte="base64")
    return mail.as_bytes()


RSS = f"""<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel><title>The Daily Gazette</title><link>https://gazette.example/</link><language>en-gb</language>
<item><title>{TITLE}</title><link>https://gazette.example/flood?utm_source=rss</link>
<guid isPermaLink="false">g1</guid><dc:creator><![CDATA[Jane Doe]]></dc:creator><category>Weather</category>
<pubDate>Mon, 06 Mar 2023 10:00:00 +0500</pubDate><description>A short teaser.</description>
<content:encoded><![CDATA[<p>MULTAN: {BODY}</p><p>{SECOND}</p>
<p>The post <a href="#">{TITLE}</a> appeared first on <a href="#">The Daily Gazette</a>.</p>]]></content:encoded></item>
<item><title>Caf&eacute; reopens</title><link>/cafe</link><description>&lt;p&gt;{SECOND}&lt;/p&gt;</description></item>
</channel></rss>"""

ATOM = f"""<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en"><title>The Daily Gazette</title>
<entry><title type="html">{TITLE}</title><id>tag:1</id><link rel="self" href="https://gazette.example/x"/>
<link href="https://gazette.example/flood"/><author><name>Jane Doe</name><email>j@gazette.example</email></author>
<published>2023-03-06T10:00:00+05:00</published><updated>2023-03-07T09:00:00Z</updated>
<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>MULTAN: {BODY}</p><p>{SECOND}</p></div></content>
</entry></feed>"""

NITF = f"""<?xml version="1.0"?><nitf><head><title>x</title><docdata><date.issue norm="20230306T100000Z"/>
<doc-id id-string="d1"/></docdata><pubdata name="The Daily Gazette" position.section="Weather"/></head>
<body><body.head><hedline><hl1>{TITLE}</hl1></hedline><byline>By Jane Doe</byline>
<dateline><location>Multan</location></dateline></body.head>
<body.content><block><p>{BODY}</p><p>{SECOND}</p></block></body.content></body></nitf>"""

RECORDS = [
    {"title": "One", "text": BODY, "date": "2023-03-06", "author": "Jane Doe", "url": "https://gazette.example/1"},
    {"title": "Two", "text": f"{BODY}\n\n{SECOND}", "date": "2023-03-07", "author": "", "url": ""},
]
JSON = json.dumps(RECORDS)
CSV = (
    "Title;Published;Byline;Body\r\n"
    f'One;2023-03-06;Jane Doe;"{BODY}"\r\n'
    f'"Two; and more";2023-03-07;;"{BODY}\n\n{SECOND} ""Stay,"" he said."\r\n'
)
MAIL = mail_of(
    From="The Daily Gazette <news@gazette.example>",
    Date="Mon, 06 Mar 2023 10:00:00 +0500",
    Subject=f"Fwd: {TITLE}",
    MIME_Version="1.0",
    plain=f"MULTAN: {BODY}\n\n{SECOND}\n\nUnsubscribe\n\n-- \nThe Daily Gazette\n",
)
BOOK = epub_of(
    {"b.xhtml": chapter("The dawn", SECOND), "a.xhtml": chapter("The night", BODY)},
    spine=["a.xhtml", "b.xhtml"],
    metadata=f"<dc:title>{TITLE}</dc:title><dc:creator>Jane Doe</dc:creator><dc:date>2023-03-06</dc:date>"
    "<dc:language>en</dc:language>",
)
WORD = docx_of(docx_paragraph(TITLE, "Title") + "".join(docx_paragraph(p) for p in PARAGRAPHS))

ABSTRACT = "The keeper of the Marn weir retired on Friday after 41 years, and nobody has asked for the post so far."
END = "ER  - "
RIS = f"""TY  - NEWS
TI  - Weir keeper retires
AU  - Falk, Ines
AU  - Brun, Ola
T2  - The Quay
DA  - 2021/05/03/
PY  - 2021
UR  - https://quay.example/keeper
LA  - en
AB  - {ABSTRACT}
{END}

TY  - BOOK
TI  - A book without an abstract
PY  - 1999
{END}
"""
BIBTEX = f"""% exported
@article{{falk2021,
  title = {{Weir keeper {{R}}etires}},
  author = {{Falk, Ines and Brun, Ola}},
  journal = {{The Quay}},
  year = 2021, month = may, day = 3,
  url = {{https://quay.example/keeper}},
  langid = {{en}},
  abstract = {{{ABSTRACT}}}
}}

@book{{old, title = {{A book without an abstract}}, year = {{1999}}}}
"""
RTF = (
    r"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0 Times;}}{\info{\title Weir}{\author Office}}\f0\fs24 "
    r"Caf\'e9 at the weir opens\par "
    r"By Ines Falk\par The Quay, 3 May 2021\par\par " + BODY + r"\par\u8220?" + SECOND + r"\u8221?\par "
    r"{\trowd Adult\cell 4.90\cell\row}}"
)
CONTENT = (
    '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"><office:body><office:text>'
    "<text:tracked-changes><text:p>Struck out.</text:p></text:tracked-changes>"
    '<text:h text:style-name="Title">Cafe at the weir opens</text:h><text:p>By Ines Falk</text:p>'
    f"<text:p>The Quay, 3<text:s/>May 2021</text:p><text:p>{BODY}<office:annotation><text:p>Check!</text:p>"
    f"</office:annotation></text:p><text:p><text:span>{SECOND}</text:span></text:p>"
    "<table:table><table:table-row><table:table-cell><text:p>Adult</text:p></table:table-cell><table:table-cell>"
    "<text:p>4.90</text:p></table:table-cell></table:table-row></table:table></office:text></office:body>"
    "</office:document-content>"
)
ODT = zip_of({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": CONTENT})


def tar_of(files: Mapping[str, str | bytes], mode: str = "w") -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode=mode) as archive:  # type: ignore[call-overload]
        for name, content in files.items():
            data = content.encode() if isinstance(content, str) else content
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return made.getvalue()


def warc_record(
    kind: str, url: str, content: str, content_type: str = "text/html; charset=utf-8", status: str = "200 OK"
) -> bytes:
    body = content.encode()
    if kind == "response":
        body = f"HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\n\r\n".encode() + body
        content_type = "application/http; msgtype=response"
    head = (
        f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Record-ID: <urn:uuid:{len(url)}>\r\nWARC-Date: 2022-02-03T00:00:00Z\r\n"
        f"WARC-Target-URI: {url}\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body + b"\r\n\r\n"


WARC = warc_record("response", "https://quay.example/gate", f"<html><body><p>{BODY}</p><p>{SECOND}</p></body></html>")
TAR = gzip.compress(tar_of({"a.txt": BODY, "b.json": JSON}), mtime=0)
